"""Whatever a schema's names are, both clients make the same tables, indexes and views of it."""

from pathlib import Path
from typing import Any

import apsw
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interop.differential.instructions import Clock
from tests.interop.differential.native_core import NativeCore
from tests.interop.differential.our_client import OurClient

COLUMNS = (
    "a",
    "A",
    "a.b",
    'a"b',
    "a'b",
    "a b",
    "ä",
    "select",
    "a[0]",
    "$x",
    "a\\b",
    "1",
    "_metadata",
    "rowid",
    "data",
    "a\nb",
)
TABLES = ("t", "t.x", 't"x', "t'x", "t x", "tä", "select", "local__x", "_x", "1t", "data__t", "t[1]", "😀", "ps_x")
TYPES = ("TEXT", "INTEGER", "REAL", "text", "Real", "BLOB", "NUMERIC", "", "VARCHAR(10)")
FLAGS = (
    "local_only",
    "insert_only",
    "include_metadata",
    "include_old",
    "include_old_only_when_changed",
    "ignore_empty_update",
)
NOTHING: dict[str, Any] = {"tables": [], "raw_tables": []}
MADE = """
SELECT type, name, tbl_name, sql FROM sqlite_schema
WHERE type != 'trigger' AND name NOT GLOB 'sqlite_*' AND (name GLOB 'ps_data_*' OR name NOT GLOB 'ps_*')
  AND (type != 'table' OR name NOT GLOB 'ps_data_local__*') ORDER BY type, name
"""

columns = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(COLUMNS), "type": st.sampled_from(TYPES)}),
    max_size=5,
    unique_by=lambda column: column["name"].lower(),
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """A table with columns, perhaps an index over some of them, and options."""
    has = draw(columns)
    indexed = [{**column, "ascending": draw(st.booleans())} for column in has[: draw(st.integers(0, 3))]]
    name = draw(st.sampled_from(("by", 'b"y', "b.y", "b'y")))
    return {
        "name": draw(st.sampled_from(TABLES)),
        "columns": has,
        "indexes": [{"name": name, "columns": indexed}] if indexed else [],
        **dict.fromkeys(draw(st.lists(st.sampled_from(FLAGS), max_size=2)), True),
    }


schemas = st.lists(tables(), max_size=3, unique_by=lambda table: table["name"])


@settings(max_examples=40, deadline=None)
@given(st.lists(schemas, min_size=1, max_size=3))
def test_odd_names_make_the_same_tables(native_library: Path, switches: list[list[dict[str, Any]]]) -> None:
    clock = Clock()
    theirs, ours = NativeCore(native_library, NOTHING, (), clock), OurClient(NOTHING, (), clock)
    for listed in switches:
        for client in (theirs, ours):
            client.use_schema({**NOTHING, "tables": listed})
        assert made(theirs.connection) == made(ours.connection)
    theirs.connection.close()
    ours.connection.close()


def made(connection: apsw.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(MADE).fetchall()
