"""All checks of a file in one go, and what they come to for the sentence about it."""

import time
from dataclasses import replace
from typing import TypeVar

from inspector.analysis.finding_types import BucketFacts, CheckState, Material, Progress, Report
from inspector.analysis.findings import checks_for, facts_of, report_of, run_check
from inspector.analysis.opening import OpenedCapture, OpenedDatabase
from inspector.analysis.situations import CaptureFile, Checked, DatabaseFile, Role, Verdict
from inspector.capture.reader import CaptureReader
from inspector.store.reader import ClientDatabaseReader

CheckedFile = TypeVar("CheckedFile", bound=DatabaseFile | CaptureFile)


def material_of(file: DatabaseFile, reader: ClientDatabaseReader, progress: Progress) -> Material:
    """What the checks of a client database look at; reads the whole oplog once."""
    return Material(file, time.time_ns(), reader.summary(), facts_of(reader), database=reader, progress=progress)


def examine(opened: OpenedDatabase, progress: Progress | None = None) -> tuple[DatabaseFile, Report]:
    """Run all checks of an opened file; raises Stopped where `progress` is told to stop."""
    begun, progress = time.monotonic(), progress or Progress()
    reader = opened.evidence.open_reader()
    try:
        material = material_of(opened.summary, reader, progress)
        report = report_of(run_check(check, material) for check in checks_for(opened.summary))
    finally:
        reader.close()
    seconds, unchanged = time.monotonic() - begun, opened.evidence.is_as_opened()
    return concluded(opened.summary, report, seconds, unchanged=unchanged, operations=progress.operations), report


def examine_capture(opened: OpenedCapture, progress: Progress | None = None) -> tuple[CaptureFile, Report]:
    """Run all checks of a capture; raises Stopped where `progress` is told to stop."""
    begun = time.monotonic()
    with CaptureReader(opened.path) as capture:
        buckets = tuple(BucketFacts(name, it.count, None) for name, it in sorted(capture.expected_buckets().items()))
        material = Material(
            opened.summary, time.time_ns(), None, buckets, capture=capture, progress=progress or Progress()
        )
        report = report_of(run_check(check, material) for check in checks_for(opened.summary))
    seconds = time.monotonic() - begun
    return concluded(opened.summary, report, seconds, unchanged=opened.is_as_opened()), report


def concluded(
    file: CheckedFile, report: Report, seconds: float, *, unchanged: bool, operations: int | None = None
) -> CheckedFile:
    """The file's situation once the checks have run; `operations` are those whose content was checked."""
    stopped = any(result.state in (CheckState.WAITS, CheckState.NOT_RUN) for result in report.results)
    checked = Checked(
        verdict_of(report),
        seconds,
        report.checks,
        report.not_run,
        None if stopped else operations,
        written_since=not unchanged,
    )
    return replace(file, checked=checked)


def verdict_of(report: Report) -> Verdict:
    """The top finding, as the sentence about a file needs it; of no check where there is none."""
    if not report.findings:
        return Verdict("", "", "", Role.FINE, 0)
    top = report.findings[0]
    return Verdict(top.check, top.title, top.summary, top.role, len(report.findings))
