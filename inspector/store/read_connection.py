"""One read-only connection to a client database that may be live, locked for a moment, or damaged."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import apsw

from inspector.protocol.errors import InspectorError
from inspector.store.query import Values, row, rows, scalar

DAMAGE = (apsw.CorruptError, apsw.FormatError, apsw.IOError, apsw.NotADBError, UnicodeDecodeError)
"""What reading a damaged file raises; the decoding error comes from text that is not UTF-8."""

_PASSING = (apsw.BusyError, apsw.LockedError, apsw.SchemaChangeError)
_BUSY_MS = 200
_TRIES = 3

Result = TypeVar("Result")


class ReadError(InspectorError):
    """A client database cannot be read."""


def file_uri(path: Path, *, immutable: bool = False) -> str:
    """The URI by which SQLite opens `path`, whatever characters are in it.

    `immutable` promises that nobody writes the file: SQLite then takes no lock and looks for no WAL.
    """
    uri = path.absolute().as_uri()
    return f"{uri}?immutable=1" if immutable else uri


class ReadConnection:
    """Reads in short transactions and tries again when the writer is in the way. For one thread at a time."""

    def __init__(self, source: Path | str, *, immutable: bool = False, name: str = "") -> None:
        """Open a path, or a `file:` URI as it is; raises ReadError. `name` is what people know a copy by."""
        is_uri = isinstance(source, str) and source.startswith("file:")
        uri = str(source) if is_uri else file_uri(Path(source), immutable=immutable)
        self._name = name or Path(source).name.partition("?")[0]
        try:
            self._connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        except apsw.Error as error:
            raise self._failed(error) from error
        self._connection.set_busy_timeout(_BUSY_MS)
        self._in_transaction = False
        self.damaged: dict[str, str] = {}
        """Tables of which not everything could be read so far, and what SQLite said."""

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._connection.close()

    @property
    def sqlite(self) -> apsw.Connection:
        """The connection itself."""
        return self._connection

    def interrupt(self) -> None:
        """Have what is read at present fail; may be called from any thread, and when the file is closed."""
        with suppress(apsw.ConnectionClosedError):
            self._connection.interrupt()

    def consistently(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, all of it read from one state of the database; it may be called more than once.

        Raises ReadError when the file cannot be read at all, or stays locked.
        """
        if self._in_transaction:
            return work()
        try:
            return self._patiently(work)
        except (apsw.Error, UnicodeDecodeError) as error:
            raise self._failed(error) from error

    def _patiently(self, work: Callable[[], Result]) -> Result:
        for _ in range(_TRIES - 1):
            with suppress(*_PASSING):
                return self._once(work)
        return self._once(work)

    def _once(self, work: Callable[[], Result]) -> Result:
        self._connection.execute("BEGIN")
        self._in_transaction = True
        try:
            return work()
        finally:
            self._in_transaction = False
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def rows(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return rows(self._connection, sql, values)

    def cursor(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one after the other, inside `consistently`; raises what SQLite raises."""
        yield from self._connection.execute(sql, values)

    def row(self, sql: str, values: Values = ()) -> tuple[Any, ...] | None:
        """The first row of a query."""
        return row(self._connection, sql, values)

    def scalar(self, sql: str, values: Values = ()) -> Any:
        """The first value of a query's first row, or None."""
        return scalar(self._connection, sql, values)

    def rows_of(self, table: str, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; none, and a note in `damaged`, where the pages of `table` are damaged."""
        try:
            return self.rows(sql, values)
        except DAMAGE as error:
            self.note_damage(table, error)
            return []

    def row_of(self, table: str, sql: str, values: Values = ()) -> tuple[Any, ...] | None:
        """The first row of a query; None, and a note in `damaged`, where the pages of `table` are damaged."""
        try:
            return self.row(sql, values)
        except DAMAGE as error:
            self.note_damage(table, error)
            return None

    def count_of(self, table: str, sql: str, values: Values = ()) -> int | None:
        """The number that a query gives; None, and a note in `damaged`, where the pages of `table` are damaged."""
        found = self.row_of(table, sql, values)
        return None if found is None else int(found[0])

    def note_damage(self, table: str, error: Exception) -> None:
        """Remember that not everything in `table` can be read."""
        reason = "A text is not UTF-8." if isinstance(error, UnicodeDecodeError) else f"SQLite says: {error}."
        self.damaged.setdefault(table, reason)

    def schema_cookie(self) -> int:
        """Changes whenever a table, view or index is made or dropped."""
        return int(self.scalar("PRAGMA schema_version"))

    def data_version(self) -> int:
        """Changes whenever another connection has committed."""
        return int(self.scalar("PRAGMA data_version"))

    def _failed(self, error: Exception) -> ReadError:
        if isinstance(error, apsw.CantOpenError):
            return ReadError(
                f"The client database {self._name} cannot be opened.",
                why="It is not there, or this user may not read it.",
                next_step="Check the name and its permissions.",
            )
        if isinstance(error, _PASSING):
            return ReadError(
                f"The client database {self._name} is locked.",
                why="Another program is writing it.",
                next_step="It is read again with the next change.",
            )
        return ReadError(
            f"The client database {self._name} cannot be read.",
            why=f"SQLite says: {error}.",
            next_step="Copy the file again from the device, with the app closed and its -wal beside it.",
        )
