"""Why a row is, or is not, what the app sees: on real client databases, case by case."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.analysis.row_columns import changed_columns
from inspector.analysis.row_history import RowSearch
from inspector.analysis.row_story import RowStory, tell_row
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.writer import CaptureWriter
from inspector.store.reader import ClientDatabaseReader
from tests.capture.recording import record, record_to, recording
from tests.store.database_files import change, copy_to, state

Tell = Callable[..., RowStory]
TODO = "todo-1002"


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Tell]:
    """The story of a row of a state's copy after these statements."""
    readers: list[ClientDatabaseReader] = []

    def story(
        name: str, *statements: str, row: str = TODO, table: str = "todos", capture: Path | None = None
    ) -> RowStory:
        path = copy_to(tmp_path, state(name))
        change(path, *statements)
        reader = ClientDatabaseReader(path)
        readers.append(reader)
        if capture is None:
            told = tell_row(reader, None, RowSearch(table, row), 10)
        else:
            with CaptureReader(capture) as recorded:
                told = tell_row(reader, recorded, RowSearch(table, row), 10)
        assert told is not None
        return told

    yield story
    for reader in readers:
        reader.close()


def columns(story: RowStory) -> dict[str, str]:
    return {column.column: column.state for column in story.columns}


def test_a_row_as_the_service_has_it(tell: Tell) -> None:
    story = tell("up-to-date")
    assert story.verdict == "The app sees it as operation 30 has it."
    assert set(columns(story).values()) == {"same"}
    assert story.visible
    assert [step.state for step in story.steps] == ["shown"]


def test_a_local_write_that_waits(tell: Tell) -> None:
    story = tell("held-by-uploads")
    assert story.verdict == "The app sees it with a local write in it that the backend has not taken yet."
    assert columns(story)["completed"] == "pending"
    assert [(step.op, step.state, step.change) for step in story.steps] == [
        ("PATCH", "waiting", "completed: 0 → 1"),
        ("PUT", "shown", "the row as it came first here"),
    ]


def test_half_a_surrogate_pair_does_not_hide_the_other_values(tell: Tell) -> None:
    odd = r"""json_set(data, '$.description', json('"a \ud800 ü"'))"""
    story = tell("up-to-date", f"UPDATE ps_data__todos SET data = {odd} WHERE id = '{TODO}'")
    values = {column.column: column.device for column in story.columns}
    assert values["description"] == r'"a \ud800 ü"'
    assert columns(story) == {name: "altered" if name == "description" else "same" for name in values}


def test_an_operation_that_is_held_by_local_writes(tell: Tell) -> None:
    newer = "UPDATE ps_oplog SET op_id = 1598, data = json_set(data, '$.rating', 5.0) WHERE row_id = 'todo-1008'"
    story = tell("held-by-uploads", newer, row="todo-1008")
    assert story.verdict == (
        "The app sees an older state: operation 1598 is downloaded and not shown. "
        "1 local write waits to be uploaded and confirmed."
    )
    assert columns(story)["rating"] == "newer"
    gone = tell("held-by-uploads", newer, "DELETE FROM ps_data__todos WHERE id = 'todo-1008'", row="todo-1008")
    assert gone.verdict.startswith("The app does not see it yet: operation 1598 is downloaded and not shown.")
    assert not gone.visible


def test_an_operation_that_waits_for_the_service(tell: Tell) -> None:
    newer = "UPDATE ps_oplog SET op_id = 1598 WHERE row_id = 'todo-1008'"
    story = tell("waiting-for-service", newer, row="todo-1008")
    assert story.verdict.endswith("The service has not confirmed checkpoint request 7 yet.")


def test_a_value_that_nobody_sent_is_called_altered(tell: Tell) -> None:
    story = tell("up-to-date", f"UPDATE ps_data__todos SET data = json_set(data, '$.rating', 5.0) WHERE id = '{TODO}'")
    assert columns(story)["rating"] == "altered"
    assert "rating is neither what operation 30 has nor a local write's" in story.verdict


def test_a_row_that_something_deleted(tell: Tell) -> None:
    story = tell("up-to-date", f"DELETE FROM ps_data__todos WHERE id = '{TODO}'")
    assert "although operation 30 was shown: something deleted it from ps_data__todos itself" in story.verdict


def test_a_row_whose_table_the_schema_lacks(tell: Tell) -> None:
    story = tell("up-to-date", "INSERT INTO ps_untyped VALUES ('photos', 'p1', '{}')", row="p1", table="photos")
    assert "its schema has no table “photos”, so the row waits in ps_untyped" in story.verdict
    assert not story.visible


def test_a_row_that_was_deleted_here(tell: Tell) -> None:
    entry = f'{{"op":"DELETE","id":"{TODO}","type":"todos"}}'
    story = tell(
        "up-to-date",
        f"INSERT INTO ps_crud(tx_id, data) VALUES (1, '{entry}')",
        f"DELETE FROM ps_data__todos WHERE id = '{TODO}'",
    )
    assert story.verdict.startswith("The app does not see it: it was deleted on this device")


def test_a_row_that_nobody_knows(tell: Tell) -> None:
    story = tell("up-to-date", row="unknown")
    assert story.verdict.startswith("The app does not see it: no bucket that this client has holds the row")
    assert story.steps == ()


def test_a_capture_tells_every_operation_and_when_the_row_left(tell: Tell, tmp_path: Path) -> None:
    capture = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    left = tell("up-to-date", row="list-2", table="lists", capture=capture)
    assert left.verdict.startswith("The app does not see it: no bucket holds it. It left my_lists[")
    assert left.verdict.endswith("with operation 1596.")
    assert left.steps[0].op == "REMOVE"
    assert left.searched is not None
    assert left.searched[0] == left.searched[1] == 43


def test_versions_differ_value_by_value(tell: Tell, tmp_path: Path) -> None:
    capture = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    with CaptureReader(capture) as reader:
        search = RowSearch("lists", "list-2")
        search.go_on(reader, 10)
    ids = [int(found.operation.op_id) for found in search.found]
    assert ids == sorted(ids)
    story = tell("up-to-date", row="list-2", table="lists", capture=capture)
    changed = [step for step in story.steps if "→" in step.change]
    for step in changed:
        assert any(values.state == "newer" for values in changed_columns(step))


def test_a_long_capture_is_looked_through_in_parts(tmp_path: Path) -> None:
    capture = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    search = RowSearch("todos", TODO)
    with CaptureReader(capture) as reader:
        search.go_on(reader, 0)
        assert not search.complete
        search.go_on(reader, 10)
    assert search.complete
    assert len(search.found) == 1


def test_what_the_backend_has_taken_stands_among_the_operations_by_its_time(tmp_path: Path) -> None:
    path = tmp_path / "stream.pscapture"
    entry: dict[str, object] = {"op": "PATCH", "type": "todos", "id": TODO, "data": {"completed": 1}}

    def upload(writer: CaptureWriter, entry: dict[str, object], outcome: UploadOutcome) -> int:
        attempt = writer.upload_started(1, 1, 1)
        writer.upload_sends(attempt, json.dumps({"batch": [entry]}).encode())
        writer.upload_ended(attempt, outcome, status=200, answer="{}")
        return attempt

    with CaptureWriter(path) as writer:
        record(writer, recording("initial-ndjson"))
        upload(writer, entry, UploadOutcome.FAILED)
        upload(writer, {**entry, "id": "another"}, UploadOutcome.ACCEPTED)
        taken = upload(writer, entry, UploadOutcome.ACCEPTED)
    reader = ClientDatabaseReader(state("up-to-date"), immutable=True)
    search = RowSearch("todos", TODO)
    with CaptureReader(path) as capture:
        story = tell_row(reader, capture, search, 10)
        again = tell_row(reader, capture, search, 10)
        before = tell_row(reader, capture, RowSearch("todos", TODO, last=1), 10)
    reader.close()
    assert story is not None
    assert again is not None
    assert before is not None
    assert [(step.op, step.state, step.change, step.upload) for step in story.steps] == [
        ("PATCH", "uploaded", "completed: 1", taken),
        ("PUT", "shown", "the row as it came first here", None),
    ]
    assert again.steps == story.steps
    assert [step.state for step in before.steps] == ["shown"], "it was not uploaded by then"
