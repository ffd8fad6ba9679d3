"""The demo's rows and the writer that keeps changing them."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from inspector.service.demo import application
from inspector.service.demo.writer import write_once
from inspector.service.state import ServiceState, Settings, open_state
from inspector.service.tokens import KeyStore
from tests.running_service import running_service
from tests.service.streaming import first_sync, open_stream
from tests.service.test_stream import announced, sums


def opened(seed: int) -> ServiceState:
    return open_state(application(seed), KeyStore(()), None, Settings(60, 20, True))


@pytest.fixture
def state() -> Iterator[ServiceState]:
    state = opened(1)
    yield state
    state.close()


def sizes(state: ServiceState) -> Counter[str]:
    return Counter(
        {table.name: len(state.source.query(f"SELECT 1 FROM {table.name}")) for table in state.source.tables}
    )


def test_there_are_about_two_thousand_rows_in_three_tables(state: ServiceState) -> None:
    assert sizes(state).keys() == {"lists", "todos", "notes"}
    assert 1_900 < sizes(state).total() < 2_100


def test_a_seed_always_gives_the_same_rows() -> None:
    with running_service(seed=5) as one, running_service(seed=5) as same, running_service(seed=6) as other:
        assert first_sync(one) == first_sync(same)
        assert first_sync(one) != first_sync(other)


def test_each_user_shares_a_list_with_the_other(state: ServiceState) -> None:
    shared = state.source.query("SELECT id, owner_id, shared_with FROM lists WHERE shared_with IS NOT NULL ORDER BY id")
    assert shared == [("list-1", "alice", "bob"), ("list-18", "bob", "alice")]


def test_the_writer_inserts_updates_and_deletes_and_keeps_the_size(state: ServiceState) -> None:
    chance = random.Random(1)
    kinds: Counter[str] = Counter()
    before = sizes(state)
    for _ in range(400):
        first = state.buckets.last_op_id
        write_once(state, chance)
        kinds["several rows" if state.buckets.last_op_id > first + 1 else "one row"] += 1
    operations = state.source.query("SELECT op, count(*) FROM sync_operation WHERE op_id > 2000 GROUP BY op")
    assert {op for op, _ in operations} == {"PUT", "REMOVE"}
    assert kinds["several rows"] > 20
    assert abs(sizes(state)["todos"] - before["todos"]) < 100
    assert sizes(state)["notes"] == before["notes"]


def test_a_restarted_writer_makes_new_ids(state: ServiceState) -> None:
    for _ in range(2):
        chance = random.Random(f"1-{state.buckets.last_op_id}")
        for _ in range(60):
            write_once(state, chance)
    assert sizes(state)["notes"] == 280


def test_the_writer_goes_on_when_a_table_is_empty(state: ServiceState) -> None:
    with state.replication.transaction() as changes:
        for table in ("notes", "todos"):
            for (row_id,) in state.source.query(f"SELECT id FROM {table}"):
                changes += filter(None, [state.source.delete(table, str(row_id))])
    chance = random.Random(1)
    for _ in range(60):
        write_once(state, chance)
    assert sizes(state)["todos"] > 0


def test_the_running_writer_is_seen_in_the_stream() -> None:
    with running_service(writer=True) as service, open_stream(service) as stream:
        lines = stream.until("checkpoint_complete")
        lines += stream.until("checkpoint_complete")
        assert "checkpoint_diff" in [next(iter(line)) for line in lines]
    assert announced(lines) == sums(lines)
