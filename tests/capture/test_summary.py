"""What a frame did, in the words of the frames panel."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import FrameRow
from inspector.capture.summary import what_it_did
from tests.capture.recording import record_to

BLANK = FrameRow(
    1, 1, 0, "", None, None, None, None, None, 0, 0, 0, 0, "", None, None, None, None, "", None, None, 0
)  # fmt: skip


def frame(kind: str, **fields: Any) -> FrameRow:
    return replace(BLANK, kind=kind, checkpoint=1601, **fields)


def full(**fields: Any) -> FrameRow:
    return frame("checkpoint", **fields)


def diff(updated: int, removed: int, outcome: str = "") -> FrameRow:
    return frame("checkpoint_diff", buckets=updated, removed_buckets=removed, outcome=outcome)


def complete(outcome: str, writes: int | None = None, **fields: Any) -> FrameRow:
    return frame("checkpoint_complete", outcome=outcome, pending_writes=writes, **fields)


def partial(outcome: str, writes: int | None = None) -> FrameRow:
    return frame("partial_checkpoint_complete", priority=1, outcome=outcome, pending_writes=writes)


def mismatch(bucket: str, failed: int) -> FrameRow:
    return complete("mismatch", bucket=bucket, buckets=failed)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (full(buckets=6, total_operations=624), "op 1601 · 6 buckets, 624 operations"),
        (full(buckets=1, total_operations=24_310), "op 1601 · 1 bucket, 24\u2009310 operations"),
        (full(buckets=1), "op 1601 · 1 bucket"),
        (diff(1, 0), "op 1601 · 1 bucket updated"),
        (diff(2, 1), "op 1601 · 2 buckets updated · 1 removed"),
        (diff(0, 2), "op 1601 · 2 buckets removed"),
        (diff(0, 0), "op 1601 · no bucket changed"),
        (diff(1, 0, "superseded"), "op 1601 · 1 bucket updated · superseded"),
        (frame("data", puts=2, removes=1, row_types="todos"), "2 PUT · 1 REMOVE in todos"),
        (frame("data", clears=1, moves=3), "3 MOVE · 1 CLEAR"),
        (frame("data"), "no operations"),
        (complete(""), "op 1601"),
        (complete("applied"), "op 1601 · applied"),
        (complete("held", 2), "op 1601 · held by 2 uploads"),
        (complete("held", 1), "op 1601 · held by 1 upload"),
        (complete("held", 0), "op 1601 · held until the uploads are confirmed"),
        (complete("applied", 2), "op 1601 · applied after 2 uploads"),
        (mismatch("1#todos|0[1]", 1), "op 1601 · mismatch in bucket todos[1]"),
        (mismatch("a[]", 3), "op 1601 · mismatch in bucket a[] and 2 more"),
        (replace(complete(""), checkpoint=None), "no checkpoint"),
        (partial("partial"), "op 1601 · P1 · applied"),
        (partial("skipped", 2), "op 1601 · P1 · skipped, 2 uploads wait"),
        (partial("skipped", 1), "op 1601 · P1 · skipped, 1 upload waits"),
        (partial("skipped", 0), "op 1601 · P1 · skipped, uploads are not confirmed"),
        (frame("token_expires_in", expires_in=3480.0), "token ends in 58 min"),
        (frame("token_expires_in", expires_in=0.0), "the token has ended"),
        (frame("brand_new"), "of a kind that is not known; passed over"),
        (frame("", error="A line of the stream cannot be read."), "A line of the stream cannot be read."),
    ],
)
def test_a_frame_is_told_in_one_line(row: FrameRow, words: str) -> None:
    assert what_it_did(row) == words


def test_every_frame_of_a_recording_has_something_to_say(tmp_path: Path) -> None:
    with CaptureReader(record_to(tmp_path / "a.capture", "incremental", "after-compact-fresh")) as reader:
        texts = [what_it_did(row) for row in reader.frames(1, 1_000)]
    assert all(texts)
    assert not any("None" in text for text in texts)
