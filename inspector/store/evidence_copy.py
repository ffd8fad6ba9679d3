"""A user's file and the files beside it: what state they are in, and a copy of them where SQLite has to write.

SQLite recovers a write-ahead log or a rollback journal only by writing. That is done to a copy; the originals are
opened for reading bytes and for nothing else.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import apsw

from inspector.store.read_connection import DAMAGE, file_uri
from inspector.store.sqlite_file import JOURNAL_MAGIC, read_header

_TRIES = 3
_WAL_HEADER_BYTES = 32
_COPY_NAME = "copy.db"
"""A name of our own, so that nothing in the user's file name can matter."""

WAL = "-wal"
JOURNAL = "-journal"
WAL_INDEX = "-shm"


def beside(path: Path, suffix: str) -> Path:
    """The file that SQLite keeps beside a database: its name with `-wal`, `-journal` or `-shm` at the end."""
    return path.with_name(path.name + suffix)


@dataclass(frozen=True, slots=True)
class FileState:
    """What changes when somebody writes a file; `head` are its first bytes, where SQLite counts its changes."""

    size: int
    modified_ns: int
    head: bytes

    @classmethod
    def of(cls, path: Path) -> "FileState | None":
        """The state of `path`; None when it is not there. Raises OSError when it may not be read."""
        try:
            with path.open("rb") as file:
                stat = os.fstat(file.fileno())
                return cls(stat.st_size, stat.st_mtime_ns, file.read(100))
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class FilesState:
    """A database and the files beside it at one moment."""

    database: FileState | None
    wal: FileState | None
    journal: FileState | None
    wal_index: FileState | None

    @classmethod
    def of(cls, path: Path) -> "FilesState":
        """The state of `path` and its siblings; raises OSError."""
        siblings = (beside(path, suffix) for suffix in (WAL, JOURNAL, WAL_INDEX))
        return cls(FileState.of(path), *map(FileState.of, siblings))

    @property
    def wal_bytes(self) -> int:
        """The length of the WAL; 0 when there is none."""
        return self.wal.size if self.wal else 0

    @property
    def has_hot_journal(self) -> bool:
        """Whether a transaction was cut off: its journal begins with its magic until the transaction is over."""
        return self.journal is not None and self.journal.head.startswith(JOURNAL_MAGIC)

    def is_continued_by(self, later: "FilesState") -> bool:
        """Whether what was copied in between is one state: the WAL may have grown, everything else has stood still."""
        if self.wal is None or later.wal is None:
            same_wal = self.wal == later.wal
        else:
            same_wal = self.wal.head[:_WAL_HEADER_BYTES] == later.wal.head[:_WAL_HEADER_BYTES]
        return same_wal and self.database == later.database and self.journal == later.journal


@dataclass(slots=True)
class Copy:
    """A database put together from a user's files; `folder` is ours and goes with it."""

    path: Path
    folder: Path
    settled: bool
    """False when the originals were written while they were copied."""
    wal_frames: int = 0
    """Pages that came from the WAL."""
    left_out: str = ""
    """Why the WAL or the journal was left out; empty when it was not."""
    padded: bool = False
    """Whether the file was cut off and is filled up with zeros."""

    def remove(self) -> None:
        """Delete the copy."""
        shutil.rmtree(self.folder, ignore_errors=True)


def copy_files(path: Path, work: Path, *, with_siblings: bool = True) -> Copy:
    """Copy a database, its WAL and its hot journal into a folder of their own in `work`; raises OSError."""
    folder = Path(tempfile.mkdtemp(prefix="evidence-", dir=work))
    target = folder / _COPY_NAME
    try:
        settled = any(_copy_at_once(path, target, with_siblings) for _ in range(_TRIES))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Copy(target, folder, settled)


def _copy_at_once(path: Path, target: Path, with_siblings: bool) -> bool:
    """Copy all files; answers whether nobody wrote them meanwhile."""
    before = FilesState.of(path)
    shutil.copyfile(path, target)
    for suffix, wanted in ((WAL, before.wal_bytes > 0), (JOURNAL, before.has_hot_journal)):
        beside(target, suffix).unlink(missing_ok=True)
        if wanted and with_siblings:
            _copy_if_there(beside(path, suffix), beside(target, suffix))
    return before.is_continued_by(FilesState.of(path))


def recover(copy: Copy) -> str:
    """Let SQLite fold the WAL into the copy, or roll its journal back; answers why it cannot, or nothing."""
    try:
        copy.wal_frames = _fold(copy.path)
    except DAMAGE:
        copy.padded = pad(copy.path)
        try:
            copy.wal_frames = _fold(copy.path)
        except apsw.Error as error:
            return f"SQLite says: {error}."
    return ""


def pad(path: Path) -> bool:
    """Bring a copy that is cut off to the length that its header tells, with zeros, so that SQLite opens it.

    Answers whether that was needed.
    """
    with path.open("rb+") as file:
        expected = read_header(file.read(100)).expected_bytes
        is_cut_off = os.fstat(file.fileno()).st_size < expected
        if is_cut_off:
            file.truncate(expected)
    return is_cut_off


def _fold(path: Path) -> int:
    connection = apsw.Connection(file_uri(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        frames, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    finally:
        connection.close()
    return max(0, frames)


def _copy_if_there(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
