"""Bodies of a long capture are looked through by another process, which finds what is found here."""

import os
import signal
from pathlib import Path

import pytest

from inspector.capture.errors import CaptureError
from inspector.capture.filter import FilterScan, compile_filter
from inspector.capture.filter.scan_elsewhere import ScanElsewhere
from tests.capture.recording import record_to
from tests.other_processes import child_running

MODULE = "inspector.capture.filter.scan_elsewhere"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_to(tmp_path_factory.mktemp("scan") / "stream.pscapture", "initial-ndjson", "incremental")


@pytest.mark.parametrize(
    "text",
    [
        '"milk"',
        '"Grüße 🎉"',
        'row ~ "todos/"',
        "row == lists/list-1 and ops > 0",
        "not op_id in 100..200",
        "bytes > 1.5",
    ],
)
def test_it_finds_the_same_in_any_part(capture: Path, text: str) -> None:
    condition = compile_filter(text)
    here, there = FilterScan(capture), ScanElsewhere(capture)
    last = here.frame_count()
    for span in ((1, last), (2, last // 2), (last // 2 + 1, last), (last + 1, last + 9)):
        assert there.find(condition, *span) == here.find(condition, *span)
    here.close()
    there.close()


def test_what_it_cannot_read_is_told_as_it_would_be_here(tmp_path: Path) -> None:
    path = tmp_path / "gone.pscapture"
    scan = ScanElsewhere(path)
    with pytest.raises(CaptureError, match="There is no file"):
        scan.find(compile_filter('"milk"'), 1, 10)
    scan.close()


def test_one_that_is_killed_says_that_it_stopped(capture: Path) -> None:
    scan = ScanElsewhere(capture)
    scan.find(compile_filter('"milk"'), 1, 10)
    os.kill(child_running(MODULE), signal.SIGKILL)
    with pytest.raises(CaptureError, match="stopped"):
        scan.find(compile_filter('"milk"'), 1, 10)
    scan.close()
