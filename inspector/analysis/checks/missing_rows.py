"""Checks of rows that were shown and are gone, from the tables of the SDK and from the app's own."""

from collections.abc import Iterator

from inspector.analysis.checks.words import LISTED, MOST_ROWS, row_evidence, short_row
from inspector.analysis.finding_types import FILE, Certainty, Check, Finding, Material, Needs, database_of
from inspector.analysis.pending_writes import pending_by_row
from inspector.analysis.situations import Role
from inspector.store.audits.rows import MissingRow, missing_rows, row_types
from inspector.words import plural


def missing(material: Material) -> Iterator[Finding]:
    """Rows that were published and are not in their table."""
    reader = database_of(material)
    pending, _ = pending_by_row(reader)
    tables = {table.name: table.internal_name for table in reader.tables() if table.kind == "synced"}
    own = {shape.name for shape in reader.shapes() if shape.kind == "raw"}
    found: list[MissingRow] = []
    for row_type in reader.ask(row_types):
        table = tables.get(row_type, "ps_untyped")
        if table == "ps_untyped" and own:
            continue  # a raw table's rows stand where the app put them
        rows = reader.ask(
            lambda connection, layout, table=table, row_type=row_type: list(  # type: ignore[misc]
                missing_rows(connection, layout, table, row_type, MOST_ROWS)
            )
        )
        found += [row for row in rows if (row.row_type, row.row_id) not in pending]
        material.progress.add()
    if found:
        yield _missing_finding(
            "rows/missing", found, {row.row_type: tables.get(row.row_type, "ps_untyped") for row in found}
        )


def missing_in_raw_tables(material: Material) -> Iterator[Finding]:
    """Rows that were published and are not in the app's own table of that name."""
    reader = database_of(material)
    pending, _ = pending_by_row(reader)
    raw = {it.name for it in reader.shapes() if it.kind == "raw" and any(column.name == "id" for column in it.columns)}
    tables = {table.name for table in reader.tables() if table.kind == "synced"}
    for row_type in reader.ask(row_types):
        if row_type not in raw or row_type in tables:
            continue
        rows = reader.ask(
            lambda connection, layout, row_type=row_type: list(  # type: ignore[misc]
                missing_rows(connection, layout, row_type, row_type, MOST_ROWS)
            )
        )
        untyped = material.summary.untyped_rows.get(row_type, 0) if material.summary is not None else 0
        found = [row for row in rows if (row.row_type, row.row_id) not in pending]
        if found and not untyped:
            yield _missing_finding(f"rows/missing-raw/{row_type}", found, {row_type: row_type}, raw=True)


def _missing_finding(name: str, found: list[MissingRow], tables: dict[str, str], *, raw: bool = False) -> Finding:
    count = f"{'at least ' if len(found) >= MOST_ROWS else ''}{plural(len(found), 'row')}"
    cause = (
        "A REPLACE in the table's own statement deletes what refers to the row, a NOT NULL or a CHECK refuses it, or"
        " the app deleted it."
        if raw
        else "Something deleted them beneath the views, so no DELETE is uploaded and they come back when they change."
    )
    return Finding(
        name,
        f"{count} {'is' if len(found) == 1 else 'are'} missing from the tables",
        f"{short_row(found[0].row_type, found[0].row_id)}{' and others' if len(found) > 1 else ''}: published, and not"
        " there.",
        Role.BROKEN,
        Certainty.LIKELY if raw else Certainty.CERTAIN,
        f"Their operations were shown, and {'the table has' if len(tables) == 1 else 'the tables have'} no such rows."
        f" {cause}",
        "Sync anew, or have the service send the rows again; look for statements that write to the tables directly.",
        tuple(
            row_evidence(
                it.row_type,
                it.row_id,
                f"operation {it.op_id} was shown; not in"
                f" {'ps_data__' + it.row_type if tables[it.row_type].startswith('ps_data') else tables[it.row_type]}",
            )
            for it in found[:LISTED]
        ),
    )


CHECKS = (
    Check(
        "rows/missing",
        "Rows that were shown and are gone",
        "every operation beside its table",
        FILE,
        missing,
        Needs.DATABASE,
    ),
    Check(
        "rows/missing-raw",
        "Rows that raw tables lack",
        "the app's own tables beside ps_oplog",
        FILE,
        missing_in_raw_tables,
        Needs.DATABASE,
    ),
)
