"""Who is to blame for a checksum mismatch, and what differs: on streams of a real service that a fault strikes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from inspector.analysis.mismatch import Blame, MismatchReport, report_mismatch
from inspector.analysis.mismatch_differences import DifferenceKind
from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.writer import CaptureWriter
from inspector.engine.applier import Applier
from inspector.engine.control import StaticToken
from inspector.engine.recorder import Recorder
from inspector.protocol.events import CloseStream, LineReceived, StreamOpened
from inspector.protocol.framing import FrameFormat, framer_for
from inspector.protocol.lines import decode_line
from inspector.protocol.request import StreamRequest
from inspector.protocol.tokens import TokenClaims
from inspector.store.database import ClientDatabase
from tests.engine.conditions import until
from tests.engine.running_engine import running_engine
from tests.recordings import CAPTURES, Recording
from tests.running_service import running_service

CLAIMS = TokenClaims({}, {})
NOTES = "all_notes"


def after_fault(folder: Path, fault: str, **parameters: Any) -> MismatchReport:
    """A note changes while `fault` strikes once; the report when the bucket is valid again."""
    with running_service() as service:
        credentials = StaticToken(service.token("alice"))
        with running_engine(service.endpoint, folder, credentials=credentials) as engine:
            engine.wait(lambda status: status.shown_checkpoint and not status.receiving)
            service.faults.arm(fault, times=1, **parameters)
            service.patch("notes", "note-1", body="changed")
            until(lambda: healed(folder / "stream.pscapture"), lambda: engine.statuses[-1:])
    return first_report(folder / "stream.pscapture")


def healed(path: Path) -> bool:
    """Whether a checkpoint was applied after a mismatch."""
    with CaptureReader(path) as capture:
        outcomes = [checkpoint.outcome for checkpoint in capture.checkpoints.rows()]
    return Outcome.MISMATCH in outcomes and outcomes[-1] == Outcome.APPLIED


def first_report(path: Path) -> MismatchReport:
    with CaptureReader(path) as capture:
        return report_mismatch(capture.evidence, capture.mismatches()[0])


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MismatchReport]:
    faults = ("altered-checksum", "dropped-operation", "duplicated-data", "wrong-bucket-checksum")
    return {
        fault: after_fault(
            tmp_path_factory.mktemp(fault), fault, **({"bucket": NOTES} if fault == "wrong-bucket-checksum" else {})
        )
        for fault in faults
    }


def test_none_of_the_services_faults_is_the_clients(reports: dict[str, MismatchReport]) -> None:
    for report in reports.values():
        assert report.blame is Blame.BEFORE_CLIENT
        assert "not the client" in report.verdict
        assert report.kept is not None
        assert report.kept.is_whole
        assert report.fresh_is_whole
        assert NOTES in report.mismatch.bucket


def test_an_altered_operation_is_named_with_the_field_that_differs(reports: dict[str, MismatchReport]) -> None:
    (difference,) = reports["altered-checksum"].differences
    assert (difference.kind, difference.row_type, difference.row_id) == (DifferenceKind.ALTERED, "notes", "note-1")
    (field,) = difference.fields
    assert field.name == "checksum"
    assert field.before != field.fresh
    assert any("did not have the checksum of its content" in remark for remark in reports["altered-checksum"].remarks)


def test_a_missing_operation_is_named(reports: dict[str, MismatchReport]) -> None:
    (difference,) = reports["dropped-operation"].differences
    assert (difference.kind, difference.row_id) == (DifferenceKind.MISSING, "note-1")


def test_an_operation_that_counted_twice_is_named(reports: dict[str, MismatchReport]) -> None:
    (difference,) = reports["duplicated-data"].differences
    assert (difference.kind, difference.row_id) == (DifferenceKind.DOUBLED, "note-1")
    assert difference.remark == "It came 2 times; each counts in the sum."


def test_a_wrong_announcement_differs_in_no_operation(reports: dict[str, MismatchReport]) -> None:
    report = reports["wrong-bucket-checksum"]
    assert report.differences == ()
    assert report.lines.checksum == (report.mismatch.add_checksum + report.mismatch.op_checksum) & 0xFFFF_FFFF
    assert "the announced checksum itself was not their sum." in report.remarks[-1]


def test_downloading_again_is_told_with_what_it_cost(reports: dict[str, MismatchReport]) -> None:
    report = reports["dropped-operation"]
    assert report.fresh_operations
    assert any(remark.startswith("Downloading it again took ") for remark in report.remarks)


class Client:
    """A client on recorded streams, whose database a test may damage between lines."""

    def __init__(self, folder: Path) -> None:
        self.database = ClientDatabase.open(folder / "client.db")
        self.capture = CaptureWriter(folder / "stream.pscapture")
        self.recorder = Recorder(self.capture, self.database)
        self.applier = Applier(self.database, observer=self.recorder)
        self.folder = folder

    def play(self, frames: list[bytes], frame_format: FrameFormat) -> None:
        (opening,) = self.applier.begin()
        request: StreamRequest = opening.request  # type: ignore[union-attr]
        self.recorder.requested("http://localhost", request, CLAIMS)
        self.applier.apply(StreamOpened())
        for body in frames:
            line = decode_line(body, frame_format)
            self.recorder.received(body, line)
            for effect in self.applier.apply(LineReceived(line, len(body))):
                if isinstance(effect, CloseStream):
                    self.recorder.closed(effect)
                    return

    def capture_mismatch_bucket(self) -> bytes:
        """The name of the bucket that failed, as it stands in a line."""
        self.recorder.flush()
        with CaptureReader(self.folder / "stream.pscapture") as capture:
            return msgspec.json.encode(capture.mismatches()[-1].bucket)

    def close(self) -> None:
        self.recorder.flush()
        self.capture.close()
        self.database.close()


@contextmanager
def client(folder: Path) -> Iterator[Client]:
    one = Client(folder)
    try:
        yield one
    finally:
        one.close()


def test_a_client_that_loses_an_operation_is_to_blame(tmp_path: Path) -> None:
    recording = Recording(CAPTURES / "initial-ndjson")
    frame_format = framer_for(recording.headers["content-type"]).format
    frames = list(recording.frames())
    with client(tmp_path) as one:
        complete = next(i for i, body in enumerate(frames) if b"checkpoint_complete" in body and b"partial" not in body)
        (opening,) = one.applier.begin()
        one.recorder.requested("http://localhost", opening.request, CLAIMS)  # type: ignore[union-attr]
        one.applier.apply(StreamOpened())
        for body in frames[:complete]:
            line = decode_line(body, frame_format)
            one.recorder.received(body, line)
            one.applier.apply(LineReceived(line, len(body)))
        one.database.settle()
        lost = lose_an_operation(tmp_path / "client.db")
        line = decode_line(frames[complete], frame_format)
        one.recorder.received(frames[complete], line)
        (close,) = one.applier.apply(LineReceived(line, len(frames[complete])))
        assert isinstance(close, CloseStream)
        one.recorder.closed(close)
        bucket = one.capture_mismatch_bucket()
        one.play([body for body in frames if body[:8] != b'{"data":' or bucket in body], frame_format)
    report = first_report(tmp_path / "stream.pscapture")
    assert report.blame is Blame.CLIENT
    assert "the client lost or changed data" in report.verdict
    (difference,) = report.differences
    assert (difference.kind, difference.op_id) == (DifferenceKind.MISSING, lost)
    assert difference.remark == "It arrived, and the client did not keep it."


def lose_an_operation(database: Path) -> int:
    """What a faulty client does: one operation goes from its oplog, and from its sum."""
    connection = apsw.Connection(str(database))
    op_id, bucket, checksum = connection.execute(
        "SELECT op_id, bucket, hash FROM ps_oplog WHERE row_type = 'todos' ORDER BY op_id LIMIT 1"
    ).fetchall()[0]
    connection.execute("DELETE FROM ps_oplog WHERE op_id = ? AND bucket = ?", (op_id, bucket))
    sql = "UPDATE ps_buckets SET op_checksum = (op_checksum - ?) & 0xffffffff WHERE id = ?"
    connection.execute(sql, (checksum, bucket))
    connection.close()
    assert isinstance(op_id, int)
    return op_id


def test_a_true_mismatch_of_a_recording_names_what_came_twice(tmp_path: Path) -> None:
    """Before and after compacting, one after the other: the second repeats data that the client already has."""
    with client(tmp_path) as one:
        for name in ("before-compact-fresh", "after-compact-fresh", "after-compact-fresh"):
            recording = Recording(CAPTURES / name)
            one.play(list(recording.frames()), framer_for(recording.headers["content-type"]).format)
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        mismatches = capture.mismatches()
        assert mismatches
        reports = [report_mismatch(capture.evidence, mismatch) for mismatch in mismatches]
    assert all(report.blame is Blame.BEFORE_CLIENT for report in reports)
    kinds = {difference.kind for report in reports for difference in report.differences}
    assert DifferenceKind.DOUBLED in kinds
    assert DifferenceKind.ALTERED not in kinds


def test_a_recording_from_the_middle_blames_nobody(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        recording = Recording(CAPTURES / "before-compact-fresh")
        one.play(list(recording.frames()), framer_for(recording.headers["content-type"]).format)
    shutil.rmtree(tmp_path / "later", ignore_errors=True)
    (tmp_path / "later").mkdir()
    shutil.copy(tmp_path / "client.db", tmp_path / "later" / "client.db")
    with client(tmp_path / "later") as one:
        recording = Recording(CAPTURES / "after-compact-fresh")
        one.play(list(recording.frames()), framer_for(recording.headers["content-type"]).format)
    report = first_report(tmp_path / "later" / "stream.pscapture")
    assert report.blame is Blame.NOT_KNOWN
    assert "the recording begins in the middle" in report.verdict
    assert report.fresh_operations is None


def checkpoint_of(op_id: int, checksum: int, count: int) -> bytes:
    bucket = f'{{"bucket":"b[]","checksum":{checksum},"count":{count}}}'
    return f'{{"checkpoint":{{"last_op_id":"{op_id}","buckets":[{bucket}]}}}}'.encode()


def todo(op_id: int, checksum: int) -> bytes:
    operation = f'{{"op_id":"{op_id}","op":"PUT","object_type":"todos","object_id":"t{op_id}","data":"{{}}",'
    return f'{{"data":{{"bucket":"b[]","data":[{operation}"checksum":{checksum}}}]}}}}'.encode()


def complete(op_id: int) -> bytes:
    return f'{{"checkpoint_complete":{{"last_op_id":"{op_id}"}}}}'.encode()


def test_the_last_agreement_and_what_came_since_are_told(tmp_path: Path) -> None:
    diff = b'{"checkpoint_diff":{"last_op_id":"2","removed_buckets":[],"updated_buckets":[{"bucket":"b[]",'
    with client(tmp_path) as one:
        frames = [
            checkpoint_of(1, 7, 1),
            todo(1, 7),
            complete(1),
            diff + b'"checksum":19,"count":2}]}}',
            todo(2, 11),
            complete(2),
        ]
        one.play(frames, FrameFormat.NDJSON)
    drift = first_report(tmp_path / "stream.pscapture").drift
    assert drift.agreed is not None
    assert drift.differed is not None
    assert (drift.agreed.checkpoint, drift.agreed.completed, drift.differed.checkpoint) == (1, 3, 2)
    assert (drift.first_frame, drift.lines, drift.operations, drift.same_sum) == (5, 1, 1, False)
    assert drift.sentence.startswith("It agreed last at checkpoint 1 (")
    assert "It differed first at checkpoint 2 (" in drift.sentence
    assert drift.sentence.endswith("): 1 line with 1 operation came for it in between.")


def test_a_bucket_that_nothing_came_for_changed_on_the_device(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.play([checkpoint_of(1, 7, 1), todo(1, 7), complete(1)], FrameFormat.NDJSON)
        lose_an_operation(tmp_path / "client.db")
        one.play([checkpoint_of(1, 7, 1), checkpoint_of(1, 7, 1), complete(1)], FrameFormat.NDJSON)
    drift = first_report(tmp_path / "stream.pscapture").drift
    assert (drift.first_frame, drift.lines, drift.same_sum, drift.not_compared) == (None, 0, True, 1)
    assert "the service announced the same sum, so it changed on this device." in drift.sentence
    assert drift.sentence.endswith("1 checkpoint in between was never complete.")


def test_a_bucket_that_never_agreed_says_so(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.play([checkpoint_of(1, 8, 1), todo(1, 7), complete(1)], FrameFormat.NDJSON)
    drift = first_report(tmp_path / "stream.pscapture").drift
    assert drift.agreed is None
    assert drift.sentence.endswith("and it never agreed before in this recording.")
