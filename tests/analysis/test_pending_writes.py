"""What each local write changes, from which value, on real client databases."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.pending_writes import PendingWrite, change_words, read_pending
from inspector.capture.answers import answer_words
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.writer import CaptureWriter
from inspector.store.reader import ClientDatabaseReader
from tests.store.database_files import change, copy_to, state

Pending = Callable[..., list[PendingWrite]]


@pytest.fixture
def pending(tmp_path: Path) -> Iterator[Pending]:
    """The queue of `up-to-date.db` with these entries in it, one transaction each."""
    readers: list[ClientDatabaseReader] = []

    def read(*entries: dict[str, Any], capture: Path | None = None, tx_id: int | None = None) -> list[PendingWrite]:
        path = copy_to(tmp_path, state("up-to-date"))
        inserts = (insert(number, tx_id or number, entry) for number, entry in enumerate(entries, 1))
        change(path, "BEGIN", *inserts, "COMMIT")
        reader = ClientDatabaseReader(path)
        readers.append(reader)
        if capture is None:
            return list(read_pending(reader, None).writes)
        with CaptureReader(capture) as recorded:
            return list(read_pending(reader, recorded).writes)

    yield read
    for reader in readers:
        reader.close()


def insert(number: int, tx_id: int, entry: dict[str, Any]) -> str:
    text = json.dumps(entry).replace("'", "''")
    return f"INSERT INTO ps_crud(id, tx_id, data) VALUES ({number}, {tx_id}, '{text}')"


def patch(row_id: str = "todo-1002", **data: Any) -> dict[str, Any]:
    return {"op": "PATCH", "id": row_id, "type": "todos", "data": data}


def test_the_value_before_is_the_newest_that_the_service_has_sent() -> None:
    reader = ClientDatabaseReader(state("held-by-uploads"), immutable=True)
    queue = read_pending(reader, None)
    reader.close()
    (write,) = queue.writes
    assert change_words(write) == "completed: 0 → 1"
    assert write.before_from.startswith("operation ")
    assert write.data_now == "1"
    assert write.written_at is None
    assert write.attempts is None
    assert (queue.entries, queue.transactions) == (1, 1)


def test_the_value_before_a_second_write_is_what_the_first_one_made(pending: Pending) -> None:
    first, second = pending(patch(description="One"), patch(description="Two"))
    assert change_words(second) == 'description: "One" → "Two"'
    assert second.before_from == "the local write 1 before it"
    assert first.before_from.startswith("operation ")


def test_old_values_that_the_entry_holds_come_first(pending: Pending) -> None:
    (write,) = pending({**patch(description="New"), "old": {"description": "As the app saw it"}})
    assert change_words(write) == 'description: "As the app saw it" → "New"'
    assert write.before_from == "the entry itself"


def test_a_new_row_has_no_values_before(pending: Pending) -> None:
    (write,) = pending({"op": "PUT", "id": "new", "type": "todos", "data": {"description": "Basil"}})
    assert change_words(write) == 'description: "Basil"'
    assert write.is_new_row


def test_of_a_new_row_what_somebody_wrote_comes_first_and_what_is_empty_is_left_out(pending: Pending) -> None:
    data = {
        "completed": 0,
        "created_at": "2026-05-17T17:44:24.567Z",
        "completed_at": None,
        "list_id": "list-1",
        "description": "Basil",
    }
    (write,) = pending({"op": "PUT", "id": "new", "type": "todos", "data": data})
    words = change_words(write)
    assert words.startswith('description: "Basil", ')
    assert words.endswith("completed: 0")
    assert "completed_at" not in words


def test_a_new_row_without_values_is_said_to_be_one(pending: Pending) -> None:
    (write,) = pending({"op": "PUT", "id": "new", "type": "todos", "data": {"completed_at": None}})
    assert change_words(write) == "a row without values"


def test_a_patch_of_a_row_that_nobody_knows_does_not_guess(pending: Pending) -> None:
    (write,) = pending(patch("unknown", completed=1))
    assert change_words(write) == "completed: 1"
    assert write.before_from == ""
    assert write.data_now is None


def test_a_delete_says_what_goes_with_the_row(pending: Pending) -> None:
    (write,) = pending({"op": "DELETE", "id": "todo-1002", "type": "todos"})
    assert change_words(write).startswith("the row goes: ")
    assert "description: " in change_words(write)


def test_what_stays_the_same_is_said(pending: Pending) -> None:
    (write,) = pending(patch(completed=False))
    assert change_words(write) == "completed: false, as before"


def test_an_entry_that_is_no_json_is_shown_as_it_is(pending: Pending, tmp_path: Path) -> None:
    pending()
    change(tmp_path / "up-to-date.db", "INSERT INTO ps_crud(tx_id, data) VALUES (1, 'no json')")
    reader = ClientDatabaseReader(tmp_path / "up-to-date.db")
    (write,) = read_pending(reader, None).writes
    reader.close()
    assert change_words(write) == "no json"


def test_a_capture_tells_when_a_write_was_made_and_how_its_uploads_went(pending: Pending, tmp_path: Path) -> None:
    times = iter(range(1000, 2000))
    capture = tmp_path / "stream.pscapture"
    with CaptureWriter(capture, now_ns=lambda: next(times)) as writer:
        writer.event("info", "store", "Transaction 9 changes 2 rows locally.", {"transaction": 9}, at=500)
        for _ in range(3):
            writer.upload_ended(writer.upload_started(9, 1, 2), UploadOutcome.REFUSED, status=409, answer="archived")
    first, second = pending(patch(completed=1), patch(description="x"), capture=capture, tx_id=9)
    assert (first.written_at, first.attempts) == (500, 3)
    assert first.last_attempt is not None
    assert (first.last_attempt.status, first.last_attempt.answer) == (409, "archived")
    assert (first.begins_transaction, second.begins_transaction) == (True, False)
    assert second.attempts == 3


def test_a_transaction_is_never_shown_in_part(pending: Pending) -> None:
    entries = [patch(completed=number) for number in range(503)]
    assert len(pending(*entries, tx_id=4)) == 503


def test_an_answer_is_told_by_its_message() -> None:
    assert answer_words('{"error": {"code": "X1", "description": "The list  is archived."}}') == "The list is archived."
    assert answer_words('{"error": "archived"}') == "archived"
    assert answer_words('{"message": "no"}') == "no"
    assert answer_words("<html>\n<body>") == "<html>"
    assert answer_words('{"ok": true}') == '{"ok": true}'
    assert answer_words("[1]") == "[1]"
    assert answer_words(None) == ""
