"""The checks of an opened capture one by one: in a process of their own they find what they find here."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.checking import Checking, check_capture, checks_of_capture
from inspector.analysis.finding_types import CheckResult, CheckState, Progress, Stopped
from inspector.analysis.opening import open_capture
from inspector.protocol.errors import InspectorError
from tests.analysis.plays_that_go_wrong import garbage, unfinished
from tests.analysis.tape import BUCKET, Tape
from tests.capture.recording import record_to
from tests.other_processes import child_running


def told_wrongly(path: Path) -> Path:
    """A capture with lines that no client can read, one with half a character, and altered operations."""
    tape = Tape(path)
    garbage(tape)
    unfinished(tape)
    operation = {"op_id": "7", "op": "PUT", "object_type": "todos", "object_id": "\ud83d", "checksum": 1, "data": "{}"}
    tape.connect()
    tape.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [operation]}})
    tape.writer.close()
    return path


def results(path: Path, many: int) -> dict[str, Any]:
    file, progress = open_capture(path).summary, Progress()
    checking = check_capture(file, path, progress, many=many)
    try:
        return {check.name: checking.run(check) for check in checks_of_capture(file)}
    finally:
        checking.close()


def elsewhere(path: Path) -> tuple[Checking, list[CheckResult]]:
    file = open_capture(path).summary
    return check_capture(file, path, Progress(), many=1), [
        CheckResult(check, CheckState.WAITS) for check in checks_of_capture(file)
    ]


def test_another_process_finds_the_same(tmp_path: Path) -> None:
    path = told_wrongly(tmp_path / "wrong.pscapture")
    here, there = results(path, many=10**6), results(path, many=1)
    assert here == there
    assert {CheckState.FOUND, CheckState.NOTHING} <= {result.state for result in here.values()}


def test_it_tells_how_many_operations_it_has_checked(tmp_path: Path) -> None:
    path = record_to(tmp_path / "sound.pscapture", "initial-ndjson")
    told = {}
    for many in (10**6, 1):
        progress = Progress()
        file = open_capture(path).summary
        checking = check_capture(file, path, progress, many=many)
        for check in checks_of_capture(file):
            checking.run(check)
        checking.close()
        told[many] = progress.operations
    assert told[1] == told[10**6] > 0


def test_one_that_is_stopped_runs_no_further(tmp_path: Path) -> None:
    checking, waiting = elsewhere(record_to(tmp_path / "sound.pscapture", "initial-ndjson"))
    checking.stop()
    with pytest.raises(Stopped):
        checking.run(waiting[0].check)
    checking.close()


def test_the_checks_of_a_process_that_is_killed_could_not_run_and_say_why(tmp_path: Path) -> None:
    checking, waiting = elsewhere(record_to(tmp_path / "sound.pscapture", "initial-ndjson"))
    os.kill(child_running("inspector.analysis.checking"), signal.SIGKILL)
    last = [checking.run(result.check) for result in waiting][-1]
    checking.close()
    assert last.state is CheckState.NOT_RUN
    assert last.remark.startswith("The process that runs the checks stopped.")


def test_a_capture_that_is_gone_is_named(tmp_path: Path) -> None:
    path = record_to(tmp_path / "sound.pscapture", "initial-ndjson")
    file = open_capture(path).summary
    path.unlink()
    with pytest.raises(InspectorError, match="no file"):
        check_capture(file, path, Progress(), many=10**6)
    checking = check_capture(file, path, Progress(), many=1)
    results = [checking.run(check) for check in checks_of_capture(file)[:2]]
    checking.close()
    assert {result.state for result in results} == {CheckState.NOT_RUN}
    assert all("There is no file sound.pscapture." in result.remark for result in results)
