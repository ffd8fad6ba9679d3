"""The engine process against services in order and out of order, over real HTTP."""

import gzip
import json
import os
import signal
import sys
from pathlib import Path

import apsw
import pytest
import zstandard

from inspector.capture.reader import CaptureReader
from inspector.engine.control import (
    Connect,
    Disconnect,
    RefreshToken,
    SetOffline,
    Shutdown,
    StaticToken,
    TokenCommand,
    TokenFile,
)
from tests.engine.running_engine import running_engine, token
from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")
ERRORS = json.loads((CAPTURES / "http-errors.json").read_text())


def first_sync(*, hold: bool = True) -> Answer:
    return Answer(INITIAL.raw_body, hold=hold)


def resumed() -> Answer:
    return Answer(Recording(CAPTURES / "resume-nochange").raw_body, hold=True)


def rows_in(folder: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(folder / "client.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_first_sync_fills_the_client_database_and_the_capture(tmp_path: Path) -> None:
    with scripted_service(first_sync()) as service, running_engine(service.endpoint, tmp_path) as engine:
        status = engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert (status.phase, status.user_id, status.transport) == ("connected", "user-1", "NDJSON")
        assert (status.operations_done, status.operations_total, status.operations_received) == (564, 564, 564)
        assert not status.first_sync
        assert status.problem is None
        engine.wait(lambda status: status.frames == 10)
        counts = "SELECT (SELECT count(*) FROM lists), (SELECT count(*) FROM notes), (SELECT count(*) FROM todos)"
        assert rows_in(tmp_path, counts) == [(4, 60, 500)]
    assert service.requests[0]["buckets"] == []
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        assert [frame.body for frame in capture.bodies()] == list(INITIAL.frames())
        assert [frame.row.outcome for frame in capture.bodies()][-1] == "applied"
        moves = [event.message for event in capture.events() if event.source == "session" and event.level == "debug"]
    assert moves[:5] == [
        "From “idle” to “connecting”, by Begin.",
        "From “connecting” to “awaiting checkpoint”, by StreamOpened.",
        "From “awaiting checkpoint” to “receiving”, by checkpoint.",
        "From “receiving” to “publishing”, by partial_checkpoint_complete.",
        "From “publishing” to “receiving”, by Published.",
    ]
    assert moves[-1] == "From “up to date” to “closed”, by Stop."


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [("gzip", gzip.compress(INITIAL.raw_body)), ("zstd", zstandard.ZstdCompressor().compress(INITIAL.raw_body))],
)
def test_compressed_answers_are_read(tmp_path: Path, encoding: str, encoded: bytes) -> None:
    answer = Answer(encoded, headers={"content-encoding": encoding}, hold=True)
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path) as engine:
        status = engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert status.transport == f"NDJSON · {encoding}"


def test_an_orderly_end_reconnects_at_once_from_what_is_stored(tmp_path: Path) -> None:
    with (
        scripted_service(first_sync(hold=False), resumed()) as service,
        running_engine(service.endpoint, tmp_path) as it,
    ):
        it.wait(lambda status: status.frames == 14)
    assert {bucket["after"] for bucket in service.requests[1]["buckets"]} == {"1584"}
    assert len(service.requests[1]["buckets"]) == 6


def test_a_mismatch_is_reported_with_both_sums_and_downloaded_again(tmp_path: Path) -> None:
    wrong = INITIAL.raw_body.replace(b'"checksum":2133161922', b'"checksum":2133161923', 1)
    with (
        scripted_service(Answer(wrong, hold=True), Answer(hold=True), first_sync()) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        status = engine.wait(lambda status: status.mismatch is not None)
        assert status.mismatch is not None
        assert status.mismatch.bucket == '1#my_lists|0["user-1"]'
        assert (status.mismatch.expected, status.mismatch.times) == (2133161923, 1)
        engine.wait(lambda status: status.phase == "connected" and len(service.requests) == 2)
        engine.send(RefreshToken())
        healed = engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert healed.mismatch is None
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        (evidence,) = capture.mismatches()
        assert (evidence.expected, evidence.op_checksum) == (2133161923, 2133161922)


@pytest.mark.parametrize("name", [name for name, answer in ERRORS.items() if answer["status"] == 401])
def test_a_refused_token_is_said_with_its_code_and_the_next_step(tmp_path: Path, name: str) -> None:
    answer = Answer(ERRORS[name]["body"].encode(), status=401, content_type="application/json; charset=utf-8")
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path) as engine:
        status = engine.wait(lambda status: status.phase == "refused")
        assert status.problem is not None
        assert status.problem.code == json.loads(ERRORS[name]["body"])["error"]["code"]
        assert status.problem.next_step
        assert status.retry_at is not None or engine.wait(lambda status: status.retry_at is not None)


def test_after_a_401_the_token_is_read_again(tmp_path: Path) -> None:
    refusal = Answer(ERRORS["expired"]["body"].encode(), status=401, content_type="application/json")
    file = tmp_path / "token"
    file.write_text(token("first"))
    with (
        scripted_service(refusal, first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file))) as engine,
    ):
        engine.wait(lambda status: status.phase == "refused")
        file.write_text(token("second"))
        engine.send(Connect(id=1))
        assert engine.wait_answer(1).ok
        status = engine.wait(lambda status: status.shown_checkpoint)
        assert status.user_id == "second"
    assert service.tokens[0] != service.tokens[1]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(b"<html></html>", content_type="text/html"), "The endpoint is no PowerSync service."),
        (Answer(b"<html></html>", 404, "text/html"), "The endpoint answers 404, and not as a PowerSync service does."),
        (Answer(b"no json at all\n"), "A line of the stream cannot be read (14 bytes)."),
        (Answer(b'{"checkpoint_complete":{}}\n'), "The service sent checkpoint_complete before any checkpoint."),
        (Answer(INITIAL.raw_body[:5000]), "The stream ended in the middle of a line"),
        (Answer(INITIAL.raw_body[:5000], cut=True), "The connection was lost."),
        (Answer(b"\xff" * 100, headers={"content-encoding": "zstd"}), "The stream's compression is broken."),
        (Answer(b"\xff" * 100, content_type="application/vnd.powersync.bson-stream"), "A BSON document claims"),
        (Answer(b"busy", 500, "text/plain", {"content-encoding": "gzip"}), "The endpoint answers 500"),
    ],
    ids=["html", "foreign-404", "garbage", "protocol", "truncated", "cut", "broken-zstd", "bson-garbage", "wrong-gzip"],
)
def test_what_is_wrong_with_an_answer_is_one_clear_sentence(tmp_path: Path, answer: Answer, what: str) -> None:
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path) as engine:
        status = engine.wait(lambda status: status.problem is not None)
        assert status.problem is not None
        assert status.problem.what.startswith(what)
        assert "chunk" not in status.problem.why, "a library's words"
        assert status.problem.next_step
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        assert (capture.connections()[0].end_reason or "").count("The connection was lost.") <= 1


def test_the_end_of_the_last_line_may_be_missing(tmp_path: Path) -> None:
    complete = INITIAL.raw_body.index(b"\n", INITIAL.raw_body.index(b'{"checkpoint_complete"'))
    with (
        scripted_service(Answer(INITIAL.raw_body[:complete]), Answer(hold=True)) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        assert engine.wait(lambda status: status.shown_checkpoint).problem is None


def test_data_of_buckets_that_the_checkpoint_does_not_have_are_no_progress(tmp_path: Path) -> None:
    lines = (
        b'{"checkpoint":{"last_op_id":"3","buckets":[{"bucket":"a","checksum":3,"count":2}]}}',
        b'{"data":{"bucket":"beyond","data":[{"op_id":"4","op":"MOVE","checksum":1}]}}',
        b'{"data":{"bucket":"a","data":[{"op_id":"1","op":"MOVE","checksum":1}]}}',
    )
    answer = Answer(b"".join(line + b"\n" for line in lines), hold=True)
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path) as engine:
        status = engine.wait(lambda status: status.operations_received == 2)
        assert (status.operations_done, status.operations_total) == (1, 2)


def test_bytes_that_are_no_line_are_kept_in_the_capture(tmp_path: Path) -> None:
    with (
        scripted_service(Answer(b"no json at all\n")) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        engine.wait(lambda status: status.problem is not None and status.frames)
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        frame = capture.frame(1)
        assert frame is not None
        assert frame.body == b"no json at all"
        assert frame.row.error


def test_offline_ends_the_stream_and_online_opens_it_again(tmp_path: Path) -> None:
    with scripted_service(first_sync(), resumed()) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.shown_checkpoint)
        engine.send(SetOffline(offline=True))
        engine.wait(lambda status: status.phase == "offline")
        engine.send(SetOffline(offline=False))
        engine.wait(lambda status: status.phase == "connected" and len(service.requests) == 2)


def test_disconnect_stays_disconnected_until_connect(tmp_path: Path) -> None:
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, connect=False) as engine,
    ):
        engine.wait(lambda status: status.phase == "idle")
        assert service.requests == []
        engine.send(Connect())
        engine.wait(lambda status: status.shown_checkpoint)
        engine.send(Disconnect(id=3))
        assert engine.wait_answer(3).ok
        engine.wait(lambda status: status.phase == "idle")


def test_a_refreshed_token_replaces_the_stream_at_once(tmp_path: Path) -> None:
    with scripted_service(first_sync(), resumed()) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.shown_checkpoint)
        engine.send(RefreshToken())
        engine.wait(lambda status: status.phase == "connected" and len(service.requests) == 2)


def test_a_token_that_runs_out_is_prefetched_and_the_stream_replaced(tmp_path: Path) -> None:
    ending = Answer(INITIAL.raw_body + b'{"token_expires_in":25}\n', hold=True)
    for name in ("first", "second"):
        (tmp_path / name).write_text(token(name))
    command = f"cd '{tmp_path}' && if [ -e asked ]; then cat second; else touch asked; cat first; fi"
    with (
        scripted_service(ending, resumed()) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenCommand(command)) as engine,
    ):
        engine.wait(lambda status: status.user_id == "second" and len(service.requests) == 2)
    assert service.tokens[0] != service.tokens[1]


def test_an_expired_static_token_is_refused_before_the_service_is_asked(tmp_path: Path) -> None:
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=StaticToken(token(lives=-180))) as engine,
    ):
        status = engine.wait(lambda status: status.phase == "refused")
        assert status.problem is not None
        assert "expired 3 min ago" in status.problem.why
    assert service.requests == []


def test_a_command_that_is_none_is_answered_and_the_engine_goes_on(tmp_path: Path) -> None:
    with scripted_service(first_sync()) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.shown_checkpoint)
        assert engine.process.stdin is not None
        engine.process.stdin.write(b"rubbish\n")
        engine.process.stdin.flush()
        answer = engine.wait_answer(0)
        assert not answer.ok
        assert answer.problem is not None
        engine.send(engine.start)
        assert not engine.wait_answer(0).ok
        engine.send(Shutdown(id=9))
        assert engine.wait_end().problem is None
    assert engine.process.returncode == 0


def test_the_end_of_its_input_ends_the_engine_in_order(tmp_path: Path) -> None:
    with scripted_service(first_sync()) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.shown_checkpoint)
        assert engine.process.stdin is not None
        engine.process.stdin.close()
        assert engine.wait_end().problem is None
        assert engine.process.wait(10) == 0
    assert not (tmp_path / "client.db-wal").exists()
    assert not (tmp_path / "stream.pscapture-wal").exists()


def test_a_killed_engine_is_continued_without_downloading_again(tmp_path: Path) -> None:
    with scripted_service(first_sync(), resumed()) as service:
        with running_engine(service.endpoint, tmp_path) as engine:
            engine.wait(lambda status: status.shown_checkpoint)
            os.kill(engine.process.pid, signal.SIGKILL)
            engine.process.wait(10)
        with running_engine(service.endpoint, tmp_path) as engine:
            engine.wait(lambda status: status.phase == "connected")
    assert len(service.requests[1]["buckets"]) == 6


def test_a_file_that_is_no_client_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "client.db").write_bytes(b"something else" * 100)
    with scripted_service(first_sync()) as service, running_engine(service.endpoint, tmp_path) as engine:
        farewell = engine.wait_end()
        assert farewell.problem is not None
        assert farewell.problem.what == "client.db is not a SQLite database."
        assert engine.process.wait(10) == 1
    assert (tmp_path / "client.db").read_bytes() == b"something else" * 100


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system has no limit on a file's size")
def test_files_that_cannot_grow_end_the_engine_with_the_reason(tmp_path: Path) -> None:
    bash = ("bash", "-c", 'ulimit -f 200; exec "$0" -m inspector engine', sys.executable)
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, command=bash) as engine,
    ):
        farewell = engine.wait_end()
        assert farewell.problem is not None
        assert "cannot" in farewell.problem.what
        assert farewell.problem.next_step
        assert engine.process.wait(10) == 1
