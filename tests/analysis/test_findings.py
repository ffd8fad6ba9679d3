"""The checks of client databases: what each finds on a file that was tampered with, and that sound files are sound."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.analysis.examination import examine
from inspector.analysis.finding_types import (
    Certainty,
    Check,
    CheckState,
    Finding,
    Material,
    Progress,
    Report,
    Stopped,
)
from inspector.analysis.findings import run_check
from inspector.analysis.opening import OpenedDatabase, open_file
from inspector.analysis.report_text import finding_lines
from inspector.analysis.state import Live, Role, describe
from inspector.engine.control import Status
from inspector.store.reader import ClientDatabaseReader
from inspector.store.schema import GATE_CLOSED
from tests.store.database_files import change, copy_to, state, version

Examine = Callable[..., Report]
SOUND = ("never-synced", "mid-download", "partial", "up-to-date", "wal-left-behind")
UPPER = "AAAAAAAA-1111-4222-8333-444444444444"
PATCH = '{"op":"PATCH","id":"todo-1002","type":"todos","data":{"completed":1}}'


@pytest.fixture
def examined(tmp_path: Path) -> Examine:
    """All findings of a state's copy after these statements."""

    def run(name: str, *statements: str) -> Report:
        path = copy_to(tmp_path, state(name) if not name.endswith(".db") else version(name))
        change(path, *statements, "PRAGMA journal_mode = DELETE")
        opened = open_file(path, work=tmp_path / "work")
        assert isinstance(opened, OpenedDatabase)
        try:
            return examine(opened)[1]
        finally:
            opened.evidence.close()

    return run


def finding(report: Report, name: str) -> Finding:
    found = {each.name: each for each in report.findings}
    assert name in found, list(found)
    return found[name]


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_database_has_nothing_above_a_hint(examined: Examine, name: str) -> None:
    report = examined(name)
    assert {each.certainty for each in report.findings} <= {Certainty.HINT}
    assert not report.not_run
    assert report.checks == report.silent + len({each.check for each in report.findings})


@pytest.mark.parametrize("name", sorted(path.name for path in version("v14.db").parent.glob("v*.db")))
def test_every_version_is_told_of_its_waiting_writes_and_of_nothing_else(examined: Examine, name: str) -> None:
    report = examined(name)
    assert [each.name for each in report.findings if each.certainty is not Certainty.HINT] == ["uploads/writes-wait"]
    assert not report.not_run


RAW_NOTES = (
    "CREATE TABLE notes (id TEXT PRIMARY KEY, body TEXT, own TEXT)",
    "INSERT INTO notes SELECT id, json_extract(data, '$.body'), NULL FROM ps_untyped WHERE type = 'notes'",
    "DELETE FROM ps_untyped",
)
LOGS = (
    "CREATE VIEW logs AS SELECT 1 AS id",
    "CREATE TRIGGER logs_insert INSTEAD OF INSERT ON logs BEGIN INSERT INTO powersync_crud_(data) VALUES (1); END",
)


def entry(tx_id: int, row_type: str) -> str:
    return f"""({tx_id}, '{{"op":"PUT","id":"x","type":"{row_type}","data":{{}}}}')"""


def log_pair(tx_id: int) -> str:
    """A write to a synced table, and one to an insert-only table in the next transaction."""
    return f"INSERT INTO ps_crud(tx_id, data) VALUES {entry(tx_id, 'todos')}, {entry(tx_id + 1, 'logs')}"


ALTERED = "UPDATE ps_data__todos SET data = json_set(data, '$.rating', 5.0) WHERE id = '{}'"
CASES: tuple[tuple[str, str, tuple[str, ...], Certainty], ...] = (
    ("rows/altered", "up-to-date", (ALTERED.format("todo-1002"),), Certainty.CERTAIN),
    ("rows/altered", "held-by-uploads", (ALTERED.format("todo-1002"),), Certainty.CERTAIN),
    ("rows/dangling", "up-to-date", ("INSERT INTO ps_data__todos VALUES ('nobody', '{}')",), Certainty.CERTAIN),
    ("rows/missing", "up-to-date", ("DELETE FROM ps_data__todos WHERE id = 'todo-1002'",), Certainty.CERTAIN),
    (
        "rows/missing-raw/notes",
        "up-to-date",
        ("DELETE FROM ps_untyped", "CREATE TABLE notes (id TEXT PRIMARY KEY)"),
        Certainty.LIKELY,
    ),
    (
        "rows/letter-case/todos",
        "up-to-date",
        (f"INSERT INTO ps_data__todos VALUES ('{UPPER}', '{{}}'), ('{UPPER.lower()}', '{{}}')",),
        Certainty.CERTAIN,
    ),
    (
        'operations/altered/1#my_todos|0["list-7"]',
        "up-to-date",
        ("UPDATE ps_oplog SET data = json_set(data, '$.rating', 5.0) WHERE row_id = 'todo-1002'",),
        Certainty.CERTAIN,
    ),
    (
        'checksums/stored-sum/1#my_lists|0["user-1"]',
        "up-to-date",
        ("UPDATE ps_oplog SET hash = hash + 1 WHERE op_id = 1",),
        Certainty.CERTAIN,
    ),
    (
        'operations/disorder/1#my_lists|0["user-1"]',
        "up-to-date",
        ("UPDATE ps_buckets SET last_op = 0 WHERE id = 1",),
        Certainty.CERTAIN,
    ),
    ("operations/homeless", "up-to-date", ("UPDATE ps_oplog SET bucket = 99 WHERE op_id = 30",), Certainty.CERTAIN),
    (
        "operations/doubled-key",
        "up-to-date",
        ("INSERT INTO ps_oplog SELECT bucket, 1500, row_type, row_id, key, data, hash FROM ps_oplog WHERE op_id = 30",),
        Certainty.LIKELY,
    ),
    (
        "operations/mixed-keys",
        "up-to-date",
        ("UPDATE ps_oplog SET key = key || '\"' WHERE op_id = 30",),
        Certainty.CERTAIN,
    ),
    (
        "operations/copies-differ",
        "up-to-date",
        ("INSERT INTO ps_oplog SELECT 1, op_id, row_type, row_id, 'k', '{}', 0 FROM ps_oplog WHERE op_id = 30",),
        Certainty.LIKELY,
    ),
    (
        "operations/large",
        "up-to-date",
        ("UPDATE ps_oplog SET data = json_set(data, '$.x', hex(zeroblob(600000))) WHERE op_id = 30",),
        Certainty.HINT,
    ),
    (
        "operations/beyond-int64",
        "up-to-date",
        ("UPDATE ps_oplog SET data = '{\"a\":18446744073709551615}' WHERE op_id = 30",),
        Certainty.CERTAIN,
    ),
    (
        "operations/beyond-int64",
        "up-to-date",
        ("UPDATE ps_oplog SET data = '{\"a\": 18446744073709551615}' WHERE op_id = 30",),
        Certainty.CERTAIN,
    ),
    (
        "operations/encoded-twice",
        "up-to-date",
        ("UPDATE ps_oplog SET data = json_set(data, '$.x', '\"{\\\"a\\\":1}\"') WHERE op_id = 30",),
        Certainty.LIKELY,
    ),
    ("sync/claims-too-much", "up-to-date", ("UPDATE ps_buckets SET last_applied_op = 0",), Certainty.CERTAIN),
    (
        "sync/no-bucket",
        "never-synced",
        ("INSERT INTO ps_sync_state VALUES (2147483647, 1795448849651000)",),
        Certainty.HINT,
    ),
    ("sync/not-shown", "up-to-date", ("UPDATE ps_buckets SET last_applied_op = 20 WHERE id = 3",), Certainty.HINT),
    (
        "sync/partial-stuck",
        "up-to-date",
        ("INSERT INTO ps_sync_state SELECT 1, last_synced_at + 200000000000 FROM ps_sync_state",),
        Certainty.LIKELY,
    ),
    ("sync/updates-left-over", "up-to-date", ("INSERT INTO ps_updated_rows VALUES ('todos', 'x')",), Certainty.HINT),
    (
        "sync/clock-ahead",
        "up-to-date",
        (f"UPDATE ps_sync_state SET last_synced_at = {int((time.time() + 7200) * 1_000_000)}",),
        Certainty.LIKELY,
    ),
    (
        "sync/old",
        "up-to-date",
        (f"UPDATE ps_sync_state SET last_synced_at = {int((time.time() - 300_000) * 1_000_000)}",),
        Certainty.HINT,
    ),
    (
        "uploads/never-requested",
        "up-to-date",
        (f"INSERT OR REPLACE INTO ps_kv VALUES ('target_checkpoint_request_id', {GATE_CLOSED})",),
        Certainty.LIKELY,
    ),
    (
        "uploads/no-sequence",
        "up-to-date",
        (
            f"INSERT OR REPLACE INTO ps_kv VALUES ('target_checkpoint_request_id', {GATE_CLOSED})",
            "DELETE FROM sqlite_sequence",
        ),
        Certainty.LIKELY,
    ),
    (
        "uploads/gate-open",
        "held-by-uploads",
        ("DELETE FROM ps_kv WHERE key = 'target_checkpoint_request_id'",),
        Certainty.LIKELY,
    ),
    ("uploads/unreadable-entry", "held-by-uploads", ("INSERT INTO ps_crud(data) VALUES ('{}')",), Certainty.CERTAIN),
    (
        "uploads/unchanged",
        "held-by-uploads",
        (
            "INSERT INTO ps_crud(data, tx_id) SELECT json_object('op', 'PUT', 'type', row_type, 'id', row_id, 'data',"
            " json(data)), 2 FROM ps_oplog WHERE row_type = 'todos' LIMIT 5",
        ),
        Certainty.CERTAIN,
    ),
    (
        "uploads/null-word",
        "held-by-uploads",
        ("UPDATE ps_crud SET data = json_set(data, '$.data.description', 'null')",),
        Certainty.HINT,
    ),
    (
        "uploads/null-word",
        "held-by-uploads",
        ("UPDATE ps_crud SET data = json_set(data, '$.data.completed', 'null')",),
        Certainty.LIKELY,
    ),
    (
        "uploads/unknown-type/drafts",
        "held-by-uploads",
        ("UPDATE ps_crud SET data = json_set(data, '$.type', 'drafts')",),
        Certainty.LIKELY,
    ),
    (
        "uploads/long-queue",
        "held-by-uploads",
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
            f" INSERT INTO ps_crud(data, tx_id) SELECT '{PATCH}', i FROM n",
        ),
        Certainty.HINT,
    ),
    (
        "buckets/near-limit",
        "up-to-date",
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
            " INSERT INTO ps_buckets(name) SELECT '1#tags|0[' || i || ']' FROM n",
        ),
        Certainty.LIKELY,
    ),
    (
        "buckets/null-parameter/1#my_todos|0[null]",
        "up-to-date",
        ("INSERT INTO ps_buckets(name) VALUES ('1#my_todos|0[null]')",),
        Certainty.HINT,
    ),
    (
        "buckets/mixed-versions/my_lists",
        "up-to-date",
        ("INSERT INTO ps_buckets(name) VALUES ('2#my_lists|0[\"user-1\"]')",),
        Certainty.HINT,
    ),
    (
        'buckets/needs-compacting/1#my_todos|0["list-1"]',
        "up-to-date",
        ("UPDATE ps_buckets SET count_at_last = 24310 WHERE id = 3",),
        Certainty.LIKELY,
    ),
    ("schema/lacks-photos", "up-to-date", ("INSERT INTO ps_untyped VALUES ('photos', 'p', '{}')",), Certainty.HINT),
    ("schema/lacks-Todo", "up-to-date", ("INSERT INTO ps_untyped VALUES ('Todo', 'p', '{}')",), Certainty.LIKELY),
    ("schema/no-view", "up-to-date", ("DROP VIEW todos",), Certainty.LIKELY),
    ("schema/no-trigger", "up-to-date", ("DROP TRIGGER ps_view_insert_todos",), Certainty.LIKELY),
    ("schema/no-index", "up-to-date", ("DROP INDEX ps_oplog_key",), Certainty.CERTAIN),
    ("schema/odd-name", "up-to-date", ('CREATE TABLE "ps_data__0"(id TEXT, data TEXT)',), Certainty.CERTAIN),
    ("schema/local-row", "up-to-date", ("INSERT INTO ps_buckets(name) VALUES ('$local')",), Certainty.CERTAIN),
    (
        "schema/lossy/todos.completed",
        "up-to-date",
        ("UPDATE ps_data__todos SET data = json_set(data, '$.completed', '12.5 kg') WHERE id = 'todo-1002'",),
        Certainty.CERTAIN,
    ),
    (
        "schema/never-delivered/todos.rating",
        "up-to-date",
        ("UPDATE ps_data__todos SET data = json_remove(data, '$.rating')",),
        Certainty.HINT,
    ),
    (
        "schema/mixed-times/todos.created_at",
        "up-to-date",
        (
            "UPDATE ps_data__todos SET data = json_set(data, '$.created_at', '2026-01-02 10:00:00')"
            " WHERE id = 'todo-1002'",
        ),
        Certainty.HINT,
    ),
    (
        "schema/own-triggers",
        "up-to-date",
        ("CREATE TRIGGER fts AFTER INSERT ON ps_data__todos BEGIN SELECT 1; END",),
        Certainty.HINT,
    ),
    (
        "schema/refuses/notes.weight",
        "up-to-date",
        ("CREATE TABLE notes (id TEXT PRIMARY KEY, weight INTEGER NOT NULL)",),
        Certainty.LIKELY,
    ),
    (
        "rows/raw-column/notes.body",
        "up-to-date",
        (*RAW_NOTES, "UPDATE notes SET body = NULL WHERE id = (SELECT min(id) FROM notes)"),
        Certainty.LIKELY,
    ),
    ("uploads/split-transactions", "up-to-date", (*LOGS, *(log_pair(tx) for tx in (2, 4, 6))), Certainty.HINT),
    (
        "schema/cascade/notes",
        "up-to-date",
        ("CREATE TABLE notes (id TEXT PRIMARY KEY, a TEXT REFERENCES b(id) ON DELETE CASCADE)",),
        Certainty.HINT,
    ),
    (
        "streams/never-satisfied/9",
        "up-to-date",
        (
            "INSERT INTO ps_stream_subscriptions(id, stream_name, active, ttl, expires_at)"
            " SELECT 9, 'note', 1, 86400, last_synced_at + 86400000000 - 60000000 FROM ps_sync_state",
        ),
        Certainty.LIKELY,
    ),
    (
        "streams/expired/9",
        "up-to-date",
        (
            "INSERT INTO ps_stream_subscriptions(id, stream_name, active, ttl, expires_at, last_synced_at)"
            " VALUES (9, 'note', 0, 60, 1795448849651000, 1795448849651000)",
        ),
        Certainty.HINT,
    ),
    (
        "streams/same-meaning/8",
        "up-to-date",
        (
            "INSERT INTO ps_stream_subscriptions(id, stream_name, local_params) VALUES"
            " (8, 'n', '{\"a\":1,\"b\":2}'), (9, 'n', '{\"b\":2,\"a\":1}')",
        ),
        Certainty.LIKELY,
    ),
    (
        "streams/odd-keys/9",
        "up-to-date",
        (
            "INSERT INTO ps_stream_subscriptions(id, stream_name, local_params) VALUES"
            " (7, 'n', '{\"list\":1}'), (8, 'n', '{\"list\":2}'), (9, 'n', '{\"lits\":3}')",
        ),
        Certainty.HINT,
    ),
    (
        "file/free-pages",
        "up-to-date",
        ("CREATE TABLE big AS SELECT zeroblob(4000000) AS b", "DROP TABLE big"),
        Certainty.HINT,
    ),
)


@pytest.mark.parametrize(("name", "base", "statements", "certainty"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_what_is_wrong_is_found(
    examined: Examine, name: str, base: str, statements: tuple[str, ...], certainty: Certainty
) -> None:
    found = finding(examined(base, *statements), name)
    assert found.certainty is certainty
    assert found.evidence
    for text in (found.summary, found.meaning, found.next_step):
        assert text.endswith(".")


def test_a_row_with_a_waiting_write_is_altered_only_in_columns_that_the_write_does_not_set(examined: Examine) -> None:
    assert "rows/altered" not in [each.name for each in examined("held-by-uploads").findings]
    altered = finding(examined("held-by-uploads", ALTERED.format("todo-1002")), "rows/altered")
    assert "`rating` of `todos / todo-1002` is no value of operation 30" in altered.meaning
    assert altered.row == ("todos", "todo-1002")


def test_an_upload_that_is_not_confirmed_explains_values_that_no_operation_has(examined: Examine) -> None:
    touched = (ALTERED.format("todo-1002"), "INSERT OR IGNORE INTO ps_updated_rows VALUES ('todos', 'todo-1002')")
    names = [each.name for each in examined("waiting-for-service", *touched).findings]
    assert "rows/altered" not in names


def test_writes_that_were_uploaded_before_make_an_altered_value_likely_only(examined: Examine) -> None:
    report = examined("held-by-uploads", ALTERED.format("todo-1002"), "UPDATE ps_crud SET id = 41")
    assert finding(report, "rows/altered").certainty is Certainty.LIKELY


def test_a_wal_that_an_app_has_left_is_a_hint(tmp_path: Path) -> None:
    opened = open_file(copy_to(tmp_path, state("wal-left-behind")), work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    report = examine(opened)[1]
    opened.evidence.close()
    left = finding(report, "file/recovered-0")
    assert left.certainty is Certainty.HINT
    assert "the app was killed, or still runs" in left.summary


def test_an_old_sync_of_a_file_without_its_wal_says_so(tmp_path: Path, examined: Examine) -> None:
    stale = f"UPDATE ps_sync_state SET last_synced_at = {int((time.time() - 300_000) * 1_000_000)}"
    assert "a -wal that was not copied" not in finding(examined("up-to-date", stale), "sync/old").meaning
    path = copy_to(tmp_path, state("up-to-date"), "wal.db")
    change(path, stale, "PRAGMA journal_mode = WAL")
    opened = open_file(path, work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    assert "a -wal that was not copied" in finding(examine(opened)[1], "sync/old").meaning
    opened.evidence.close()


def test_a_raw_table_that_is_filled_is_no_finding(examined: Examine) -> None:
    assert not [each for each in examined("up-to-date", *RAW_NOTES).findings if each.check == "rows/raw-column"]


@pytest.mark.parametrize(
    "entries",
    [
        (entry(2, "todos"), entry(2, "logs"), entry(3, "todos"), entry(3, "logs"), entry(4, "todos"), entry(4, "logs")),
        (entry(2, "logs"), entry(4, "logs"), entry(6, "logs"), entry(7, "todos")),
    ],
    ids=["whole transactions", "transactions of their own"],
)
def test_transactions_that_were_not_split_are_no_finding(examined: Examine, entries: tuple[str, ...]) -> None:
    report = examined("up-to-date", *LOGS, f"INSERT INTO ps_crud(tx_id, data) VALUES {', '.join(entries)}")
    assert not [each for each in report.findings if each.check == "uploads/split-transactions"]


def test_columns_are_looked_at_in_every_row(examined: Examine) -> None:
    more = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO ps_data__todos SELECT 'more-' || i, json_object('completed', 1) FROM n"
    )
    last = "INSERT INTO ps_data__todos VALUES ('last', json_object('completed', 'x', 'rating', 1))"
    report = examined("up-to-date", "UPDATE ps_data__todos SET data = json_remove(data, '$.rating')", more, last)
    lossy = finding(report, "schema/lossy/todos.completed")
    assert lossy.summary == "1 text is no such number."
    assert lossy.row == ("todos", "last")
    assert not [each for each in report.findings if each.name == "schema/never-delivered/todos.rating"]


def test_a_soft_clear_is_no_finding(examined: Examine) -> None:
    cleared = (
        "DELETE FROM ps_data__todos",
        "DELETE FROM ps_data__lists",
        "DELETE FROM ps_untyped",
        "UPDATE ps_buckets SET last_applied_op = 0",
        "DELETE FROM ps_sync_state",
    )
    assert {each.certainty for each in examined("up-to-date", *cleared).findings} <= {Certainty.HINT}


def test_the_same_row_in_several_buckets_is_no_finding(examined: Examine) -> None:
    copied = "INSERT INTO ps_oplog SELECT 1, op_id, row_type, row_id, key, data, 0 FROM ps_oplog WHERE op_id = 30"
    names = [each.name for each in examined("up-to-date", copied).findings]
    assert "operations/copies-differ" not in names


def test_a_row_that_was_removed_while_writes_wait_is_no_finding(examined: Examine) -> None:
    # list-2 has left its bucket, and its row is shown until the checkpoint is.
    assert "rows/dangling" not in [each.name for each in examined("held-by-uploads").findings]


def test_damage_is_told_and_what_cannot_run_says_why(examined: Examine) -> None:
    report = examined("damaged")
    problem = finding(report, "file/problem-0")
    assert problem.role is Role.BROKEN
    assert problem.title not in problem.meaning
    assert problem.meaning.startswith(problem.summary)
    assert "in a sound copy" in problem.meaning, "it says more than its summary"
    assert "\n".join(finding_lines(problem)).count(problem.summary) == 1
    stopped = [result for result in report.results if result.state is CheckState.NOT_RUN]
    assert stopped
    assert all("cannot be read" in result.remark for result in stopped)


def test_a_file_that_a_tool_has_synced_has_no_trigger_and_is_sound(examined: Examine) -> None:
    dropped = [f"DROP TRIGGER ps_view_{op}_{name}" for op in ("insert",) for name in ("todos", "lists", "drafts")]
    assert finding(examined("up-to-date", *dropped), "schema/no-trigger").certainty is Certainty.HINT


def test_a_fault_in_a_check_is_seen_by_tests_and_does_not_stop_the_others(tmp_path: Path) -> None:
    def broken(_: Material) -> list[Finding]:
        raise TypeError("no such thing")

    reader = ClientDatabaseReader(copy_to(tmp_path, state("up-to-date")))
    check = Check("rows/broken", "Nothing", "nothing", (Live,), broken)
    with pytest.warns(RuntimeWarning, match=r"The check rows/broken failed\. TypeError: no such thing"):
        result = run_check(check, Material(Live(Status()), time.time_ns(), database=reader))
    reader.close()
    assert result.state is CheckState.NOT_RUN
    assert "a fault of this program and not of the file" in result.remark


def test_checksums_that_are_made_otherwise_are_said_to_be_not_verifiable(examined: Examine) -> None:
    report = examined("up-to-date", "UPDATE ps_oplog SET hash = op_id", "UPDATE ps_buckets SET op_checksum = 0")
    result = next(each for each in report.results if each.check.name == "operations/altered")
    assert result.state is CheckState.NOT_RUN
    assert "makes them otherwise" in result.remark


def test_the_worst_stands_first_and_the_sentence_says_it(tmp_path: Path) -> None:
    path = copy_to(tmp_path, state("up-to-date"))
    change(path, ALTERED.format("todo-1002"), "DROP INDEX ps_oplog_key", "PRAGMA journal_mode = DELETE")
    opened = open_file(path, work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    before = describe(opened.summary, time.time_ns())
    assert before.then.endswith("The checks are running.")
    file, report = examine(opened)
    opened.evidence.close()
    assert [each.check for each in report.findings[:2]] == ["rows/altered", "schema/no-index"]
    after = describe(file, time.time_ns())
    assert after.lead == "Row changed outside PowerSync."
    assert "todos / todo-1002 differs from its operation." in after.then
    assert "Checked 564 stored operations" in after.then
    assert after.then.endswith("the file was not changed.")


def test_a_file_that_is_written_meanwhile_is_said_to_be(tmp_path: Path) -> None:
    path = copy_to(tmp_path, state("up-to-date"))
    opened = open_file(path, work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    change(path, "DELETE FROM ps_untyped", "PRAGMA wal_checkpoint(TRUNCATE)")
    file, _ = examine(opened)
    opened.evidence.close()
    assert describe(file, time.time_ns()).then.startswith("The file was written since it was opened,")


def test_checks_that_nobody_waits_for_stop(tmp_path: Path) -> None:
    opened = open_file(copy_to(tmp_path, state("up-to-date")), work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    with pytest.raises(Stopped):
        examine(opened, Progress(lambda: False))
    opened.evidence.close()
