"""Checks of what stands in the columns of raw tables, which the app has made itself."""

from collections.abc import Iterator

from inspector.analysis.checks.words import row_evidence
from inspector.analysis.finding_types import FILE, Certainty, Check, Finding, Material, Needs, database_of
from inspector.analysis.situations import Role
from inspector.store.audits.rows import row_types, unfilled_columns
from inspector.words import plural


def empty_columns(material: Material) -> Iterator[Finding]:
    """Columns that are null although the row's operation has a value of that name."""
    reader = database_of(material)
    types = set(reader.ask(row_types))
    for shape in reader.shapes():
        columns = [column.name for column in shape.columns if column.name != "id" and '"' not in column.name]
        if shape.kind != "raw" or shape.name not in types or len(columns) == len(shape.columns):
            continue
        found = reader.ask(
            lambda connection, layout, shape=shape, columns=columns: unfilled_columns(  # type: ignore[misc]
                connection, layout, shape.source, shape.name, columns
            )
        )
        for column, rows, example in found:
            yield Finding(
                f"rows/raw-column/{shape.name}.{column}",
                f"{shape.name}.{column} is empty where its operation has a value",
                f"In {plural(rows, 'row')}.",
                Role.HELD,
                Certainty.LIKELY,
                f"The service has sent `{column}`, and the raw table has null. Rows that were synced before the column"
                " was added are not written again until they change; a `put` statement that does not name the column"
                " never fills it.",
                "Name the column in the table's `put` statement, and have the rows synced anew after adding one.",
                (row_evidence(shape.name, example, f"{column} is null here, and not in its operation"),),
            )
        material.progress.add()


CHECKS = (
    Check(
        "rows/raw-column",
        "Columns of raw tables that stay empty",
        "the app's own tables beside ps_oplog",
        FILE,
        empty_columns,
        Needs.DATABASE,
    ),
)
