"""What a data line does to the oplog (protocol §4)."""

from typing import Any

import apsw
from hypothesis import given
from hypothesis import strategies as st

from inspector.protocol.lines import DataLine, Operation, OpType
from inspector.store import ingest
from inspector.store.ingest import delete_bucket, find_or_create_bucket
from inspector.store.oplog import IndexedOplog
from inspector.store.schema import create_schema

Snapshot = tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[tuple[object, ...]]]

operations = st.lists(
    st.tuples(
        st.sampled_from([OpType.PUT, OpType.PUT, OpType.REMOVE, OpType.MOVE, OpType.CLEAR]),
        st.sampled_from(["r1", "r2", "r3", None]),
        st.sampled_from([None, "s"]),
        st.integers(-(2**31), 2**32 - 1),
    ),
    max_size=14,
)


def made(described: list[tuple[OpType, str | None, str | None, int]]) -> list[Operation]:
    return [
        Operation(
            op_id,
            op,
            checksum,
            None if row is None or op in (OpType.MOVE, OpType.CLEAR) else "t",
            row,
            subkey,
            f'{{"n":{op_id}}}' if op is OpType.PUT else None,
        )
        for op_id, (op, row, subkey, checksum) in enumerate(described, 1)
    ]


def database() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    create_schema(connection)
    return connection


def save_operations(connection: apsw.Connection, line: DataLine, size: int) -> None:
    bucket = find_or_create_bucket(connection, line.bucket)
    ingest.save_operations(connection, IndexedOplog(connection), bucket, line, size)


def contents(connection: apsw.Connection) -> Snapshot:
    return (
        connection.execute("SELECT op_id, row_type, row_id, key, data, hash FROM ps_oplog ORDER BY op_id").fetchall(),
        connection.execute("SELECT * FROM ps_updated_rows").fetchall(),
        connection.execute(
            "SELECT name, last_applied_op, last_op, add_checksum, op_checksum, count_since_last FROM ps_buckets"
        ).fetchall(),
    )


@given(operations, operations, st.booleans())
def test_a_line_ends_the_same_whether_it_comes_whole_or_operation_by_operation(
    first: list[tuple[OpType, str | None, str | None, int]],
    second: list[tuple[OpType, str | None, str | None, int]],
    applied_between: bool,
) -> None:
    whole, single = database(), database()
    numbered = made(first + second)
    for connection in (whole, single):
        for part in (numbered[: len(first)], numbered[len(first) :]):
            if connection is whole:
                save_operations(connection, DataLine("b", part), 10)
            else:
                for operation in part:
                    save_operations(connection, DataLine("b", [operation]), 10)
            if applied_between:
                connection.execute("UPDATE ps_buckets SET last_applied_op = last_op")
    if numbered:
        assert contents(whole) == contents(single)


@given(operations)
def test_the_sums_account_for_every_operation_since_the_last_clear(
    described: list[tuple[OpType, str | None, str | None, int]],
) -> None:
    connection = database()
    numbered = made(described)
    save_operations(connection, DataLine("b", numbered), 10)
    clears = [index for index, operation in enumerate(numbered) if operation.op is OpType.CLEAR]
    counted = numbered[clears[-1] :] if clears else numbered
    total = sum(operation.checksum for operation in counted) & 0xFFFF_FFFF
    hashes = sum(row[0] for row in connection.execute("SELECT hash FROM ps_oplog")) & 0xFFFF_FFFF
    sums: list[tuple[Any, ...]] = connection.execute("SELECT add_checksum, op_checksum FROM ps_buckets").fetchall()
    ((add_checksum, op_checksum),) = sums
    assert (add_checksum + op_checksum) & 0xFFFF_FFFF == total
    assert op_checksum == hashes


def test_a_removed_row_is_looked_at_again_only_if_the_bucket_had_shown_it() -> None:
    connection = database()
    put = Operation(1, OpType.PUT, 5, "t", "r", None, "{}")
    save_operations(connection, DataLine("new", [put, Operation(2, OpType.REMOVE, 6, "t", "r")]), 10)
    assert contents(connection)[1] == []
    save_operations(connection, DataLine("shown", [put]), 10)
    connection.execute("UPDATE ps_buckets SET last_applied_op = last_op")
    save_operations(connection, DataLine("shown", [Operation(2, OpType.REMOVE, 6, "t", "r")]), 10)
    assert contents(connection)[1] == [("t", "r")]


def test_an_empty_line_makes_the_bucket_and_nothing_else() -> None:
    connection = database()
    save_operations(connection, DataLine("b", []), 40)
    assert contents(connection) == ([], [], [("b", 0, 0, 0, 0, 0)])


def test_deleting_a_bucket_leaves_its_rows_to_be_looked_at_again() -> None:
    connection = database()
    save_operations(connection, DataLine("b", [Operation(1, OpType.PUT, 5, "t", "r", None, "{}")]), 10)
    delete_bucket(connection, "b")
    delete_bucket(connection, "never there")
    assert contents(connection) == ([], [("t", "r")], [])
