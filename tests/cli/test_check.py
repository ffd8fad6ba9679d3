"""`inspector check`: findings in the terminal, for people and for programs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.capture.recording import record_to
from tests.nursery.forked import run_inspector
from tests.store.database_files import state


def check(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run_inspector(["check", *map(str, arguments)], os.environ, 60)


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


def test_checks_that_could_not_run_come_after_the_findings_once_for_each_reason() -> None:
    done = check(state("truncated"))
    findings, _, failed = done.stdout.partition("checks could not run. ")
    assert "truncated.db is cut off" in findings
    assert failed.startswith("The client database truncated.db cannot be read.")
    assert done.stdout.count("SQLite says:") == 1
    assert "  rows/altered: Rows that differ from their operation" in failed
    assert done.stdout.count("What stood behind reads as empty or damaged.") == 2, "in the sentence and in its finding"


def test_a_database_that_was_copied_without_its_wal_is_not_told_to_be_the_newest(tmp_path: Path) -> None:
    alone = tmp_path / "client.db"
    shutil.copyfile(state("wal-left-behind"), alone)
    missing = "No -wal lies beside it: if the app ran or was killed, its newest changes are missing."
    assert missing in check(alone).stdout
    assert missing not in check(state("wal-left-behind")).stdout
