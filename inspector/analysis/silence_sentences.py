"""What the state sentence says of a stream that is open and does not go on."""

from inspector.analysis.problem_words import join
from inspector.analysis.situations import Role, StateSentence
from inspector.engine.control import Status
from inspector.engine.endpoint import host_of
from inspector.engine.silence import SILENCE_SECONDS
from inspector.words import NS, duration, plural

SILENCE_NS = 30 * NS
"""A line comes every 20 s at least, a keepalive where there is nothing else to say (protocol §4)."""


def waiting_writes(status: Status, for_what: str) -> str:
    """`2 local writes wait for …`; empty where none does."""
    if not status.pending_writes:
        return ""
    verb = "waits" if status.pending_writes == 1 else "wait"
    return f"{plural(status.pending_writes, 'local write')} {verb} for {for_what}."


def silent_for(status: Status, now_ns: int) -> int:
    """Since the newest line of the open stream, ns; 0 before the first."""
    heard_at = max(status.heard_at or 0, status.connected_at or 0)
    return now_ns - heard_at if status.heard_at is not None else 0


def describe_silence(status: Status, now_ns: int) -> StateSentence:
    """An open stream on which not even keepalives come any more."""
    lead = f"Nothing has come from {host_of(status.endpoint)} for {duration(silent_for(status, now_ns) / NS)}."
    usual = f"A keepalive is due every 20 s; after {SILENCE_SECONDS:.0f} s of silence the stream is opened again."
    shown = f"The tables show checkpoint {status.shown_checkpoint}." if status.shown_checkpoint is not None else ""
    return StateSentence(lead, join(usual, shown, waiting_writes(status, "upload")), Role.HELD)


def describe_no_checkpoint(status: Status, now_ns: int) -> StateSentence:
    """An open stream that has not brought a checkpoint yet."""
    connected = f"Connected to {host_of(status.endpoint)}."
    waited = now_ns - (status.connected_at or now_ns)
    if waited < SILENCE_NS:
        return StateSentence(connected, "The first checkpoint has not arrived yet.", Role.DATA)
    if (status.heard_at or 0) < (status.connected_at or 0):
        nothing = f"Its answer began {duration(waited / NS)} ago, and no line has come, not even a keepalive."
        cause_of_it = "A proxy between that stores answers, instead of passing them on, looks like this."
        return StateSentence(connected, join(nothing, cause_of_it), Role.HELD)
    only = f"Only keepalives have come for {duration(waited / NS)}, and no checkpoint."
    cause_of_it = "The service may still be making it, or something between loses large packets."
    return StateSentence(connected, join(only, cause_of_it), Role.HELD)


def stands_still(status: Status, now_ns: int) -> str:
    """What a checkpoint waits for that does not go on, though the stream is open; empty while it does."""
    waited = now_ns - max(status.progressed_at or now_ns, status.connected_at or 0)
    if not status.receiving or waited < SILENCE_NS:
        return ""
    span = duration(waited / NS)
    if status.operations_done >= status.operations_total:
        return f"All of it is here; the line that completes it has not come for {span}, only keepalives."
    cause_of_it = "something between may hold it back, or lose large packets"
    return f"No more of it has come for {span}, only keepalives: {cause_of_it}."
