"""Faults that end a stream, or leave nothing of it but keepalives."""

from inspector.service.faults.fault import Fault, Group, Parameter, Unit
from inspector.service.faults.lab import Arming
from inspector.service.faults.lines import Change, LineContext, LineFault
from inspector.service.wire import KeepaliveLine, Line
from inspector.words import plural, thousands

TOKEN_EXPIRY = Fault(
    "token-expiry",
    "Token expiry now",
    "The service says that the token has ended, and ends the stream.",
    "The client fetches new credentials and opens the next stream with them.",
    Group.STREAM,
    Unit.STREAM,
)


def _drop_large(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    if arming is None or isinstance(line, KeepaliveLine):
        return None
    size, limit = len(stream.encode(line)), arming.number("bytes")
    if size <= limit:
        return None
    stream.starve(arming)
    what = f"A line of {plural(size, 'byte')} was lost on the way, for packets above {thousands(limit)} do not pass."
    return Change((), what)


def _cut_after_frames(_line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    if arming is None or stream.counted(arming) < arming.number("frames"):
        return None
    stream.cut()
    return Change((_line,), f"The connection was cut after {plural(arming.number('frames'), 'frame')}.")


ENDING_FAULTS = (
    LineFault(
        Fault(
            "proxy-drops-large",
            "Large packets are dropped",
            "Small lines pass; the first one above the limit is lost, and only keepalives follow it.",
            "The checkpoint is announced, its data never come; keepalives do, so the stream seems alive.",
            Group.PROXY,
            Unit.STREAM,
            (Parameter("bytes", "Largest line that passes", 1_400, "bytes", 0),),
        ),
        _drop_large,
    ),
    LineFault(
        Fault(
            "cut-after-frames",
            "Cut after frames",
            "The connection breaks after so many frames of a stream.",
            "The client keeps what it has stored and goes on from there.",
            Group.NETWORK,
            Unit.STREAM,
            (Parameter("frames", "Frames", 3, "frames", 1),),
        ),
        _cut_after_frames,
    ),
)
