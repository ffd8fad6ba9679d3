"""The gate in a sentence: whether downloads are shown, and what they wait for (protocol §4, §5)."""

from dataclasses import dataclass

from inspector.analysis.problem_words import join
from inspector.analysis.upload_sentences import NOWHERE, gate_is_closed
from inspector.store.schema import GATE_CLOSED
from inspector.words import ago, clock, moment, plural


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Times are ns since the Unix epoch; None where the source does not hold them."""

    pending_writes: int
    target: int | None
    """2^63-1 while local writes have no checkpoint request yet; None when nothing was ever asked for."""
    seen: int | None
    closed_at: int | None = None
    """When the oldest pending write was written."""
    asked_at: int | None = None
    """When the service was asked for `target`."""
    seen_at: int | None = None
    """When `seen` came first."""
    held: bool = False
    """Uploads are held."""
    nowhere: bool = False
    """They are, because the connection does not say where to upload to."""


def gate_sentence(gate: GateFacts, now_ns: int) -> str:
    """One or two sentences for a person who asks why nothing new is shown."""
    if gate.pending_writes:
        return _closed(gate, now_ns)
    if not gate_is_closed(gate.target, gate.seen):
        if gate.target is None:
            return "The gate is open: no local write has closed it."
        return f"The gate is open: the service has confirmed checkpoint request {gate.target}."
    if gate.target == GATE_CLOSED:
        return join("Everything is uploaded; the checkpoint request is not made yet.", _last_seen(gate, now_ns))
    made = "" if gate.asked_at is None else f", made {ago(gate.asked_at, now_ns)}"
    seen = "none was seen yet" if gate.seen is None else f"last seen {gate.seen}{_seen_age(gate, now_ns)}"
    return f"Waiting for the service to confirm checkpoint request {gate.target}{made}; {seen}."


def _closed(gate: GateFacts, now_ns: int) -> str:
    since = "" if gate.closed_at is None else f" since {_when(gate.closed_at, now_ns)}"
    held = "Uploads are held by choice." if gate.held else ""
    if gate.nowhere:
        held = NOWHERE
    return join(
        f"The gate is closed by {plural(gate.pending_writes, 'local write')}{since}.",
        held,
        "It opens when the queue is empty and the service confirms a checkpoint request.",
        _last_seen(gate, now_ns),
    )


def _when(at_ns: int, now_ns: int) -> str:
    """To the second on the same day."""
    day = moment(at_ns, now_ns)
    return day if "," in day else clock(at_ns)


def _last_seen(gate: GateFacts, now_ns: int) -> str:
    return "" if gate.seen is None else f"Last confirmed: {gate.seen}{_seen_age(gate, now_ns)}."


def _seen_age(gate: GateFacts, now_ns: int) -> str:
    return "" if gate.seen_at is None else f", {ago(gate.seen_at, now_ns)}"
