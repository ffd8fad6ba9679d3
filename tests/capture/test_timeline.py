"""A capture by time: nothing is dropped when zoomed out, and old captures are read as well."""

from pathlib import Path

import apsw
import pytest

from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.schema import APPLICATION_ID, INDEXES, TABLES, UPGRADES, VERSION
from inspector.capture.timeline import TimelineReader
from inspector.capture.timeline_rows import LocalWriteMark
from inspector.capture.writer import CaptureWriter
from inspector.protocol.events import BucketMismatch
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Checkpoint, CheckpointDiff, Line, decode_line
from tests.capture.recording import record_to

S = 1_000_000_000
START = 1_770_000_000 * S
DATA = b'{"data":{"bucket":"b[]","data":[{"op_id":"1","op":"REMOVE","subkey":"x","checksum":3}]}}'
COMPLETE = b'{"checkpoint_complete":{"last_op_id":"1"}}'


def opened(path: Path) -> TimelineReader:
    return CaptureReader(path).timeline


class Scene:
    """A capture whose clock is set by hand, in s since the start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = START
        self.writer = CaptureWriter(path, now_ns=lambda: self.now)
        self.connection = 0

    def at(self, seconds: float) -> "Scene":
        self.now = START + int(seconds * S)
        return self

    def connect(self) -> None:
        self.connection = self.writer.open_connection("http://localhost", b"{}", token_expires_at=self.now + 60 * S)
        self.writer.response(self.connection, 200, [], FrameFormat.NDJSON)

    def disconnect(self) -> None:
        self.writer.close_connection(self.connection, "The connection was lost.")

    def receive(self, body: bytes) -> tuple[int, Line]:
        line = decode_line(body, FrameFormat.NDJSON)
        return self.writer.frame(self.connection, body, line), line

    def checkpoint(self, op_id: int, write_checkpoint: int | None = None) -> int:
        more = f',"write_checkpoint":"{write_checkpoint}"' if write_checkpoint is not None else ""
        frame, line = self.receive(f'{{"checkpoint":{{"last_op_id":"{op_id}","buckets":[]{more}}}}}'.encode())
        assert isinstance(line, Checkpoint | CheckpointDiff)
        return self.writer.checkpoint_started(self.connection, frame, line)

    def complete(self) -> int:
        frame, _ = self.receive(COMPLETE)
        self.writer.checkpoint_data_done(self.connection)
        self.writer.checkpoint_validated(self.connection)
        return frame

    def read(self) -> TimelineReader:
        self.writer.flush()
        return opened(self.path)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "scene.pscapture")


def version_1(path: Path, source: Path) -> Path:
    """The capture `source` as a file of the first version of the format."""
    old = apsw.Connection(str(path))
    old.execute(TABLES + INDEXES + f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1")
    old.execute("ATTACH ? AS new", (str(source),))
    for table in ("connections", "frames", "checkpoints", "checkpoint_buckets", "events"):
        old.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
    old.close()
    return path


def test_activity_counts_every_frame_whatever_the_width_of_the_bins(tmp_path: Path) -> None:
    path = record_to(tmp_path / "new.pscapture", "initial-ndjson", "incremental")
    reader = opened(path)
    extent = reader.extent()
    assert extent is not None
    for step in (1_000, 10_000_000, 500_000_000, 2 * S, 60 * S):
        bins = reader.activity(extent.first, extent.last + 1, step)
        assert sum(one.frames for one in bins) == 43
        assert sum(one.operations for one in bins) == 697
        assert all(one.at % step == 0 for one in bins)


@pytest.mark.parametrize("step", [1_000, S])
def test_a_capture_of_the_first_version_shows_the_same_and_is_brought_up_to_date_when_continued(
    tmp_path: Path, step: int
) -> None:
    new = record_to(tmp_path / "new.pscapture", "initial-ndjson", "incremental")
    old = version_1(tmp_path / "old.pscapture", new)
    first, second = opened(old), opened(new)
    extent = first.extent()
    assert extent is not None
    assert extent == second.extent()
    whole = extent.first, extent.last + 1, step
    assert first.lanes(*whole) == second.lanes(*whole)
    CaptureWriter(old).close()
    upgraded = opened(old)
    assert upgraded.activity(*whole) == second.activity(*whole)
    assert apsw.Connection(str(old)).pragma("user_version") == VERSION


def test_many_checkpoints_in_one_bin_show_the_most_severe_and_how_many_there_are(scene: Scene) -> None:
    scene.connect()
    for number in range(20):
        scene.at(number / 100).checkpoint(number)
        scene.complete()
        if number == 7:
            scene.writer.checkpoint_mismatched(scene.connection, None, [BucketMismatch("b[]", 1, 2, 3)])
        else:
            scene.writer.checkpoint_published(scene.connection, None)
    reader = scene.read()
    (bar,) = reader.lanes(START, START + S, S).checkpoints
    assert (bar.outcome, bar.count, bar.op_id) == (Outcome.MISMATCH, 20, 7)
    assert dict(bar.outcomes) == {"applied": 19, "mismatch": 1}
    assert len(reader.lanes(START, START + S, 1_000).checkpoints) == 20


def test_a_held_checkpoint_waits_until_one_is_shown_and_those_after_it_are_part_of_the_wait(scene: Scene) -> None:
    scene.connect()
    for second in (1, 2, 3):
        scene.at(second).checkpoint(second)
        frame = scene.complete()
        scene.writer.checkpoint_held(scene.connection, frame, 2)
    still = scene.read().lanes(START, START + 10 * S, 1_000)
    assert [(span.op_id, span.started_at, span.ended_at) for span in still.held] == [(1, START + S, None)]
    scene.at(9).writer.checkpoint_published(scene.connection, frame)
    reader = scene.read()
    (span,) = reader.lanes(START, START + 10 * S, 1_000).held
    assert span.ended_at == START + 9 * S
    assert reader.lanes(START + 5 * S, START + 6 * S, 1_000).held == [span]
    assert reader.lanes(START + 10 * S, START + 12 * S, 1_000).held == []


def test_a_superseded_checkpoint_ends_where_the_next_begins_and_an_interrupted_one_with_its_connection(
    scene: Scene,
) -> None:
    scene.connect()
    scene.at(1).checkpoint(1)
    scene.at(3).checkpoint(2)
    scene.at(4).disconnect()
    bars = scene.read().lanes(START, START + 5 * S, 1_000).checkpoints
    assert [(bar.outcome, bar.started_at - START, bar.ended_at) for bar in bars] == [
        ("superseded", S, START + 3 * S),
        ("interrupted", 3 * S, START + 4 * S),
    ]


def test_a_long_checkpoint_is_seen_in_the_middle_of_it(scene: Scene) -> None:
    scene.connect()
    scene.at(1).checkpoint(1)
    scene.at(100)
    (bar,) = scene.read().lanes(START + 50 * S, START + 60 * S, S).checkpoints
    assert bar.ended_at is None


def test_partials_begin_with_their_checkpoint(scene: Scene) -> None:
    scene.connect()
    scene.at(1).checkpoint(5)
    frame, _ = scene.at(2).receive(b'{"partial_checkpoint_complete":{"last_op_id":"5","priority":1}}')
    scene.writer.set_outcome(frame, Outcome.PARTIAL)
    (partial,) = scene.read().lanes(START, START + 5 * S, 1_000).partials
    assert (partial.frame, partial.started_at, partial.ended_at) == (frame, START + S, START + 2 * S)
    assert (partial.priority, partial.outcome) == (1, "partial")


def test_attempts_of_one_write_are_counted_and_offline_writes_are_told_apart(scene: Scene) -> None:
    scene.connect()
    for second in (1, 2, 3):
        upload = scene.at(second).writer.upload_started(7, 1, 2)
        scene.writer.upload_ended(upload, UploadOutcome.REFUSED, status=409, answer="list is archived")
    scene.at(4).writer.local_write(8, 1, connected=True, writes=b"[]")
    scene.at(5).disconnect()
    scene.at(6).writer.local_write(9, 2, connected=False, writes=b"[]")
    reader = scene.read()
    lanes = reader.lanes(START, START + 10 * S, 1_000)
    assert [mark.attempt for mark in lanes.uploads] == [1, 2, 3]
    assert lanes.local_writes == [
        LocalWriteMark(START + 4 * S, 8, 1, 1, 0),
        LocalWriteMark(START + 6 * S, 9, 2, 1, 1),
    ]
    coarse = reader.lanes(START, START + 10 * S, 10 * S)
    (together,) = coarse.uploads
    assert (together.count, together.failures, together.outcome) == (3, 3, "refused")
    assert coarse.local_writes == [LocalWriteMark(START + 4 * S, 8, 3, 2, 1)]


def test_local_writes_of_captures_before_version_5_are_told_by_their_events(tmp_path: Path) -> None:
    path = tmp_path / "old.pscapture"
    connection = apsw.Connection(str(path))
    connection.execute(TABLES + INDEXES)
    for version, statements in UPGRADES:
        if version < 5:
            connection.execute(statements)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 4")
    told = "INSERT INTO events(at, level, source, message, details) VALUES (?, 'info', 'store', ?, ?)"
    connection.execute(told, (START + S, "Transaction 8 changes 1 row locally.", '{"transaction":8}'))
    connection.execute(told, (START + 2 * S, "1 bucket removed: b[].", None))
    connection.close()
    expected = [LocalWriteMark(START + S, 8, None, 1, 1)]
    assert opened(path).lanes(START, START + 10 * S, 1_000).local_writes == expected
    with CaptureReader(path) as reader:
        assert not reader.acts.has_local_writes
    CaptureWriter(path).close()
    assert opened(path).lanes(START, START + 10 * S, 1_000).local_writes == expected
    with CaptureReader(path) as reader:
        assert reader.acts.unknown_writes(START + 10 * S) == 1


def test_only_new_write_checkpoints_are_marked(scene: Scene) -> None:
    scene.connect()
    for second, write_checkpoint in enumerate((None, 3, 3, None, 3, 4)):
        scene.at(second).checkpoint(second, write_checkpoint)
        scene.complete()
    reader = scene.read()
    marks = reader.lanes(START, START + 10 * S, 1_000).write_checkpoints
    assert [(mark.at - START, mark.write_checkpoint) for mark in marks] == [(S, 3), (5 * S, 4)]
    later = reader.lanes(START + 3 * S, START + 10 * S, 1_000).write_checkpoints
    assert [mark.write_checkpoint for mark in later] == [4]


def test_offline_times_and_faults(scene: Scene) -> None:
    scene.at(1).writer.event("info", "control", "Going offline.")
    scene.at(4).writer.event("info", "control", "Coming back online.")
    scene.at(5).writer.event("warning", "faults", "Altered row data in todos.")
    scene.at(8).writer.event("info", "control", "Going offline.")
    lanes = scene.read().lanes(START, START + 10 * S, 1_000)
    assert [(span.started_at, span.ended_at) for span in lanes.offline] == [
        (START + S, START + 4 * S),
        (START + 8 * S, None),
    ]
    assert [fault.message for fault in lanes.faults] == ["Altered row data in todos."]


def test_a_moment_finds_the_frame_and_the_checkpoint_before_it(scene: Scene) -> None:
    scene.connect()
    first = scene.at(1).checkpoint(1)
    frame, _ = scene.at(3).receive(DATA)
    reader = scene.read()
    assert (reader.checkpoint_at(START), reader.checkpoint_at(START + 2 * S)) == (None, first)
    assert reader.frame_at(START + 3 * S) == frame
    assert reader.frame_at(START) == 1


def test_a_capture_in_which_nothing_happened_has_no_extent(tmp_path: Path) -> None:
    CaptureWriter(tmp_path / "empty.pscapture").close()
    assert opened(tmp_path / "empty.pscapture").extent() is None
