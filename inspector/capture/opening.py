"""Opening a capture for reading: while the engine writes it, or as a lone file that must not change by a byte."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import apsw
from msgspec import Struct

from inspector.capture.errors import CaptureError
from inspector.capture.schema import APPLICATION_ID, VERSION
from inspector.words import plural, thousands

_SQLITE_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
"""SQLite's file header: page size at 16, page count at 28, both big-endian."""

_BUSY_MS = 2_000

_Read = TypeVar("_Read")
_Row = TypeVar("_Row", bound=Struct)


class OpenedCapture:
    """A read-only connection to a capture that has been found readable."""

    def __init__(self, path: Path) -> None:
        """Raises CaptureError when `path` is no capture, newer than this program, damaged or not there."""
        self.path = path
        self._copy: TemporaryDirectory[str] | None = None
        with reading(path):
            _check_header(path)
            self.connection = self._connect()
            try:
                _check_contents(self.connection, path)
            except BaseException:
                self.close()
                raise

    def snapshot(self, read: Callable[[], _Read]) -> _Read:
        """What `read` gives when all that it reads comes from one moment."""
        self.connection.execute("BEGIN")
        try:
            return read()
        finally:
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query; raises CaptureError."""
        with reading(self.path):
            return self.connection.execute(sql, values).fetchall()

    def rows(self, row: type[_Row], sql: str, *values: int | str) -> list[_Row]:
        """The rows of a query whose columns are the fields of `row`."""
        return list(starmap(row, self.ask(sql, *values)))

    def first(self, row: type[_Row], sql: str, *values: int) -> _Row | None:
        """The first of them; None where there is none."""
        found = self.ask(sql, *values)
        return row(*found[0]) if found else None

    def scalar(self, sql: str, *values: int) -> Any:
        """The first value of the first row; None where there is no row."""
        found = self.ask(sql, *values)
        return found[0][0] if found else None

    def close(self) -> None:
        """Close the connection; a copy that was needed goes with it."""
        self.connection.close()
        if self._copy is not None:
            self._copy.cleanup()

    def _connect(self) -> apsw.Connection:
        wal = _beside(self.path, "-wal")
        # An engine that is writing has frames in its WAL; an empty one was left behind.
        if not wal.exists() or wal.stat().st_size == 0:
            return _open(self.path, "mode=ro&immutable=1")
        if not _beside(self.path, "-shm").exists():
            return _open(self._copied(), "mode=ro")
        try:
            return _open(self.path, "mode=ro")
        except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError):
            return _open(self._copied(), "mode=ro")

    def _copied(self) -> Path:
        """A copy with its WAL: a WAL that nobody has open is only read by writing beside it."""
        self._copy = TemporaryDirectory(prefix="capture-", ignore_cleanup_errors=True)
        copy = Path(self._copy.name) / self.path.name
        shutil.copyfile(self.path, copy)
        shutil.copyfile(_beside(self.path, "-wal"), _beside(copy, "-wal"))
        return copy


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what SQLite and the system say about `path` into CaptureErrors."""
    name = path.name
    try:
        yield
    except FileNotFoundError as error:
        raise CaptureError(f"There is no file {name}.", next_step="Check the path.") from error
    except (OSError, apsw.CantOpenError, apsw.PermissionsError) as error:
        why = f"The system says: {getattr(error, 'strerror', None) or error}."
        raise CaptureError(
            f"The capture {name} cannot be opened.", why=why, next_step="Check its permissions."
        ) from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise CaptureError(
            f"The capture {name} is locked.",
            why="Another program has kept it locked for longer than 2 s.",
            next_step="Close the program that uses it and open the file again.",
        ) from error
    except apsw.Error as error:
        raise CaptureError(
            f"The capture {name} is damaged.",
            why=f"SQLite says: {error}.",
            next_step="Open another copy of the file if there is one.",
        ) from error


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _open(path: Path, parameters: str) -> apsw.Connection:
    connection = apsw.Connection(
        f"{path.absolute().as_uri()}?{parameters}", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    connection.set_busy_timeout(_BUSY_MS)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    what = f"{path.name} is no capture."
    if not header:
        raise CaptureError(what, why="The file is empty.", next_step="Open another file.")
    if len(header) < _HEADER_BYTES or not header.startswith(_SQLITE_MAGIC):
        why = "It is no SQLite file, or it is encrypted."
        raise CaptureError(what, why=why, next_step="Open a capture that the inspector has recorded.")
    page_size = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65_536 if page_size == 1 else page_size)
    size = path.stat().st_size
    if size < expected and not _beside(path, "-wal").exists():
        raise CaptureError(
            f"{path.name} is cut off.",
            why=f"It has {thousands(size)} of {plural(expected, 'byte')}.",
            next_step="Copy it again from where it came from.",
        )


def _check_contents(connection: apsw.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise CaptureError(
            f"{path.name} is no capture.",
            why="It is an SQLite file, and no recording of the inspector's.",
            next_step="Choose a capture. A client database holds no frames: open it by “inspector open”.",
        )
    version = _pragma(connection, "user_version")
    if version > VERSION:
        raise CaptureError(
            f"The capture {path.name} was recorded by a newer inspector.",
            why=f"Its format is version {version}; this program reads versions up to {VERSION}.",
            next_step="Open it with a newer inspector.",
        )
    connection.execute("SELECT max(id) FROM frames").fetchall()


def _pragma(connection: apsw.Connection, name: str) -> int:
    return int(connection.pragma(name))
