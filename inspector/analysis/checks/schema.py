"""Checks of the client's schema against what is synced, and of the SDK's own tables, views and indexes."""

from collections.abc import Iterator

from inspector.analysis.checks.words import internal
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
    mono,
)
from inspector.analysis.situations import Role
from inspector.store.audits.rows import row_types
from inspector.store.audits.schema import schema_objects, unfilled
from inspector.store.data_queries import TableShape
from inspector.words import plural

_INDEXED = (("row_type", "row_id"), ("bucket", "op_id"), ("bucket", "key"))
_UNTYPED = "SELECT * FROM ps_untyped LIMIT 100"


def lacks_table(material: Material) -> Iterator[Finding]:
    """Rows of types that the schema has no table for."""
    summary = material.summary
    if summary is None or not summary.untyped_rows:
        return
    known = [] if material.database is None else [table.name for table in material.database.tables() if table.view]
    for name, rows in summary.untyped_rows.items():
        near = next((table for table in known if _is_near(table, name)), None)
        like = "" if near is None else f" It has “{near}”, which is spelt otherwise."
        yield Finding(
            f"schema/lacks-{name}",
            f"The client's schema lacks the table “{name}”",
            f"{plural(rows, 'row')} of “{name}” {'sits' if rows == 1 else 'sit'} in ps_untyped.",
            Role.IDLE if near is None else Role.HELD,
            Certainty.HINT if near is None else Certainty.LIKELY,
            "The sync config sends rows for which the client's schema has no table. They are kept, and no query sees"
            f" them.{like} An app version that does not need the table looks the same.",
            "Add the table to the client's schema if the app is to show it, or leave it out of the sync config."
            if near is None
            else f"Spell the table the same in the client's schema and in the sync config: {mono(name)}.",
            (
                internal("ps_untyped", f"{plural(rows, 'row')} of “{name}”", _UNTYPED),
                *((Evidence(near, "a table of a name like it", "data"),) if near is not None else ()),
            ),
        )


def views(material: Material) -> Iterator[Finding]:
    """Tables that no view shows, and views that cannot be written."""
    reader = database_of(material)
    objects = reader.ask(lambda connection, _: schema_objects(connection))
    tables = [table for table in reader.tables() if table.kind != "untyped" and table.name]
    unseen = [table for table in tables if not table.view]
    # Migrations to another version drop all views, and the next start makes them again.
    some = len(unseen) < len(tables)
    if unseen:
        names = ", ".join(table.name for table in unseen[:3])
        yield Finding(
            "schema/no-view",
            f"No view shows {names}{' and others' if len(unseen) > 3 else ''}",
            f"{plural(sum(table.rows or 0 for table in unseen), 'row')} cannot be read by a table's name.",
            Role.HELD if some else Role.IDLE,
            Certainty.LIKELY if some else Certainty.HINT,
            "The app reads tables through views, which the SDK makes at each start. Without its view a table cannot be"
            " read by its name. Right after a migration to another version there is none at all, until the app starts.",
            "Look whether the app's schema still has the table, and whether starting it fails.",
            tuple(
                internal(table.internal_name, "no view over it", "SELECT type, name, sql FROM sqlite_schema")
                for table in unseen[:5]
            ),
        )
    written = {each.table for each in objects if each.kind == "trigger" and "INSTEAD OF INSERT" in each.sql.upper()}
    shown = [each.name for each in objects if each.kind == "view" and "powersync-auto-generated" in each.sql]
    closed = [name for name in shown if name not in written]
    # A tool that only syncs makes no triggers: they call functions that an app's SDK alone has.
    some = len(closed) < len(shown)
    if closed:
        yield Finding(
            "schema/no-trigger",
            f"Nothing can be inserted into {', '.join(closed[:3])}{' and others' if len(closed) > 3 else ''}",
            "The view has no trigger for inserts." if len(closed) == 1 else "The views have no trigger for inserts.",
            Role.HELD if some else Role.IDLE,
            Certainty.LIKELY if some else Certainty.HINT,
            "Local writes go through triggers of the views. Without them SQLite refuses the write. A file that was"
            " synced by a tool, and not by an app, has none at all until an app opens it.",
            "Let the SDK set its schema again.",
            tuple(
                internal(
                    name,
                    "no INSTEAD OF INSERT trigger",
                    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'",
                )
                for name in closed[:5]
            ),
        )


def indexes(material: Material) -> Iterator[Finding]:
    """Indexes of the oplog that the SDK relies on."""
    objects = database_of(material).ask(lambda connection, _: schema_objects(connection))
    own = ["".join(each.sql.split()).replace('"', "") for each in objects if each.kind == "index"]
    lacking = [names for names in _INDEXED if not any(f"ps_oplog({','.join(names)}" in sql for sql in own)]
    if lacking:
        yield Finding(
            "schema/no-index",
            "An index of ps_oplog is missing",
            f"On {' and on '.join(', '.join(names) for names in lacking)}.",
            Role.HELD,
            Certainty.CERTAIN,
            "Every operation that arrives is looked up by it. Without it each one reads the whole table, and a sync"
            " that took seconds takes hours.",
            "Let the SDK open the file, or sync anew.",
            (
                internal(
                    "ps_oplog",
                    "its indexes",
                    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'ps_oplog'",
                ),
            ),
        )


def odd_names(material: Material) -> Iterator[Finding]:
    """Tables whose names are empty or numbers."""
    reader = database_of(material)
    odd = [
        table.internal_name
        for table in reader.tables()
        if table.kind != "untyped" and (not table.name or table.name.isdecimal())
    ]
    if odd:
        yield Finding(
            "schema/odd-name",
            "Tables of the schema have no proper name",
            ", ".join(odd[:3]) + ".",
            Role.BROKEN,
            Certainty.CERTAIN,
            "The schema was given as a list where an object with names is expected.",
            "Give the tables of the schema by their names.",
            tuple(Evidence(name, "its name is empty or a number") for name in odd[:5]),
        )


def local_row(material: Material) -> Iterator[Finding]:
    """The gate of older versions beside that of the present one."""
    reader = database_of(material)
    if reader.schema_version < 14:
        return
    if reader.ask(lambda connection, _: connection.scalar("SELECT 1 FROM ps_buckets WHERE name = '$local'")):
        yield Finding(
            "schema/local-row",
            "Two SDK versions have written to this file",
            "ps_buckets has a row $local, which version 14 has no use for.",
            Role.HELD,
            Certainty.CERTAIN,
            "Up to version 13 the gate stood in that row; since then it stands in `ps_kv`. Code that still writes the"
            " old one keeps a gate that nothing opens, or uploads the same writes again and again.",
            "Update all parts of the SDK together: the JavaScript, the worker and the core.",
            (internal("ps_buckets $local", "left over", "SELECT * FROM ps_buckets WHERE name = '$local'"),),
        )


def own_triggers(material: Material) -> Iterator[Finding]:
    """Triggers of the app's on the SDK's tables, which run for every row that is applied."""
    objects = database_of(material).ask(lambda connection, _: schema_objects(connection))
    found = [each for each in objects if each.kind == "trigger" and each.table.startswith("ps_")]
    if found:
        yield Finding(
            "schema/own-triggers",
            f"{plural(len(found), 'trigger')} run while a checkpoint is applied",
            f"{', '.join(each.name for each in found[:3])}.",
            Role.IDLE,
            Certainty.HINT,
            "They stand on the SDK's own tables, so they run for each synced row: a full-text index is kept so. They"
            " cost time while a checkpoint is applied, and one that fails keeps it from being shown.",
            "Look how long applying takes without them.",
            tuple(
                internal(
                    each.name,
                    f"on {each.table}",
                    "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'",
                )
                for each in found[:5]
            ),
        )


def raw_tables(material: Material) -> Iterator[Finding]:
    """Raw tables that refuse rows, or delete others with them."""
    reader = database_of(material)
    types = set(reader.ask(row_types))
    objects = {each.name: each for each in reader.ask(lambda connection, _: schema_objects(connection))}
    for shape in reader.shapes():
        table = objects.get(shape.source)
        if shape.kind != "raw" or shape.name not in types or table is None:
            continue
        yield from _refusals(material, shape)
        if "ON DELETE CASCADE" in table.sql.upper():
            yield Finding(
                f"schema/cascade/{shape.name}",
                f"Rows of {shape.name} go with others",
                "It has ON DELETE CASCADE.",
                Role.IDLE,
                Certainty.HINT,
                "If the statement that writes the table it refers to is INSERT OR REPLACE, each update there deletes"
                " the row first, and these rows with it.",
                "Write raw tables with ON CONFLICT … DO UPDATE.",
                (
                    internal(
                        shape.name, "ON DELETE CASCADE", "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
                    ),
                ),
            )


def _refusals(material: Material, shape: TableShape) -> Iterator[Finding]:
    reader = database_of(material)
    sql = "SELECT name FROM pragma_table_info(?) WHERE \"notnull\" AND dflt_value IS NULL AND name <> 'id'"
    needed = [name for (name,) in reader.ask(lambda connection, _: connection.rows(sql, (shape.source,)))]
    for column, op_id in reader.ask(lambda connection, _: unfilled(connection, needed, shape.name)):
        yield Finding(
            f"schema/refuses/{shape.name}.{column}",
            f"The raw table {shape.name} refuses rows without {column}",
            f"Operation {op_id} has none.",
            Role.HELD,
            Certainty.LIKELY,
            "A statement that fails keeps the whole checkpoint from being shown, again at each try.",
            f"Let `{column}` be null in the app's table, or select it in the sync config.",
            (Evidence(f"op {op_id}", f"{column} is null or not there"),),
        )


def _is_near(one: str, other: str) -> bool:
    """Whether two names differ in case, in an s, or in underscores alone."""
    return one != other and _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").rstrip("s")


CHECKS = (
    Check("schema/lacks", "Rows of tables that the schema lacks", "ps_untyped", DATABASES, lacks_table),
    Check(
        "schema/views",
        "Tables without a view, and views that cannot be written",
        "views and their triggers",
        FILE,
        views,
        Needs.DATABASE,
    ),
    Check("schema/no-index", "Missing indexes", "the indexes of ps_oplog", FILE, indexes, Needs.DATABASE),
    Check("schema/odd-name", "Tables whose name is empty or a number", "the schema", FILE, odd_names, Needs.DATABASE),
    Check("schema/local-row", "What two SDK versions leave on one file", "ps_buckets", FILE, local_row, Needs.DATABASE),
    Check(
        "schema/own-triggers",
        "Triggers of the app's on synced tables",
        "the schema",
        FILE,
        own_triggers,
        Needs.DATABASE,
    ),
    Check(
        "schema/raw",
        "Raw tables that refuse rows or delete others",
        "the app's own tables, ps_oplog",
        FILE,
        raw_tables,
        Needs.DATABASE,
    ),
)
