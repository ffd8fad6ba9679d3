"""`inspector check`: the findings of a client database or of a capture, without a window."""

import sys
import tempfile
import time
from pathlib import Path

import msgspec

from inspector.analysis.examination import examine, examine_capture
from inspector.analysis.finding_types import Certainty
from inspector.analysis.opening import OpenedDatabase, open_file
from inspector.analysis.report_text import check_fields, count_words, failed_lines, finding_fields, finding_lines
from inspector.analysis.state import describe

FOUND = 3
"""Exit code: 1 says that the file cannot be opened, 2 that the command is not understood."""


def check_file(path: Path, *, as_json: bool) -> int:
    """Print the findings; FOUND where one is more than a hint, else 0. Raises InspectorError."""
    with tempfile.TemporaryDirectory(prefix="powersync-inspector-", ignore_cleanup_errors=True) as folder:
        opened = open_file(path, work=Path(folder))
        try:
            situation, report = examine(opened) if isinstance(opened, OpenedDatabase) else examine_capture(opened)
        finally:
            if isinstance(opened, OpenedDatabase):
                opened.evidence.close()
    said = describe(situation, time.time_ns())
    if as_json:
        told = {
            "file": path.name,
            "sentence": f"{said.lead} {said.then}".strip(),
            "findings": [finding_fields(each) for each in report.findings],
            "checks": check_fields(report),
        }
        sys.stdout.write(f"{msgspec.json.encode(told).decode()}\n")
    else:
        lines = [f"{said.lead} {said.then}".strip()]
        for each in report.findings:
            lines += ["", *finding_lines(each)]
        if failed := failed_lines(report):
            lines += ["", *failed]
        sys.stdout.write("\n".join((*lines, "", count_words(report))) + "\n")
    return FOUND if any(each.certainty is not Certainty.HINT for each in report.findings) else 0
