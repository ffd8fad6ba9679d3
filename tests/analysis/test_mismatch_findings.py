"""The checks that say why a bucket failed: on streams of a real service that a fault strikes, and on healthy ones."""

from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.finding_types import Certainty, Finding
from inspector.protocol.checksums import put_checksum
from inspector.protocol.events import BucketMismatch
from tests.analysis.tape import BUCKET, Tape, report_on
from tests.analysis.test_mismatch import NOTES, after_fault


def why(folder: Path, fault: str, **parameters: Any) -> dict[str, Finding]:
    """What the checks find after a fault, beside that the bucket did not match."""
    after_fault(folder, fault, **parameters)
    report = report_on(folder / "stream.pscapture", folder)
    assert not report.not_run
    return {each.name.split("/")[1]: each for each in report.findings if each.check != "checksums/mismatch"}


@pytest.mark.parametrize(
    ("fault", "expected", "title", "injected"),
    [
        ("dropped-operation", "missing", f"Operations of {NOTES}[] did not come", "Dropped operation"),
        ("duplicated-data", "twice", f"Operations of {NOTES}[] came more than once", "Duplicated data line"),
        (
            "wrong-bucket-checksum",
            "announced-wrong",
            f"The announced checksum of {NOTES}[] is not that of its operations",
            "Wrong bucket checksum",
        ),
        (
            "altered-checksum",
            "arrived-altered",
            f"1 operation of {NOTES}[] came altered",
            "Altered operation checksum",
        ),
    ],
)
def test_the_cause_of_a_mismatch_is_named_and_that_it_was_injected(
    tmp_path: Path, fault: str, expected: str, title: str, injected: str
) -> None:
    found = why(tmp_path, fault, **({"bucket": NOTES} if fault == "wrong-bucket-checksum" else {}))
    assert list(found) == [expected]
    assert title in found[expected].title
    assert found[expected].certainty is Certainty.CERTAIN
    assert found[expected].summary.startswith(f"While the fault “{injected}” was injected. ")
    assert found[expected].evidence[-1].where == f"fault “{injected}”"
    assert len(found[expected].evidence) > 1


def fail(tape: Tape, frame: int, *buckets: str) -> None:
    failed = [BucketMismatch(bucket, 5, 0, 0) for bucket in buckets]
    tape.writer.checkpoint_mismatched(tape.connection, frame, failed)
    tape.end("A bucket does not match its checksum.")


def announce(tape: Tape, **counts: int) -> None:
    buckets = [{"bucket": name, "checksum": 5, "count": count, "priority": 1} for name, count in counts.items()]
    tape.say({"checkpoint": {"last_op_id": "10", "buckets": buckets}})


def findings(tape: Tape, tmp_path: Path) -> dict[str, Finding]:
    tape.writer.close()
    report = report_on(tape.path, tmp_path)
    assert not report.not_run
    return {each.name: each for each in report.findings if each.check != "checksums/mismatch"}


def test_a_line_that_says_that_more_was_to_come_is_proof(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(buckets=())
    announce(tape, large=3, other=1)
    put = {"op_id": "1", "op": "PUT", "object_type": "a", "object_id": "b", "data": "{}"}
    put["checksum"] = put_checksum("a", "b", "{}")  # type: ignore[assignment]
    tape.say({"data": {"bucket": "large", "after": "0", "has_more": True, "data": [put], "next_after": "1"}})
    fail(tape, tape.say({"checkpoint_complete": {"last_op_id": "10"}}), "large")
    (found,) = findings(tape, tmp_path).values()
    assert found.title == "Checkpoint 10 was called complete before large was"
    assert found.summary == "1 of 3 operations had come."


def test_a_priority_that_is_called_complete_before_its_data_is_named(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(buckets=())
    announce(tape, urgent=3, empty=0)
    frame = tape.say({"partial_checkpoint_complete": {"last_op_id": "10", "priority": 1}})
    fail(tape, frame, "urgent")
    found = findings(tape, tmp_path)
    assert found["checksums/too-early/urgent"].title == "Priority 1 was called complete before urgent was"
    assert found["checksums/too-early/urgent"].summary == "0 of 3 operations had come."
    assert len(found) == 1


def test_buckets_that_fail_together_are_told_from_one_that_fails_alone(tmp_path: Path) -> None:
    def play(name: str, *failing: str) -> dict[str, Finding]:
        tape = Tape(tmp_path / f"{name}.pscapture")
        tape.connect(buckets=("a", "b"), after="7")
        announce(tape, a=3, b=4, c=0)
        frame = tape.say({"checkpoint_complete": {"last_op_id": "10"}})
        fail(tape, frame, *failing)
        return findings(tape, tmp_path)

    assert [each.title for each in play("both", "a", "b").values()] == ["All 2 buckets failed their checksums at once"]
    assert play("one", "a") == {}


def test_a_recording_from_the_middle_of_a_bucket_names_no_cause(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(after="9")
    tape.checkpoint(10)
    frame = tape.say({"checkpoint_complete": {"last_op_id": "10"}})
    fail(tape, frame, BUCKET)
    assert findings(tape, tmp_path) == {}
