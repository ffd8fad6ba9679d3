"""A file is opened into what it can show, and nothing of it changes."""

import json
import resource
import time
from pathlib import Path

import apsw
import pytest

from inspector.analysis.examination import examine
from inspector.analysis.opening import MANY_FRAMES, OpenedCapture, OpenedDatabase, open_file, rebuild_database
from inspector.analysis.replay import ReplayImpossible
from inspector.analysis.state import describe
from inspector.protocol.errors import InspectorError
from inspector.store.reader import ClientDatabaseReader
from tests.capture.recording import record_to
from tests.recordings import CAPTURES

DATABASES = CAPTURES.parent / "databases"
EXPECTED = json.loads((CAPTURES / "expected.json").read_text())


def sentence(opened: OpenedDatabase | OpenedCapture) -> str:
    summary = examine(opened)[0] if isinstance(opened, OpenedDatabase) else opened.summary
    described = describe(summary, time.time_ns())
    return f"{described.lead} {described.then}"


@pytest.mark.parametrize("name", ["initial-ndjson", "incremental", "before-then-after-compact", "streams-then-none"])
def test_a_capture_is_replayed_into_the_buckets_that_the_official_client_held(tmp_path: Path, name: str) -> None:
    capture = record_to(tmp_path / "stream.pscapture", *EXPECTED[name]["replay"])
    reader = ClientDatabaseReader(rebuild_database(capture, tmp_path / "work", lambda *_: True))
    sums = {bucket.name: bucket.checksum for bucket in reader.buckets()}
    reader.close()
    assert sums == {bucket: held["checksum"] for bucket, held in EXPECTED[name]["buckets"].items()}


def test_a_long_capture_is_replayed_by_another_process(tmp_path: Path) -> None:
    capture = record_to(tmp_path / "stream.pscapture", *EXPECTED["incremental"]["replay"])
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    told: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> bool:
        told.append((done, of))
        return True

    reader = ClientDatabaseReader(rebuild_database(capture, tmp_path / "work", tell, many=1))
    assert told[-1] == (43, 43)
    sums = {bucket.name: bucket.checksum for bucket in reader.buckets()}
    reader.close()
    assert sums == {bucket: held["checksum"] for bucket, held in EXPECTED["incremental"]["buckets"].items()}
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before


@pytest.mark.parametrize("many", [MANY_FRAMES, 1])
def test_a_capture_that_begins_in_the_middle_says_why_it_has_no_buckets(tmp_path: Path, many: int) -> None:
    capture = record_to(tmp_path / "stream.pscapture", "incremental")
    opened = open_file(capture, work=tmp_path / "work")
    assert isinstance(opened, OpenedCapture)
    assert "33 frames" in sentence(opened)
    with pytest.raises(ReplayImpossible, match="cannot be rebuilt") as caught:
        rebuild_database(capture, tmp_path / "work", lambda *_: True, many=many)
    assert "The client had 6 buckets before the recording began." in str(caught.value)


@pytest.mark.parametrize("many", [MANY_FRAMES, 1])
def test_rebuilding_stops_when_nobody_wants_it_any_more(tmp_path: Path, many: int) -> None:
    capture = record_to(tmp_path / "stream.pscapture", "initial-ndjson")
    with pytest.raises(ReplayImpossible, match="not rebuilt to the end"):
        rebuild_database(capture, tmp_path / "work", lambda *_: False, many=many)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("never-synced", "This file holds nothing from a sync. It was never synced, or it was cleared since. "),
        ("never-synced", " checks ran in "),
        ("partial", "complete up to priority 1"),
        ("mid-download", "complete up to priority 2. 125 stored operations are not shown yet."),
        ("up-to-date", "Checked 564 stored operations"),
        ("held-by-uploads", "7 downloaded operations wait behind it"),
        ("waiting-for-service", "checkpoint request 7 was made; none was seen"),
        (
            "wal-left-behind",
            "571 operations, 566 of them stored, in 6 buckets; the tables show 505 rows, and 61 rows have no table.",
        ),
        ("damaged", "damaged.db is damaged"),
        ("truncated", "truncated.db is cut off"),
    ],
)
def test_each_state_of_a_database_is_said(tmp_path: Path, state: str, words: str) -> None:
    opened = open_file(DATABASES / "states" / f"{state}.db", work=tmp_path)
    assert isinstance(opened, OpenedDatabase)
    assert words in sentence(opened)
    opened.evidence.close()


def test_a_file_that_was_cleared_softly_is_not_taken_for_an_unfinished_first_sync(tmp_path: Path) -> None:
    cleared = tmp_path / "cleared.db"
    cleared.write_bytes((DATABASES / "states" / "up-to-date.db").read_bytes())
    connection = apsw.Connection(str(cleared))
    # As powersync_clear(2) of the official core leaves it.
    for statement in (
        "UPDATE ps_buckets SET last_applied_op = 0",
        "DELETE FROM ps_sync_state",
        "DELETE FROM ps_untyped",
    ):
        connection.execute(statement)
    connection.execute("DELETE FROM ps_data__todos; DELETE FROM ps_data__lists")
    connection.close()
    opened = open_file(cleared, work=tmp_path)
    assert isinstance(opened, OpenedDatabase)
    assert sentence(opened).startswith(
        "The tables were cleared after a full sync. 564 operations in 6 buckets are kept, to be shown by the next sync."
    )
    _, report = examine(opened)
    assert [finding.title for finding in report.findings] == ["The tables were cleared after a full sync"]
    opened.evidence.close()


def test_an_operation_that_was_altered_in_the_file_is_found(tmp_path: Path) -> None:
    altered = tmp_path / "altered.db"
    altered.write_bytes((DATABASES / "states" / "up-to-date.db").read_bytes())
    connection = apsw.Connection(str(altered))
    connection.execute("UPDATE ps_oplog SET hash = hash + 1 WHERE op_id = 1")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    opened = open_file(altered, work=tmp_path / "work")
    assert 'Bucket my_lists["user-1"] does not hold the operations that it counts.' in sentence(opened)
    assert isinstance(opened, OpenedDatabase)
    opened.evidence.close()


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 5000], ids=["empty", "text", "zeros"])
def test_what_is_neither_is_refused_with_a_next_step(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.db").write_bytes(content)
    with pytest.raises(InspectorError) as caught:
        open_file(tmp_path / "file.db", work=tmp_path / "work")
    assert caught.value.what.startswith("file.db")
    assert caught.value.next_step
