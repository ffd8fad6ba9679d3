"""Whether an operation's checksum is that of its content (protocol §2, operations): more than any client checks."""

from dataclasses import dataclass
from enum import Enum

from inspector.protocol.checksums import as_hex, put_checksum, remove_checksum, unsigned
from inspector.protocol.lines import Operation, OpType


class Verdict(Enum):
    """What recomputing a checksum says."""

    AGREES = 0
    DIFFERS = 1
    NOT_KNOWN = 2


@dataclass(frozen=True, slots=True)
class HashCheck:
    """The verdict, and a sentence that says why."""

    verdict: Verdict
    reason: str


def check_hash(operation: Operation) -> HashCheck:
    """Recompute the checksum of `operation` from its content."""
    match operation.op:
        case OpType.PUT:
            if operation.object_type is None or operation.object_id is None:
                return HashCheck(Verdict.NOT_KNOWN, "The operation has no type and id, of which its checksum is made.")
            if not isinstance(operation.data, str):
                reason = "The row was sent as an object, so the exact text that its checksum is made from is not known."
                return HashCheck(Verdict.NOT_KNOWN, reason)
            return _compare(operation, put_checksum(operation.object_type, operation.object_id, operation.data))
        case OpType.REMOVE:
            if operation.subkey is None:
                return HashCheck(Verdict.NOT_KNOWN, "The operation has no subkey, which its checksum is made from.")
            return _compare(operation, remove_checksum(operation.subkey))
        case OpType.MOVE:
            return HashCheck(Verdict.NOT_KNOWN, "A MOVE has lost its content to compacting; only its checksum is left.")
        case OpType.CLEAR:
            reason = "A CLEAR's checksum stands for all that it replaced, which is not in this frame."
            return HashCheck(Verdict.NOT_KNOWN, reason)


def _compare(operation: Operation, ours: int) -> HashCheck:
    sent = unsigned(operation.checksum)
    if sent == ours:
        return HashCheck(Verdict.AGREES, f"Recomputed from the content: {as_hex(ours)}, as sent.")
    return HashCheck(Verdict.DIFFERS, f"The content gives {as_hex(ours)}, but {as_hex(sent)} was sent.")
