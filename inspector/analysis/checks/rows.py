"""Checks of the app's rows against the operations and local writes that they come from."""

from collections.abc import Iterator

from inspector.analysis.checks.words import LISTED, MOST_ROWS, row_evidence, short_row
from inspector.analysis.finding_types import (
    DATABASES,
    FILE,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
)
from inspector.analysis.pending_writes import fields_of, pending_by_row, same_value
from inspector.analysis.situations import Role
from inspector.store.audits.rows import (
    ComparedRow,
    differing_rows,
    upper_case_twins,
)
from inspector.store.records import CrudEntry
from inspector.words import first_few, plural, thousands


def altered(material: Material) -> Iterator[Finding]:
    """Values that are neither an operation's nor a local write's."""
    reader = database_of(material)
    pending, first_entry = pending_by_row(reader)
    found: list[tuple[ComparedRow, tuple[str, ...]]] = []
    for row in _differing(material):
        if row.op_id is None or not row.published or len(found) >= MOST_ROWS:
            continue
        columns = altered_columns(row, pending.get((row.row_type, row.row_id), []))
        if columns:
            found.append((row, columns))
    if not found:
        return
    row, columns = found[0]
    # What was uploaded and is not confirmed stands in no file any more.
    sure = first_entry in (None, 1) or not any(each.touched for each, _ in found)
    count = f"{'at least ' if len(found) >= MOST_ROWS else ''}{plural(len(found), 'row')}"
    yield Finding(
        "rows/altered",
        "Row changed outside PowerSync" if len(found) == 1 else f"{count} changed outside PowerSync",
        f"{short_row(row.row_type, row.row_id)} differs from its operation"
        f"{f', like {thousands(len(found) - 1)} more' if len(found) > 1 else ''}.",
        Role.BROKEN,
        Certainty.CERTAIN if sure else Certainty.LIKELY,
        f"`{first_few(columns)}` of `{short_row(row.row_type, row.row_id)}` {'is' if len(columns) == 1 else 'are'}"
        f" no value of operation {row.op_id} and of no local write that waits: something wrote to"
        f" `ps_data__{row.row_type}` directly. Such a value is never uploaded, and the next operation of the row"
        " overwrites it."
        + ("" if sure else " A write that was uploaded and is not confirmed yet would look the same."),
        "Look for code that writes to the tables beneath the views, or for a restored copy of one table. Write through"
        " the view instead: then the change is uploaded.",
        tuple(
            row_evidence(it.row_type, it.row_id, f"{first_few(names)}: not as operation {it.op_id} has it")
            for it, names in found[:LISTED]
        ),
    )


def letter_case(material: Material) -> Iterator[Finding]:
    """Ids that differ in the case of their letters alone."""
    reader = database_of(material)
    for table in reader.tables():
        if table.kind != "synced":
            continue
        twins = reader.ask(lambda connection, _, name=table.internal_name: upper_case_twins(connection, name, 20))  # type: ignore[misc]
        if twins:
            yield Finding(
                f"rows/letter-case/{table.name}",
                f"Ids of {table.name} differ in the case of their letters alone",
                f"{plural(len(twins), 'pair')}.",
                Role.HELD,
                Certainty.CERTAIN,
                "To SQLite these are different rows. Swift writes UUIDs in capitals, Postgres returns them in small"
                " letters: an update or a delete with one form does not touch the other.",
                "Use small letters throughout in the app.",
                tuple(row_evidence(table.name, upper, f"also as {lower}") for upper, lower in twins[:LISTED]),
            )
    synced = {table.name: table.internal_name for table in reader.tables() if table.kind == "synced"}
    for (row_type, row_id), entries in pending_by_row(reader)[0].items():
        if row_type not in synced or row_id == row_id.lower() or entries[0].op == "PUT":
            continue
        if reader.row(row_type, row_id) is None and reader.row(row_type, row_id.lower()) is not None:
            yield Finding(
                f"rows/letter-case/{row_type}/{row_id}",
                "A waiting write names its row in capitals",
                f"{short_row(row_type, row_id)} is {row_id.lower()} here.",
                Role.HELD,
                Certainty.CERTAIN,
                "The row's id is in small letters, the write's in capitals: it touches no row.",
                "Use small letters throughout in the app.",
                (
                    Evidence(
                        f"ps_crud {entries[0].id}",
                        f"{entries[0].op} of {row_id}",
                        "uploads",
                        row=(row_type, row_id.lower()),
                    ),
                ),
            )


def altered_columns(row: ComparedRow, writes: list[CrudEntry]) -> tuple[str, ...]:
    """The columns whose value neither the operation nor a waiting write explains; none where that cannot be told."""
    if any(write.op != "PATCH" for write in writes):
        return ()
    if row.touched and not writes:
        return ()  # uploaded and not confirmed, or removed meanwhile
    written = {column for write in writes for column in fields_of(write.data)}
    service, device = fields_of(row.service), fields_of(row.data)
    return tuple(
        column
        for column in dict.fromkeys((*device, *service))
        if column != "id"
        and column not in written
        and not same_value(service.get(column, "null"), device.get(column, "null"))
        # A view's trigger writes the columns of the schema alone: fields that it lacks go with a local write.
        and not (column not in device and writes)
    )


def _differing(material: Material) -> Iterator[ComparedRow]:
    """Rows of all synced tables whose text is not their newest operation's."""
    reader = database_of(material)
    for table in reader.tables():
        if table.kind != "synced":
            continue
        after, compared = -1, 1
        while compared:
            rows, compared, after = reader.ask(
                lambda connection, layout, table=table, at=after: differing_rows(  # type: ignore[misc]
                    connection, layout, table.internal_name, table.name, at
                )
            )
            yield from rows
            material.progress.add(rows=compared)


CHECKS = (
    Check(
        "rows/altered",
        "Rows that differ from their operation",
        "every row beside its newest operation",
        FILE,
        altered,
        Needs.DATABASE,
    ),
    Check(
        "rows/letter-case",
        "Ids that differ in the case of letters alone",
        "the ids of every table, ps_crud",
        DATABASES,
        letter_case,
        Needs.DATABASE,
    ),
)
