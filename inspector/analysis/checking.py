"""Runs the checks of an opened file one by one, for who shows each as it ends; those of a long capture in a process of
their own: in a thread they would take Python's interpreter from a window's thread for many seconds.
"""

import sys
import time
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from inspector.analysis.finding_types import (
    Check,
    CheckResult,
    CheckState,
    Finding,
    Material,
    Needs,
    Progress,
    Stopped,
)
from inspector.analysis.findings import checks_for, run_check
from inspector.analysis.opening import MANY_FRAMES, open_capture
from inspector.analysis.situations import CaptureFile
from inspector.capture.other_process import OtherProcess, Reason, answer, behave, end_with_the_window, understood
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError

_TELL_S = 0.1


class Checking(Protocol):
    """Checks of one file; for one thread, but that any may `stop` it."""

    def run(self, check: Check) -> CheckResult:
        """Carry out one; raises Stopped where nobody waits for it any more."""

    def stop(self) -> None:
        """Have the check that runs end early."""

    def close(self) -> None:
        """Let go of the file."""


class CheckingHere(Checking):
    """On the thread that asks."""

    def __init__(self, material: Material) -> None:
        self._material = material

    def run(self, check: Check) -> CheckResult:
        return run_check(check, self._material)

    def stop(self) -> None:
        if self._material.database is not None:
            self._material.database.interrupt()

    def close(self) -> None:
        for reader in (self._material.capture, self._material.database):
            if reader is not None:
                reader.close()


class _Ran(Struct, frozen=True, tag="ran"):
    check: str
    state: CheckState
    findings: tuple[Finding, ...]
    remark: str
    operations: int
    rows: int


class _Further(Struct, frozen=True, tag="further"):
    """What `Progress` counts."""

    operations: int
    rows: int


class CheckingElsewhere(Checking):
    """What a capture alone tells, in a process of its own."""

    def __init__(self, capture: Path, progress: Progress) -> None:
        self._progress = progress
        self._stopped = False
        self._why_not = ""
        """Why no check can run, once the process has said so."""
        self._process = OtherProcess(__name__, str(capture))
        self._answers = self._process.lines()

    def run(self, check: Check) -> CheckResult:
        for line in self._answers:
            match understood(line, _Ran | _Further | Reason):
                case _Further(operations, rows):
                    self._count(operations, rows)
                case _Ran(name, state, findings, remark, operations, rows):
                    assert name == check.name
                    self._count(operations, rows)
                    return CheckResult(check, state, findings, remark)
                case Reason(what, why, next_step):
                    self._why_not = str(InspectorError(what, why=why, next_step=next_step))
        if self._stopped:
            raise Stopped
        stopped = f"The process that runs the checks stopped. {self._process.last_words()}".strip()
        return CheckResult(check, CheckState.NOT_RUN, remark=self._why_not or stopped)

    def _count(self, operations: int, rows: int) -> None:
        done = self._progress
        done.add(operations=operations - done.operations, rows=rows - done.rows)

    def stop(self) -> None:
        self._stopped = True
        self._process.kill()

    def close(self) -> None:
        self.stop()
        self._process.close()


def checks_of_capture(file: CaptureFile) -> list[Check]:
    """Those that look at the capture itself, in the order in which they run."""
    return [check for check in checks_for(file) if check.needs is Needs.CAPTURE]


def check_capture(file: CaptureFile, path: Path, progress: Progress, *, many: int = MANY_FRAMES) -> Checking:
    """The checks of a capture at `path`, in another process for `many` frames. Raises CaptureError."""
    if file.frames >= many:
        return CheckingElsewhere(path, progress)
    return CheckingHere(Material(file, time.time_ns(), capture=CaptureReader(path), progress=progress))


class _Telling(Progress):
    """Tells the caller of it, now and then."""

    _next_at = 0.0

    def add(self, *, operations: int = 0, rows: int = 0) -> None:
        super().add(operations=operations, rows=rows)
        if (now := time.monotonic()) >= self._next_at:
            self._next_at = now + _TELL_S
            answer(_Further(self.operations, self.rows))


def main(path: Path) -> int:
    """The other process."""
    behave()
    end_with_the_window()
    try:
        file = open_capture(path).summary
        with CaptureReader(path) as capture:
            progress = _Telling()
            material = Material(file, time.time_ns(), capture=capture, progress=progress)
            for check in checks_of_capture(file):
                result = run_check(check, material)
                done = progress.operations, progress.rows
                answer(_Ran(check.name, result.state, result.findings, result.remark, *done))
    except InspectorError as error:
        answer(Reason.of(error))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
