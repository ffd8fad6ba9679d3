"""Checks of what stands in the columns of synced tables."""

from collections.abc import Iterator

from inspector.analysis.checks.words import row_evidence
from inspector.analysis.finding_types import (
    DATABASES,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
)
from inspector.analysis.situations import Live, Role
from inspector.store.audits.schema import ROWS_AT_ONCE, ColumnUse, column_uses
from inspector.store.data_queries import TableShape
from inspector.words import plural, thousands

_FEW_ROWS = 5
"""Of fewer rows one cannot say that a column is never delivered."""


def columns(material: Material) -> Iterator[Finding]:
    """Columns that lose values, that nothing fills, or that hold times of two forms."""
    lossy, never, mixed = [], [], []
    # What a client without a schema has made of the data tells nothing of the app's.
    has_schema = not isinstance(material.situation, Live) or bool(material.situation.status.schema_file)
    sampled: dict[str, str] = {}
    for shape in database_of(material).shapes():
        if shape.kind != "synced" or not shape.view:
            continue
        rows, uses, is_whole = _uses(material, shape)
        lossy += [(shape, use) for use in uses if use.lossy and has_schema]
        never += [(shape, use) for use in uses if not use.present and rows >= _FEW_ROWS and has_schema]
        mixed += [(shape, use) for use in uses if use.spaced and use.separated]
        sampled[shape.name] = "" if is_whole else f" of the first {thousands(rows)} rows"
    for shape, use in lossy:
        yield Finding(
            f"schema/lossy/{shape.name}.{use.column}",
            f"{shape.title}.{use.column} shows other values than were sent",
            f"{plural(use.lossy, 'text')}{sampled[shape.name]} {'is' if use.lossy == 1 else 'are'} no such number.",
            Role.HELD,
            Certainty.CERTAIN,
            f"The schema casts `{use.column}` to a number. Of a text that is none SQLite takes the digits that it"
            " begins with, or 0. Numeric columns of Postgres arrive as text.",
            f"Declare `{use.column}` as text, or cast it in the sync config.",
            (row_evidence(shape.name, use.example or "", f"{use.column} is a text"),),
        )
    for shape, use in never:
        yield Finding(
            f"schema/never-delivered/{shape.name}.{use.column}",
            f"{shape.title}.{use.column} is never delivered",
            f"None{sampled[shape.name]} has it." if sampled[shape.name] else "No row has it.",
            Role.IDLE,
            Certainty.HINT,
            f"The schema has `{use.column}`, and no row that was looked at brings it: its name differs, the sync config"
            " does not select it, or it is binary, which cannot be synced as it is.",
            "Compare the column's name with the sync config's query; send binary values as base64 or hexadecimal.",
            (Evidence(shape.title, f"no row{sampled[shape.name]} has {use.column}", "data"),),
        )
    for shape, use in mixed:
        yield Finding(
            f"schema/mixed-times/{shape.name}.{use.column}",
            f"{shape.title}.{use.column} has times of two forms",
            f"{thousands(use.spaced)} with a blank, {thousands(use.separated)} with a T{sampled[shape.name]}.",
            Role.IDLE,
            Certainty.HINT,
            "As texts they do not sort by time. The form changes with an option of the sync config, and rows that do"
            " not change keep the old one; times that the app writes may have another one than the service's.",
            "Have all rows sent anew after the option was changed, or compare with `datetime()`.",
            (Evidence(shape.title, use.column, "data"),),
        )


def _uses(material: Material, shape: TableShape) -> tuple[int, list[ColumnUse], bool]:
    """What stands in the columns of a table, and in how many rows; of a large table in a session only the first ones,
    and then False."""
    reader = database_of(material)
    uses: dict[str, ColumnUse] = {}
    wanted, after, rows = _casts(shape), -1, 0
    while wanted:
        counted, page, last = reader.ask(
            lambda connection, _, wanted=wanted, after=after: column_uses(connection, shape.source, wanted, after)  # type: ignore[misc]
        )
        material.progress.add()
        if last is None:
            break
        rows, after = rows + counted, last
        if isinstance(material.situation, Live):
            return rows, page, counted < ROWS_AT_ONCE
        uses.update((use.column, uses[use.column] + use if use.column in uses else use) for use in page)
        # Of texts that are there, and are no times, nothing more is to be known.
        wanted = [it for it in wanted if it[1] or not (use := uses[it[0]]).present or use.spaced or use.separated]
    return rows, list(uses.values()), True


def _casts(shape: TableShape) -> list[tuple[str, str]]:
    kinds = {"INTEGER": "INTEGER", "INT": "INTEGER", "REAL": "REAL", "NUM": "REAL", "NUMERIC": "REAL"}
    return [(it.name, kinds.get(it.type.upper(), "")) for it in shape.columns if it.name != "id" and '"' not in it.name]


CHECKS = (
    Check(
        "schema/columns",
        "Columns that lose values, are never filled, or mix times",
        "the rows of each table",
        DATABASES,
        columns,
        Needs.DATABASE,
    ),
)
