"""Faults in checkpoints: announced wrongly, interrupted, out of order, never completed."""

from msgspec.structs import replace

from inspector.protocol.checksums import signed
from inspector.service.faults.fault import Fault, Group, Parameter
from inspector.service.faults.lab import Arming
from inspector.service.faults.lines import Change, LineContext, LineFault
from inspector.service.wire import BucketEntry, CheckpointLine, CompleteLine, DataLine, DiffLine, Line, PartialLine

_AHEAD = "data-ahead"
_TOO_EARLY = "completed-early"
_INTERRUPTED = "interrupted-checkpoint"


def _wrong_checksum(line: Line, arming: Arming | None, _stream: LineContext) -> Change | None:
    if arming is None or not isinstance(line, CheckpointLine | DiffLine):
        return None
    entries = line.buckets if isinstance(line, CheckpointLine) else line.updated_buckets
    for index, entry in enumerate(entries):
        if entry.count and arming.text("bucket") in entry.bucket:
            wrong: list[BucketEntry] = [*entries]
            wrong[index] = replace(entry, checksum=signed(entry.checksum + 1))
            what = f"The checkpoint gives bucket {entry.bucket} a checksum that is off by one."
            if isinstance(line, CheckpointLine):
                return Change((replace(line, buckets=wrong),), what)
            return Change((replace(line, updated_buckets=wrong),), what)
    return None


def _ahead(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    """Holds a checkpoint's line back until the first of its data have gone out."""
    held = stream.held.pop(_AHEAD, ())
    if held and arming is not None and isinstance(line, PartialLine):
        stream.held[_AHEAD] = (*held, line)
        return Change(())
    if held:
        if arming is None or not isinstance(line, DataLine):
            return Change((*held, line))
        what = f"Data of bucket {line.bucket} were sent before the checkpoint {_op_id(held[0])} that they belong to."
        return Change((line, *held), what)
    if arming is None or not isinstance(line, CheckpointLine | DiffLine):
        return None
    stream.held[_AHEAD] = (line,)
    return Change(())


def _interrupt(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    """Sends a further checkpoint, the same in content, between the data and their completion."""
    if arming is None:
        stream.held.pop(_INTERRUPTED, None)
        return None
    if isinstance(line, CheckpointLine | DiffLine):
        stream.held[_INTERRUPTED] = (line,)
        return Change((line,))
    (announced,) = stream.held.get(_INTERRUPTED, (None,))
    if not isinstance(announced, CheckpointLine | DiffLine):
        return None
    if isinstance(line, DataLine | CompleteLine):
        del stream.held[_INTERRUPTED]
        again = DiffLine(announced.last_op_id, announced.write_checkpoint, [], [])
        what = f"Checkpoint {announced.last_op_id} was interrupted by another one before it was complete."
        return Change((line, again) if isinstance(line, DataLine) else (again, line), what)
    return None


def _never_completed(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    if arming is None or not isinstance(line, CompleteLine):
        return None
    stream.spoil(arming)
    return Change((), f"The completion of checkpoint {line.last_op_id} was not sent.")


def _completed_early(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    """Holds the last data line back until the checkpoint was called complete."""
    (held,) = stream.held.get(_TOO_EARLY, (None,))
    if isinstance(held, DataLine):
        if isinstance(line, CompleteLine):
            del stream.held[_TOO_EARLY]
            if arming is None:
                return Change((held, line))
            what = (
                f"Checkpoint {line.last_op_id} was called complete before the data of bucket {held.bucket} were sent."
            )
            return Change((line, held), what)
        if isinstance(line, DataLine) and arming is not None:
            stream.held[_TOO_EARLY] = (line,)
            return Change((held,))
        if isinstance(line, CheckpointLine | DiffLine) or arming is None:
            del stream.held[_TOO_EARLY]
            return Change((held, line))
        return None
    if arming is None or not isinstance(line, DataLine):
        return None
    stream.held[_TOO_EARLY] = (line,)
    return Change(())


def _op_id(line: Line) -> str:
    return line.last_op_id if isinstance(line, CheckpointLine | DiffLine) else ""


CHECKPOINT_FAULTS = (
    LineFault(
        Fault(
            "wrong-bucket-checksum",
            "Wrong bucket checksum",
            "A checkpoint announces a bucket with a checksum that its operations do not have.",
            "The bucket fails validation, is deleted and downloaded again: each time while the fault is armed.",
            Group.DATA,
            parameters=(Parameter("bucket", "Part of the bucket's name", ""),),
        ),
        _wrong_checksum,
    ),
    LineFault(
        Fault(
            _AHEAD,
            "Data beyond the checkpoint",
            "Data of the next checkpoint arrive before it is announced.",
            "The operations are stored, and the checkpoint validates once it is announced and complete.",
            Group.STREAM,
        ),
        _ahead,
    ),
    LineFault(
        Fault(
            _INTERRUPTED,
            "Interrupted checkpoint",
            "A further checkpoint is announced before the one under way is complete.",
            "The first is given up, the second is applied; no data are lost.",
            Group.STREAM,
        ),
        _interrupt,
    ),
    LineFault(
        Fault(
            "never-completed",
            "Announced but never completed",
            "A checkpoint's data are sent, its completion is not.",
            "Nothing new is shown, although all data are there. When the fault is lifted, the stream ends.",
            Group.STREAM,
        ),
        _never_completed,
    ),
    LineFault(
        Fault(
            _TOO_EARLY,
            "Completed too early",
            "A checkpoint is called complete before the last of its data are sent.",
            "The bucket fails validation, is deleted and downloaded again.",
            Group.STREAM,
        ),
        _completed_early,
    ),
)
