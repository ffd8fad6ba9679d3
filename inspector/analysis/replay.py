"""Rebuilds a client database from a capture: the frames run through the same session and store as when they came."""

from collections.abc import Callable, Iterable
from itertools import groupby, takewhile
from pathlib import Path

import msgspec
from msgspec import Struct

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import Frame
from inspector.engine.applier import Applier
from inspector.protocol.errors import InspectorError
from inspector.protocol.events import BrokenFrame, CloseStream, LineReceived, Stop, StreamOpened
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.store.database import ClientDatabase


class ReplayImpossible(InspectorError):
    """The capture does not hold everything that the client database was made of."""


class _Request(Struct, frozen=True):
    buckets: tuple[object, ...] = ()


def replay_capture(capture: CaptureReader, database: Path, keep_going: Callable[[], bool] = lambda: True) -> None:
    """Make `database` from all frames of `capture`; raises ReplayImpossible, also when it is not to go on.

    Local writes are no frames, so nothing is held back: the tables show every checkpoint that is valid.
    """
    connections = capture.connections()
    if connections and (held := len(_request_of(connections[0].request).buckets)):
        raise ReplayImpossible(
            "The buckets cannot be rebuilt from this capture.",
            why=f"The client had {held} bucket{'s' if held != 1 else ''} before the recording began.",
            next_step="Open the client database beside it to see its buckets.",
        )
    client = ClientDatabase.open(database)
    try:
        applier = Applier(client)
        for _, frames in groupby(capture.bodies(), key=lambda frame: frame.row.connection):
            _replay_connection(applier, takewhile(lambda _: keep_going(), frames))
        if not keep_going():
            raise ReplayImpossible("The buckets were not rebuilt to the end.", next_step="Open the capture again.")
    finally:
        client.close()


def _request_of(text: str) -> _Request:
    try:
        return msgspec.json.decode(text, type=_Request)
    except msgspec.MsgspecError:
        return _Request()


def _replay_connection(applier: Applier, frames: Iterable[Frame]) -> None:
    applier.begin()
    applier.apply(StreamOpened())
    for frame in frames:
        try:
            event = LineReceived(decode_line(frame.body, frame.format), len(frame.body))
        except MalformedLine as error:
            applier.apply(BrokenFrame(error))
            return
        if any(isinstance(effect, CloseStream) for effect in applier.apply(event)):
            return
    applier.apply(Stop())
