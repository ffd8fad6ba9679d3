"""Writing a capture: what is recorded comes back, nothing secret is in it, and a crash costs only the last moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import apsw
import pytest

from inspector.capture.errors import CaptureError
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import FrameRow
from inspector.capture.writer import MAX_WAITING_BYTES, MAX_WAITING_FRAMES, CaptureWriter
from inspector.protocol.events import BucketMismatch
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import BucketChecksum, Checkpoint, CheckpointDiff, decode_line
from tests.capture.recording import STREAMS, record, record_to, recording

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
KEEPALIVE = b'{"token_expires_in":3480}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.capture"


@pytest.fixture
def writer(path: Path) -> Iterator[CaptureWriter]:
    clock = count(1_000)
    with CaptureWriter(path, now_ns=lambda: next(clock)) as writer:
        yield writer


def connect(writer: CaptureWriter) -> int:
    connection = writer.open_connection("http://localhost:8080", b"{}", user_id="user-1", client_id="client-1")
    writer.response(connection, 200, [("content-type", "application/x-ndjson")], FrameFormat.NDJSON)
    return connection


def add(writer: CaptureWriter, connection: int, body: bytes) -> int:
    return writer.frame(connection, body, decode_line(body, FrameFormat.NDJSON))


def target(op_id: int, *buckets: BucketChecksum) -> Checkpoint:
    return Checkpoint(op_id, buckets)


def rows(writer: CaptureWriter) -> list[FrameRow]:
    writer.flush()
    with CaptureReader(writer.path) as reader:
        return reader.frames(1, 1_000)


@pytest.mark.parametrize("name", STREAMS)
def test_frames_of_a_recording_come_back_byte_for_byte(path: Path, name: str) -> None:
    record_to(path, name)
    with CaptureReader(path) as reader:
        frames = list(reader.bodies())
        assert [frame.body for frame in frames] == list(recording(name).frames())
        assert {frame.format for frame in frames} == {
            FrameFormat.BSON if name == "initial-bson" else FrameFormat.NDJSON
        }
        assert [frame.row.id for frame in frames] == list(range(1, len(frames) + 1))
        assert [frame.row.bytes for frame in frames] == [len(frame.body) for frame in frames]


def test_a_data_line_is_counted_by_operation_and_row_type(writer: CaptureWriter) -> None:
    connection = connect(writer)
    operations = ",".join(
        f'{{"op_id":"{number}","op":"{op}","checksum":1,"object_type":"{table}","object_id":"a"}}'
        for number, (op, table) in enumerate([("PUT", "todos"), ("PUT", "lists"), ("REMOVE", "todos")], start=1602)
    )
    more = '{"op_id":"1610","op":"MOVE","checksum":1},{"op_id":"1611","op":"CLEAR","checksum":-1}'
    add(writer, connection, f'{{"data":{{"bucket":"b[]","data":[{operations},{more}]}}}}'.encode())
    (row,) = rows(writer)
    assert (row.kind, row.bucket, row.first_op_id, row.last_op_id) == ("data", "b[]", 1602, 1611)
    assert (row.puts, row.removes, row.moves, row.clears, row.operations) == (2, 1, 1, 1, 5)
    assert row.row_types == "todos, lists"


def test_lines_carry_their_own_facts(writer: CaptureWriter) -> None:
    connection = connect(writer)
    for body in (
        b'{"checkpoint":{"last_op_id":"9","buckets":[{"bucket":"a","checksum":1,"count":4},'
        b'{"bucket":"b","checksum":1,"count":2}]}}',
        b'{"checkpoint":{"last_op_id":"9","buckets":[{"bucket":"a","checksum":1}]}}',
        b'{"checkpoint_diff":{"last_op_id":"12","updated_buckets":[{"bucket":"a","checksum":1}],"removed_buckets":["b"]}}',
        b'{"partial_checkpoint_complete":{"last_op_id":"12","priority":1}}',
        KEEPALIVE,
        b'{"brand_new":{}}',
    ):
        add(writer, connection, body)
    full, uncounted, diff, partial, keepalive, unknown = rows(writer)
    assert (full.kind, full.checkpoint, full.buckets, full.total_operations) == ("checkpoint", 9, 2, 6)
    assert uncounted.total_operations is None
    assert (diff.kind, diff.checkpoint, diff.buckets, diff.removed_buckets) == ("checkpoint_diff", 12, 1, 1)
    assert (partial.kind, partial.priority) == ("partial_checkpoint_complete", 1)
    assert (keepalive.kind, keepalive.expires_in) == ("token_expires_in", 3480)
    assert unknown.kind == "brand_new"


def test_a_frame_knows_the_checkpoint_in_force(writer: CaptureWriter) -> None:
    connection = connect(writer)
    first = writer.frame(connection, b"{}", target(7))
    writer.checkpoint_started(connection, first, target(7))
    add(writer, connection, KEEPALIVE)
    writer.frame(connection, KEEPALIVE, None, checkpoint=5)
    assert [row.checkpoint for row in rows(writer)] == [7, 7, 5]


def test_a_frame_that_cannot_be_read_is_kept_with_the_reason(writer: CaptureWriter) -> None:
    frame = writer.frame(connect(writer), b"\xff\x00garbage", None, error="A line cannot be read.")
    (row,) = rows(writer)
    assert (row.kind, row.error) == ("", "A line cannot be read.")
    with CaptureReader(writer.path) as reader:
        found = reader.frame(frame)
    assert found is not None
    assert found.body == b"\xff\x00garbage"


def test_a_checkpoint_passes_through_its_stages(writer: CaptureWriter) -> None:
    connection = connect(writer)
    line = Checkpoint(7, (), write_checkpoint=3)
    writer.checkpoint_started(connection, writer.frame(connection, b"{}", line), line)
    writer.checkpoint_data(connection, 5, 400)
    writer.checkpoint_data(connection, 2, 100)
    writer.checkpoint_data_done(connection)
    writer.checkpoint_validated(connection)
    complete = add(writer, connection, b'{"checkpoint_complete":{"last_op_id":"7"}}')
    writer.checkpoint_published(connection, complete)
    assert [row.outcome for row in rows(writer)] == [Outcome.NONE, Outcome.APPLIED]
    with CaptureReader(writer.path) as reader:
        (row,) = reader.checkpoints.rows()
        assert reader.checkpoints.with_op_id(7) == row
    assert (row.op_id, row.write_checkpoint, row.operations, row.bytes) == (7, 3, 7, 500)
    assert row.outcome == Outcome.APPLIED
    assert row.data_done_at is not None
    assert row.validated_at is not None
    assert row.published_at is not None
    assert row.received_at < row.data_done_at < row.validated_at < row.published_at


def test_a_checkpoint_can_be_shown_after_it_was_held(writer: CaptureWriter) -> None:
    connection = connect(writer)
    writer.checkpoint_started(connection, writer.frame(connection, b"{}", target(7)), target(7))
    complete = add(writer, connection, b'{"checkpoint_complete":{"last_op_id":"7"}}')
    writer.checkpoint_held(connection, complete, pending_writes=2)
    held = rows(writer)[-1]
    assert (held.outcome, held.pending_writes) == (Outcome.HELD, 2)
    writer.checkpoint_published(connection, complete)
    applied = rows(writer)[-1]
    assert (applied.outcome, applied.pending_writes) == (Outcome.APPLIED, 2)


def test_a_newer_checkpoint_supersedes_one_that_was_not_complete(writer: CaptureWriter) -> None:
    connection = connect(writer)
    writer.checkpoint_started(connection, writer.frame(connection, b"{}", target(7)), target(7))
    diff = CheckpointDiff(9, (), ())
    writer.checkpoint_started(connection, writer.frame(connection, b"{}", diff), diff)
    assert [row.outcome for row in rows(writer)] == [Outcome.SUPERSEDED, Outcome.NONE]
    with CaptureReader(writer.path) as reader:
        old, new = reader.checkpoints.rows()
    assert (old.outcome, old.reason) == (Outcome.SUPERSEDED, "Checkpoint 9 came before it was complete.")
    assert new.outcome == Outcome.RECEIVING


def test_the_end_of_a_connection_interrupts_its_checkpoint_and_spares_a_complete_one(writer: CaptureWriter) -> None:
    for is_complete in (False, True):
        connection = connect(writer)
        frame = writer.frame(connection, b"{}", target(7))
        writer.checkpoint_started(connection, frame, target(7))
        if is_complete:
            writer.checkpoint_published(connection, None)
        writer.close_connection(connection, "The connection was lost.")
    writer.flush()
    with CaptureReader(writer.path) as reader:
        cut, whole = reader.checkpoints.rows()
        assert (cut.outcome, cut.reason) == (Outcome.INTERRUPTED, "The connection was lost.")
        assert whole.outcome == Outcome.APPLIED
        assert [row.end_reason for row in reader.connections()] == ["The connection was lost."] * 2


def test_a_mismatch_keeps_its_evidence(writer: CaptureWriter) -> None:
    connection = connect(writer)
    writer.checkpoint_started(connection, writer.frame(connection, b"{}", target(7)), target(7))
    complete = add(writer, connection, b'{"checkpoint_complete":{"last_op_id":"7"}}')
    failed = [BucketMismatch("a[]", -1, 5, 6), BucketMismatch("b[]", 1, 2, 3)]
    writer.checkpoint_mismatched(connection, complete, failed)
    row = rows(writer)[-1]
    assert (row.outcome, row.bucket, row.buckets) == (Outcome.MISMATCH, "a[]", 2)
    with CaptureReader(writer.path) as reader:
        first, second = reader.mismatches()
        assert reader.checkpoints.rows()[0].outcome == Outcome.MISMATCH
    assert (first.bucket, first.expected, first.add_checksum, first.op_checksum) == ("a[]", 2**32 - 1, 5, 6)
    assert (second.bucket, second.frame, second.checkpoint) == ("b[]", complete, 7)


def test_an_outcome_reaches_a_frame_whether_it_is_written_or_waits(writer: CaptureWriter) -> None:
    connection = connect(writer)
    written = add(writer, connection, KEEPALIVE)
    writer.flush()
    waiting = add(writer, connection, KEEPALIVE)
    for frame in (written, waiting):
        writer.set_outcome(frame, Outcome.SKIPPED, pending_writes=1)
    assert [(row.outcome, row.pending_writes) for row in rows(writer)] == [(Outcome.SKIPPED, 1)] * 2


def test_uploads_and_events_are_kept(writer: CaptureWriter) -> None:
    upload = writer.upload_started(7, 41, 42)
    writer.upload_ended(upload, UploadOutcome.REFUSED, status=409, answer="list is archived")
    writer.event("warning", "uploads", "The backend refused transaction 7.", {"status": 409})
    writer.flush()
    with CaptureReader(writer.path) as reader:
        (attempt,) = reader.uploads.rows()
        (event,) = reader.events()
        assert reader.events(after=event.id) == []
    assert (attempt.tx_id, attempt.outcome, attempt.status, attempt.answer) == (7, "refused", 409, "list is archived")
    assert (event.level, event.message, event.details) == (
        "warning", "The backend refused transaction 7.", '{"status":409}',
    )  # fmt: skip


def test_a_connection_counts_its_frames(writer: CaptureWriter) -> None:
    first = record(writer, recording("initial-ndjson"))
    second = record(writer, recording("resume-nochange"))
    writer.flush()
    bodies = list(recording("initial-ndjson").frames())
    with CaptureReader(writer.path) as reader:
        one, two = reader.connection(first), reader.connection(second)
    assert one is not None
    assert two is not None
    assert (one.first_frame, one.frames, one.bytes) == (1, len(bodies), sum(map(len, bodies)))
    assert one.operations == 564
    assert two.first_frame == len(bodies) + 1


def test_many_frames_do_not_wait_for_a_flush(writer: CaptureWriter) -> None:
    connection = connect(writer)
    for _ in range(MAX_WAITING_FRAMES):
        writer.frame(connection, KEEPALIVE, None)
    with CaptureReader(writer.path) as reader:
        assert reader.frame_count() == MAX_WAITING_FRAMES


def test_many_bytes_do_not_wait_for_a_flush(writer: CaptureWriter) -> None:
    writer.frame(connect(writer), os.urandom(MAX_WAITING_BYTES + 1), None)
    with CaptureReader(writer.path) as reader:
        assert reader.frame_count() == 1


def test_no_token_gets_into_the_file(path: Path) -> None:
    with CaptureWriter(path) as writer:
        request = (
            f'{{"parameters":{{"note":"{TOKEN}","accessToken":"opaque-opaque"}},"app_metadata":{{"{TOKEN}":"a"}}}}'
        )
        connection = writer.open_connection(f"https://user:hunter22@localhost/?token={TOKEN}", request.encode())
        headers = [("Set-Cookie", f"session={TOKEN}"), ("Authorization", f"Token {TOKEN}"), ("Server", f"x {TOKEN}")]
        writer.response(connection, 401, [*headers, ("Content-Type", "application/json")], None)
        writer.frame(connection, KEEPALIVE, None, error=f"Refused: Bearer {TOKEN}")
        writer.event("error", "credentials", f"Got {TOKEN}.", {"authorization": TOKEN, "nested": [{"text": TOKEN}]})
        writer.upload_ended(writer.upload_started(1, 1, 1), UploadOutcome.FAILED, answer=f'{{"token":"{TOKEN}"}}')
        writer.close_connection(connection, f"The token {TOKEN} was refused.")
        writer.flush()
        content = b"".join(file.read_bytes() for file in path.parent.iterdir())
        with CaptureReader(path) as reader:
            (row,) = reader.connections()
    content += path.read_bytes()
    for secret in (*TOKEN.split("."), "hunter22", "opaque-opaque"):
        assert secret.encode() not in content
    assert row.endpoint == "https://localhost/?token=<redacted>"
    assert row.headers == [("Server", "x <redacted>"), ("Content-Type", "application/json")]


def test_text_that_is_not_unicode_does_not_stop_the_recording(writer: CaptureWriter) -> None:
    writer.open_connection("http://\udcff", b"\xff\xfe not JSON", user_id="\ud800")
    connection = connect(writer)
    writer.frame(connection, b"x", None, error="bad \udc80 byte")
    writer.event("info", "session", "\ud83d alone", {"\udfff": ["\ud800"]})
    writer.close_connection(connection, "\udead")
    assert rows(writer)[0].error == "bad \\udc80 byte"


def test_a_count_beyond_64_bits_does_not_stop_the_recording(writer: CaptureWriter) -> None:
    line = target(7, BucketChecksum("a", 1, count=2**70))
    connection = connect(writer)
    writer.checkpoint_started(connection, writer.frame(connection, b"{}", line), line)
    assert rows(writer)[0].total_operations is None


def test_a_closed_capture_is_one_file(path: Path) -> None:
    record_to(path, "initial-ndjson")
    assert os.listdir(path.parent) == [path.name]


def test_a_capture_is_continued(path: Path) -> None:
    record_to(path, "initial-ndjson")
    first = len(list(recording("initial-ndjson").frames()))
    with CaptureWriter(path) as writer:
        assert writer.frames == first
        record(writer, recording("incremental"))
    with CaptureReader(path) as reader:
        assert [row.id for row in reader.connections()] == [1, 2]
        assert reader.frame_count() == first + len(list(recording("incremental").frames()))


def test_a_file_of_another_kind_is_not_written_to(tmp_path: Path) -> None:
    database = tmp_path / "app.db"
    apsw.Connection(str(database)).execute("CREATE TABLE frames(id)")
    before = database.read_bytes()
    with pytest.raises(CaptureError, match=r"app\.db is no capture"):
        CaptureWriter(database)
    assert database.read_bytes() == before


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"The capture a\.capture cannot be written\. .*Choose another file"):
        CaptureWriter(tmp_path / "missing" / "a.capture")


def test_what_waits_is_not_lost_while_another_program_locks_the_file(path: Path) -> None:
    with CaptureWriter(path) as writer:
        writer._file.set_busy_timeout(0)
        connection = connect(writer)
        add(writer, connection, KEEPALIVE)
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CaptureError, match="cannot be written"):
            writer.flush()
        other.execute("ROLLBACK")
        other.close()
        assert len(rows(writer)) == 1


CRASH = """
import sys
from pathlib import Path
from inspector.capture.writer import CaptureWriter
from inspector.protocol.lines import Checkpoint
writer = CaptureWriter(Path(sys.argv[1]))
connection = writer.open_connection("http://localhost", b"{}")
frame = writer.frame(connection, b"{}", Checkpoint(7, ()))
writer.checkpoint_started(connection, frame, Checkpoint(7, ()))
writer.upload_started(1, 1, 1)
number = 0
while True:
    number += 1
    writer.frame(connection, b"frame %d" % number, None)
    if number % 50 == 0:
        writer.flush()
        print(writer.frames, flush=True)
"""


def test_a_killed_engine_leaves_a_capture_that_opens_and_continues(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", CRASH, str(path)], stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        flushed = [int(engine.stdout.readline()) for _ in range(20)][-1]
        with CaptureReader(path) as reader:
            assert reader.frame_count() >= flushed
        engine.send_signal(signal.SIGKILL)
    with CaptureReader(path) as reader:
        count_after = reader.frame_count()
        assert count_after >= flushed
        assert [frame.body for frame in reader.bodies(2)] == [b"frame %d" % n for n in range(1, count_after)]
        assert reader.connections()[0].ended_at is None
    with CaptureWriter(path) as writer:
        assert writer.frames == count_after
    with CaptureReader(path) as reader:
        (row,) = reader.connections()
        last = reader.frames(count_after, 1)[0]
        assert (row.ended_at, row.frames) == (last.received_at, count_after)
        assert row.end_reason == "The recording ended without an end of the connection."
        assert reader.checkpoints.rows()[0].outcome == Outcome.INTERRUPTED
        assert reader.uploads.rows()[0].outcome == UploadOutcome.FAILED
