"""What people are told about a user's file: why it is not opened, what is wrong with it, and what is worth knowing.

Refusals are errors. Problems mean that something is missing or wrong in what is shown; notes do not.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from inspector.protocol.errors import InspectorError
from inspector.store.mistyped import MistypedColumn
from inspector.store.records import UnreadableTable
from inspector.store.schema import SCHEMA_VERSION
from inspector.store.sqlite_file import FileKind, Recognised
from inspector.store.versions import TABLES
from inspector.words import byte_size, plural, thousands

COPY_AGAIN = "Copy it again from the device, with the app closed and its -wal beside it."
_CHOOSE_ANOTHER = "Choose the client database of the app, or a capture."
_NAMES_LISTED = 4


class EvidenceError(InspectorError):
    """A file is not opened as a client database."""


class CaptureGiven(EvidenceError):
    """The file is one of our captures: the capture room reads it."""


class ProblemKind(StrEnum):
    """What a problem or a note is about, worst first."""

    CHANGING = "changing"
    CUT_OFF = "cut off"
    DAMAGED = "damaged"
    SIBLING_LEFT_OUT = "sibling left out"
    VERSION_DISAGREES = "version disagrees"
    WAL_READ = "wal read"
    ROLLED_BACK = "rolled back"
    NO_WAL = "no wal"


class Problem(Struct, frozen=True):
    """What is wrong with a file, or worth knowing, in the sentences that people are shown."""

    kind: ProblemKind
    what: str
    why: str = ""
    next_step: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.next_step) if part)


def missing(path: Path) -> EvidenceError:
    """There is nothing at `path`."""
    return EvidenceError(
        f"There is no file {path.name}.", why=f"The folder is {path.parent}.", next_step="Check its name and folder."
    )


def not_a_file(path: Path) -> EvidenceError:
    """There is a folder or a device at `path`."""
    what = "a folder" if path.is_dir() else "no regular file"
    return EvidenceError(f"{path.name} is {what}.", next_step="Choose the database file itself.")


def not_readable(path: Path, error: OSError) -> EvidenceError:
    """The system refuses the file."""
    if isinstance(error, PermissionError):
        why, next_step = "This user has no permission to read it.", "Change its permissions, or copy it as its owner."
    else:
        why, next_step = f"The system says: {error.strerror or error}.", "Copy it to another disk and open the copy."
    return EvidenceError(f"{path.name} cannot be read.", why=why, next_step=next_step)


def no_room(path: Path, needed: int, free: int) -> EvidenceError:
    """The disk of the work folder is too full for a copy."""
    return EvidenceError(
        f"There is no room for a copy of {path.name}.",
        why=f"Its recovery is done on a copy and needs {byte_size(needed)}; {byte_size(free)} are free.",
        next_step="Free some space on the disk for temporary files.",
    )


def is_capture(path: Path) -> CaptureGiven:
    """The file is a capture."""
    return CaptureGiven(f"{path.name} is a capture, not a client database.", next_step="Open it as a capture.")


def of_another_kind(path: Path, recognised: Recognised, wal_bytes: int) -> EvidenceError:
    """The file is no SQLite database; `wal_bytes` is the length of the WAL beside it."""
    what, why, next_step = _OTHER_KINDS.get(recognised.kind, _OTHER_KINDS[FileKind.UNKNOWN])
    if recognised.kind is FileKind.EMPTY and wal_bytes:
        why = f"Its -wal of {byte_size(wal_bytes)} cannot be read without it."
    name = path.name
    for suffix in ("-wal", "-shm", "-journal"):
        if name.endswith(suffix):
            next_step = next_step.replace("the database", name.removesuffix(suffix))
    return EvidenceError(f"{name} {what.format(archive=recognised.archive)}.", why=why, next_step=next_step)


_SIBLING_NEXT = "Open the database instead and keep this file beside it."
_OTHER_KINDS = {
    FileKind.EMPTY: ("is empty", "Its length is 0 bytes.", COPY_AGAIN),
    FileKind.STUMP: ("is cut off after its first bytes", "Nothing of the database is left in it.", COPY_AGAIN),
    FileKind.ENCRYPTED: (
        "looks encrypted",
        "Its bytes look random where a SQLite database has its structure, as SQLCipher leaves them.",
        "Export a plain copy with the app's key (in SQLCipher: sqlcipher_export) and open that.",
    ),
    FileKind.WAL: (
        "is the write-ahead log of a database, not the database",
        "It holds only the newest changes.",
        _SIBLING_NEXT,
    ),
    FileKind.WAL_INDEX: (
        "is the index of a write-ahead log, not a database",
        "SQLite makes such a file anew whenever it needs one.",
        _SIBLING_NEXT,
    ),
    FileKind.JOURNAL: (
        "is the rollback journal of a database, not the database",
        "It holds pages as they were before a change that was cut off.",
        _SIBLING_NEXT,
    ),
    FileKind.ARCHIVE: ("is {archive}, not a database", "", "Unpack it and open the database inside."),
    FileKind.TEXT: ("is not a SQLite database", "It is plain text.", _CHOOSE_ANOTHER),
    FileKind.UNKNOWN: (
        "is not a SQLite database",
        "It does not begin with the header of one, nor does it look encrypted.",
        _CHOOSE_ANOTHER,
    ),
}


def beyond_reading(path: Path, reason: str) -> EvidenceError:
    """The file begins as a database, but not even its list of tables can be read."""
    return EvidenceError(
        f"{path.name} is damaged beyond reading.",
        why=f"It has the header of a SQLite database, but its list of tables cannot be read. {reason}".rstrip(),
        next_step=COPY_AGAIN,
    )


def too_new(path: Path, version: int) -> EvidenceError:
    """A newer SDK wrote the file."""
    return EvidenceError(
        f"{path.name} has schema version {version}; versions 1 to {SCHEMA_VERSION} can be read.",
        why="A newer PowerSync SDK wrote it.",
        next_step="Update this program.",
    )


def foreign(path: Path, tables: Sequence[str], *, wal_missing: bool) -> EvidenceError:
    """A SQLite database without the tables of a client database; `tables` are those that it has."""
    what = f"{path.name} is a SQLite database, but not a PowerSync client database."
    lacking = [table for table in TABLES if table not in tables]
    if not tables:
        missing_wal = " They may be in its -wal, which is not beside it." if wal_missing else ""
        return EvidenceError(what, why=f"It has no tables at all.{missing_wal}", next_step=COPY_AGAIN)
    if len(lacking) < len(TABLES):
        why = f"It lacks {listed(lacking)}: PowerSync was never set up in it to the end."
        return EvidenceError(what, why=why, next_step="Look at the app's log for an error of powersync_init.")
    return EvidenceError(
        what, why=f"Its tables are {listed(tables)} instead of {listed(TABLES)}.", next_step=_CHOOSE_ANOTHER
    )


def cut_off(path: Path, size: int, expected: int) -> Problem:
    """The file is shorter than its header says; sizes in bytes."""
    return Problem(
        ProblemKind.CUT_OFF,
        f"{path.name} is cut off: {thousands(size)} of its {thousands(expected)} bytes are there.",
        "What stood behind reads as empty or damaged.",
        COPY_AGAIN,
    )


def damaged(path: Path, tables: Sequence[UnreadableTable], zeroed_pages: int) -> Problem:
    """Pages of the file do not hold together."""
    names = [table.table for table in tables]
    what = (
        f"{path.name} is damaged: parts of {listed(names)} cannot be read."
        if names
        else f"{path.name} is damaged, but all of its tables can be read."
    )
    hold = "holds" if zeroed_pages == 1 else "hold"
    cause = f"{plural(zeroed_pages, 'page')} {hold} nothing but zeros" if zeroed_pages else "SQLite's check fails"
    return Problem(ProblemKind.DAMAGED, what, f"{cause}; what can be read is shown.", COPY_AGAIN)


def mistyped(path: Path, columns: Sequence[MistypedColumn]) -> Problem:
    """Text stands where numbers belong, or the like."""
    names = [f"{column.table}.{column.column}" for column in columns]
    return Problem(
        ProblemKind.DAMAGED,
        f"{path.name} has values of another type than those that belong there, in {listed(names)}.",
        "No official client writes them. They are read as far as they make sense, and as 0 where they make none.",
        COPY_AGAIN,
    )


def changing(path: Path) -> Problem:
    """The file was written while it was copied."""
    return Problem(
        ProblemKind.CHANGING,
        f"{path.name} is being written while it is read.",
        "What is shown may mix two moments.",
        "Close the app and open the file again.",
    )


def sibling_left_out(path: Path, suffix: str, reason: str) -> Problem:
    """The WAL or the journal beside the file does not fit it."""
    return Problem(
        ProblemKind.SIBLING_LEFT_OUT,
        f"{path.name}{suffix} does not fit {path.name} and is left out.",
        reason,
        "Copy both files again at the same moment, with the app closed.",
    )


def version_disagrees(path: Path, version: int, names: Sequence[str]) -> Problem:
    """The tables are not those of the version that the file claims."""
    return Problem(
        ProblemKind.VERSION_DISAGREES,
        f"The tables of {path.name} are not those of its schema version {version}.",
        f"Missing or left over: {listed(names)}. An SDK that goes by the number fails where it meets them: its"
        " connection may end at the first line, each time.",
        "Look for a migration that was cut off, or for two SDK versions on one file.",
    )


def wal_read(path: Path, wal_bytes: int, frames: int) -> Problem:
    """The WAL was folded into a copy."""
    return Problem(
        ProblemKind.WAL_READ,
        f"{path.name} is shown together with its -wal, from a copy.",
        f"{plural(frames, 'newer page')} ({byte_size(wal_bytes)}) stand in it: the app was killed, or still runs.",
    )


def rolled_back(path: Path) -> Problem:
    """The journal of a transaction that was cut off was played back in a copy."""
    return Problem(
        ProblemKind.ROLLED_BACK,
        f"{path.name} is shown as before its last transaction, from a copy.",
        "A rollback journal is beside it: that transaction was cut off.",
    )


def no_wal(path: Path) -> Problem:
    """The database uses a WAL, and none is there."""
    return Problem(
        ProblemKind.NO_WAL,
        f"There is no {path.name}-wal beside {path.name}.",
        "An app that ends in order leaves none; one that runs or was killed has its newest changes there.",
        "If newer changes are missing, copy the file again together with its -wal.",
    )


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`."""
    known = list(names)
    shown, more = known[:_NAMES_LISTED], len(known) - _NAMES_LISTED
    if more > 0:
        return f"{', '.join(shown)} and {thousands(more)} more"
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
