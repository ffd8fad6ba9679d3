"""Databases that the core has taken back to an older schema version, as when an app is downgraded and updated again."""

from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.store.preparing import prepare
from inspector.store.query import scalar
from tests.interop.differential.native_core import in_memory, with_core
from tests.store.database_files import copy_to, state, version

DATABASES = (version("v01.db"), version("v14.db"), state("held-by-uploads"), state("mid-download"))
WITHOUT_CLIENT_ID = (1, 2)
"""Versions that know none: each migration makes another one."""


@pytest.mark.parametrize("database", DATABASES, ids=lambda path: path.stem)
def test_what_was_taken_back_is_migrated_as_the_core_migrates_it(
    native_library: Path, tmp_path: Path, database: Path
) -> None:
    file = copy_to(tmp_path, database)
    for number in range(1, 14):
        older = taken_back(native_library, file, tmp_path / f"{number}.db", number)
        theirs, ours = with_core(native_library, older), in_memory(older)
        with theirs:
            theirs.execute("SELECT powersync_init()").fetchall()
        with ours:
            prepare(ours, older, scalar(ours, "SELECT max(id) FROM ps_migration"))
        held, we_hold = contents(theirs), contents(ours)
        if number in WITHOUT_CLIENT_ID:
            assert held.pop("ps_kv")
            assert we_hold.pop("ps_kv")
        assert held == we_hold, number
        theirs.close()
        ours.close()


def taken_back(library: Path, file: Path, older: Path, number: int) -> Path:
    connection = with_core(library, file)
    for statement in ("SELECT powersync_init()", f"SELECT powersync_test_migration({number})"):
        with connection:
            connection.execute(statement).fetchall()
    with apsw.Connection(str(older)) as target, target.backup("main", connection, "main") as backup:
        backup.step()
    connection.close()
    return older


def contents(connection: apsw.Connection) -> dict[str, Any]:
    """Each table's columns and rows, and the SQL of everything else."""
    schema = connection.execute("SELECT name, type, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'").fetchall()
    return {
        str(name): sql
        if kind != "table"
        else (
            connection.execute(f'PRAGMA table_xinfo("{name}")').fetchall(),
            sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"').fetchall())),
        )
        for name, kind, sql in schema
    }
