"""The app's tables through its views: shapes, filters, order, and large values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector.store.data_queries import Sorting, TableShape, Value, Wanted
from inspector.store.odd_text import shown_text
from inspector.store.reader import ClientDatabaseReader
from tests.store.database_files import DATABASES, change, copy_to, state


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[ClientDatabaseReader]:
    path = copy_to(tmp_path, state("up-to-date"))
    change(
        path,
        "INSERT INTO ps_untyped VALUES ('photos', 'p1', '{\"size\": 3}')",
        "UPDATE ps_data__todos SET data = json_remove(data, '$.rating') WHERE id = 'todo-1008'",
        "CREATE TABLE settings(name TEXT, value ANY)",
        "INSERT INTO settings VALUES ('theme', x'00ff'), ('size', 12)",
        "CREATE TABLE without_one(name TEXT PRIMARY KEY) WITHOUT ROWID",
        "UPDATE ps_data__lists SET data = json_set(data, '$.name', printf('%.*c', 5000, 'ä')) WHERE id = 'list-1'",
    )
    reader = ClientDatabaseReader(path)
    yield reader
    reader.close()


def shape(reader: ClientDatabaseReader, title: str) -> TableShape:
    return next(shape for shape in reader.shapes() if shape.title == title)


def ids(reader: ClientDatabaseReader, table: str, wanted: Wanted) -> list[Any]:
    found = shape(reader, table)
    rows = reader.rows_at(found, reader.find_rows(found, wanted, lambda: True))
    return [row.values[0].value for row in rows if row is not None]


def test_tables_have_the_columns_and_types_of_their_views(reader: ClientDatabaseReader) -> None:
    todos = shape(reader, "todos")
    assert todos.kind == "synced"
    assert {column.name: column.type for column in todos.columns}["completed"] in ("INT", "INTEGER", "integer")
    assert [column.name for column in shape(reader, "photos").columns] == ["id", "data"]
    assert shape(reader, "photos").kind == "untyped"
    assert shape(reader, "settings").kind == "raw"
    assert "without_one" not in {each.title for each in reader.shapes()}


def test_all_rows_come_in_order_of_id(reader: ClientDatabaseReader) -> None:
    found = ids(reader, "todos", Wanted())
    assert found == sorted(found)
    assert len(found) == shape(reader, "todos").rows


def test_a_search_looks_into_every_column_and_takes_signs_as_they_are(reader: ClientDatabaseReader) -> None:
    assert ids(reader, "todos", Wanted(search="NUMBER 1002")) == ["todo-1002"]
    assert ids(reader, "todos", Wanted(search="%")) == []


@pytest.mark.parametrize(
    ("text", "matches"),
    [("= 1", 1), ("!= 1", 0), (">= 1", 1), ("< 1", 0), ("1", 1)],
)
def test_conditions_compare_as_the_schema_casts(reader: ClientDatabaseReader, text: str, matches: int) -> None:
    todos = shape(reader, "todos")
    position = next(number for number, column in enumerate(todos.columns) if column.name == "completed")
    wanted = Wanted(conditions=(("completed", text),))
    rows = reader.rows_at(todos, reader.find_rows(todos, wanted, lambda: True))
    assert {row.values[position].value for row in rows if row is not None} == {matches}


def test_null_and_not_null_share_out_all_rows(reader: ClientDatabaseReader) -> None:
    nulls = ids(reader, "todos", Wanted(conditions=(("rating", "null"),)))
    others = ids(reader, "todos", Wanted(conditions=(("rating", "not null"),)))
    assert nulls == ["todo-1008"]
    assert len(nulls) + len(others) == shape(reader, "todos").rows


def test_sorting_is_by_value(reader: ClientDatabaseReader) -> None:
    todos = shape(reader, "todos")
    position = next(number for number, column in enumerate(todos.columns) if column.name == "photo_size")
    wanted = Wanted(sorting=Sorting("photo_size", descending=True))
    rows = reader.rows_at(todos, reader.find_rows(todos, wanted, lambda: True)[:50])
    sizes = [row.values[position].value for row in rows if row is not None]
    assert sizes == sorted(sizes, reverse=True)


def test_large_values_are_cut_and_read_in_full_by_themselves(reader: ClientDatabaseReader) -> None:
    lists = shape(reader, "lists")
    (position,) = reader.find_rows(lists, Wanted(conditions=(("id", "= list-1"),)), lambda: True)
    name = next(number for number, column in enumerate(lists.columns) if column.name == "name")
    (row,) = reader.rows_at(lists, [position])
    assert row is not None
    assert row.values[name].is_cut
    assert row.values[name].size == 10_000
    assert reader.whole_value(lists, position, "name") == Value("ä" * 5_000, 10_000)
    assert reader.whole_value(lists, 1 << 40, "name") is None


def test_blobs_of_the_apps_own_tables_are_read(reader: ClientDatabaseReader) -> None:
    settings = shape(reader, "settings")
    rows = reader.rows_at(settings, reader.find_rows(settings, Wanted(), lambda: True))
    assert [row.values[1].value for row in rows if row is not None] == [b"\x00\xff", 12]


def test_every_version_and_state_shows_its_tables() -> None:
    for path in sorted(DATABASES.glob("*/*.db")):
        if path.stem in ("encrypted", "truncated", "wal-left-behind"):
            continue
        reader = ClientDatabaseReader(path, immutable=True)
        for table in reader.shapes():
            positions = reader.find_rows(table, Wanted(), lambda: True)
            if table.rows is not None and path.stem != "damaged":
                assert len(positions) == table.rows
            assert len(reader.rows_at(table, positions[:10])) == min(10, len(positions))
        reader.close()


@pytest.mark.parametrize(
    ("octets", "size", "shown"),
    [
        (b"plain", 5, ("plain", 5, False)),
        ("ä".encode()[:1], 9, ("", 9, False)),
        (b"a\xed\xa0\x80", 4, (r"a\ud800", 7, True)),
        (b"a\xed\xa0\x80\xc3", 100, (r"a\ud800", 103, True)),
        (b"a\xff", 2, (r"a\xff", 5, True)),
    ],
)
def test_a_text_that_is_no_utf8_is_shown_with_what_is_odd_escaped(
    octets: bytes, size: int, shown: tuple[str, int, bool]
) -> None:
    assert shown_text(octets, size) == shown
