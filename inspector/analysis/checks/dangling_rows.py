"""The check of rows that come from no operation; of a session that goes on, some thousand rows at a time."""

import time
from collections.abc import Iterator

from inspector.analysis.checks.recent import AT_ONCE_S, once
from inspector.analysis.checks.words import LISTED, MOST_ROWS, row_evidence, short_row
from inspector.analysis.finding_types import (
    DATABASES,
    Certainty,
    Check,
    Finding,
    Material,
    Needs,
    database_of,
)
from inspector.analysis.pending_writes import pending_by_row
from inspector.analysis.situations import Live, Role
from inspector.store.audits.rows import orphan_rows
from inspector.store.read_connection import ReadConnection
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import TableRow
from inspector.store.versions import Layout
from inspector.words import plural

Row = tuple[str, str]


class DanglingRows:
    """Goes through the tables, and round again; what a round has found is told at its end, and until the next one's."""

    def __init__(self) -> None:
        self._waiting: list[TableRow] = []
        self._after = -1
        """The position in the table that comes last in `_waiting`."""
        self._found: dict[str, list[str]] = {}
        """Ids by table, of the round that goes on."""
        self._told: list[Row] = []

    def __call__(self, material: Material) -> Iterator[Finding]:
        reader = database_of(material)
        if not self._waiting:
            self._waiting = [table for table in reader.tables()[::-1] if table.kind == "synced"]
            self._after, self._found = -1, {}
        begun = time.thread_time()
        while self._waiting:
            self._look(reader, self._waiting[-1])
            material.progress.add()
            if isinstance(material.situation, Live) and time.thread_time() - begun > AT_ONCE_S:
                break
        material.progress.left = bool(self._waiting)
        if not self._waiting:
            self._told = [(name, row_id) for name, ids in self._found.items() for row_id in ids]
        if self._told:
            yield _finding(self._told)

    def _look(self, reader: ClientDatabaseReader, table: TableRow) -> None:
        """The next rows of a table; local writes are read from the same state of the database."""

        def look(connection: ReadConnection, layout: Layout) -> tuple[list[str], int | None]:
            if not connection.scalar("SELECT 1 FROM sqlite_schema WHERE name = ?", (table.internal_name,)):
                return [], None  # the schema has changed
            ids, last = orphan_rows(connection, layout, table.internal_name, table.name, self._after)
            pending = pending_by_row(reader)[0] if ids else {}
            return [row_id for row_id in ids if (table.name, row_id) not in pending], last

        ids, last = reader.ask(look)
        found = self._found.setdefault(table.name, [])
        found += ids[: MOST_ROWS - len(found)]
        if last is None:
            self._waiting.pop()
            self._after = -1
        else:
            self._after = last


def _finding(found: list[Row]) -> Finding:
    count = f"{'at least ' if len(found) >= MOST_ROWS else ''}{plural(len(found), 'row')}"
    return Finding(
        "rows/dangling",
        f"{count} {'comes' if len(found) == 1 else 'come'} from no operation",
        f"{short_row(*found[0])}{' and others' if len(found) > 1 else ''}: shown to the app, in no bucket.",
        Role.BROKEN,
        Certainty.CERTAIN,
        "No bucket holds them and no local write made them, so nothing will ever take them away. Core versions from"
        " 0.2.0 to 0.3.4 left a row behind that was changed and removed within one download; writing to the tables"
        " beneath the views does the same.",
        "Let a newer SDK open the file: it cleans up once. Or sync anew.",
        tuple(row_evidence(*row, f"in ps_data__{row[0]}, in no bucket") for row in found[:LISTED]),
    )


CHECKS = (
    Check(
        "rows/dangling",
        "Rows that come from no operation",
        "every row beside ps_oplog, ps_crud, ps_updated_rows",
        DATABASES,
        once(DanglingRows),
        Needs.DATABASE,
        follow=DanglingRows,
    ),
)
