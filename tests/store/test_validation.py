"""What is kept of a validation: when it ended, and the buckets that failed, within bounds."""

from pathlib import Path

import pytest

from inspector.capture.reader import CaptureReader
from inspector.protocol.framing import FrameFormat
from inspector.store import validation
from tests.analysis.test_mismatch import client
from tests.gui.test_checksums_panel import checkpoint, data, put

COMPLETE = b'{"checkpoint_complete":{"last_op_id":"9"}}'


def mismatched(folder: Path, rows: int, text: str = "x") -> Path:
    """A capture of a bucket of `rows` rows that does not match its checksum."""
    operations = [put(op_id, text) for op_id in range(1, rows + 1)]
    with client(folder) as one:
        one.play([checkpoint(9, 1, rows), data(*operations), COMPLETE], FrameFormat.NDJSON)
    return folder / "stream.pscapture"


def test_a_bucket_that_fails_is_kept_as_it_was(tmp_path: Path) -> None:
    with CaptureReader(mismatched(tmp_path, 5)) as capture:
        (mismatch,) = capture.mismatches()
        kept = capture.evidence.kept(mismatch)
    assert kept is not None
    assert kept.is_whole
    assert [(one.op_id, one.row_type, one.row_id, one.data) for one in kept.kept][:2] == [
        (1, "todos", "t1", "x"),
        (2, "todos", "t2", "x"),
    ]
    assert sum(one.checksum for one in kept.kept) & 0xFFFF_FFFF == mismatch.op_checksum


def test_a_large_bucket_is_kept_in_part_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "MOST_OPERATIONS", 4)
    monkeypatch.setattr(validation, "MOST_DATA", 25)
    with CaptureReader(mismatched(tmp_path, 6, "x" * 10)) as capture:
        kept = capture.evidence.kept(capture.mismatches()[0])
    assert kept is not None
    assert (kept.operations, len(kept.kept), kept.without_data) == (6, 4, 2)
    assert not kept.is_whole


def test_validating_and_publishing_are_timed_apart(tmp_path: Path) -> None:
    total = sum(int(put(op_id, "{}").rpartition(":")[2].rstrip("}")) for op_id in (1, 2)) & 0xFFFF_FFFF
    with client(tmp_path) as one:
        one.play([checkpoint(9, total, 2), data(put(1, "{}"), put(2, "{}")), COMPLETE], FrameFormat.NDJSON)
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        (row,) = capture.checkpoints.rows()
        arrived = capture.frames(3, 1)[0].received_at
    assert row.data_done_at == arrived
    assert row.validated_at is not None
    assert row.published_at is not None
    assert row.data_done_at < row.validated_at < row.published_at
