"""Rebuilds a client database from a capture: the frames run through the same session and store as when they came.

What the client did between them is done again where the capture tells it: local writes and what became of them, and
which checkpoints were held back until when.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import TypeAlias

import apsw
import msgspec
from msgspec import Struct

from inspector.capture.client_acts import ClientAct, LeftQueue, ShownLate, WrittenLocally
from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow, Frame
from inspector.engine.applier import Applier
from inspector.protocol.errors import InspectorError
from inspector.protocol.events import BrokenFrame, LineReceived, Stop, StreamOpened, UploadsCompleted
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.protocol.session import Session, State
from inspector.store.app_schema import AppSchema
from inspector.store.local_write import LocalWrite
from inspector.store.replayed import ReplayedDatabase
from inspector.words import clock, plural

Progress: TypeAlias = Callable[[int, int], bool]
"""Is told how many frames of how many are done, and says whether to go on."""

_ALL = 2**63 - 1


class ReplayImpossible(InspectorError):
    """The capture does not hold everything that the client database was made of."""


class ReplayStopped(ReplayImpossible):
    """Nobody wants it any more."""

    def __init__(self) -> None:
        super().__init__("The buckets were not rebuilt to the end.", next_step="Open the capture again.")


class _Asked(Struct, frozen=True):
    name: str = ""


class _Request(Struct, frozen=True):
    buckets: tuple[_Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayEnd:
    """How far to replay: the last frame's id, and the moment, ns since the Unix epoch."""

    frame: int
    at: int


WHOLE = ReplayEnd(_ALL, _ALL)


@dataclass(frozen=True, slots=True)
class ReplayMark:
    """A place to go on from: a file with the database as it was there, and what the session knew."""

    path: Path
    at: ReplayEnd
    connection: int
    line: int
    session: Session
    strayed_at: int | None


class Replay:
    """A client database in the making. It only goes forward, and only on the thread that made it."""

    def __init__(
        self,
        capture: CaptureReader,
        database: Path,
        schema: AppSchema | None = None,
        own_tables: Sequence[str] = (),
        mark: ReplayMark | None = None,
    ) -> None:
        """Begin in a new file with the tables of `schema` (None: those that the data show), at `mark` or at the start.

        `own_tables` are statements that make the app's raw tables. Raises ReplayImpossible where the capture begins
        in the middle.
        """
        self.database = database
        self._capture = capture
        self.begins = first_fresh_connection(capture.connections())
        """The connection that it begins with."""
        self.at = _begin(self.begins)
        self._acts_read = self.at.at
        if mark is not None:
            copyfile(mark.path, database)
        elif own_tables:
            ReplayedDatabase.open(database).close()
            _execute(database, own_tables)
        self._client = ReplayedDatabase.open(database, schema)
        self._now = 0
        self._applier = Applier(self._client, now_us=lambda: self._now // 1_000)
        self._connection = 0
        self._line = 0
        self._held_at_first: set[int] = set()
        self._acts: deque[ClientAct] = deque()
        self.strayed_at: int | None = None
        """When the client first connected with other buckets than the recording explains; None: never."""
        if mark is not None:
            self.at, self._acts_read = mark.at, mark.at.at
            self._connection, self._line, self.strayed_at = mark.connection, mark.line, mark.strayed_at
            self._applier.session = copy(mark.session)

    def close(self) -> None:
        """Let go of the database."""
        self._client.close()

    def go_to(
        self, end: ReplayEnd, told: Progress = lambda _done, _of: True, passed: Callable[[], None] = lambda: None
    ) -> None:
        """Go on up to `end`, calling `passed` after each checkpoint; raises ReplayStopped, after which it can go on."""
        first, last = self.at.frame, min(end.frame, self._capture.frame_count())
        self._read_acts(end.at)
        for frame in self._capture.bodies(first + 1):
            if frame.row.id > last:
                break
            if not told(frame.row.id - 1 - first, last - first):
                raise ReplayStopped
            self._act_until(frame.row.received_at)
            self._take(frame)
            self.at = ReplayEnd(frame.row.id, frame.row.received_at)
            if frame.row.kind == "checkpoint_complete":
                passed()
        self._act_until(end.at)
        self._client.settle()
        self.at = ReplayEnd(max(first, last), end.at)

    def _read_acts(self, until: int) -> None:
        acts = self._capture.acts
        self._held_at_first.update(acts.held_at_first(self._line - 1))
        if until > self._acts_read:
            self._acts.extend(acts.between(self._acts_read, until))
            self._acts_read = until

    def mark(self, path: Path) -> ReplayMark:
        """Write the database as it is now to a new file, from which a replay can go on."""
        self._client.copy_to(path)
        return ReplayMark(path, self.at, self._connection, self._line, copy(self._applier.session), self.strayed_at)

    # Frames

    def _take(self, frame: Frame) -> None:
        row = frame.row
        self._now = row.received_at
        if row.connection != self._connection:
            self._applier.apply(Stop())
            self._connection, self._line = row.connection, 0
            self._compare_buckets(row.connection)
            self._applier.begin()
            self._applier.apply(StreamOpened())
        if self._applier.session.state is State.CLOSED:
            return
        if row.kind in ("checkpoint", "checkpoint_diff"):
            self._line = row.id
        elif row.kind in ("checkpoint_complete", "partial_checkpoint_complete"):
            self._set_gate(frame)
        try:
            line = decode_line(frame.body, frame.format)
        except MalformedLine as error:
            self._applier.apply(BrokenFrame(error))
            return
        self._applier.apply(LineReceived(line, len(frame.body)))

    def _compare_buckets(self, connection: int) -> None:
        found = self._capture.connection(connection)
        if self.strayed_at is not None or found is None:
            return
        asked = {bucket.name for bucket in _request_of(found.request).buckets}
        if asked != {position.name for position in self._client.positions()}:
            self.strayed_at = found.started_at

    def _set_gate(self, frame: Frame) -> None:
        """As it was when this line came; what became of it is in the capture."""
        match frame.row.outcome:
            case Outcome.HELD | Outcome.SKIPPED:
                self._client.set_gate(closed=True)
            case Outcome.APPLIED:
                self._client.set_gate(closed=self._line in self._held_at_first)
            case Outcome.PARTIAL if frame.row.priority:  # priority 0 is shown whatever waits
                self._client.set_gate(closed=False)

    # What the client did between them

    def _act_until(self, at: int) -> None:
        while self._acts and self._acts[0].at <= at:
            self._act(self._acts.popleft())

    def _act(self, act: ClientAct) -> None:
        self._now = act.at
        match act:
            case ShownLate():
                self._client.set_gate(closed=False)
                self._applier.apply(UploadsCompleted(None))
            case WrittenLocally(writes=str(writes)):
                with suppress(InspectorError, msgspec.MsgspecError):  # a row that came before the recording
                    self._client.write(msgspec.json.decode(writes, type=tuple[LocalWrite, ...]))
            case LeftQueue(tx_id=tx_id, discarded=discarded):
                self._leave_queue(tx_id, discarded)

    def _leave_queue(self, tx_id: int | None, discarded: bool) -> None:
        oldest = self._client.queue.next()
        if oldest is None or (not discarded and oldest.tx_id != tx_id):
            return  # it was written before the recording began
        if not discarded:
            self._client.queue.complete(oldest)
            return
        with suppress(InspectorError):
            self._client.queue.discard(tx_id)


def _begin(connection: ConnectionRow | None) -> ReplayEnd:
    if connection is None or connection.id == 1:
        return ReplayEnd(0, 0)
    return ReplayEnd((connection.first_frame or 1) - 1, connection.started_at - 1)


def _execute(database: Path, statements: Sequence[str]) -> None:
    connection = apsw.Connection(str(database))
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()


def first_fresh_connection(connections: list[ConnectionRow]) -> ConnectionRow | None:
    """The connection at which the client began with nothing; None where there is none at all.

    Raises ReplayImpossible where each began with buckets.
    """
    fresh = next((one for one in connections if not _request_of(one.request).buckets), None)
    if fresh is None and connections:
        held = len(_request_of(connections[0].request).buckets)
        raise ReplayImpossible(
            "The buckets cannot be rebuilt from this capture.",
            why=f"The client had {plural(held, 'bucket')} before the recording began.",
            next_step="Open the client database beside it to see its buckets.",
        )
    return fresh


def end_at(capture: CaptureReader, moment: int) -> ReplayEnd:
    """What the client had done at a moment; raises ReplayImpossible for one that cannot be rebuilt."""
    connections = capture.connections()
    fresh = first_fresh_connection(connections)
    end = ReplayEnd(capture.acts.last_frame(moment), moment)
    if fresh is not None and fresh is not connections[0]:
        shown = capture.acts.first_shown_in(fresh.id)
        if shown is None or moment < shown:
            when = "" if shown is None else f" From {clock(shown)} on it can be."
            raise ReplayImpossible(
                f"The data of {clock(moment)} cannot be rebuilt.",
                why="The client had buckets before the recording began, and no first sync was recorded before then."
                + when,
                next_step="Choose a later moment." if shown is not None else "Look at the data of now.",
            )
    return end


def replay_capture(capture: CaptureReader, database: Path, told: Progress = lambda _done, _of: True) -> None:
    """Make `database` from all of `capture`; raises ReplayImpossible, or ReplayStopped when it is not to go on."""
    replay = Replay(capture, database)
    try:
        replay.go_to(WHOLE, told)
    finally:
        replay.close()


def _request_of(text: str) -> _Request:
    try:
        return msgspec.json.decode(text, type=_Request)
    except msgspec.MsgspecError:
        return _Request()
