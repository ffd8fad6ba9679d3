"""Findings that an injected fault brought about say so, and no others do."""

from pathlib import Path

import pytest

from inspector.analysis.all_checks import CHECKS
from inspector.analysis.finding_types import Finding, Material
from inspector.analysis.findings import find
from inspector.analysis.injected_faults import DOES
from inspector.analysis.situations import Live
from inspector.capture.happenings import HappeningKind, key_of
from inspector.engine.control import FaultStatus, Problem, Status
from inspector.protocol.events import BucketMismatch
from inspector.service.faults.catalogue import CATALOGUE
from tests.analysis.tape import BEGIN, BUCKET, S, Tape, report_on

TITLES = {fault.name: fault.title for fault in CATALOGUE}


def note(tape: Tape, fault: str, action: str) -> None:
    message = "An operation was left out." if action == "struck" else f"“{TITLES[fault]}” was {action}."
    level = "warning" if action == "struck" else "info"
    tape.writer.event(level, "faults", message, {"fault": fault, "action": action}, at=tape.now)


def fail(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.wait(1)
    frame = tape.say({"checkpoint_complete": {"last_op_id": "10"}})
    tape.writer.checkpoint_mismatched(tape.connection, frame, [BucketMismatch(BUCKET, 5, 0, 0)])
    tape.end("A bucket does not match its checksum.")


def mismatch(tape: Tape, folder: Path) -> Finding:
    tape.writer.close()
    (found,) = (each for each in report_on(tape.path, folder).findings if each.check == "checksums/mismatch")
    return found


@pytest.fixture
def tape(tmp_path: Path) -> Tape:
    return Tape(tmp_path / "tape.pscapture")


def test_a_finding_names_the_fault_that_was_injected_then(tape: Tape, tmp_path: Path) -> None:
    note(tape, "dropped-operation", "armed")
    tape.wait(2)
    note(tape, "dropped-operation", "struck")
    fail(tape)
    note(tape, "dropped-operation", "lifted")
    found = mismatch(tape, tmp_path)
    assert found.summary.startswith("While the fault “Dropped operation” was injected. 1 time in this capture")
    assert "which does this, was injected on purpose: it struck 1 time, last at" in found.meaning
    assert found.next_step.startswith("It is over. Where nobody injects faults: Once may be chance.")
    assert found.evidence[-1].happening == key_of(HappeningKind.EVENT, 2)


def test_a_fault_that_goes_on_can_be_lifted(tape: Tape, tmp_path: Path) -> None:
    note(tape, "dropped-operation", "armed")
    note(tape, "dropped-operation", "struck")
    fail(tape)
    assert mismatch(tape, tmp_path).next_step.startswith("Lift it in Faults. ")


def test_a_fault_that_does_something_else_is_not_blamed(tape: Tape, tmp_path: Path) -> None:
    for action in ("armed", "struck"):
        note(tape, "latency", action)
    fail(tape)
    assert "fault" not in mismatch(tape, tmp_path).summary


def test_a_fault_that_was_over_or_never_struck_is_not_blamed(tape: Tape, tmp_path: Path) -> None:
    for action in ("armed", "struck", "used up"):
        note(tape, "dropped-operation", action)
    note(tape, "duplicated-data", "armed")
    tape.wait(60)
    fail(tape)
    assert "fault" not in mismatch(tape, tmp_path).summary


def test_a_live_finding_names_the_fault_that_is_armed_or_has_just_struck() -> None:
    def summary(fault: FaultStatus) -> str:
        status = Status("waiting", problem=Problem("The connection was lost.", "It broke."), faults=(fault,))
        return find(Material(Live(status), BEGIN)).findings[0].summary

    struck = FaultStatus("offline", "Offline", armed=True, concerns_us=True, struck_us_at=BEGIN - 90 * S)
    assert summary(struck) == "While the fault “Offline” was injected. It broke."
    assert summary(FaultStatus("offline", "Offline", struck_us_at=BEGIN - 90 * S)) == "It broke."
    assert summary(FaultStatus("offline", "Offline", armed=True, concerns_us=True)) == "It broke."
    latency = FaultStatus("latency", "Latency", armed=True, concerns_us=True, struck_us_at=BEGIN)
    assert summary(latency) == "It broke."


def test_the_faults_and_the_checks_exist() -> None:
    assert set(DOES) <= {check.name for check in CHECKS}
    assert set().union(*DOES.values()) <= set(TITLES)
