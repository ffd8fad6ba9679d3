"""The checks of captures: what each finds in a recording that went wrong, and that sound recordings are sound."""

import json
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.examination import examine_capture
from inspector.analysis.finding_types import Certainty, Finding, Report
from inspector.analysis.opening import OpenedCapture, open_file
from inspector.capture.outcome import UploadOutcome
from inspector.capture.writer import CaptureWriter
from inspector.protocol.checksums import put_checksum, remove_checksum
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Checkpoint, CheckpointComplete, DataLine, MalformedLine, decode_line
from tests.capture.recording import STREAMS, record_to

S = 1_000_000_000
BEGIN = 1_795_000_000 * S
BUCKET = '1#todos|0["u"]'


class Tape:
    """Writes a capture by a clock of its own, in seconds."""

    def __init__(self, path: Path) -> None:
        self.path, self.now = path, BEGIN
        self.writer = CaptureWriter(path, now_ns=lambda: self.now)
        self.connection = 0

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * S)

    def connect(
        self,
        status: int | None = 200,
        after: str = "0",
        headers: dict[str, str] | None = None,
        client: str = "device",
        buckets: tuple[str, ...] = (BUCKET,),
        expires: int | None = None,
        streams: list[dict[str, Any]] | None = None,
        encoding: str = "",
    ) -> None:
        request = {
            "buckets": [{"name": name, "after": after} for name in buckets],
            "streams": {"include_defaults": True, "subscriptions": streams or []},
        }
        self.connection = self.writer.open_connection(
            "http://localhost:8080", json.dumps(request).encode(), client_id=client, token_expires_at=expires
        )
        if status is None:
            return
        self.writer.response(
            self.connection,
            status,
            (headers or {}).items(),
            FrameFormat.NDJSON if status == 200 else None,
            encoding,
        )

    def end(self, reason: str = "The service ended the stream.") -> None:
        self.writer.close_connection(self.connection, reason)

    def say(self, line: dict[str, Any] | bytes) -> int:
        body = line if isinstance(line, bytes) else json.dumps(line).encode()
        try:
            decoded = decode_line(body, FrameFormat.NDJSON)
        except MalformedLine as error:
            return self.writer.frame(self.connection, body, None, error=str(error))
        frame = self.writer.frame(self.connection, body, decoded)
        match decoded:
            case Checkpoint():
                self.writer.checkpoint_started(self.connection, frame, decoded)
            case DataLine(_, operations):
                self.writer.checkpoint_data(self.connection, len(operations), len(body))
            case CheckpointComplete():
                self.writer.checkpoint_data_done(self.connection)
                self.writer.checkpoint_validated(self.connection)
                self.writer.checkpoint_published(self.connection, frame)
        return frame

    def checkpoint(self, op_id: int, write: int | None = None, **more: Any) -> None:
        buckets = [{"bucket": BUCKET, "checksum": 0, "count": 1}]
        wanted = {} if write is None else {"write_checkpoint": str(write)}
        self.say({"checkpoint": {"last_op_id": str(op_id), "buckets": buckets, **wanted, **more}})

    def data(self, first: int, count: int = 1, size: int = 10, checksum: int = 0) -> None:
        operations = [
            {
                "op_id": str(first + at),
                "op": "PUT",
                "object_type": "todos",
                "object_id": f"t{at}",
                "checksum": checksum,
                "data": json.dumps({"a": "x" * size}),
            }
            for at in range(count)
        ]
        self.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": operations, "next_after": "9"}})

    def complete(self, op_id: int) -> None:
        self.say({"checkpoint_complete": {"last_op_id": str(op_id)}})

    def keepalives(self, count: int) -> None:
        for _ in range(count):
            self.wait(20)
            self.say({"token_expires_in": 3600})

    def upload(self, outcome: UploadOutcome, status: int | None = None, answer: str = "", entry: int = 1) -> None:
        upload = self.writer.upload_started(7, entry, entry)
        self.wait(0.1)
        self.writer.upload_ended(upload, outcome, status=status, answer=answer)


def report_on(path: Path, work: Path) -> Report:
    opened = open_file(path, work=work)
    assert isinstance(opened, OpenedCapture)
    return examine_capture(opened)[1]


def refused(tape: Tape) -> None:
    for _ in range(2):
        tape.connect(status=401)
        tape.end("The service refuses the token.")
        tape.wait(5)


def same_token(tape: Tape) -> None:
    for _ in range(3):
        tape.connect(status=401, expires=BEGIN - S)
        tape.end("The token has expired.")
        tape.wait(5)


def loop(tape: Tape) -> None:
    for _ in range(6):
        tape.connect()
        tape.checkpoint(10)
        tape.wait(2)
        tape.end("The connection was cut.")
        tape.wait(5)


def silence(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.wait(90)
    tape.keepalives(1)
    tape.end()


def late(tape: Tape) -> None:
    tape.connect()
    tape.wait(30)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def burst(tape: Tape) -> None:
    tape.connect()
    tape.wait(300)
    tape.checkpoint(10)
    for at in range(4):
        tape.data(at * 10)
    tape.complete(10)
    tape.end()


def skewed(tape: Tape) -> None:
    tape.connect(headers={"Date": formatdate(BEGIN / S - 600, usegmt=True)})
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def cached(tape: Tape) -> None:
    tape.connect(headers={"Age": "12", "X-Cache": "HIT"})
    tape.checkpoint(10)
    tape.end()


def overlapping(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    first = tape.connection
    tape.wait(10)
    tape.connect()
    tape.checkpoint(10)
    tape.wait(20)
    tape.end()
    tape.connection = first
    tape.end()


def large(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.data(1, size=2_500_000)
    tape.end()


def garbage(tape: Tape) -> None:
    tape.connect()
    tape.say(b"<html>502 Bad Gateway</html>")
    tape.end()


def backwards(tape: Tape) -> None:
    for op_id in (100, 60):
        tape.connect()
        tape.checkpoint(op_id)
        tape.complete(op_id)
        tape.wait(3)
        tape.end()


def ahead(tape: Tape) -> None:
    tape.connect(after="500")
    tape.checkpoint(100)
    tape.complete(100)
    tape.end()


def unfinished(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(100)
    tape.data(1)
    tape.keepalives(5)
    tape.end()


def again(tape: Tape) -> None:
    for _ in range(3):
        tape.connect()
        tape.checkpoint(5_000)
        tape.data(1, count=1_000)
        tape.wait(60)
        tape.end("The connection was cut.")


def unknown_stream(tape: Tape) -> None:
    tape.connect(streams=[{"stream": "note", "parameters": None, "override_priority": None}])
    tape.checkpoint(10, streams=[{"name": "notes", "is_default": False, "errors": []}])
    tape.complete(10)
    tape.end()


def refusing_backend(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    for _ in range(3):
        tape.upload(UploadOutcome.REFUSED, 422, '{"error": "the title is too long"}')
        tape.wait(5)
    tape.end()


def uploaded_twice(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.wait(5)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.end()


def tried_once(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.upload(UploadOutcome.FAILED)
    tape.keepalives(10)
    tape.end()


def unconfirmed(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10, write=3)
    tape.complete(10)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    for op_id in (11, 12, 13):
        tape.keepalives(2)
        tape.checkpoint(op_id, write=3)
        tape.complete(op_id)
    tape.end()


def refused_rows(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.upload(UploadOutcome.ACCEPTED, 200, '{"rejected": ["t1"]}')
    tape.end()


def token_had_ended(tape: Tape) -> None:
    for _ in range(2):
        tape.connect(status=401, expires=BEGIN - 60 * S)
        tape.end("The token has expired.")
        tape.wait(5)


def gate_as_a_bucket(tape: Tape) -> None:
    tape.connect(buckets=(BUCKET, "$local"))
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def started_over(tape: Tape) -> None:
    tape.connect(after="5")
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()
    tape.wait(20)
    tape.connect(client="another", buckets=())
    tape.checkpoint(5_000)
    tape.data(1, count=1_000)
    tape.complete(5_000)
    tape.end()


def no_line_at_all(tape: Tape) -> None:
    for _ in range(2):
        tape.connect()
        tape.wait(60)
        tape.end("The connection has gone silent.")


def slow_first(tape: Tape) -> None:
    tape.connect()
    tape.wait(20)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def slow_to_show(tape: Tape) -> None:
    tape.connect()
    frame = tape.say({"checkpoint": {"last_op_id": "10", "buckets": [{"bucket": BUCKET, "checksum": 0, "count": 3}]}})
    tape.data(1, count=3)
    tape.writer.checkpoint_data_done(tape.connection)
    tape.wait(12)
    tape.writer.checkpoint_validated(tape.connection)
    tape.writer.checkpoint_published(tape.connection, frame)
    tape.end()


def without_bucket(tape: Tape) -> None:
    tape.connect(buckets=())
    tape.say({"checkpoint": {"last_op_id": "10", "buckets": []}})
    tape.complete(10)
    tape.end()


def update(tape: Tape, at: int, removed: str, put: str) -> None:
    row = {"object_type": "todos", "object_id": f"t{at}"}
    data = json.dumps({"a": at})
    gone = {"op_id": str(at), "op": "REMOVE", "subkey": removed, "checksum": remove_checksum(removed), **row}
    checksum = put_checksum("todos", f"t{at}", data)
    new = {"op_id": str(at + 1), "op": "PUT", "subkey": put, "checksum": checksum, "data": data, **row}
    tape.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [gone, new], "next_after": "1"}})


def doubled_updates(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    for at in range(6):
        update(tape, at, f"before-{at}", f"after-{at}")
    tape.end()


def upload_of(tape: Tape, tx_id: int, first: int, last: int) -> None:
    upload = tape.writer.upload_started(tx_id, first, last)
    tape.writer.upload_ended(upload, UploadOutcome.ACCEPTED, status=200)


def in_parts(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    upload_of(tape, 7, 1, 1)
    upload_of(tape, 7, 2, 3)
    tape.end()


def silent_to_its_end(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.wait(60)
    tape.end("The connection has gone silent.")


def keepalives_alone(tape: Tape) -> None:
    for _ in range(2):
        tape.connect()
        tape.keepalives(3)
        tape.end()
        tape.wait(30)


def pauses_after_good_ends(tape: Tape) -> None:
    for reason in ("The token has expired.", "The service ended it.", "It was asked to stop."):
        tape.connect()
        tape.checkpoint(10)
        tape.complete(10)
        tape.keepalives(2)
        tape.end(reason)
        tape.wait(5)


def never_reached(tape: Tape) -> None:
    tape.connect(status=None)
    tape.end("The connection was lost. The service at x cannot be reached. Nothing accepts connections there.")


def out_of_reach_at_last(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.end("The connection was lost. The connection was lost.")
    for _ in range(3):
        tape.wait(5)
        never_reached(tape)


def written_offline(tape: Tape) -> None:
    tape.writer.local_write(7, 1, connected=False, writes=b'[{"op":"DELETE","type":"todos","id":"t1"}]')
    tape.wait(60)
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(2)
    tape.end()


def written_after_uploads(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10, write=3)
    tape.complete(10)
    upload_of(tape, 6, 1, 1)
    tape.checkpoint(11, write=4)
    tape.complete(11)
    tape.end("The connection was lost.")
    written_offline(tape)


def ask_in_vain(tape: Tape, path: str, status: int = 404) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    for _ in range(3):
        tape.writer.event("debug", "uploads", "It was answered.", {"asked": path, "status": status})
        tape.wait(5)
    tape.end()


def asked_in_vain(tape: Tape) -> None:
    ask_in_vain(tape, "//write-checkpoint2.json")


def mislabelled(tape: Tape) -> None:
    tape.connect(status=503, headers={"Content-Encoding": "gzip"}, encoding="gzip")
    message = "The error says that it is compressed with gzip, and is plain text."
    tape.writer.event("warning", "transport", message, {"connection": tape.connection, "mislabelled": "gzip"})
    tape.end("The connection was lost. The endpoint answers 503.")


CASES: tuple[tuple[str, Callable[[Tape], None], Certainty], ...] = (
    ("connections/refused", refused, Certainty.CERTAIN),
    ("token/same-again/1", same_token, Certainty.LIKELY),
    ("token/had-ended", token_had_ended, Certainty.CERTAIN),
    ("requests/local-bucket", gate_as_a_bucket, Certainty.CERTAIN),
    ("requests/started-over/2", started_over, Certainty.LIKELY),
    ("connections/loop", loop, Certainty.CERTAIN),
    ("connections/silence", silence, Certainty.LIKELY),
    ("connections/late-first-line/1", late, Certainty.LIKELY),
    ("connections/burst/1", burst, Certainty.LIKELY),
    ("connections/clock", skewed, Certainty.CERTAIN),
    ("connections/cached", cached, Certainty.CERTAIN),
    ("connections/overlap/1", overlapping, Certainty.CERTAIN),
    ("frames/large", large, Certainty.HINT),
    ("frames/unreadable", garbage, Certainty.CERTAIN),
    ("checkpoints/goes-back/2", backwards, Certainty.LIKELY),
    ("checkpoints/client-ahead/1", ahead, Certainty.CERTAIN),
    ("checkpoints/never-complete/1", unfinished, Certainty.CERTAIN),
    ("checkpoints/same-again", again, Certainty.LIKELY),
    ("streams/recorded-0", unknown_stream, Certainty.CERTAIN),
    ("uploads/recorded-refused", refusing_backend, Certainty.CERTAIN),
    ("uploads/accepted-again/1", uploaded_twice, Certainty.CERTAIN),
    ("uploads/tried-once", tried_once, Certainty.LIKELY),
    ("uploads/never-confirmed", unconfirmed, Certainty.CERTAIN),
    ("uploads/refused-in-answer/1", refused_rows, Certainty.HINT),
    ("uploads/in-parts", in_parts, Certainty.LIKELY),
    ("connections/no-line", no_line_at_all, Certainty.LIKELY),
    ("connections/slow-first-checkpoint", slow_first, Certainty.HINT),
    ("checkpoints/slow-to-show", slow_to_show, Certainty.LIKELY),
    ("checkpoints/no-bucket", without_bucket, Certainty.HINT),
    ("operations/doubled-updates/todos", doubled_updates, Certainty.LIKELY),
    ("connections/silence", silent_to_its_end, Certainty.LIKELY),
    ("checkpoints/none-at-all", keepalives_alone, Certainty.LIKELY),
    ("connections/waits-after-end", pauses_after_good_ends, Certainty.LIKELY),
    ("connections/wrong-encoding", mislabelled, Certainty.CERTAIN),
    ("connections/unreachable", never_reached, Certainty.CERTAIN),
    ("connections/unreachable", out_of_reach_at_last, Certainty.HINT),
    ("uploads/never-tried", written_offline, Certainty.HINT),
    ("uploads/never-tried", written_after_uploads, Certainty.LIKELY),
    ("uploads/not-asked", asked_in_vain, Certainty.CERTAIN),
)


@pytest.mark.parametrize(("name", "play", "certainty"), CASES, ids=[f"{it[0]}-{it[1].__name__}" for it in CASES])
def test_what_went_wrong_is_found(
    tmp_path: Path, name: str, play: Callable[[Tape], None], certainty: Certainty
) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    play(tape)
    tape.writer.close()
    report = report_on(tape.path, tmp_path)
    found: dict[str, Finding] = {each.name: each for each in report.findings}
    assert name in found, list(found)
    assert found[name].certainty is certainty
    assert found[name].evidence
    assert not report.not_run


def token_ends(tape: Tape) -> None:
    tape.connect(expires=BEGIN + 600 * S)
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(30)
    tape.say({"token_expires_in": 0})
    tape.end()
    tape.wait(1)
    tape.connect(after="10", expires=BEGIN + 1300 * S)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def one_refusal(tape: Tape) -> None:
    tape.connect(status=401, expires=BEGIN)
    tape.end("The token has expired.")
    tape.wait(1)
    tape.connect(expires=BEGIN + 600 * S)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def idle_for_hours(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(400)
    tape.end()


def busy_source(tape: Tape) -> None:
    tape.connect()
    for op_id in range(10, 30):
        tape.checkpoint(op_id)
        tape.data(op_id)
        tape.wait(3)
    tape.complete(29)
    tape.end()


def upload_is_confirmed(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.upload(UploadOutcome.FAILED)
    tape.wait(5)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.wait(2)
    tape.checkpoint(11)
    tape.complete(11)
    tape.wait(2)
    tape.checkpoint(12, write=1)
    tape.complete(12)
    tape.keepalives(5)
    tape.end()


def held_for_long(tape: Tape) -> None:
    """A checkpoint that waits for local writes is not slow to be shown."""
    tape.connect()
    frame = tape.say({"checkpoint": {"last_op_id": "10", "buckets": [{"bucket": BUCKET, "checksum": 0, "count": 0}]}})
    tape.writer.checkpoint_data_done(tape.connection)
    tape.writer.checkpoint_validated(tape.connection)
    tape.writer.checkpoint_held(tape.connection, frame, 1)
    tape.wait(20)
    tape.writer.checkpoint_published(tape.connection, frame)
    tape.end()


def keys_that_stay(tape: Tape) -> None:
    """Rows that are removed and put again, with the identity that they had."""
    tape.connect()
    tape.checkpoint(10)
    for at in range(6):
        update(tape, at, f"same-{at}", f"same-{at}")
    tape.end()


def two_transactions(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    upload_of(tape, 7, 1, 3)
    upload_of(tape, 8, 4, 4)
    tape.end()


def ended_before_its_first_line(tape: Tape) -> None:
    tape.connect()
    tape.wait(3)
    tape.end("It was asked to stop.")


def one_try_that_came_to_nothing(tape: Tape) -> None:
    never_reached(tape)
    tape.wait(5)
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()
    tape.wait(5)
    never_reached(tape)


def ends_that_are_answered_at_once(tape: Tape) -> None:
    for pause in (0.2, 0.5, 5, 60):
        tape.connect(after="10")
        tape.checkpoint(10)
        tape.complete(10)
        tape.keepalives(2)
        tape.end("The token has expired." if pause < 1 else "The connection was lost.")
        tape.wait(pause)


def held_by_choice(tape: Tape) -> None:
    tape.writer.event("info", "control", "Local writes are held.")
    written_offline(tape)


def behind_one_that_fails(tape: Tape) -> None:
    """The queue goes in order."""
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.writer.local_write(8, 1, connected=True, writes=None)
    tape.upload(UploadOutcome.FAILED)
    tape.keepalives(2)
    tape.upload(UploadOutcome.FAILED)
    tape.end()


def written_a_moment_ago(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(4)
    tape.writer.local_write(7, 1, connected=True, writes=None)
    tape.wait(3)
    tape.end()


def asked_and_answered_at_last(tape: Tape) -> None:
    ask_in_vain(tape, "/sync/checkpoint-request", 503)
    tape.writer.event("info", "uploads", "Everything is uploaded.", {"gate": 5})


def a_service_without_checkpoint_requests(tape: Tape) -> None:
    ask_in_vain(tape, "/sync/checkpoint-request")


HEALTHY = (
    one_try_that_came_to_nothing,
    a_service_without_checkpoint_requests,
    ends_that_are_answered_at_once,
    held_by_choice,
    written_a_moment_ago,
    asked_and_answered_at_last,
    token_ends,
    one_refusal,
    idle_for_hours,
    busy_source,
    upload_is_confirmed,
    held_for_long,
    keys_that_stay,
    two_transactions,
    ended_before_its_first_line,
)


@pytest.mark.parametrize("play", HEALTHY)
def test_what_is_healthy_is_not_reported(tmp_path: Path, play: Callable[[Tape], None]) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    play(tape)
    tape.writer.close()
    report = report_on(tape.path, tmp_path)
    assert report.findings == ()
    assert not report.not_run


def test_writes_behind_one_that_fails_are_not_said_to_be_forgotten(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    behind_one_that_fails(tape)
    tape.writer.close()
    assert {each.name for each in report_on(tape.path, tmp_path).findings} == {"uploads/recorded-refused"}


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("//write-checkpoint2.json", "Give the endpoint without a path and without a slash at its end."),
        ("/write-checkpoint2.json", "Have the proxy pass every path of the service on, not `/sync/stream` alone."),
    ],
)
def test_a_request_to_confirm_that_nobody_knows_says_why(tmp_path: Path, path: str, step: str) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    ask_in_vain(tape, path)
    tape.writer.close()
    (found,) = report_on(tape.path, tmp_path).findings
    assert found.next_step == step


def test_a_refusal_says_what_its_answer_says_and_the_step_that_helps(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(status=401, headers={"Date": formatdate(BEGIN / S + 7200, usegmt=True)})
    tape.end("The connection was lost. The service refuses the token. It answers 401 S2103: JWT has expired.")
    tape.connect(status=502, headers={"Server": "nginx"})
    tape.end("The connection was lost. The endpoint answers 502, and not as a PowerSync service does.")
    tape.writer.close()
    found = {each.name: each for each in report_on(tape.path, tmp_path).findings}
    refusal = found["connections/refused"]
    assert refusal.summary == "The endpoint answers 502, and not as a PowerSync service does."
    assert refusal.next_step.startswith("Look whether the service behind the endpoint runs")
    assert [each.what for each in refusal.evidence] == ["HTTP 401 S2103", "HTTP 502, by nginx"]


def test_a_token_that_seems_ended_because_of_a_clock_is_told_as_that(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(status=401, headers={"Date": formatdate(BEGIN / S + 7200, usegmt=True)})
    tape.end("The connection was lost. The service refuses the token. It answers 401 S2103: JWT has expired.")
    tape.writer.close()
    (refusal, _) = report_on(tape.path, tmp_path).findings
    assert "The client's clock is 2 h behind the service's" in refusal.meaning
    assert refusal.next_step == "Set the clock that is wrong."


def test_recordings_of_a_real_service_are_sound(tmp_path: Path) -> None:
    for name in (name for name in STREAMS if name not in ("streams-subscribe", "no-defaults")):
        report = report_on(record_to(tmp_path / f"{name}.pscapture", name), tmp_path)
        assert report.findings == (), name
    asked_in_vain = report_on(record_to(tmp_path / "asked.pscapture", "streams-subscribe"), tmp_path)
    assert [each.title for each in asked_in_vain.findings] == ["The service knows no stream “nope”"]


def test_an_operation_that_came_altered_is_named(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect()
    tape.checkpoint(10)
    sound = {"op_id": "1", "op": "REMOVE", "subkey": "s", "object_type": "a", "object_id": "b"}
    good = {**sound, "checksum": remove_checksum("s")}
    tape.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [good], "next_after": "1"}})
    tape.data(2)
    tape.end()
    tape.writer.close()
    found = {each.name: each for each in report_on(tape.path, tmp_path).findings}
    altered = found[f"operations/arrived-altered/{BUCKET}"]
    assert altered.title == '1 operation of todos["u"] came altered'
    assert altered.evidence[0].where == "op 2"
