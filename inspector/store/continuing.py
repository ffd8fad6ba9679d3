"""Before a client database is written: whether it can be continued, and a migrated copy of one of an older version."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import apsw

from inspector.protocol.errors import InspectorError
from inspector.store.damage import CHECKED_UNASKED_BYTES, is_sound, unreadable_tables
from inspector.store.database import ClientDatabase
from inspector.store.evidence_copy import WAL, FilesState, beside, copy_files, recover
from inspector.store.evidence_sentences import (
    COPY_AGAIN,
    cut_off,
    foreign,
    listed,
    not_readable,
    of_another_kind,
    too_new,
)
from inspector.store.preparing import StoreError
from inspector.store.read_connection import DAMAGE, ReadConnection
from inspector.store.schema import SCHEMA_VERSION
from inspector.store.sqlite_file import FileKind, recognise
from inspector.store.versions import Layout

_SEE_WHAT_IS_LEFT = "Look at what is left of it with “inspector open”, and sync into a new file."


@dataclass(frozen=True, slots=True)
class Continued:
    """The file to write, and what was done for it."""

    path: Path
    original: Path | None = None
    """Of a migrated copy: the file that was left as it is."""
    version: int = SCHEMA_VERSION
    """What the file had before."""

    @property
    def words(self) -> str:
        """What was done; empty when nothing was."""
        if self.version == SCHEMA_VERSION:
            return ""
        change = f"from schema version {self.version} to {SCHEMA_VERSION}"
        if self.original is None:
            return f"The client database {self.path.name} was migrated {change}."
        return (
            f"A copy of {self.original.name} was migrated {change} and is continued: {self.path}."
            f" {self.original.name} itself is left as it is."
        )


def prepare_to_continue(path: Path, *, copies: Path, in_place: bool = False) -> Continued:
    """Look at the client database at `path`, and migrate it if it is of an older version: a copy in the folder
    `copies`, or, where somebody asked for it, the file itself. A file that is not there is made by whoever opens it.

    Raises InspectorError for one that is damaged, encrypted, cut off, newer, or no client database.
    """
    try:
        version = version_to_continue(path)
        if version in (None, SCHEMA_VERSION):
            return Continued(path)
        if in_place:
            ClientDatabase.open(path, migrate_from=version).close()
            return Continued(path, version=version)
        copy = _copy(path, copies)
        try:
            ClientDatabase.open(copy, migrate_from=version).close()
        except InspectorError:
            copy.unlink(missing_ok=True)
            raise
        return Continued(copy, original=path, version=version)
    except OSError as error:
        raise not_readable(path, error) from error


def version_to_continue(path: Path) -> int | None:
    """The schema version of a file that can be continued; None where there is none yet.

    Raises OSError, and InspectorError for a file that cannot be continued.
    """
    if not path.exists():
        return None
    recognised = recognise(path)
    wal_bytes = beside(path, WAL).stat().st_size if beside(path, WAL).exists() else 0
    if recognised.kind is FileKind.EMPTY and not wal_bytes:
        return None
    if recognised.kind is not FileKind.SQLITE or recognised.header is None:
        raise of_another_kind(path, recognised, wal_bytes)
    if recognised.size < recognised.header.expected_bytes:
        found = cut_off(path, recognised.size, recognised.header.expected_bytes)
        raise StoreError(found.what, why="Pages of it are missing.", next_step=_SEE_WHAT_IS_LEFT)
    if FilesState.of(path).has_hot_journal:
        return _version_after_recovery(path)
    # Without a WAL nobody has to be asked: a lock would only be in the way.
    connection = ReadConnection(path, immutable=not wal_bytes)
    try:
        if recognised.size <= CHECKED_UNASKED_BYTES and not is_sound(connection):
            tables = [table.table for table in unreadable_tables(connection)]
            raise _damaged(path, f"Parts of {listed(tables)} cannot be read." if tables else "SQLite's check fails.")
        layout = Layout.of(connection)
        names = [str(name) for (name,) in connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    except DAMAGE as error:
        raise _damaged(path, f"SQLite says: {error}.") from error
    except apsw.Error as error:
        raise StoreError(
            f"The client database {path.name} cannot be read now.",
            why=f"SQLite says: {error}.",
            next_step="Close the program that uses it.",
        ) from error
    finally:
        connection.close()
    if not names:
        return None
    if not layout.is_client_database or layout.version < 1:
        raise foreign(path, names, wal_missing=False)
    if layout.version > SCHEMA_VERSION:
        raise too_new(path, layout.version)
    return layout.version


def _version_after_recovery(path: Path) -> int | None:
    """Of a file whose last transaction was cut off: SQLite would roll it back in the file itself."""
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_files(path, Path(folder))
        if reason := recover(copied):
            raise _damaged(path, reason)
        return version_to_continue(copied.path)


def _damaged(path: Path, why: str) -> StoreError:
    return StoreError(f"The client database {path.name} is damaged.", why=why, next_step=_SEE_WHAT_IS_LEFT)


def _copy(path: Path, folder: Path) -> Path:
    """A copy with everything that stands in its WAL, under a name of its own."""
    copied = copy_files(path, folder)
    try:
        if not copied.settled:
            raise StoreError(
                f"{path.name} is being written while it is copied.",
                why="Its older schema version is migrated on a copy, which has to be of one moment.",
                next_step="Close the app that uses it.",
            )
        if reason := recover(copied):
            raise StoreError(f"The -wal of {path.name} does not fit it.", why=reason, next_step=COPY_AGAIN)
        target = _free_name(folder, path)
        shutil.move(copied.path, target)
    finally:
        copied.remove()
    return target


def _free_name(folder: Path, path: Path) -> Path:
    stem = f"{path.stem} (version {SCHEMA_VERSION})"
    target = folder / f"{stem}{path.suffix}"
    number = 2
    while target.exists():
        target = folder / f"{stem} {number}{path.suffix}"
        number += 1
    return target
