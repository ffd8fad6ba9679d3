"""Each operation's own checksum: recomputed over files and captures, with progress and an end on demand."""

from pathlib import Path

import apsw
import pytest

from inspector.analysis.operation_checks import OperationChecks, check_capture, check_database
from inspector.capture.reader import CaptureReader
from inspector.protocol.checksums import put_checksum
from inspector.protocol.framing import FrameFormat
from inspector.store.reader import ClientDatabaseReader
from tests.analysis.test_mismatch import client
from tests.capture.recording import record_to
from tests.capture.test_timeline import Scene
from tests.recordings import CAPTURES, Recording

STREAMS = ("initial-ndjson", "incremental", "after-compact-fresh", "initial-bson")


def goes_on(_: int) -> bool:
    return True


@pytest.mark.parametrize("stream", STREAMS)
def test_every_operation_of_a_real_service_agrees(tmp_path: Path, stream: str) -> None:
    with CaptureReader(record_to(tmp_path / "stream.pscapture", stream)) as capture:
        checks: dict[str, OperationChecks] = {}
        assert check_capture(capture, None, checks, goes_on)
        tallies = [one.received for one in checks.values() if one.received is not None]
        assert sum(tally.agree for tally in tallies) > 0
        assert sum(tally.differ for tally in tallies) == 0
        if stream == "after-compact-fresh":
            assert sum(tally.not_checkable for tally in tallies) > 0
            assert any("have no content to check" in one.sentence for one in checks.values())


def put(op_id: int, data: str, checksum: int) -> str:
    return (
        f'{{"op_id":"{op_id}","op":"PUT","object_type":"todos","object_id":"t{op_id}","data":"{data}",'
        f'"checksum":{checksum}}}'
    )


def test_an_operation_that_differs_is_named_with_both_sums_and_its_frame(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "altered.pscapture")
    scene.connect()
    good = put_checksum("todos", "t1", "{}")
    body = f'{{"data":{{"bucket":"b[]","data":[{put(1, "{}", good)},{put(2, "{}", 5)}]}}}}'
    frame, _ = scene.receive(body.encode())
    scene.writer.close()
    with CaptureReader(scene.path) as capture:
        checks: dict[str, OperationChecks] = {}
        check_capture(capture, ["b[]"], checks, goes_on)
    (bad,) = checks["b[]"].bad
    assert (bad.op_id, bad.row_id, bad.sent, bad.ours, bad.frame) == (
        2, "t2", 5, put_checksum("todos", "t2", "{}"), frame
    )  # fmt: skip
    assert checks["b[]"].differ == 1
    assert checks["b[]"].sentence.startswith("1 of 2 operations as received has not the checksum")


def test_a_bucket_of_which_no_operation_agrees_is_not_verifiable(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "other.pscapture")
    scene.connect()
    scene.receive(f'{{"data":{{"bucket":"b[]","data":[{put(1, "{}", 4)},{put(2, "{}", 5)}]}}}}'.encode())
    scene.writer.close()
    with CaptureReader(scene.path) as capture:
        checks: dict[str, OperationChecks] = {}
        check_capture(capture, None, checks, goes_on)
    assert checks["b[]"].differ == 0
    assert checks["b[]"].bad == []
    assert checks["b[]"].sentence.startswith("Not verifiable: none of 2 operations")


def test_a_client_database_is_checked_and_what_was_changed_in_it_is_found(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.play(list(Recording(CAPTURES / "initial-ndjson").frames()), FrameFormat.NDJSON)
    path = tmp_path / "client.db"
    reader = ClientDatabaseReader(path)
    names = [bucket.name for bucket in reader.buckets()]
    checks: dict[str, OperationChecks] = {}
    assert check_database(reader, names, checks, goes_on)
    assert all(one.kept is not None and one.kept.differ == 0 for one in checks.values())
    reader.close()

    damaged = apsw.Connection(str(path))
    op_id = damaged.execute("SELECT max(op_id) FROM ps_oplog").fetchall()[0][0]
    damaged.execute("UPDATE ps_oplog SET data = replace(data, '{', '{\"x\":1,') WHERE op_id = ?", (op_id,))
    damaged.close()
    reader = ClientDatabaseReader(path)
    checks = {}
    check_database(reader, names, checks, goes_on)
    assert [bad.op_id for one in checks.values() for bad in one.bad] == [op_id]
    reader.close()


def test_checking_stops_when_it_is_told_to(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson")
    told: list[int] = []

    def stop(done: int) -> bool:
        told.append(done)
        return len(told) < 2

    with CaptureReader(path) as capture:
        assert not check_capture(capture, None, {}, stop)
    assert len(told) == 2
