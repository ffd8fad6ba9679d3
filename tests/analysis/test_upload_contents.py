"""Which rows an attempt to upload is about, whatever is left to tell it."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.upload_contents import RowUploads, UploadContents, UploadedWrite, contents_of, uploads_of_row
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.schema import LONGEST_REQUEST
from inspector.capture.writer import CaptureWriter
from inspector.store.reader import ClientDatabaseReader
from tests.analysis.test_pending_writes import insert, patch
from tests.store.database_files import change, copy_to, state

Recorded = Callable[[Callable[[CaptureWriter], None]], CaptureReader]
PATCHED = UploadedWrite("PATCH", "todos", "todo-1002", (("completed", "1"),))


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    """A reader of what was written."""
    readers: list[CaptureReader] = []

    def record(write: Callable[[CaptureWriter], None]) -> CaptureReader:
        path = tmp_path / f"{len(readers)}.pscapture"
        with CaptureWriter(path) as writer:
            write(writer)
        readers.append(CaptureReader(path))
        return readers[-1]

    yield record
    for reader in readers:
        reader.close()


def batch(*entries: dict[str, Any], tx_id: int = 7) -> bytes:
    numbered = [{"op_id": number, "tx_id": tx_id, **entry} for number, entry in enumerate(entries, 1)]
    return json.dumps({"batch": numbered}, separators=(",", ":")).encode()


def attempt(writer: CaptureWriter, sent: bytes | None, entries: int = 1, tx_id: int = 7) -> None:
    upload = writer.upload_started(tx_id, 1, entries)
    if sent is not None:
        writer.upload_sends(upload, sent)
    writer.upload_ended(upload, UploadOutcome.REFUSED, status=422)


def contents(capture: CaptureReader, database: ClientDatabaseReader | None = None) -> UploadContents:
    (upload,) = capture.uploads.rows()
    return contents_of(database, capture, upload)


def test_what_was_sent_tells_it(recorded: Recorded) -> None:
    gone = {"op": "DELETE", "type": "lists", "id": "l1"}
    found = contents(recorded(lambda it: attempt(it, batch(patch(completed=1), gone), 2)))
    assert found == UploadContents((PATCHED, UploadedWrite("DELETE", "lists", "l1")), 2)
    assert [write.words for write in found.writes] == ["completed: 1", "the row goes"]


def test_of_a_request_that_was_cut_the_local_transaction_tells_the_rest(recorded: Recorded) -> None:
    entries = [patch(f"t{number}", description="x" * 200) for number in range(100)]

    def write(writer: CaptureWriter) -> None:
        writer.local_write(7, 100, connected=True, writes=json.dumps(entries).encode())
        attempt(writer, batch(*entries), 100)

    capture = recorded(write)
    assert len(batch(*entries)) > LONGEST_REQUEST
    assert [each.row_id for each in contents(capture).writes] == [f"t{number}" for number in range(100)]
    assert uploads_of_row(None, capture, "todos", "t99").upload == 1


def test_of_a_request_that_was_cut_alone_its_beginning_is_told_and_what_is_not_known(recorded: Recorded) -> None:
    entries = [patch(f"t{number}", description="x" * 200) for number in range(100)]
    found = contents(recorded(lambda it: attempt(it, batch(*entries), 100)))
    assert [each.row_id for each in found.writes] == [f"t{number}" for number in range(len(found.writes))]
    assert 0 < len(found.writes) < 100
    assert found.unknown == 100 - len(found.writes)


def test_what_was_never_sent_is_told_by_the_queue_while_it_waits(recorded: Recorded, tmp_path: Path) -> None:
    capture = recorded(lambda it: attempt(it, None))
    assert contents(capture) == UploadContents((), 1)
    path = copy_to(tmp_path, state("up-to-date"))
    change(path, insert(1, 7, patch(completed=1)))
    with closing(ClientDatabaseReader(path)) as database:
        assert contents(capture, database).writes == (PATCHED,)
    change(path, "UPDATE ps_crud SET tx_id = 8")
    with closing(ClientDatabaseReader(path)) as database:
        assert contents(capture, database).writes == (), "it is another transaction"


def test_the_newest_attempt_of_a_row_and_whether_it_waits_are_found(recorded: Recorded, tmp_path: Path) -> None:
    def write(writer: CaptureWriter) -> None:
        attempt(writer, batch(patch(completed=1)))
        attempt(writer, batch(patch(completed=0), patch('od"d', completed=1)), 2, tx_id=8)
        attempt(writer, batch(patch("other", description="todo-1002")), tx_id=9)

    capture = recorded(write)
    path = copy_to(tmp_path, state("held-by-uploads"))
    with closing(ClientDatabaseReader(path)) as database:
        assert uploads_of_row(database, capture, "todos", "todo-1002") == RowUploads(True, 2)
        assert uploads_of_row(database, capture, "todos", 'od"d') == RowUploads(False, 2)
        assert uploads_of_row(database, capture, "lists", "other") == RowUploads(False, None)
        assert uploads_of_row(database, None, "todos", "todo-1002") == RowUploads(True, None)


def test_the_time_of_the_local_write_is_that_of_the_newest_one_before_the_attempt(recorded: Recorded) -> None:
    now = [1_000]

    def write(writer: CaptureWriter) -> None:
        for at, tx_id in ((1_000, 7), (3_000, 7), (5_000, 8)):
            now[0] = at
            writer.local_write(tx_id, 1, connected=True, writes=b"[]")
            now[0] = at + 1_000
            attempt(writer, None, tx_id=tx_id)
        attempt(writer, None, tx_id=9)

    path = recorded(lambda _: None).path.with_name("timed.pscapture")
    with CaptureWriter(path, now_ns=lambda: now[0]) as writer:
        write(writer)
    with CaptureReader(path) as capture:
        assert capture.local_writes.times(capture.uploads.rows()) == {1: 1_000, 2: 3_000, 3: 5_000}
