"""A first sync without indexes ends in the same file as one with them."""

from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.events import Published
from inspector.protocol.lines import BucketChecksum, Checkpoint, DataLine, Operation, OpType
from inspector.store import database as database_module
from inspector.store.app_schema import AppSchema, Column, Index, IndexedColumn, Table
from inspector.store.database import ClientDatabase
from inspector.store.preparing import StoreError

TABLES = ("ps_oplog", "ps_buckets", "ps_updated_rows", "ps_data__t", "ps_untyped", "ps_sync_state")
INDEXES = {("ps_oplog_row",), ("ps_oplog_opid",), ("ps_oplog_key",)}
NOW = 1_700_000_000_000_000

operations = st.lists(
    st.tuples(
        st.sampled_from([OpType.PUT, OpType.PUT, OpType.PUT, OpType.REMOVE, OpType.MOVE, OpType.CLEAR]),
        st.sampled_from(["t", "u"]),
        st.sampled_from(["r1", "r2", "r3", "r4"]),
    ),
    max_size=8,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("line"), st.sampled_from("abc"), st.booleans(), operations),
        st.tuples(st.just("partial"), st.integers(1, 3)),
        st.tuples(st.just("full")),
        st.tuples(st.just("wrong"), st.sampled_from("abc")),
        st.tuples(st.just("delete"), st.sampled_from("abc")),
    ),
    max_size=14,
)
PRIORITIES = {"a": 1, "b": 2, "c": 3}

Script = list[tuple[Any, ...]]
"""What is done, each by its name and what goes with it, as `steps` makes them."""


def played(script: Script, monkeypatch: pytest.MonkeyPatch, *, at_once: bool) -> apsw.Connection:
    """The database after `script`; `at_once` fills it without indexes as long as it can."""
    monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1 if at_once else 10**9)
    client = ClientDatabase.open(":memory:", AppSchema((Table("t"),)))
    client.track(TargetCheckpoint.of(Checkpoint(1, (BucketChecksum("a", 0, 1),))))
    connection = client._connection
    op_id = 0
    for kind, *details in script:
        if kind == "line":
            bucket, has_more, described = details
            line = []
            for op, row_type, row in described:
                op_id += 1
                names_row = op in (OpType.PUT, OpType.REMOVE)
                of_type, of_row = (row_type, row) if names_row else (None, None)
                data = f'{{"n":{op_id}}}' if op is OpType.PUT else None
                line.append(Operation(op_id, op, op_id * 7919, of_type, of_row, None, data))
            client.save(DataLine(bucket, line, has_more), 10)
        elif kind == "delete":
            client.delete_buckets(details)
        else:
            wrong = details[0] if kind == "wrong" else None
            priority = details[0] if kind == "partial" else None
            client.publish(current_target(connection, op_id, wrong), priority, NOW)
    client._end_first_sync()
    client.settle()
    return connection


def current_target(connection: apsw.Connection, op_id: int, wrong: str | None) -> TargetCheckpoint:
    held: list[tuple[Any, ...]] = connection.execute(
        "SELECT name, add_checksum + op_checksum, count_since_last FROM ps_buckets"
    ).fetchall()
    buckets = tuple(
        BucketChecksum(name, checksum + (name == wrong), count, PRIORITIES[name]) for name, checksum, count in held
    )
    return TargetCheckpoint.of(Checkpoint(op_id, buckets))


def contents(connection: apsw.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in TABLES}


@given(steps)
def test_every_table_ends_the_same(script: Script) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        with_indexes = played(script, monkeypatch, at_once=False)
        without = played(script, monkeypatch, at_once=True)
    assert contents(without) == contents(with_indexes)
    present = without.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB 'ps_oplog_*'")
    assert set(present.fetchall()) == INDEXES


def put(op_id: int, row: str, data: str | None = "{}", checksum: int = 0) -> Operation:
    return Operation(op_id, OpType.PUT, checksum, "t", row, None, data)


def shown(monkeypatch: pytest.MonkeyPatch, at_once: bool, *acts: DataLine | int) -> list[tuple[object, ...]]:
    """The rows of `t` after these lines, and after partial syncs of these priorities, and then a full one."""
    monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1 if at_once else 10**9)
    client = ClientDatabase.open(":memory:", AppSchema((Table("t"),)))
    target = TargetCheckpoint.of(Checkpoint(9, (BucketChecksum("a", 0, 9, 1), BucketChecksum("b", 0, 9, 2))))
    client.track(target)
    for act in acts:
        if isinstance(act, DataLine):
            client.save(act, 10)
        else:
            client.publish(target, act, NOW)
    client.publish(target, None, NOW)
    return client._connection.execute("SELECT id, data FROM ps_data__t ORDER BY id").fetchall()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_full_sync_shows_what_came_for_buckets_that_the_checkpoint_does_not_name(
    monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    lines = DataLine("a", [put(1, "r1")]), DataLine("later", [put(2, "r2")])
    assert shown(monkeypatch, at_once, *lines) == [("r1", "{}"), ("r2", "{}")]
    assert shown(monkeypatch, at_once, DataLine("later", [put(2, "r2")]), 1) == [("r2", "{}")]


@pytest.mark.parametrize("at_once", [False, True])
def test_an_operation_without_data_takes_away_the_row_that_a_partial_sync_has_shown(
    monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    first, second = DataLine("a", [put(1, "r1"), put(2, "r2")]), DataLine("b", [put(3, "r1", None)])
    assert shown(monkeypatch, at_once, first, 1, second) == [("r2", "{}")]


@pytest.mark.parametrize("at_once", [False, True])
def test_operations_that_come_after_their_time_are_not_shown(monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    first, second = DataLine("a", [put(5, "r1")], has_more=True), DataLine("a", [put(4, "r2")])
    assert shown(monkeypatch, at_once, first, 1, second) == [("r1", "{}")]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_put_that_names_no_row_keeps_the_checkpoint_from_being_shown(
    monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    nameless = Operation(2, OpType.PUT, 0, None, "r2", None, "{}")
    with pytest.raises(StoreError, match="names no row"):
        shown(monkeypatch, at_once, DataLine("a", [put(1, "r1"), nameless]))


@pytest.mark.parametrize("at_once", [False, True])
def test_a_row_that_an_index_cannot_read_is_told_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1 if at_once else 10**9)
    table = Table("t", (Column("name"),), indexes=(Index("by_name", (IndexedColumn("name"),)),))
    client = ClientDatabase.open(":memory:", AppSchema((table,)))
    target = TargetCheckpoint.of(Checkpoint(9, (BucketChecksum("a", 0, 9, 1),)))
    client.track(target)
    client.save(DataLine("a", [put(1, "r1"), put(2, "r2", "no json")]), 10)
    with pytest.raises(StoreError, match="malformed JSON"):
        client.publish(target, None, NOW)
    assert client._connection.execute("SELECT count(*) FROM ps_data__t").fetchall() == [(0,)]
    client.save(DataLine("a", [put(3, "r2", '{"name": 1}')]), 10)
    assert isinstance(client.publish(target, None, NOW), Published)


def test_keys_with_the_same_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.store.oplog.hash", lambda _key: 1, raising=False)
    script: Script = [("line", "a", True, [(OpType.PUT, "t", f"r{number % 3}")]) for number in range(8)]
    slow = contents(played(script, monkeypatch, at_once=False))
    assert contents(played(script, monkeypatch, at_once=True)) == slow
    assert len(slow["ps_oplog"]) == 3


def test_a_kill_in_a_first_sync_leaves_a_file_whose_indexes_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1)
    client = ClientDatabase.open(tmp_path / "client.db")
    client.track(TargetCheckpoint.of(Checkpoint(1, (BucketChecksum("a", 0, 1),))))
    client.save(DataLine("a", [Operation(1, OpType.PUT, 1, "t", "r", None, "{}")], has_more=True), 10)
    client.settle()
    killed = tmp_path / "killed.db"
    for suffix in ("", "-wal"):
        (tmp_path / f"killed.db{suffix}").write_bytes((tmp_path / f"client.db{suffix}").read_bytes())
    client.close()
    ClientDatabase.open(killed).close()
    names = apsw.Connection(str(killed)).execute("SELECT name FROM sqlite_schema WHERE type = 'index'").fetchall()
    assert set(names) >= INDEXES
