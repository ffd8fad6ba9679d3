"""Two client databases side by side."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.analysis.comparison import Comparison, Side, compare, row_words
from inspector.store.reader import ClientDatabaseReader
from tests.store.database_files import change, copy_to, state, version

Compare = Callable[..., Comparison]


@pytest.fixture
def compared(tmp_path: Path) -> Iterator[Compare]:
    """A state beside a copy of another one after these statements."""
    readers: list[ClientDatabaseReader] = []

    def run(here: str, there: str, *statements: str) -> Comparison:
        path = copy_to(tmp_path, version(there) if there.endswith(".db") else state(there), "other.db")
        change(path, *statements)
        readers.extend((ClientDatabaseReader(state(here), immutable=True), ClientDatabaseReader(path)))
        result = compare(readers[-2], readers[-1])
        assert result is not None
        return result

    yield run
    for reader in readers:
        reader.close()


def test_a_copy_differs_in_nothing(compared: Compare) -> None:
    same = compared("up-to-date", "up-to-date")
    assert same.sentence == "Nothing differs: 564 rows in 6 buckets."
    assert same.rows == ()
    assert same.state == ()


def test_rows_are_compared_value_by_value(compared: Compare) -> None:
    found = compared(
        "up-to-date",
        "up-to-date",
        "UPDATE ps_data__todos SET data = json_set(data, '$.completed', 7, '$.rating', 5.0) WHERE id = 'todo-1002'",
        "DELETE FROM ps_data__todos WHERE id = 'todo-1008'",
        "INSERT INTO ps_data__lists VALUES ('list-x', '{}')",
    )
    by_id = {row.row_id: row for row in found.rows}
    assert by_id["todo-1002"].side is Side.BOTH
    assert row_words(by_id["todo-1002"]) == "completed: 0 ≠ 7, rating: 143.14285714285714 ≠ 5.0"
    assert by_id["todo-1008"].side is Side.HERE
    assert by_id["list-x"].side is Side.THERE
    assert found.counts == {Side.BOTH: 1, Side.HERE: 1, Side.THERE: 1}
    assert "3 of 565 rows differ" in found.sentence


def test_the_same_value_in_other_words_is_no_difference(compared: Compare) -> None:
    reordered = "UPDATE ps_data__lists SET data = json_patch('{\"created_at\":null}', data)"
    assert compared("up-to-date", "up-to-date", reordered).rows == ()


def test_buckets_and_the_state_are_compared(compared: Compare) -> None:
    found = compared("up-to-date", "held-by-uploads")
    assert {it.what for it in found.state} >= {"client id", "local writes waiting", "operations not shown"}
    assert all(it.side is Side.BOTH for it in found.buckets)
    assert "shown 1584" in found.buckets[0].there
    gone = compared("up-to-date", "partial")
    assert [it.side for it in gone.buckets].count(Side.HERE) == 5


def test_an_older_version_is_compared_too(compared: Compare) -> None:
    found = compared("up-to-date", "v03.db")
    assert ("schema version", "14", "3") in {(it.what, it.here, it.there) for it in found.state}
    assert found.rows_differ < 20


def test_it_stops_when_nobody_waits(tmp_path: Path) -> None:
    big = copy_to(tmp_path, state("up-to-date"))
    change(
        big,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO ps_data__lists SELECT 'x' || i, '{}' FROM n",
    )
    one, other = ClientDatabaseReader(big), ClientDatabaseReader(state("up-to-date"), immutable=True)
    assert compare(one, other, lambda _: False) is None
    one.close()
    other.close()
