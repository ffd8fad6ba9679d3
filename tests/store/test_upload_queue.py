"""The upload queue through the store's door: order, completion, discarding, the gate, checkpoint request ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.events import HeldBack, Published
from inspector.protocol.lines import BucketChecksum, Checkpoint, DataLine, Operation, OpType
from inspector.store.app_schema import AppSchema, Column, Table
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.schema import GATE_CLOSED, LAST_REQUESTED, TARGET_REQUEST
from inspector.store.upload_queue import QueueError
from tests.store.database_files import change, copy_to, version
from tests.store.test_local_writes import look, patch, put

NOW = 1_700_000_000_000_000
SERVICE_ROW = '{"a":"service"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "client.db"


@pytest.fixture
def database(path: Path) -> Iterator[ClientDatabase]:
    """A client that has synced the row `1` of `t`."""
    opened = ClientDatabase.open(path, AppSchema((Table("t", (Column("a"),)),)))
    opened.save(DataLine("b", [Operation(1, OpType.PUT, 7, "t", "1", None, SERVICE_ROW)]), 1)
    assert opened.publish(checkpoint(1, None), None, NOW) == Published()
    yield opened
    opened.close()


def checkpoint(op_id: int, write_checkpoint: int | None) -> TargetCheckpoint:
    return TargetCheckpoint.of(Checkpoint(op_id, (BucketChecksum("b", 7, 1),), write_checkpoint))


def rows(path: Path) -> list[tuple[object, ...]]:
    return look(path, "SELECT id, a FROM t ORDER BY id")


def test_transactions_come_oldest_first_and_whole(database: ClientDatabase) -> None:
    database.write([patch("t", a="x"), put("t", "2", a="y")])
    database.write([put("t", "3", a="z")])
    first = database.queue.next()
    assert first is not None
    assert (first.tx_id, first.first_entry, first.last_entry) == (1, 1, 2)
    assert [entry.words for entry in first.entries] == ["PATCH t/1", "PUT t/2"]
    database.queue.complete(first)
    second = database.queue.next()
    assert second is not None
    assert (second.tx_id, second.first_entry) == (2, 3)
    database.queue.complete(second)
    assert database.queue.next() is None


def test_the_entries_of_the_official_core_are_read(tmp_path: Path) -> None:
    database = ClientDatabase.open(copy_to(tmp_path, version("v14.db")))
    taken = []
    while (transaction := database.queue.next()) is not None:
        taken.append((transaction.tx_id, [entry.words for entry in transaction.entries]))
        database.queue.complete(transaction)
    assert taken == [
        (1, ["PUT todos/0f0f0f0f-1111-4222-8333-444444444444", "PATCH todos/todo-1002"]),
        (2, ["DELETE todos/todo-1005"]),
        (3, ["PATCH lists/list-1"]),
    ]
    database.close()


def test_entries_without_a_transaction_id_stand_alone(database: ClientDatabase, path: Path) -> None:
    entry = '{"op":"DELETE","id":"1","type":"t"}'
    change(path, *[f"INSERT INTO ps_crud(data) VALUES ('{entry}')"] * 2, "INSERT INTO ps_crud(data) VALUES ('broken')")
    sizes = []
    while (transaction := database.queue.next()) is not None:
        sizes.append((len(transaction.entries), transaction.entries[0].fields is None))
        database.queue.complete(transaction)
    assert sizes == [(1, False), (1, False), (1, True)]


def test_an_uploaded_queue_needs_a_number_and_opens_the_gate_with_it(database: ClientDatabase, path: Path) -> None:
    queue = database.queue
    assert not queue.needs_acknowledgement
    database.write([patch("t", a="x")])
    assert not queue.needs_acknowledgement
    transaction = queue.next()
    assert transaction is not None
    queue.complete(transaction)
    assert queue.needs_acknowledgement
    assert queue.open_gate(4, queue.sequence)
    assert database.gate == 4
    assert database.publish(checkpoint(2, 3), None, NOW) == HeldBack()
    assert database.publish(checkpoint(2, 4), None, NOW) == Published()
    assert rows(path) == [("1", "service")]


def test_a_write_after_the_number_was_asked_for_keeps_the_gate_closed(database: ClientDatabase) -> None:
    queue = database.queue
    database.write([patch("t", a="x")])
    for expected in (False, False):
        sequence = queue.sequence
        transaction = queue.next()
        assert transaction is not None
        queue.complete(transaction)
        database.write([patch("t", a="y")])
        assert queue.open_gate(4, sequence) is expected
    assert database.gate == GATE_CLOSED


def test_a_write_that_was_uploaded_meanwhile_keeps_the_gate_closed_too(database: ClientDatabase) -> None:
    queue = database.queue
    sequence = queue.sequence
    database.write([patch("t", a="x")])
    transaction = queue.next()
    assert transaction is not None
    queue.complete(transaction)
    assert not queue.open_gate(4, sequence)


def test_a_closed_gate_without_any_write_ever_can_be_opened(database: ClientDatabase, path: Path) -> None:
    change(path, f"INSERT INTO ps_kv VALUES ('{TARGET_REQUEST}', {GATE_CLOSED})")
    assert database.queue.needs_acknowledgement
    assert database.queue.open_gate(1, database.queue.sequence)


@pytest.mark.parametrize(
    ("writes", "left"),
    [
        ([patch("t", a="mine")], [("1", "service")]),
        ([LocalWrite("DELETE", "t", "1")], [("1", "service")]),
        ([put("t", "2", a="mine")], [("1", "service")]),
    ],
    ids=["changed", "deleted", "new"],
)
def test_a_discarded_row_gets_the_services_value_with_the_next_checkpoint(
    database: ClientDatabase, path: Path, writes: list[LocalWrite], left: list[tuple[object, ...]]
) -> None:
    tx_id = database.write(writes)
    assert rows(path) != left
    assert database.queue.discard(tx_id).tx_id == tx_id
    assert rows(path) != left, "not before a checkpoint: the tables show one moment of the service"
    assert database.publish(checkpoint(2, None), None, NOW) == HeldBack()
    assert database.queue.open_gate(5, database.queue.sequence)
    assert database.publish(checkpoint(2, 5), None, NOW) == Published()
    assert rows(path) == left


def test_discarding_takes_one_transaction_and_leaves_the_others(database: ClientDatabase, path: Path) -> None:
    database.write([patch("t", a="first")])
    second = database.write([put("t", "2", a="second")])
    database.queue.discard(second)
    assert look(path, "SELECT tx_id FROM ps_crud") == [(1,)]
    assert database.queue.discard(None).tx_id == 1
    with pytest.raises(QueueError, match="There is no local write to discard"):
        database.queue.discard(None)
    with pytest.raises(QueueError, match="Transaction 2 is not pending"):
        database.queue.discard(second)


@pytest.mark.parametrize(
    ("requested", "gate", "seed"),
    [(None, None, 1), (4, None, 4), (4, 5, 5), (4, 3, 4), (4, GATE_CLOSED, 4), (None, GATE_CLOSED, 1)],
)
def test_the_number_to_agree_on_is_the_highest_that_is_known(
    database: ClientDatabase, path: Path, requested: int | None, gate: int | None, seed: int
) -> None:
    for key, value in ((LAST_REQUESTED, requested), (TARGET_REQUEST, gate)):
        if value is not None:
            change(path, f"INSERT INTO ps_kv VALUES ('{key}', {value})")
    assert database.queue.seed_request_id() == seed


def test_a_new_number_is_stored_before_it_is_sent(database: ClientDatabase) -> None:
    database.queue.adopt_request_id(4)
    assert database.queue.next_request_id() == 5
    assert database.queue.last_requested == 5
