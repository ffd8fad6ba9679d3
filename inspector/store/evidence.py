"""A user's file is evidence: it is made readable without a byte of it, of its folder or of its siblings changing.

A sound file is read where it stands, as immutable: SQLite then neither locks it nor looks beside it. One that needs
recovery (a WAL, a journal), that is cut off, or that somebody is writing is read from a copy.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from inspector.store import evidence_sentences as sentences
from inspector.store.damage import CHECKED_UNASKED_BYTES, count_zeroed_pages, is_sound, unreadable_tables
from inspector.store.evidence_copy import JOURNAL, WAL, Copy, FilesState, copy_files, pad, recover
from inspector.store.evidence_sentences import Problem, ProblemKind
from inspector.store.mistyped import MistypedColumn, mistyped_columns
from inspector.store.read_connection import DAMAGE, ReadConnection, ReadError, file_uri
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import UnreadableTable
from inspector.store.sqlite_file import CAPTURE_APPLICATION_ID, FileKind, SqliteHeader, recognise
from inspector.store.versions import READ_VERSIONS, Layout

_HASHED_AT_ONCE_BYTES = 2**20
_HEADER_BYTES, _WRITER_AT = 100, 96
"""Where the number of the SQLite that wrote last stands."""
_TABLE_NAMES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name"


@dataclass(frozen=True)
class Evidence:
    """A client database that can be read, and what is to be said about its file."""

    path: Path
    readable: Path
    """What is read: the file itself, or a copy of ours."""
    schema_version: int
    """1 to 14; 0 when damage hides it."""
    wal_bytes: int
    """Length of the -wal beside the file; 0 when there is none."""
    problems: tuple[Problem, ...]
    """What is wrong, worst first."""
    notes: tuple[Problem, ...]
    """What is worth knowing and not wrong."""
    unreadable: tuple[UnreadableTable, ...]
    mistyped: tuple[MistypedColumn, ...]
    """Columns with values that do not belong there; their readers convert them."""
    checked: bool
    """Whether all pages were looked at: not for large files, see `check`."""
    state: FilesState
    """Of the file and its siblings when they were opened."""
    copy: Copy | None

    @property
    def uri(self) -> str:
        """What to give SQLite, with `SQLITE_OPEN_READONLY | SQLITE_OPEN_URI`."""
        return file_uri(self.readable, immutable=True)

    @property
    def sqlite_version(self) -> str:
        """Of the SQLite that wrote the file last, as `3.45.1`; empty where the file does not tell."""
        with self.readable.open("rb") as file:
            number = int.from_bytes(file.read(_HEADER_BYTES)[_WRITER_AT:_HEADER_BYTES], "big")
        # The header's own field may hold anything in a damaged file.
        is_one = 3_000_000 <= number < 4_000_000
        return f"{number // 1_000_000}.{number // 1_000 % 1_000}.{number % 1_000}" if is_one else ""

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the file itself, computed when it is first asked for; reads the whole file."""
        return _sha256(self.path)

    def hash_now(self, read: Callable[[int], bool]) -> str:
        """The SHA-256 of the file as it is now, not that of before; empty where `read(bytes so far)` says to stop."""
        return _sha256(self.path, read)

    def is_as_opened(self) -> bool:
        """Whether size, times and first bytes of the file and its siblings are as they were; does not read it all."""
        try:
            return FilesState.of(self.path) == self.state
        except OSError:
            return False

    def verify_unchanged(self) -> bool:
        """Whether the file and its siblings are as they were: size, time, first bytes, and the hash if it was taken."""
        known = self.__dict__.get("sha256")
        try:
            return FilesState.of(self.path) == self.state and (known is None or _sha256(self.path) == known)
        except OSError:
            return False

    def open_reader(self) -> ClientDatabaseReader:
        """A reader of this file; it tells the damaged tables that are known already."""
        return ClientDatabaseReader(
            self.readable,
            immutable=True,
            unreadable=self.unreadable,
            mistyped=self.mistyped,
            name=self.path.name,
        )

    def check(self) -> "Evidence":
        """The same evidence after all pages were looked at, at about 1 GB/s; shares the copy with this one."""
        if self.checked:
            return self
        tables, damage = _look_through(self.path, self.readable)
        mistyped = _mistyped(self.readable)
        problems = _worst_first(*self.problems, *damage, *_told(self.path, mistyped))
        checked = replace(self, checked=True, unreadable=tables, mistyped=mistyped, problems=problems)
        if (known := self.__dict__.get("sha256")) is not None:
            checked.__dict__["sha256"] = known
        return checked

    def close(self) -> None:
        """Delete the copy, if one was made; readers are closed before."""
        if self.copy is not None:
            self.copy.remove()


def open_evidence(path: Path, work: Path) -> Evidence:
    """Make the client database at `path` readable; copies go into `work`, a folder of ours.

    Raises EvidenceError for everything that is no readable client database, and CaptureGiven, one of them, for a
    capture. Reads little of a large file: see `Evidence.checked` and `Evidence.sha256`.
    """
    path = path.absolute()
    try:
        return _open(path, work)
    except OSError as error:
        at_fault = Path(error.filename) if isinstance(error.filename, str) else path
        raise sentences.not_readable(at_fault if at_fault.parent == path.parent else path, error) from error


def _open(path: Path, work: Path) -> Evidence:
    if not path.exists():
        raise sentences.missing(path)
    if not path.is_file():
        raise sentences.not_a_file(path)
    recognised, state = recognise(path), FilesState.of(path)
    if recognised.kind is FileKind.CAPTURE:
        raise sentences.is_capture(path)
    if recognised.header is None:
        raise sentences.of_another_kind(path, recognised, state.wal_bytes)
    is_cut_off = recognised.size < recognised.header.expected_bytes
    if not (state.wal_bytes or state.has_hot_journal or is_cut_off):
        evidence = _examine(path, state, recognised.header, None)
        if FilesState.of(path) == state:
            return evidence
    copy = _complete_copy(path, work, state)
    try:
        return _examine(path, state, recognised.header, copy)
    except BaseException:
        copy.remove()
        raise


def _complete_copy(path: Path, work: Path, state: FilesState) -> Copy:
    """A copy that SQLite opens: with its WAL or journal where they fit, and of the length that its header tells."""
    work.mkdir(parents=True, exist_ok=True)
    needed = sum(file.size for file in (state.database, state.wal, state.journal) if file)
    free = shutil.disk_usage(work).free
    if needed > free:
        raise sentences.no_room(path, needed, free)
    copy = copy_files(path, work)
    try:
        if state.wal_bytes or state.has_hot_journal:
            failure = recover(copy)
            if failure or (copy.wal_frames and _is_small(copy.path) and _look_through(path, copy.path)[1]):
                copy = _without_wal(path, work, copy, failure)
        copy.padded = pad(copy.path) or copy.padded
    except BaseException:
        copy.remove()
        raise
    return copy


def _without_wal(path: Path, work: Path, together: Copy, failure: str) -> Copy:
    """The file alone, if the two cannot be put together or only together are damaged."""
    alone = copy_files(path, work, with_siblings=False)
    alone.padded = pad(alone.path)
    if not failure and _look_through(path, alone.path)[1]:
        alone.remove()
        return together
    together.remove()
    alone.left_out = failure or "Together they are damaged, the file alone is not."
    return alone


def _examine(path: Path, state: FilesState, header: SqliteHeader, copy: Copy | None) -> Evidence:
    readable = path if copy is None else copy.path
    layout = _require_client_database(path, readable, wal_missing=header.wal_mode and state.wal is None)
    checked = _is_small(readable)
    tables, damage = _look_through(path, readable) if checked else ((), ())
    mistyped = _mistyped(readable) if checked else ()
    return Evidence(
        path=path,
        readable=readable,
        schema_version=layout.version,
        wal_bytes=state.wal_bytes,
        problems=_worst_first(*_problems(path, state, layout, copy), *damage, *_told(path, mistyped)),
        notes=tuple(_notes(path, state, header, copy)),
        unreadable=tables,
        mistyped=mistyped,
        checked=checked,
        state=state,
        copy=copy,
    )


def _require_client_database(path: Path, readable: Path, *, wal_missing: bool) -> Layout:
    connection = ReadConnection(readable, immutable=True)
    try:
        layout, tables, application_id = connection.consistently(
            lambda: (Layout.of(connection), connection.rows(_TABLE_NAMES), connection.scalar("PRAGMA application_id"))
        )
    except ReadError as error:
        raise sentences.beyond_reading(path, error.why) from error
    finally:
        connection.close()
    if application_id == CAPTURE_APPLICATION_ID:
        raise sentences.is_capture(path)
    if layout.version > READ_VERSIONS[-1]:
        raise sentences.too_new(path, layout.version)
    if not layout.is_client_database:
        raise sentences.foreign(path, [name for (name,) in tables], wal_missing=wal_missing)
    return layout


def _problems(path: Path, state: FilesState, layout: Layout, copy: Copy | None) -> Iterator[Problem]:
    if copy is not None and not copy.settled:
        yield sentences.changing(path)
    if copy is not None and copy.padded:
        yield sentences.cut_off(path, path.stat().st_size, copy.path.stat().st_size)
    if copy is not None and copy.left_out:
        yield sentences.sibling_left_out(path, WAL if state.wal_bytes else JOURNAL, copy.left_out)
    if layout.version and (names := layout.disagreements()):
        yield sentences.version_disagrees(path, layout.version, names)


def _worst_first(*problems: Problem) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: list(ProblemKind).index(problem.kind)))


def _notes(path: Path, state: FilesState, header: SqliteHeader, copy: Copy | None) -> Iterator[Problem]:
    if copy is not None and copy.wal_frames:
        yield sentences.wal_read(path, state.wal_bytes, copy.wal_frames)
    if copy is not None and state.has_hot_journal and not copy.left_out:
        yield sentences.rolled_back(path)
    if header.wal_mode and state.wal is None:
        yield sentences.no_wal(path)


def _look_through(path: Path, readable: Path) -> tuple[tuple[UnreadableTable, ...], tuple[Problem, ...]]:
    """The damaged tables, and the problem to tell; both empty for a sound file. Reads all pages."""
    connection = ReadConnection(readable, immutable=True)
    try:
        if is_sound(connection):
            return (), ()
        tables = unreadable_tables(connection)
        zeroed = count_zeroed_pages(path, int(connection.scalar("PRAGMA page_size")))
    except DAMAGE:
        tables, zeroed = (), 0
    finally:
        connection.close()
    return tables, (sentences.damaged(path, tables, zeroed),)


def _mistyped(readable: Path) -> tuple[MistypedColumn, ...]:
    """The columns that are to be converted; reads all rows of the tables that clients keep."""
    connection = ReadConnection(readable, immutable=True)
    try:
        return mistyped_columns(connection)
    except DAMAGE:
        return ()
    finally:
        connection.close()


def _told(path: Path, mistyped: tuple[MistypedColumn, ...]) -> tuple[Problem, ...]:
    certain = [column for column in mistyped if column.is_certain]
    return (sentences.mistyped(path, certain),) if certain else ()


def _is_small(path: Path) -> bool:
    return path.stat().st_size <= CHECKED_UNASKED_BYTES


def _sha256(path: Path, read: Callable[[int], bool] = lambda _: True) -> str:
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_HASHED_AT_ONCE_BYTES):
            digest.update(piece)
            done += len(piece)
            if not read(done):
                return ""
    return digest.hexdigest()
