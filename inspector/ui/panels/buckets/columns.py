"""The columns of the buckets panel."""

from dataclasses import dataclass
from typing import TypeAlias

from inspector.protocol.checksums import as_hex
from inspector.ui.bucket_state import Bucket, Check
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark
from inspector.words import byte_size, plural, thousands

NOT_IN_A_FILE = "A client database does not hold what the service expects; a capture does."
NO_DATABASE = "There is no client database to tell what is downloaded."
_NOT_COUNTED = "The rows are not counted yet."
_NO_VERSION = "This version of the client database does not hold it."


@dataclass(frozen=True, slots=True)
class StreamLine:
    """A stream with its buckets below it."""

    stream: str
    priorities: tuple[int, ...]
    buckets: int
    expanded: bool


@dataclass(frozen=True, slots=True)
class BucketLine:
    """A bucket below its stream; `label` tells it from its siblings."""

    bucket: Bucket
    label: str


Line: TypeAlias = StreamLine | BucketLine


def _name(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell(line.stream, tooltip=f"Stream {line.stream}: {plural(line.buckets, 'bucket')}.")
    return Cell(line.label, whole=line.bucket.name.full)


def _operations(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return _priorities(line)
    bucket = line.bucket
    if bucket.operations is None:
        return _unknown(_NO_VERSION)
    here = f"{thousands(bucket.downloaded)} of them downloaded." if bucket.downloaded is not None else ""
    return Cell(thousands(bucket.operations), tooltip=f"{plural(bucket.operations, 'operation')}. {here}".strip())


def _priorities(line: StreamLine) -> Cell:
    if not line.priorities:
        return Cell(DASH, Colour.DIM, tooltip="A client database does not hold the priorities; a capture does.")
    first, last = line.priorities[0], line.priorities[-1]
    text = f"P{first}" if first == last else f"P{first}–{last}"
    return Cell(text, Colour.DIM, tooltip="The priority with which it is downloaded: 0 is the highest, 3 the default.")


def _rows(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell()
    rows = line.bucket.rows
    return _unknown(_why_not_counted(line.bucket)) if rows is None else Cell(thousands(rows))


def _last_op(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell()
    local = line.bucket.local
    if local is None:
        return _unknown("Nothing of this bucket is downloaded." if line.bucket.has_database else NO_DATABASE)
    return Cell(str(local.last_op), Colour.DIM, tooltip=f"Up to operation {local.last_applied_op} its rows are shown.")


def _check(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell()
    bucket = line.bucket
    match bucket.check:
        case Check.MISMATCH:
            times = f" It has failed {plural(bucket.mismatches, 'time')}." if bucket.mismatches else ""
            return Cell(mark=Mark("✕", Colour.BROKEN), tooltip=f"Its checksum is not the expected one.{times}")
        case Check.DOWNLOADING:
            text = "" if bucket.progress is None else f"{bucket.progress} %"
            return Cell(text, Colour.PARTIAL, Mark("◐", Colour.PARTIAL), tooltip="Not all of it is downloaded.")
        case Check.EMPTY:
            return Cell("empty", Colour.DIM, Mark("○", Colour.IDLE), tooltip="The bucket has no operations.")
        case Check.NOT_KNOWN | Check.VALID:
            return _content(bucket)


def _content(bucket: Bucket) -> Cell:
    """A bucket of which nothing is missing, as far as that can be told."""
    valid = bucket.check is Check.VALID
    not_known = NOT_IN_A_FILE if bucket.has_database else NO_DATABASE
    verdict = "Its checksum is the expected one." if valid else not_known
    if (ratio := bucket.operations_a_row) is not None:
        tooltip = f"{ratio:.1f} operations for each row: compacting would make the first sync smaller. {verdict}"
        return Cell(f"{ratio:.1f}×", Colour.HELD, tooltip=tooltip)
    return Cell(mark=Mark("✓", Colour.FINE), tooltip=verdict) if valid else _unknown(verdict)


def _expected(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell()
    checksum = line.bucket.expected_checksum
    if checksum is None:
        return Cell("not in a file", Colour.DIM, tooltip=NOT_IN_A_FILE)
    return Cell(hex_digits(checksum), whole=as_hex(checksum))


def _ours(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell()
    checksum = line.bucket.our_checksum
    if checksum is None:
        return _unknown(_why_not_counted(line.bucket))
    return Cell(hex_digits(checksum), whole=as_hex(checksum))


def _downloaded(line: Line) -> Cell:
    if isinstance(line, StreamLine) or line.bucket.local is None:
        return Cell()
    size = line.bucket.local.downloaded_size
    return _unknown(_NO_VERSION) if size is None else Cell(byte_size(size), Colour.DIM)


def hex_digits(checksum: int) -> str:
    """Eight hexadecimal digits: `b0f122c9`."""
    return as_hex(checksum).removeprefix("0x")


def _why_not_counted(bucket: Bucket) -> str:
    return _NOT_COUNTED if bucket.has_database else NO_DATABASE


def _unknown(why: str) -> Cell:
    return Cell(DASH, Colour.DIM, tooltip=why)


COLUMNS: tuple[Column[Line], ...] = (
    Column(
        "Stream / bucket",
        cell=_name,
        face=Face.MONO,
        width=13,
        least=8,
        stretch=True,
        explains="A bucket is the unit of syncing: all rows that a stream has for one set of parameters.",
    ),
    Column(
        "Operations",
        cell=_operations,
        align=Align.RIGHT,
        face=Face.MONO,
        width=8,
        explains="Changes that the bucket consists of, superseded ones included. For a stream: its priority.",
    ),
    Column("Rows", cell=_rows, align=Align.RIGHT, face=Face.MONO, width=6, explains="Rows that the bucket holds here."),
    Column(
        "Check",
        cell=_check,
        align=Align.RIGHT,
        width=5,
        explains="✓ valid · ✕ checksum mismatch · ◐ downloading · ○ empty · 4.7× many operations for each row",
    ),
    Column(
        "Last op",
        cell=_last_op,
        align=Align.RIGHT,
        face=Face.MONO,
        width=7,
        optional=True,
        explains="The newest operation that is downloaded.",
    ),
    Column(
        "Expected",
        cell=_expected,
        align=Align.RIGHT,
        face=Face.MONO,
        width=9,
        optional=True,
        explains="The checksum that the newest checkpoint gives.",
    ),
    Column(
        "Ours",
        cell=_ours,
        align=Align.RIGHT,
        face=Face.MONO,
        width=9,
        optional=True,
        explains="The checksum of what is downloaded.",
    ),
    Column(
        "Downloaded",
        cell=_downloaded,
        align=Align.RIGHT,
        face=Face.MONO,
        width=10,
        optional=True,
        explains="Bytes of the data lines that brought it.",
    ),
)
