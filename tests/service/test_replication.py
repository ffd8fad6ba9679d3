"""A changed row becomes operations in each bucket that gains, keeps or loses it."""

from collections.abc import Iterator

import pytest

from inspector.protocol.checksums import MASK, put_checksum, remove_checksum
from inspector.service.demo import application
from inspector.service.replication import operations_of, subkey_of
from inspector.service.source import RowChange, SourceError
from inspector.service.state import ServiceState, Settings, open_state
from inspector.service.sync_config import Row
from inspector.service.tokens import KeyStore

ALICES, BOBS = '1#my_lists|0["alice"]', '1#my_lists|0["bob"]'
SHARED_WITH_ALICE, SHARED_WITH_BOB = '1#my_lists|1["alice"]', '1#my_lists|1["bob"]'


@pytest.fixture
def state() -> Iterator[ServiceState]:
    state = open_state(application(1), KeyStore(()), None, Settings(60, 20, True))
    yield state
    state.close()


def a_list(owner: str | None, shared_with: str | None) -> Row:
    return {"id": "l", "name": "ñ", "owner_id": owner, "shared_with": shared_with, "created_at": None}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, ("alice", None), [("PUT", ALICES)]),
        (("alice", None), ("alice", "bob"), [("PUT", ALICES), ("PUT", SHARED_WITH_BOB)]),
        (("alice", "bob"), ("bob", None), [("PUT", BOBS), ("REMOVE", ALICES), ("REMOVE", SHARED_WITH_BOB)]),
        (("alice", "bob"), None, [("REMOVE", ALICES), ("REMOVE", SHARED_WITH_BOB)]),
        (("alice", "alice"), ("alice", "alice"), [("PUT", ALICES), ("PUT", SHARED_WITH_ALICE)]),
        ((None, None), (None, None), []),
    ],
)
def test_each_bucket_gets_what_concerns_it(
    state: ServiceState,
    before: tuple[str | None, str | None] | None,
    after: tuple[str | None, str | None] | None,
    expected: list[tuple[str, str]],
) -> None:
    change = RowChange("lists", before and a_list(*before), after and a_list(*after))
    operations = list(operations_of(change, state.application.config))
    assert [(operation.op.value, operation.bucket) for operation in operations] == expected


def test_checksums_are_those_of_the_protocol(state: ServiceState) -> None:
    change = RowChange("lists", a_list("alice", None), a_list("bob", None))
    put, remove = operations_of(change, state.application.config)
    data = '{"id":"l","name":"ñ","owner_id":"bob","shared_with":null,"created_at":null}'
    assert (put.data, put.checksum) == (data, put_checksum("lists", "l", data))
    assert (remove.data, remove.checksum) == (None, remove_checksum(subkey_of("lists", "l")))


def test_a_transaction_that_fails_leaves_rows_buckets_and_op_ids_as_they_were(state: ServiceState) -> None:
    before = (state.buckets.state(ALICES), state.buckets.last_op_id, state.source.row("lists", "list-1"))
    with pytest.raises(SourceError):
        change_and_fail(state)
    assert (state.buckets.state(ALICES), state.buckets.last_op_id, state.source.row("lists", "list-1")) == before
    with state.replication.transaction() as changes:
        changes.append(state.source.put("lists", "new", {"owner_id": "alice"}))
    assert state.buckets.last_op_id == before[1] + 1


def change_and_fail(state: ServiceState) -> None:
    with state.replication.transaction() as changes:
        changes.append(state.source.put("lists", "list-1", {"owner_id": "alice", "name": "changed"}))
        changes.append(state.source.put("nothing", "1", {}))


def test_stored_sums_are_those_of_the_stored_operations(state: ServiceState) -> None:
    with state.replication.transaction() as changes:
        changes += [change for change in (state.source.delete("notes", f"note-{n}") for n in range(1, 50)) if change]
    summed = state.source.query(
        "SELECT b.name, sum(o.checksum), count(*), max(o.op_id) FROM sync_operation o "
        "JOIN sync_bucket b ON b.id = o.bucket_id GROUP BY b.id"
    )
    for name, checksum, count, last_op_id in summed:
        sums = state.buckets.state(str(name))
        assert (sums.checksum, sums.operations, sums.last_op_id) == (int(checksum or 0) & MASK, count, last_op_id)
