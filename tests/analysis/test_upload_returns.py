"""Uploaded rows that turn back, or come late, and all that looks like it and is healthy."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.finding_types import Certainty, Finding
from inspector.analysis.upload_returns import PATIENCE_NS, returns_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.engine.control import BackendUpload, Status, TokenEndpoint, Write
from inspector.protocol.checksums import put_checksum
from inspector.store.local_write import LocalWrite
from tests.analysis.tape import BUCKET, Tape, report_on
from tests.engine.running_engine import running_engine
from tests.running_service import ServiceUnderTest, running_service


class Writer(Tape):
    """A tape of a client that writes."""

    def row(self, op_id: int, row_id: str = "t1", **data: Any) -> None:
        text = json.dumps(data)
        put: dict[str, Any] = {
            "op_id": str(op_id),
            "op": "PUT",
            "object_type": "todos",
            "object_id": row_id,
            "data": text,
        }
        put["checksum"] = put_checksum("todos", row_id, text)
        line = {"bucket": BUCKET, "after": "0", "has_more": False, "data": [put], "next_after": str(op_id)}
        self.say({"data": line})

    def begin(self) -> None:
        """A first sync of one row."""
        self.connect(buckets=())
        self.checkpoint(10)
        self.row(10, description="Milk", completed=0)
        self.complete(10)
        self.wait(5)

    def write(self, op: str, row_id: str = "t1", data: dict[str, Any] | None = None, tx: int = 7) -> None:
        text = json.dumps([{"op": op, "type": "todos", "id": row_id, **({} if data is None else {"data": data})}])
        self.writer.local_write(tx, 1, connected=True, writes=text.encode())
        self.wait(0.1)

    def confirm(self, op_id: int, write: int = 1) -> None:
        self.wait(1)
        self.checkpoint(op_id, write=write)
        self.complete(op_id)


def found(tmp_path: Path, play: Callable[[Writer], None]) -> dict[str, Finding]:
    tape = Writer(tmp_path / "tape.pscapture")
    tape.begin()
    play(tape)
    tape.keepalives(2)
    tape.end()
    tape.writer.close()
    report = report_on(tape.path, tmp_path)
    assert not report.not_run
    return {each.name: each for each in report.findings}


def test_a_write_that_was_taken_and_not_applied_turned_back(tmp_path: Path) -> None:
    def play(tape: Writer) -> None:
        tape.write("PATCH", data={"completed": 1})
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.confirm(11)

    findings = found(tmp_path, play)
    assert set(findings) == {"uploads/turned-back"}
    finding = findings["uploads/turned-back"]
    assert finding.certainty is Certainty.CERTAIN
    assert finding.title == "An uploaded write was taken, and turned back"
    assert finding.row == ("todos", "t1")
    assert [each.panel for each in finding.evidence] == ["uploads", "checkpoints"]


def test_a_deletion_that_was_taken_and_not_applied_turned_back(tmp_path: Path) -> None:
    def play(tape: Writer) -> None:
        tape.write("DELETE")
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.confirm(11)

    assert found(tmp_path, play)["uploads/turned-back"].certainty is Certainty.CERTAIN


def test_a_new_row_that_never_comes_may_also_be_in_no_stream(tmp_path: Path) -> None:
    def play(tape: Writer) -> None:
        tape.write("PUT", "t9", {"description": "Basil"})
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.confirm(11)

    finding = found(tmp_path, play)["uploads/turned-back"]
    assert finding.certainty is Certainty.LIKELY
    assert "no stream gives it to this user" in finding.meaning


def test_a_column_that_was_emptied_and_has_its_old_value_again_is_found(tmp_path: Path) -> None:
    def play(tape: Writer, note: dict[str, Any]) -> None:
        tape.write("PUT", data={"description": "Oat milk", **note})
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.wait(1)
        tape.checkpoint(11, write=1)
        tape.row(11, description="Oat milk", completed=0)
        tape.complete(11)

    (tmp_path / "null").mkdir()
    found_null = found(tmp_path / "null", lambda tape: play(tape, {"completed": None}))
    assert set(found_null) == {"uploads/left-out"}
    finding = found_null["uploads/left-out"]
    assert finding.certainty is Certainty.LIKELY
    assert finding.summary == "completed of todos / t1 came back as before the write."
    assert finding.evidence[-1].what == "confirms it as 1, with the old completed"
    (tmp_path / "absent").mkdir()
    absent = found(tmp_path / "absent", lambda tape: play(tape, {}))
    assert absent["uploads/left-out"].certainty is Certainty.HINT


@pytest.mark.parametrize(
    ("op", "data", "came"),
    [
        ("PATCH", {"description": "Oat milk"}, {"description": "Oat milk", "completed": 0}),
        ("PUT", {"description": "Oat milk", "completed": None}, {"description": "Oat milk", "completed": None}),
        ("PUT", {"description": "Oat milk", "completed": None}, {"description": "Oat milk", "completed": 1}),
        ("PUT", {"description": "Oat milk", "completed": None}, {"description": "Bob's", "completed": 0}),
    ],
    ids=["a patch", "emptied", "a new default", "another user's"],
)
def test_a_row_that_came_back_otherwise_was_not_left_out(
    tmp_path: Path, op: str, data: dict[str, Any], came: dict[str, Any]
) -> None:
    def play(tape: Writer) -> None:
        tape.write(op, data=data)
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.wait(1)
        tape.checkpoint(11, write=1)
        tape.row(11, **came)
        tape.complete(11)

    assert found(tmp_path, play) == {}


def test_a_later_change_of_the_row_does_not_bring_the_write_back(tmp_path: Path) -> None:
    def play(tape: Writer) -> None:
        tape.write("PATCH", data={"description": "Oat milk"})
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.confirm(11)
        tape.wait(20)
        tape.checkpoint(12, write=1)
        tape.row(12, description="Whole milk", completed=0)
        tape.complete(12)

    assert set(found(tmp_path, play)) == {"uploads/turned-back"}


def test_a_new_row_that_comes_under_another_id_is_no_lost_one(tmp_path: Path) -> None:
    def play(tape: Writer) -> None:
        tape.write("PUT", "t9", {"description": "Basil", "completed": 0})
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.wait(1)
        tape.checkpoint(11, write=1)
        tape.row(11, "server-1", description="Basil", completed=0, created_at="2026-01-01")
        tape.complete(11)

    findings = found(tmp_path, play)
    assert set(findings) == {"uploads/other-id"}
    assert findings["uploads/other-id"].summary == "todos / t9 is todos / server-1 now."
    assert findings["uploads/other-id"].certainty is Certainty.LIKELY


def test_a_row_that_comes_after_its_confirmation_was_confirmed_early(tmp_path: Path) -> None:
    def play(tape: Writer) -> None:
        tape.write("PATCH", data={"completed": True})
        tape.upload(UploadOutcome.ACCEPTED, 200)
        tape.confirm(11)
        tape.wait(4)
        tape.checkpoint(12, write=1)
        tape.row(12, description="Milk", completed=1)
        tape.complete(12)

    findings = found(tmp_path, play)
    assert set(findings) == {"uploads/confirmed-early"}
    assert findings["uploads/confirmed-early"].summary == "todos / t1 came 4 s later."


def comes_with_its_confirmation(tape: Writer) -> None:
    tape.write("PATCH", data={"completed": 1})
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.wait(1)
    tape.checkpoint(11, write=1)
    tape.row(11, description="Milk", completed=1)
    tape.complete(11)


def is_rewritten_by_the_service(tape: Writer) -> None:
    tape.write("PATCH", data={"completed": 1})
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.checkpoint(11, write=1)
    tape.row(11, description="Whole milk", completed=0)
    tape.complete(11)


def changes_nothing(tape: Writer) -> None:
    tape.write("PATCH", data={"completed": False, "unknown_to_the_service": 5})
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.confirm(11)


def is_written_again_meanwhile(tape: Writer) -> None:
    tape.write("PATCH", data={"completed": 1})
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.write("PATCH", data={"completed": 0}, tx=8)
    tape.confirm(11)
    tape.writer.upload_ended(tape.writer.upload_started(8, 2, 2), UploadOutcome.ACCEPTED, status=200)


def is_not_confirmed_yet(tape: Writer) -> None:
    tape.write("PATCH", data={"completed": 1})
    tape.upload(UploadOutcome.ACCEPTED, 200)


def is_in_a_table_that_is_never_downloaded(tape: Writer) -> None:
    text = json.dumps([{"op": "PUT", "type": "logs", "id": "l1", "data": {"text": "clicked"}}])
    tape.writer.local_write(7, 1, connected=True, writes=text.encode())
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.confirm(11)


@pytest.mark.parametrize(
    "play",
    [
        comes_with_its_confirmation,
        is_rewritten_by_the_service,
        changes_nothing,
        is_written_again_meanwhile,
        is_not_confirmed_yet,
        is_in_a_table_that_is_never_downloaded,
    ],
)
def test_what_is_healthy_is_no_return(tmp_path: Path, play: Callable[[Writer], None]) -> None:
    assert found(tmp_path, play) == {}


def test_a_row_that_the_recording_does_not_know_is_not_judged(tmp_path: Path) -> None:
    tape = Writer(tmp_path / "tape.pscapture")
    tape.connect(after="10")
    tape.checkpoint(10)
    tape.complete(10)
    tape.write("PUT", data={"description": "Milk"})
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.confirm(11)
    tape.keepalives(2)
    tape.end()
    tape.writer.close()
    assert report_on(tape.path, tmp_path).findings == ()


def confirmed(request: int, status: Status) -> bool:
    return status.seen_request == request and not status.held and status.checkpoint == status.shown_checkpoint


@pytest.mark.parametrize(("fault", "turned_back"), [("not-applied", True), (None, False)])
def test_a_real_backend_that_does_not_apply_what_it_takes(tmp_path: Path, fault: str | None, turned_back: bool) -> None:
    with running_service(keepalive_seconds=0.5) as service:
        credentials = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
        uploads = BackendUpload(f"{service.endpoint}/api/data")
        with running_engine(service.endpoint, tmp_path, credentials=credentials, uploads=uploads) as engine:
            engine.wait(lambda status: status.shown_checkpoint)
            if fault is not None:
                service.faults.arm(fault, times=1)
            for number, note in ((1, "note-2"), (2, "note-1")):
                engine.send(Write((LocalWrite("PATCH", "notes", note, {"body": "written here"}),)))
                engine.wait(partial(confirmed, number))
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        first, second = capture.uploads.rows()
        last = capture.ask("SELECT max(received_at) FROM frames")[0][0]
        returns = returns_of(capture, first, last + 2 * PATIENCE_NS)
        assert returns_of(capture, second, last + 2 * PATIENCE_NS) == []
        assert returns_of(capture, second, last) is None
    assert returns is not None
    assert [each.write.id for each in returns] == (["note-2"] if turned_back else [])
    assert all(not each.is_new and each.came_at is None for each in returns)


class _Merging(BaseHTTPRequestHandler):
    """A backend that sets the columns that come, and no others, whatever the operation says."""

    def do_POST(self) -> None:
        batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["batch"]
        assert isinstance(self.server, _MergingBackend)
        self.server.service.upload(*({**entry, "op": "PATCH"} for entry in batch)).raise_for_status()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """The test's output is not its log."""


class _MergingBackend(ThreadingHTTPServer):
    def __init__(self, service: ServiceUnderTest) -> None:
        super().__init__(("127.0.0.1", 0), _Merging)
        self.service = service


@contextmanager
def merging_backend(service: ServiceUnderTest) -> Iterator[str]:
    with _MergingBackend(service) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api/data"
        server.shutdown()
        thread.join()


def test_a_real_backend_that_keeps_what_a_row_was_written_without(tmp_path: Path) -> None:
    with running_service(keepalive_seconds=0.5) as service, merging_backend(service) as backend:
        credentials = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
        with running_engine(
            service.endpoint, tmp_path, credentials=credentials, uploads=BackendUpload(backend)
        ) as engine:
            engine.wait(lambda status: status.shown_checkpoint)
            emptied = {"list_id": "list-1", "description": "written here", "completed": 0, "created_at": None}
            engine.send(Write((LocalWrite("PUT", "todos", "todo-1", emptied),)))
            engine.wait(partial(confirmed, 1))
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        (upload,) = capture.uploads.rows()
        last = capture.ask("SELECT max(received_at) FROM frames")[0][0]
        returns = returns_of(capture, upload, last + 2 * PATIENCE_NS)
    assert returns is not None
    assert [each.write.id for each in returns] == ["todo-1"]
    assert "created_at" in returns[0].kept
    assert not {"list_id", "description", "completed"} & set(returns[0].kept)
