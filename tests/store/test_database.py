"""Publishing, the gate, subscriptions and progress, through the store's door."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.events import HeldBack, Mismatched, Published
from inspector.protocol.lines import (
    BucketChecksum,
    BucketSubscription,
    Checkpoint,
    DataLine,
    Operation,
    OpType,
    StreamDescription,
)
from inspector.store.app_schema import AppSchema, Column, Index, IndexedColumn, Table
from inspector.store.database import ClientDatabase
from inspector.store.preparing import StoreError
from inspector.store.progress import Progress
from inspector.store.schema import GATE_CLOSED
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"
NOW = 1_700_000_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "client.db"


@pytest.fixture
def database(path: Path) -> Iterator[ClientDatabase]:
    opened = ClientDatabase.open(path, AppSchema((Table("t"),)))
    yield opened
    opened.close()


def put(op_id: int, row: str, data: str = "{}", checksum: int = 1) -> Operation:
    return Operation(op_id, OpType.PUT, checksum, "t", row, None, data)


def target(*buckets: tuple[str, int, int], op_id: int = 100, write_checkpoint: int | None = None) -> TargetCheckpoint:
    """A checkpoint of buckets (name, checksum, priority)."""
    checksums = tuple(BucketChecksum(name, checksum, 1, priority) for name, checksum, priority in buckets)
    return TargetCheckpoint.of(Checkpoint(op_id, checksums, write_checkpoint))


def look(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def write_locally(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()


def test_the_operation_with_the_highest_op_id_over_all_buckets_wins(database: ClientDatabase, path: Path) -> None:
    database.save(DataLine("a", [put(5, "r", '{"v":"newer"}')]), 1)
    database.save(DataLine("b", [put(4, "r", '{"v":"older"}')]), 1)
    assert database.publish(target(("a", 1, 1), ("b", 1, 3)), None, NOW) == Published()
    assert look(path, "SELECT id, data FROM ps_data__t") == [("r", '{"v":"newer"}')]


def test_a_row_leaves_only_when_no_bucket_holds_it(database: ClientDatabase, path: Path) -> None:
    database.save(DataLine("a", [put(5, "r", '{"v":"a"}')]), 1)
    database.save(DataLine("b", [put(4, "r", '{"v":"b"}')]), 1)
    database.publish(target(("a", 1, 1), ("b", 1, 3)), None, NOW)
    database.delete_buckets(["a"])
    database.publish(target(("b", 1, 3), op_id=101), None, NOW)
    assert look(path, "SELECT data FROM ps_data__t") == [('{"v":"b"}',)]
    database.delete_buckets(["b"])
    database.publish(target(op_id=102), None, NOW)
    assert look(path, "SELECT data FROM ps_data__t") == []


def test_a_partial_completion_shows_its_buckets_only(database: ClientDatabase, path: Path) -> None:
    database.save(DataLine("a", [put(1, "r1")]), 1)
    database.save(DataLine("b", [put(2, "r2")]), 1)
    assert database.publish(target(("a", 1, 1), ("b", 99, 3)), 1, NOW) == Published()
    assert look(path, "SELECT id FROM ps_data__t") == [("r1",)]
    assert look(path, "SELECT * FROM ps_sync_state") == [(1, NOW)]
    assert not database.has_synced


def test_mismatched_buckets_are_named_with_both_sums_and_deleted(database: ClientDatabase, path: Path) -> None:
    database.save(DataLine("a", [put(1, "r1", checksum=10), put(2, "r1", checksum=-3)]), 1)
    outcome = database.publish(target(("a", 8, 1), ("missing", 5, 1)), None, NOW)
    assert isinstance(outcome, Mismatched)
    assert [(bucket.bucket, bucket.expected, bucket.ours) for bucket in outcome.buckets] == [
        ("a", 8, 7),
        ("missing", 5, 0),
    ]
    assert (outcome.buckets[0].add_checksum, outcome.buckets[0].op_checksum) == (10, 2**32 - 3)
    assert look(path, "SELECT name FROM ps_buckets") == []
    assert look(path, "SELECT * FROM ps_updated_rows") == [("t", "r1")]


def test_pending_writes_hold_everything_back_but_priority_zero(database: ClientDatabase, path: Path) -> None:
    write_locally(path, "INSERT INTO ps_crud(data) VALUES ('{}')")
    database.save(DataLine("a", [put(1, "r1")]), 1)
    wanted = target(("a", 1, 0), write_checkpoint=3)
    assert database.publish(wanted, None, NOW) == HeldBack()
    assert look(path, "SELECT * FROM ps_data__t") == []
    assert database.seen_request == 3, "what the service confirmed is known all the same"
    assert database.publish(wanted, 0, NOW) == Published()
    assert look(path, "SELECT id FROM ps_data__t") == [("r1",)]


@pytest.mark.parametrize(("gate", "outcome"), [(7, Published()), (8, HeldBack()), (GATE_CLOSED, HeldBack())])
def test_the_gate_opens_when_the_request_has_been_seen(
    database: ClientDatabase, path: Path, gate: int, outcome: Published | HeldBack
) -> None:
    write_locally(path, f"INSERT INTO ps_kv VALUES ('target_checkpoint_request_id', {gate})")
    assert database.publish(target(write_checkpoint=7), None, NOW) == outcome


def test_rows_of_tables_that_the_schema_lacks_wait_in_ps_untyped_until_it_has_them(path: Path) -> None:
    database = ClientDatabase.open(path, AppSchema())
    database.save(DataLine("a", [put(1, "r1", '{"name":"x","n":"12"}'), put(2, "r2")]), 1)
    database.publish(target(("a", 2, 1)), None, NOW)
    database.close()
    assert look(path, "SELECT type, id FROM ps_untyped") == [("t", "r1"), ("t", "r2")]
    index = Index("by_name", (IndexedColumn("name"),))
    table = Table("t", (Column("name"), Column("n", "integer"), Column("absent")), view_name="things", indexes=(index,))
    ClientDatabase.open(path, AppSchema((table,))).close()
    assert look(path, "SELECT * FROM ps_untyped") == []
    assert look(path, "SELECT * FROM things WHERE id = 'r1'") == [("r1", "x", 12, None)]
    ClientDatabase.open(path, AppSchema((table,))).close()


def test_without_a_schema_tables_have_the_columns_and_types_that_the_data_show(path: Path) -> None:
    database = ClientDatabase.open(path)
    first = '{"id":"r1","name":"x","done":1,"rating":2,"size":null,"odd \\"name":"y"}'
    second = '{"id":"r2","name":null,"done":0,"rating":2.5,"size":null,"odd \\"name":3}'
    database.save(DataLine("a", [put(1, "r1", first), put(2, "r2", second), put(3, "r3", "no json")]), 1)
    database.publish(target(("a", 3, 1)), None, NOW)
    database.close()
    assert look(path, "SELECT name, type FROM pragma_table_info('t')") == [
        ("id", "TEXT"),
        ("name", "TEXT"),
        ("done", "INT"),
        ("rating", "REAL"),
        ("size", "TEXT"),
        ('odd "name', "TEXT"),
    ]
    assert look(path, "SELECT name, done, rating, size FROM t WHERE id = 'r1'") == [("x", 1, 2.0, None)]


def test_what_cannot_be_a_table_or_a_column_is_left_out_of_what_the_data_show(path: Path) -> None:
    database = ClientDatabase.open(path)
    with database.transaction():
        database._connection.execute("CREATE TABLE own(id)")
    types = ("own", "ps_buckets", "x\0y", "t", "T")
    rows = [Operation(number, OpType.PUT, 0, name, "1", None, "{}") for number, name in enumerate(types, 1)]
    odd = '{"":1,"\\"":2,".":3,"[x":4,"\\u0000":5,"\\ud83d":6,"good":7}'
    rows += [put(10, "odd", odd, 0), put(11, "list", "[1]", 0), put(12, "text", '"x"', 0), put(13, "no", "no json", 0)]
    rows += [Operation(14, OpType.PUT, 0, "u", "1", None, '{"":1,".":2,"good":7}')]
    database.save(DataLine("a", rows), 1)
    assert database.publish(target(("a", 0, 1)), None, NOW) == Published()
    assert database.publish(target(("a", 0, 1)), None, NOW) == Published()
    database.close()
    assert look(path, "SELECT * FROM u") == [("1", 7)]
    assert look(path, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name") == [("T",), ("u",)]
    waiting = look(path, "SELECT DISTINCT type FROM ps_untyped ORDER BY type")
    assert waiting == [("own",), ("ps_buckets",), ("t",), ("x\0y",)]


def test_tables_of_operations_from_before_a_kill_are_inferred_too(path: Path) -> None:
    database = ClientDatabase.open(path)
    database.save(DataLine("a", [put(1, "r1", '{"name":"x"}')]), 1)
    database.close()
    database = ClientDatabase.open(path)
    database.publish(target(("a", 1, 1)), None, NOW)
    database.close()
    assert look(path, "SELECT id, name FROM t") == [("r1", "x")]


def test_a_database_whose_schema_left_a_table_out_is_not_given_one(path: Path) -> None:
    path.write_bytes((STATES / "up-to-date.db").read_bytes())
    database = ClientDatabase.open(path)
    database.save(DataLine("new", [put(9000, "r")]), 1)
    database.publish(target(("new", 1, 1), op_id=9000), None, NOW)
    database.close()
    assert ("t",) not in look(path, "SELECT name FROM sqlite_schema")


def test_a_database_of_the_official_client_is_continued_where_it_stands(path: Path) -> None:
    path.write_bytes((STATES / "up-to-date.db").read_bytes())
    database = ClientDatabase.open(path)
    assert {position.after for position in database.positions()} == {"1584"}
    assert len(database.positions()) == 6
    assert database.has_synced
    assert database.client_id == "85aa50e8-b3a3-4447-8d30-92308b0c9e48"
    database.close()


def test_a_new_database_has_the_tables_of_the_official_client(path: Path, database: ClientDatabase) -> None:
    schema = "SELECT name, replace(replace(replace(sql, char(10), ''), ' ', ''), ',', '') FROM sqlite_schema"
    system = f"{schema} WHERE name GLOB 'ps_*' AND name NOT GLOB 'ps_data*' AND type != 'trigger' ORDER BY name"
    assert look(path, system) == look(STATES / "never-synced.db", system)
    assert look(path, "SELECT * FROM ps_tx") == look(STATES / "never-synced.db", "SELECT * FROM ps_tx")


def test_down_migrations_are_those_of_the_official_client(path: Path, database: ClientDatabase) -> None:
    assert look(path, "SELECT * FROM ps_migration") == look(STATES / "never-synced.db", "SELECT * FROM ps_migration")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("CREATE TABLE something(a)", "no PowerSync client database"),
        ("CREATE TABLE ps_migration(id); INSERT INTO ps_migration VALUES (15)", "schema version 15"),
        ("CREATE TABLE ps_migration(id); INSERT INTO ps_migration VALUES (13)", "schema version 13"),
    ],
)
def test_what_is_no_database_of_ours_is_refused_and_left_as_it_is(path: Path, sql: str, why: str) -> None:
    write_locally(path, sql)
    with pytest.raises(StoreError, match=why):
        ClientDatabase.open(path)
    assert len(look(path, "SELECT * FROM sqlite_schema")) == 1


def test_what_is_no_database_at_all_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database, whatever the name says" * 100)
    with pytest.raises(StoreError, match="cannot be opened for writing"):
        ClientDatabase.open(path)


def streams(*names: str, buckets: tuple[BucketChecksum, ...] = ()) -> TargetCheckpoint:
    described = tuple(StreamDescription(name, name.startswith("default"), ()) for name in names)
    return TargetCheckpoint.of(Checkpoint(1, buckets, None, described))


def subscribe(path: Path, stream: str, parameters: str, *, expires_at: int = NOW + 10) -> None:
    write_locally(
        path,
        "INSERT INTO ps_stream_subscriptions(stream_name, local_params, ttl, expires_at)"
        f" VALUES ('{stream}', '{parameters}', 10, {expires_at})",
    )


def test_explicit_subscriptions_are_requested_until_they_expire(database: ClientDatabase, path: Path) -> None:
    subscribe(path, "list", '{"id":"l1"}')
    subscribe(path, "list", '{"id":"l2"}', expires_at=NOW - 1)
    requested = database.requested_streams(True, NOW)
    assert [subscription.parameters for subscription in requested.request.subscriptions] == [{"id": "l1"}]


def test_default_streams_come_and_go_with_the_checkpoint_and_explicit_ones_stay(
    database: ClientDatabase, path: Path
) -> None:
    subscribe(path, "list", "null")
    database.track(streams("default_a", "default_b"))
    held = "SELECT stream_name, active, is_default FROM ps_stream_subscriptions ORDER BY stream_name"
    assert look(path, held) == [("default_a", 1, 1), ("default_b", 1, 1), ("list", 0, 0)]
    database.track(streams("default_b", "list"))
    assert look(path, held) == [("default_b", 1, 1), ("list", 1, 0)]


def test_a_partial_sync_stamps_only_the_streams_whose_buckets_it_covers(database: ClientDatabase, path: Path) -> None:
    first = BucketChecksum("a", 0, priority=1, subscriptions=(BucketSubscription(default=0),))
    last = BucketChecksum("b", 0, priority=3, subscriptions=(BucketSubscription(default=1),))
    wanted = streams("default_a", "default_b", "default_empty", buckets=(first, last))
    database.track(wanted)
    database.publish(wanted, 1, NOW)
    stamped = "SELECT stream_name FROM ps_stream_subscriptions WHERE last_synced_at IS NOT NULL ORDER BY 1"
    assert look(path, stamped) == [("default_a",)]
    database.publish(wanted, None, NOW)
    assert look(path, stamped) == [("default_a",), ("default_b",), ("default_empty",)]


def test_progress_counts_what_is_here_and_starts_over_when_a_bucket_has_shrunk(
    database: ClientDatabase, path: Path
) -> None:
    wanted = TargetCheckpoint.of(Checkpoint(9, (BucketChecksum("a", 2, 4), BucketChecksum("b", 0, 6))))
    database.save(DataLine("a", [put(1, "r1"), put(2, "r2")]), 1)
    assert database.track(wanted) == Progress(2, 10)
    shrunk = TargetCheckpoint.of(Checkpoint(9, (BucketChecksum("a", 2, 1),)))
    assert database.track(shrunk) == Progress(0, 1)
    assert look(path, "SELECT count_since_last FROM ps_buckets") == [(0,)]
