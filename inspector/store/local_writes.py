"""Local writes: rows changed on this device, and the CRUD entries that tell of them (protocol §5).

What the official clients do in the triggers of their views and in the native core is done here, to the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from inspector.protocol.errors import InspectorError
from inspector.store.app_schema import Affinity, AppSchema, Column
from inspector.store.core_json import as_core_reads, as_core_writes
from inspector.store.local_write import LocalWrite
from inspector.store.publish import set_value
from inspector.store.query import row, scalar
from inspector.store.raw_tables import RawTarget
from inspector.store.row_writer import write_raw
from inspector.store.schema import GATE_CLOSED, LAST_APPLIED, LAST_SEEN, TARGET_REQUEST
from inspector.store.write_targets import WriteTarget, find_target

_INT64 = range(-(2**63), 2**63)
_JsonObject = dict[str, Any]
_decode_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class WriteError(InspectorError):
    """A local write cannot be carried out; nothing of its transaction is."""


def write_locally(
    connection: apsw.Connection,
    schema: AppSchema | None,
    writes: Sequence[LocalWrite],
    raw: Mapping[str, RawTarget] | None = None,
) -> int | None:
    """Change the rows as one local transaction, inside the caller's; its `tx_id`, None without CRUD entries.

    `raw` are the app's own tables, by row type. Raises WriteError or StoreError: roll back then.
    """
    journal = _Journal(connection)
    targets: dict[str, WriteTarget] = {}
    for write in writes:
        if raw and write.type in raw:
            _write_raw(connection, journal, raw[write.type], write)
            continue
        target = targets.get(write.type) or targets.setdefault(write.type, find_target(connection, schema, write.type))
        _check(write, target)
        try:
            _carry_out(connection, journal, target, write)
        except (apsw.SQLError, UnicodeDecodeError) as error:
            reason = "A text in it is not UTF-8." if isinstance(error, UnicodeDecodeError) else f"SQLite says: {error}."
            raise WriteError(
                f"The row “{write.id}” in {write.type} cannot be written.",
                why=f"What it holds now cannot be read. {reason}",
                next_step="Look at its operation, and have the service send the row anew.",
            ) from error
    return journal.tx_id


def _carry_out(connection: apsw.Connection, journal: "_Journal", target: WriteTarget, write: LocalWrite) -> None:
    match write.op:
        case "PUT":
            _put(connection, journal, target, write)
        case "PATCH":
            _patch(connection, journal, target, write)
        case "DELETE":
            _delete(connection, journal, target, write)


def _write_raw(connection: apsw.Connection, journal: "_Journal", target: RawTarget, write: LocalWrite) -> None:
    """By the statements that downloads are written with: only whole rows can be."""
    if write.op == "PATCH":
        raise WriteError(
            f"A row of the raw table {write.type} cannot be changed in part.",
            why="Its statements write whole rows.",
            next_step="PUT the whole row.",
        )
    if not write.id:
        raise _no_id()
    given = None if write.op == "DELETE" else _values(write)
    write_raw(connection, target, write.id, None if given is None else msgspec.json.encode(given).decode())
    journal.append(write, None if given is None else _changes({}, given), None)


def _no_id() -> WriteError:
    return WriteError("A row needs an id.", next_step="Give one; a UUID is usual.")


class _Journal:
    """The CRUD entries of one transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._begun: int | None = None
        self.tx_id: int | None = None
        """Of the entries; None while there is none."""

    def append(self, write: LocalWrite, data: _JsonObject | None, old: _JsonObject | None) -> None:
        """An entry of a synced row: downloads stay away from it until the service has confirmed it."""
        entry: _JsonObject = {"op": write.op, "id": write.id, "type": write.type}
        optional = {"data": data, "old": old, "metadata": write.metadata}
        self._insert(entry | {name: value for name, value in optional.items() if value is not None})
        self._connection.execute(
            "INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) VALUES (?, ?)", (write.type, write.id)
        )
        set_value(self._connection, TARGET_REQUEST, GATE_CLOSED)
        self._connection.execute("DELETE FROM ps_kv WHERE key IN (?, ?)", (LAST_SEEN, LAST_APPLIED))

    def append_insert_only(self, write: LocalWrite, data: _JsonObject) -> None:
        """An entry of a row that this device does not keep; its fields stand in another order."""
        self._insert({"op": write.op, "type": write.type, "id": write.id, "data": data})

    def begin(self) -> int:
        """The transaction's id; it counts as used even if no entry follows."""
        if self._begun is None:
            next_id = "UPDATE ps_tx SET next_tx = next_tx + 1 WHERE id = 1 RETURNING next_tx - 1"
            self._begun = int(scalar(self._connection, next_id))
        return self._begun

    def _insert(self, entry: _JsonObject) -> None:
        self.tx_id = self.begin()
        text = as_core_writes(entry)
        self._connection.execute("INSERT INTO ps_crud(tx_id, data) VALUES (?, ?)", (self.tx_id, text))


def _put(connection: apsw.Connection, journal: _Journal, target: WriteTarget, write: LocalWrite) -> None:
    new = _new_row(connection, target, write)
    changes = _changes({}, as_core_reads(new))
    if target.insert_only:
        journal.append_insert_only(write, changes)
        return
    _store(connection, target, write.id, new)
    if not target.local_only:
        journal.append(write, changes, None)


def _patch(connection: apsw.Connection, journal: _Journal, target: WriteTarget, write: LocalWrite) -> None:
    old = _shown_row(connection, target, write)
    new = _patched_row(connection, target, write)
    _store(connection, target, write.id, new)
    if target.local_only:
        return
    journal.begin()
    changes = _changes(as_core_reads(old), as_core_reads(new))
    if changes or not target.ignore_empty_update:
        journal.append(write, changes, _old_values(target, old, new))


def _delete(connection: apsw.Connection, journal: _Journal, target: WriteTarget, write: LocalWrite) -> None:
    old = _shown_row(connection, target, write)
    connection.execute(f"DELETE FROM {target.source} WHERE {target.condition}", target.key(write.id))
    if not target.local_only:
        journal.append(write, None, target.kept(_decode_raw(old)))


def _shown_row(
    connection: apsw.Connection, target: WriteTarget, write: LocalWrite, written: Mapping[str, Any] | None = None
) -> str:
    """The row as JSON, as the app sees it through its view, with `written` in place of what is stored."""
    parts, values = target.as_json(written or {})
    sql = f"SELECT {parts} FROM {target.source} WHERE {target.condition}"
    found = row(connection, sql, (*values, *target.key(write.id)))
    if found is None:
        raise WriteError(
            f"There is no row “{write.id}” in {write.type}.",
            why=f"A {write.op} needs a row that is there.",
            next_step="Choose a row of the table, or PUT it first.",
        )
    return _joined(found)


def _new_row(connection: apsw.Connection, target: WriteTarget, write: LocalWrite) -> str:
    """The row as JSON: every column, null where no value is given; where no columns are known, what is given."""
    given = _values(write)
    if target.columns is None:
        return msgspec.json.encode(given).decode()
    parts, values = target.as_json(
        {column.name: _inserted(column, given.get(column.name)) for column in target.columns}
    )
    return _joined(row(connection, f"SELECT {parts}", values) or ())


def _inserted(column: Column, value: Any) -> Any:
    """What SQLite makes of a value in an INSERT into a view: almost nothing."""
    return float(value) if column.affinity == "real" and isinstance(value, int) else value


def _patched_row(connection: apsw.Connection, target: WriteTarget, write: LocalWrite) -> str:
    """The row as JSON after a PATCH."""
    given = _values(write)
    if target.columns is not None:
        kinds = {column.name: column.affinity for column in target.columns}
        converted = {name: _with_affinity(connection, kinds[name], value) for name, value in given.items()}
        return _shown_row(connection, target, write, converted)
    kept = _decode_raw(_shown_row(connection, target, write))
    return msgspec.json.encode(kept | given).decode()


def _with_affinity(connection: apsw.Connection, kind: Affinity, value: Any) -> Any:
    """What SQLite makes of a value in an UPDATE of a view."""
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS written(text TEXT, integer INTEGER, real REAL, blob BLOB, numeric NUMERIC)"
    )
    sql = f"REPLACE INTO temp.written(rowid, {kind}) VALUES (1, ?) RETURNING {kind}"
    return scalar(connection, sql, (value,))


def _joined(parts: Iterable[str | None]) -> str:
    """One JSON object with the fields of all."""
    fields = ",".join(part[1:-1] for part in parts if part and part != "{}")
    return f"{{{fields}}}"


def _store(connection: apsw.Connection, target: WriteTarget, row_id: str, data: str) -> None:
    columns = (*target.key_columns, "data")
    marks = ", ".join("?" * len(columns))
    sql = f"REPLACE INTO {target.source}({', '.join(columns)}) VALUES ({marks})"
    connection.execute(sql, (*target.key(row_id), data))


def _values(write: LocalWrite) -> _JsonObject:
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in (write.data or {}).items()
        if name != "id"
    }


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> _JsonObject:
    """What differs, in order of name; without an old row, what is not null. 1 and 1.0 differ."""
    return {
        name: new[name] for name in sorted(new) if (type(old.get(name)), old.get(name)) != (type(new[name]), new[name])
    }


def _old_values(target: WriteTarget, old: str, new: str) -> _JsonObject | None:
    if not target.include_old_only_when_changed:
        return target.kept(_decode_raw(old))
    kept = target.kept(as_core_reads(old))
    return None if kept is None else _changes(as_core_reads(new), kept)


def _check(write: LocalWrite, target: WriteTarget) -> None:
    """Raises WriteError for what the table does not take."""
    if not write.id:
        raise _no_id()
    if target.insert_only and write.op != "PUT":
        raise WriteError(
            f"The table {write.type} is insert-only.",
            why=f"Its rows leave this device with their upload, so there is none to {write.op}.",
            next_step="PUT a new row instead.",
        )
    if write.metadata is not None and not target.include_metadata:
        raise WriteError(
            f"The table {write.type} takes no metadata.",
            why="Its schema does not have include_metadata.",
            next_step="Leave the metadata out, or change the schema.",
        )
    for name, value in (write.data or {}).items():
        _check_value(write, target, name, value)


def _check_value(write: LocalWrite, target: WriteTarget, name: str, value: Any) -> None:
    if name == "id":
        if value != write.id:
            raise WriteError(f"The id of “{write.id}” in {write.type} cannot change.", next_step="DELETE and PUT it.")
        return
    if target.columns is not None and name not in {column.name for column in target.columns}:
        raise WriteError(
            f"The table {write.type} has no column “{name}”.",
            next_step=f"Its columns are {', '.join(column.name for column in target.columns)}.",
        )
    if isinstance(value, int) and value not in _INT64:
        raise WriteError(
            f"The value of “{name}” is too large.", why="Integers have 64 bits.", next_step="Write it as text."
        )
    if not isinstance(value, str | int | float | None):
        raise WriteError(
            f"The value of “{name}” is neither text nor a number nor null.",
            why="A column takes nothing else; JSON is stored as text.",
            next_step="Write it as JSON text in a string.",
        )
