"""What became of each operation of a recording, beside what looking through all of it by hand comes to."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.analysis.opening import rebuild_database
from inspector.analysis.operation_standing import OperationSearch, Standing, standing_of
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import Frame
from inspector.capture.writer import CaptureWriter
from inspector.protocol.lines import DataLine, Operation, decode_line
from inspector.store.reader import ClientDatabaseReader
from tests.analysis.tape import BUCKET, Tape
from tests.capture.recording import record_to

SECONDS = 10


def operations(capture: CaptureReader) -> Iterator[tuple[Frame, DataLine, int, Operation]]:
    for frame in capture.bodies():
        line = decode_line(frame.body, frame.format)
        if isinstance(line, DataLine):
            for position, operation in enumerate(line.data):
                yield frame, line, position, operation


def stand(
    capture: CaptureReader,
    database: ClientDatabaseReader | None,
    frame: Frame,
    line: DataLine,
    position: int,
    operation: Operation,
) -> Standing | None:
    search = OperationSearch(frame.row, line.bucket, operation, position)
    standing = standing_of(database, capture, search, SECONDS)
    assert search.complete
    return standing


def test_all_operations_of_a_recording_stand_as_looking_through_it_tells(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    with CaptureReader(path) as capture:
        database = ClientDatabaseReader(rebuild_database(path, tmp_path / "work", lambda *_: True))
        came = list(operations(capture))
        before: dict[tuple[str, str | None], int] = {}
        superseded = supersede = 0
        by_row = defaultdict(set)
        for bucket in database.buckets():
            for kept in database.operations(bucket.name, limit=10_000):
                by_row[kept.row_type, kept.row_id].add(bucket.name)
        for number, (frame, line, position, operation) in enumerate(came):
            if operation.object_type is None:
                continue
            standing = stand(capture, database, frame, line, position, operation)
            assert standing is not None
            key = line.bucket, operation.key
            assert (standing.supersedes.op_id if standing.supersedes else None) == before.get(key)
            before[key] = operation.op_id
            later = [it.op_id for _, other, _, it in came[number + 1 :] if (other.bucket, it.key) == key]
            assert (standing.superseded_by.op_id if standing.superseded_by else None) == max(later, default=None)
            assert standing.is_published
            assert standing.published.startswith("yes, with checkpoint ")
            row = operation.object_type, operation.object_id
            assert set(standing.also_in) == by_row[row] - {line.bucket}
            superseded += bool(later)
            supersede += standing.supersedes is not None
        database.close()
    assert superseded
    assert supersede


def line(op_id: int) -> dict[str, object]:
    operation = {
        "op_id": str(op_id),
        "op": "PUT",
        "object_type": "todos",
        "object_id": "t1",
        "checksum": 1,
        "data": "{}",
    }
    return {"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [operation]}}


def checkpoint(op_id: int) -> dict[str, object]:
    return {"checkpoint": {"last_op_id": str(op_id), "buckets": [{"bucket": BUCKET, "checksum": 1, "count": 1}]}}


def complete(writer: CaptureWriter, connection: int) -> None:
    writer.checkpoint_data_done(connection)
    writer.checkpoint_validated(connection)


def held(tape: Tape) -> None:
    tape.say(checkpoint(5))
    tape.say(line(5))
    complete(tape.writer, tape.connection)
    tape.writer.checkpoint_held(tape.connection, tape.say({"checkpoint_complete": {"last_op_id": "5"}}), 2)


def incomplete(tape: Tape) -> None:
    tape.say(checkpoint(5))
    tape.say(line(5))


def interrupted(tape: Tape) -> None:
    incomplete(tape)
    tape.end()
    tape.writer.checkpoint_interrupted(tape.connection, "The service ended the stream.")


def held_and_then_shown(tape: Tape) -> None:
    held(tape)
    tape.wait(3)
    tape.say(checkpoint(6))
    complete(tape.writer, tape.connection)
    tape.writer.checkpoint_published(tape.connection, tape.say({"checkpoint_complete": {"last_op_id": "6"}}))


@pytest.mark.parametrize(
    ("happened", "published"),
    [
        (incomplete, "not yet: checkpoint 5 is not complete"),
        (interrupted, "not yet: the connection ended before checkpoint 5 was complete"),
        (held, "no: held with checkpoint 5 by 2 local writes"),
        (held_and_then_shown, "yes, with checkpoint 6, after 5 was held"),
    ],
)
def test_why_it_is_not_shown_is_told(tmp_path: Path, happened: Callable[[Tape], None], published: str) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect()
    happened(tape)
    tape.writer.flush()
    with CaptureReader(tape.path) as capture:
        standing = stand(capture, None, *next(operations(capture)))
    tape.writer.close()
    assert standing is not None
    assert (standing.published, standing.is_published) == (published, published.startswith("yes"))


def test_one_that_names_no_row_has_no_standing(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect()
    moved = {"op_id": "3", "op": "MOVE", "checksum": 1}
    tape.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [moved]}})
    tape.writer.close()
    with CaptureReader(tape.path) as capture:
        assert stand(capture, None, *next(operations(capture))) is None
