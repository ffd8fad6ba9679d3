"""Local writes through the engine process, over real HTTP to the embedded service and to backends of all kinds."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.capture.reader import CaptureReader
from inspector.engine.control import (
    BackendUpload,
    CommandUpload,
    Discard,
    Problem,
    RequestCheckpoint,
    Retry,
    SetHold,
    SetOffline,
    StaticToken,
    Status,
    Upload,
    Write,
)
from inspector.store.local_write import LocalWrite
from inspector.store.schema import GATE_CLOSED
from tests.engine.conditions import until
from tests.engine.recorded_service import recorded_service
from tests.engine.running_engine import RunningEngine, running_engine
from tests.running_service import ServiceUnderTest, running_service
from tests.scripted_service import Answer, scripted_service

LEGACY = "/write-checkpoint2.json"
REQUESTS = "/sync/checkpoint-request"
TAKEN = Answer(b'{"applied":1}', content_type="application/json")
BROKEN = Answer(b"", 503, "text/plain")


@pytest.fixture
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


@contextmanager
def synced_engine(service: ServiceUnderTest, folder: Path, **settings: Any) -> Iterator[RunningEngine]:
    """An engine that has done its first sync, uploading to the service's own backend unless `settings` say else."""
    settings.setdefault("uploads", BackendUpload(f"{service.endpoint}/api/data"))
    with running_engine(service.endpoint, folder, credentials=StaticToken(service.token()), **settings) as engine:
        engine.wait(lambda status: not status.first_sync and status.shown_checkpoint == status.checkpoint)
        yield engine


def rows_in(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(folder / "client.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def note(folder: Path, row_id: str = "note-1", table: str = "ps_data__notes") -> Any:
    """The body of a note as the tables, or the oplog, have it."""
    column = "row_id" if table == "ps_oplog" else "id"
    found = rows_in(folder, f"SELECT data ->> 'body' FROM {table} WHERE {column} = '{row_id}'")
    return found[0][0] if found else None


def change_note(body: str, row_id: str = "note-1", *, command: int = 0) -> Write:
    return Write((LocalWrite("PATCH", "notes", row_id, {"body": body}),), command)


def confirmed(status: Status) -> bool:
    """Everything is uploaded, and the service's checkpoint with it is shown."""
    return (
        status.pending_writes == 0
        and status.target_request not in (None, GATE_CLOSED)
        and (status.seen_request or 0) >= (status.target_request or 0)
        and not status.held
        and status.shown_checkpoint == status.checkpoint
    )


def uploads_of(folder: Path) -> list[tuple[str, int | None, str | None]]:
    with CaptureReader(folder / "stream.pscapture") as capture:
        return [(row.outcome, row.status, row.answer) for row in capture.uploads.rows()]


def events_of(folder: Path) -> list[str]:
    with CaptureReader(folder / "stream.pscapture") as capture:
        return [event.message for event in capture.events() if event.source in ("uploads", "store")]


def test_a_local_write_is_uploaded_confirmed_and_comes_back(service: ServiceUnderTest, tmp_path: Path) -> None:
    with synced_engine(service, tmp_path) as engine:
        engine.send(change_note("mine", command=1))
        assert engine.wait_answer(1).ok
        status = engine.wait(confirmed)
        assert (status.target_request, status.uploads, status.upload_problem) == (1, "idle", None)
        assert note(tmp_path) == note(tmp_path, table="ps_oplog") == "mine"
    assert [(outcome, status) for outcome, status, _ in uploads_of(tmp_path)] == [("accepted", 200)]


def test_a_local_write_that_cannot_be_done_is_answered_with_the_reason(
    service: ServiceUnderTest, tmp_path: Path
) -> None:
    with synced_engine(service, tmp_path) as engine:
        engine.send(change_note("mine", "absent", command=1))
        answer = engine.wait_answer(1)
        assert answer.problem is not None
        assert answer.problem.what == "There is no row “absent” in notes."
        assert rows_in(tmp_path, "SELECT * FROM ps_crud") == []


def test_nothing_is_uploaded_unless_somebody_says_where_to(tmp_path: Path) -> None:
    with (
        recorded_service() as (service, log),
        running_engine(service.endpoint, tmp_path, credentials=StaticToken(service.token())) as engine,
    ):
        engine.wait(lambda status: not status.first_sync)
        engine.send(change_note("mine"))
        status = engine.wait(lambda status: status.pending_writes)
        assert (status.uploads, status.target_request, status.oldest_transaction) == ("held", GATE_CLOSED, 1)
        assert status.oldest_write_at is not None
        assert status.nowhere_to_upload
        for command in (Upload(id=2), SetHold(hold=False, id=3)):
            engine.send(command)
            answer = engine.wait_answer(command.id)
            assert answer.problem is not None
            assert "nowhere to upload to" in answer.problem.why
        service.put("notes", "fresh", owner_id="alice", body="theirs")
        engine.wait(lambda status: status.held)
        assert note(tmp_path, "fresh") is None, "downloads are not shown while writes wait"
        assert [request.path for request in log.requests if not request.path.startswith("/api/")] == ["/sync/stream"]
        assert len(log.of("/api/data")) == 1


def test_offline_writes_wait_and_go_out_with_the_connection(service: ServiceUnderTest, tmp_path: Path) -> None:
    with synced_engine(service, tmp_path) as engine:
        engine.send(SetOffline(offline=True))
        engine.send(change_note("mine"))
        status = engine.wait(lambda status: status.phase == "offline" and status.pending_writes == 1)
        assert (status.uploads, note(tmp_path)) == ("idle", "mine")
        service.patch("notes", "note-2", body="theirs")
        engine.send(SetOffline(offline=False))
        engine.wait(confirmed)
        assert (note(tmp_path), note(tmp_path, "note-2")) == ("mine", "theirs")


def test_several_transactions_go_out_one_by_one_in_order(service: ServiceUnderTest, tmp_path: Path) -> None:
    with (
        scripted_service(TAKEN) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        engine.send(SetHold(hold=True))
        for body in ("one", "two"):
            engine.send(change_note(body))
        engine.send(Write((LocalWrite("PUT", "notes", "n", {"body": "x"}), LocalWrite("DELETE", "notes", "note-3"))))
        engine.wait(lambda status: status.pending_writes == 4)
        engine.send(SetHold(hold=False))
        engine.wait(lambda status: status.pending_writes == 0)
    assert [[(it["op_id"], it["tx_id"], it["op"]) for it in body["batch"]] for body in backend.requests] == [
        [(1, 1, "PATCH")],
        [(2, 2, "PATCH")],
        [(3, 3, "PUT"), (4, 3, "DELETE")],
    ]
    assert backend.requests[0]["batch"][0]["data"] == {"body": "one"}
    assert "data" not in backend.requests[2]["batch"][1]
    assert backend.tokens[0].startswith("Bearer ey")


def test_a_failed_upload_is_tried_again_by_itself_after_five_seconds(service: ServiceUnderTest, tmp_path: Path) -> None:
    with (
        scripted_service(BROKEN, TAKEN) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        engine.send(change_note("mine"))
        failed = engine.wait(lambda status: status.uploads == "failed" and status.upload_retry_at)
        assert failed.upload_problem is not None
        assert (failed.upload_problem.code, failed.upload_attempts) == ("503", 1)
        assert failed.upload_retry_at is not None
        assert 2e9 < failed.upload_retry_at - time.time_ns() < 6e9
        done = engine.wait(lambda status: status.pending_writes == 0)
        assert done.upload_problem is None
    assert [outcome for outcome, _, _ in uploads_of(tmp_path)] == ["failed", "accepted"]
    assert any("attempt 2" in message and "still the first" in message for message in events_of(tmp_path))


def test_retry_does_not_wait(service: ServiceUnderTest, tmp_path: Path) -> None:
    with (
        scripted_service(BROKEN, BROKEN, TAKEN) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        engine.send(change_note("mine"))
        for attempt in (1, 2):
            engine.wait_failed_upload(attempt)
            engine.send(Retry())
        engine.wait(confirmed)


def test_a_refused_transaction_blocks_the_queue_until_it_is_discarded_and_its_row_reverts(
    service: ServiceUnderTest, tmp_path: Path
) -> None:
    body = b'{"error":{"code":"E1","message":"not your note"},"errors":[{"op_id":1,"message":"read only"}]}'
    refusal = Answer(body, 422, "application/json")
    with (
        scripted_service(refusal, TAKEN) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        before = note(tmp_path)
        engine.send(change_note("refused"))
        failed = engine.wait(lambda status: status.uploads == "failed")
        assert failed.upload_problem is not None
        assert failed.upload_problem.what == "The backend refuses transaction 1."
        assert failed.upload_problem.why == "It answers 422: not your note. PATCH notes/note-1: read only."
        engine.send(change_note("later", "note-2"))
        engine.wait(lambda status: status.pending_writes == 2)
        engine.send(Discard(1, id=7))
        assert engine.wait_answer(7).ok
        status = engine.wait(confirmed)
        assert (status.uploads, status.upload_problem) == ("idle", None)
        assert note(tmp_path) == before
    assert [(outcome, status) for outcome, status, _ in uploads_of(tmp_path)] == [
        ("refused", 422),
        ("discarded", None),
        ("accepted", 200),
    ]
    assert "PATCH notes/note-1: read only." in events_of(tmp_path)


def test_a_held_write_can_be_discarded_without_any_upload(service: ServiceUnderTest, tmp_path: Path) -> None:
    with running_engine(service.endpoint, tmp_path, credentials=StaticToken(service.token())) as engine:
        engine.wait(lambda status: not status.first_sync)
        before = note(tmp_path)
        engine.send(change_note("mine"))
        engine.wait(lambda status: status.pending_writes == 1)
        engine.send(Discard())
        engine.wait(confirmed)
        assert note(tmp_path) == before
        engine.send(Discard(id=4))
        answer = engine.wait_answer(4)
        assert answer.problem is not None
        assert answer.problem.what == "There is no local write to discard."


def test_a_kill_between_upload_and_confirmation_loses_nothing_and_shows_nothing_early(tmp_path: Path) -> None:
    with recorded_service() as (service, log):
        log.keep_back(LEGACY)
        with synced_engine(service, tmp_path) as engine:
            engine.send(change_note("mine"))
            until(lambda: log.of(LEGACY))
            os.kill(engine.process.pid, signal.SIGKILL)
            engine.process.wait(10)
        assert rows_in(tmp_path, "SELECT * FROM ps_crud") == []
        assert gate_in(tmp_path) == GATE_CLOSED
        service.patch("notes", "note-2", body="theirs")
        with running_engine(
            service.endpoint,
            tmp_path,
            credentials=StaticToken(service.token()),
            uploads=BackendUpload(f"{service.endpoint}/api/data"),
        ) as engine:
            engine.wait(lambda status: status.held)
            until(lambda: len(log.of(LEGACY)) == 2)
            assert (note(tmp_path), note(tmp_path, "note-2") == "theirs") == ("mine", False)
            log.let_go(LEGACY)
            engine.wait(confirmed)
            assert (note(tmp_path), note(tmp_path, "note-2")) == ("mine", "theirs")
        assert len(log.of("/api/data")) == 2, "the write is uploaded once, the test's own change is the other"


def test_a_kill_during_an_upload_keeps_the_write(service: ServiceUnderTest, tmp_path: Path) -> None:
    with (
        scripted_service(Answer(hold=True)) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        engine.send(change_note("mine"))
        until(lambda: backend.requests)
        os.kill(engine.process.pid, signal.SIGKILL)
        engine.process.wait(10)
    assert len(rows_in(tmp_path, "SELECT * FROM ps_crud")) == 1
    assert note(tmp_path) == "mine"
    with synced_after_restart(service, tmp_path) as engine:
        engine.wait(confirmed)
        assert note(tmp_path, table="ps_oplog") == "mine"


@contextmanager
def synced_after_restart(service: ServiceUnderTest, folder: Path) -> Iterator[RunningEngine]:
    with running_engine(
        service.endpoint,
        folder,
        credentials=StaticToken(service.token()),
        uploads=BackendUpload(f"{service.endpoint}/api/data"),
    ) as engine:
        yield engine


def gate_in(folder: Path) -> Any:
    return rows_in(folder, "SELECT value FROM ps_kv WHERE key = 'target_checkpoint_request_id'")[0][0]


def test_a_write_while_the_number_is_asked_for_makes_it_ask_again(tmp_path: Path) -> None:
    with recorded_service() as (service, log), synced_engine(service, tmp_path) as engine:
        log.keep_back(LEGACY)
        engine.send(change_note("one"))
        until(lambda: log.of(LEGACY))
        engine.send(change_note("two"))
        engine.wait(lambda status: status.pending_writes == 1)
        log.let_go(LEGACY)
        status = engine.wait(confirmed)
        assert (status.target_request, len(log.of(LEGACY))) == (2, 2)
        assert note(tmp_path, table="ps_oplog") == "two"


def test_a_transaction_under_way_cannot_be_discarded(service: ServiceUnderTest, tmp_path: Path) -> None:
    with (
        scripted_service(Answer(hold=True)) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        engine.send(change_note("mine"))
        engine.wait(lambda status: status.uploads == "uploading")
        until(lambda: backend.requests)
        engine.send(Discard(id=2))
        answer = engine.wait_answer(2)
        assert answer.problem is not None
        assert answer.problem.what == "Transaction 1 is being uploaded."
        engine.send(SetOffline(offline=True))
        engine.wait(lambda status: status.uploads == "idle" and status.phase == "offline")
        engine.send(Discard(id=3))
        assert engine.wait_answer(3).ok


def test_a_queue_that_keeps_what_was_uploaded_is_not_uploaded_again(service: ServiceUnderTest, tmp_path: Path) -> None:
    with (
        scripted_service(TAKEN) as backend,
        synced_engine(service, tmp_path, uploads=BackendUpload(backend.endpoint)) as engine,
    ):
        connection = apsw.Connection(str(tmp_path / "client.db"))
        connection.execute("CREATE TRIGGER keep BEFORE DELETE ON ps_crud BEGIN SELECT RAISE(IGNORE); END")
        connection.close()
        engine.send(change_note("mine"))
        status = engine.wait(lambda status: status.uploads == "failed")
        assert status.upload_problem is not None
        assert "still in the upload queue" in status.upload_problem.what
        engine.send(Retry(id=1))
        engine.wait_answer(1)
    assert len(backend.requests) == 1


def test_a_write_that_is_no_entry_is_said_to_be_unreadable(service: ServiceUnderTest, tmp_path: Path) -> None:
    with synced_engine(service, tmp_path) as engine:
        connection = apsw.Connection(str(tmp_path / "client.db"))
        connection.execute("INSERT INTO ps_crud(data) VALUES ('no JSON')")
        connection.close()
        engine.send(Upload())
        status = engine.wait(lambda status: status.uploads == "failed")
        assert status.upload_problem is not None
        assert status.upload_problem.what == "The pending write 1 cannot be read."
        engine.send(Discard())
        engine.wait(lambda status: status.uploads == "idle" and status.pending_writes == 0)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("cat > {file}", None),
        (
            "echo wrong table >&2; exit 3",
            Problem("The upload command failed with exit code 3.", "It says: wrong table."),
        ),
    ],
)
def test_a_command_takes_transactions(
    service: ServiceUnderTest, tmp_path: Path, command: str, problem: Problem | None
) -> None:
    file = tmp_path / "batch.json"
    with synced_engine(service, tmp_path, uploads=CommandUpload(command.format(file=file))) as engine:
        engine.send(change_note("mine"))
        if problem is None:
            engine.wait(confirmed)
            assert json.loads(file.read_text())["batch"][0]["data"] == {"body": "mine"}
            return
        status = engine.wait(lambda status: status.upload_problem is not None)
        assert status.upload_problem is not None
        assert (status.upload_problem.what, status.upload_problem.why) == (problem.what, problem.why)
        assert status.pending_writes == 1


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        (Answer(b"login first", 401, "text/plain"), "The backend does not take the token."),
        (Answer(b"<html>no</html>", 404, "text/html"), "The backend refuses transaction 1."),
        (Answer(b'{"message":"busy"}', 429, "application/json"), "The backend cannot take local writes at present."),
        (Answer(b"", 200, cut=True), "The connection was lost."),
    ],
)
def test_what_a_backend_says_is_one_clear_sentence(
    service: ServiceUnderTest, tmp_path: Path, backend: Answer, what: str
) -> None:
    with (
        scripted_service(backend) as running,
        synced_engine(service, tmp_path, uploads=BackendUpload(running.endpoint)) as engine,
    ):
        engine.send(change_note("mine"))
        status = engine.wait(lambda status: status.upload_problem is not None)
        assert status.upload_problem is not None
        assert status.upload_problem.what == what
        assert status.upload_problem.next_step


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nowhere"])
def test_a_backend_that_is_not_there_is_one_clear_sentence(service: ServiceUnderTest, tmp_path: Path, url: str) -> None:
    with synced_engine(service, tmp_path, uploads=BackendUpload(url)) as engine:
        engine.send(change_note("mine"))
        status = engine.wait(lambda status: status.upload_problem is not None)
        assert status.upload_problem is not None
        assert status.upload_problem.what in (
            "The backend cannot be reached.",
            "The backend's address is no web address.",
        )


def test_a_token_that_a_backend_repeats_is_not_recorded(service: ServiceUnderTest, tmp_path: Path) -> None:
    token = service.token()
    echo = Answer(f"bad token {token}".encode(), 400, "text/plain")
    with (
        scripted_service(echo) as backend,
        running_engine(
            service.endpoint, tmp_path, credentials=StaticToken(token), uploads=BackendUpload(backend.endpoint)
        ) as engine,
    ):
        engine.wait(lambda status: not status.first_sync)
        engine.send(change_note("mine"))
        status = engine.wait(lambda status: status.upload_problem is not None)
        assert token not in str(status.upload_problem)
    for file in tmp_path.iterdir():
        assert token.encode() not in file.read_bytes(), file.name


def test_a_service_without_checkpoint_requests_gets_legacy_ones(tmp_path: Path) -> None:
    with recorded_service() as (service, log):
        log.refused[REQUESTS] = 404
        with synced_engine(service, tmp_path, checkpoint_mode="requests") as engine:
            engine.send(change_note("mine"))
            status = engine.wait(confirmed)
            assert (status.target_request, status.requested) == (1, None)
        assert [len(log.of(path)) for path in (REQUESTS, LEGACY)] == [1, 1]
    assert any("does not know checkpoint requests" in message for message in events_of(tmp_path))


def test_an_app_may_ask_for_a_checkpoint_in_requests_mode_only(service: ServiceUnderTest, tmp_path: Path) -> None:
    with synced_engine(service, tmp_path) as engine:
        engine.send(RequestCheckpoint(id=1))
        answer = engine.wait_answer(1)
        assert answer.problem is not None
        assert "Legacy write checkpoints are in use" in answer.problem.why
        engine.send(SetOffline(offline=True))
    with synced_engine(service, tmp_path, checkpoint_mode="requests") as engine:
        engine.wait(lambda status: status.requested == 1)
        engine.send(RequestCheckpoint(id=2))
        assert engine.wait_answer(2).ok
        status = engine.wait(lambda status: status.seen_request == 2)
        assert (status.requested, status.target_request) == (2, None)


def test_a_failed_confirmation_is_asked_for_again(tmp_path: Path) -> None:
    with recorded_service() as (service, log):
        log.refused[LEGACY] = 500
        with synced_engine(service, tmp_path) as engine:
            engine.send(change_note("mine"))
            status = engine.wait(lambda status: status.uploads == "failed" and status.pending_writes == 0)
            assert (status.target_request, status.upload_problem is not None) == (GATE_CLOSED, True)
            log.refused.clear()
            engine.send(Retry())
            assert engine.wait(confirmed).upload_problem is None
