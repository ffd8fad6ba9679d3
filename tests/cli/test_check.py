"""`inspector check`: findings in the terminal, for people and for programs."""

import json
import subprocess
import sys
from pathlib import Path

from tests.capture.recording import record_to
from tests.store.database_files import state


def check(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "inspector", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_held_database_is_told_with_its_evidence() -> None:
    done = check(state("held-by-uploads"))
    assert done.returncode == 3
    assert done.stdout.startswith("Nothing new has been shown since ")
    assert "Downloads are held behind 1 local write (certain; uploads/queue-blocks-downloads)" in done.stdout
    assert "  ps_crud 1: transaction 1, 1 entry" in done.stdout
    assert done.stdout.rstrip().endswith("found nothing.")


def test_programs_get_one_object_with_every_check(tmp_path: Path) -> None:
    done = check(record_to(tmp_path / "stream.pscapture", "initial-ndjson"), "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["findings"] == []
    assert {each["state"] for each in told["checks"]} == {"found nothing"}


def test_what_cannot_be_opened_says_why() -> None:
    done = check(state("encrypted"))
    assert done.returncode == 1
    assert "looks encrypted" in done.stderr
