"""The columns of the buckets panel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from inspector.protocol.checksums import as_hex
from inspector.ui.bucket_state import Bucket, Check
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark, figures
from inspector.words import byte_size, plural, thousands

NOT_IN_A_FILE = "A client database does not hold what the service expects; a capture does."
NO_DATABASE = "There is no client database to tell what is downloaded."
_NOT_COUNTED = "The rows are not counted yet."
_NO_CAPTURE = "A client database does not hold the operations that were superseded; a capture does."
_TABLES_SHOWN = 3
_NO_VERSION = "This version of the client database does not hold it."


@dataclass(frozen=True, slots=True)
class StreamLine:
    """A stream with its buckets below it."""

    stream: str
    priorities: tuple[int, ...]
    buckets: tuple[Bucket, ...]
    expanded: bool


@dataclass(frozen=True, slots=True)
class BucketLine:
    """A bucket below its stream; `label` tells it from its siblings."""

    bucket: Bucket
    label: str


Line: TypeAlias = StreamLine | BucketLine


def _name(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell(line.stream, tooltip=f"Stream {line.stream}: {plural(len(line.buckets), 'bucket')}.")
    return Cell(line.label, whole=line.bucket.name.full, cut_middle=True)


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
            times = f" It has failed {plural(bucket.failures.count, 'time')}." if bucket.failures.count else ""
            return Cell(mark=Mark("✕", Colour.BROKEN), tooltip=f"Its checksum is not the expected one.{times}")
        case Check.DOWNLOADING:
            text = "" if bucket.progress is None else f"{bucket.progress} %"
            done = None if bucket.progress is None else bucket.progress / 100
            mark = Mark("◐", Colour.PARTIAL)
            return Cell(text, Colour.PARTIAL, mark, tooltip="Not all of it is downloaded.", progress=done)
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


def _applied(line: Line) -> Cell:
    if isinstance(line, StreamLine) or line.bucket.local is None:
        return Cell()
    local = line.bucket.local
    behind = local.last_applied_op < local.last_op
    tooltip = f"Operations after {local.last_applied_op} are downloaded and not shown." if behind else ""
    return Cell(str(local.last_applied_op), Colour.HELD if behind else Colour.DIM, tooltip=tooltip)


def _priority(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return _priorities(line)
    priority = line.bucket.priority
    return _unknown(NOT_IN_A_FILE) if priority is None else Cell(f"P{priority}", Colour.DIM)


def _tables(line: Line) -> Cell:
    local = line.bucket.local if isinstance(line, BucketLine) else None
    if local is None:
        return Cell()
    types = local.row_types
    shown = ", ".join(types[:_TABLES_SHOWN]) + (
        f" + {len(types) - _TABLES_SHOWN}" if len(types) > _TABLES_SHOWN else ""
    )
    return Cell(shown, whole=", ".join(types))


def _ratio(line: Line) -> Cell:
    if isinstance(line, StreamLine) or line.bucket.ratio is None:
        return Cell()
    many = line.bucket.operations_a_row is not None
    return Cell(f"{line.bucket.ratio:.1f}", Colour.HELD if many else Colour.DIM)


def _brought_by(line: Line) -> Cell:
    if isinstance(line, StreamLine):
        return Cell()
    if line.bucket.expected is None:
        return _unknown(NOT_IN_A_FILE)
    return Cell(", ".join(line.bucket.brought_by) or DASH, Colour.DIM)


def _figure(of: Callable[[Bucket], int | None], write: Callable[[int], str]) -> Callable[[Line], Cell]:
    """A figure of each bucket, and their sum for a stream."""

    def cell(line: Line) -> Cell:
        if isinstance(line, StreamLine):
            known = [value for bucket in line.buckets if (value := of(bucket)) is not None]
            return Cell(write(sum(known)), Colour.DIM, tooltip="Over all buckets of the stream.") if known else Cell()
        value = of(line.bucket)
        if value is not None:
            return Cell(write(value), tooltip=plural(value, "byte") if write is byte_size else "")
        return _unknown(_NO_VERSION if line.bucket.local is not None else _why_not_counted(line.bucket))

    return cell


def _local(name: str) -> Callable[[Bucket], int | None]:
    def of(bucket: Bucket) -> int | None:
        return None if bucket.local is None else getattr(bucket.local, name)

    return of


def _kind(name: str) -> Callable[[Line], Cell]:
    """The share of a kind among the operations that came."""

    def cell(line: Line) -> Cell:
        received = line.bucket.received if isinstance(line, BucketLine) else None
        if received is None:
            return Cell() if isinstance(line, StreamLine) else _unknown(_NO_CAPTURE)
        count = getattr(received, name)
        if not received.all:
            return Cell()
        share = 100 * count / received.all
        text = "0 %" if not count else "< 1 %" if share < 1 else f"{share:.0f} %"
        tooltip = f"{thousands(count)} of {plural(received.all, 'operation')} that came in this capture."
        return Cell(text, Colour.DIM if not count else Colour.TEXT, tooltip=tooltip)

    return cell


def hex_digits(checksum: int) -> str:
    """Eight hexadecimal digits: `b0f122c9`."""
    return as_hex(checksum).removeprefix("0x")


def _why_not_counted(bucket: Bucket) -> str:
    return _NOT_COUNTED if bucket.has_database else NO_DATABASE


def _unknown(why: str) -> Cell:
    return Cell(DASH, Colour.DIM, tooltip=why)


def _counted(title: str, of: Callable[[Bucket], int | None], explains: str) -> Column[Line]:
    cell = _figure(of, thousands)
    return figures(title, cell, width=len(title), optional=True, explains=explains)


def _sized(title: str, name: str, explains: str) -> Column[Line]:
    cell = _figure(_local(name), byte_size)
    return figures(title, cell, width=9, optional=True, explains=explains)


def _share(title: str, name: str, explains: str) -> Column[Line]:
    cell = _kind(name)
    return figures(title, cell, width=6, spare=True, explains=explains)


COLUMNS: tuple[Column[Line], ...] = (
    Column(
        "Stream / bucket",
        cell=_name,
        face=Face.MONO,
        width=20,
        least=7,
        stretch=True,
        explains="A bucket is the unit of syncing: all rows that a stream has for one set of parameters.",
    ),
    figures(
        "Operations",
        _operations,
        width=8,
        explains="Changes that the bucket consists of, superseded ones included. For a stream: its priority.",
    ),
    figures("Rows", _rows, width=6, optional=True, beside=9, explains="Rows that the bucket holds here."),
    Column(
        "Check",
        cell=_check,
        align=Align.RIGHT,
        width=5,
        explains="✓ valid · ✕ checksum mismatch · ◐ downloading · ○ empty · 4.7× many operations for each row",
    ),
    figures("Last op", _last_op, width=7, optional=True, explains="The newest operation that is downloaded."),
    figures("Expected", _expected, width=9, optional=True, explains="The checksum that the newest checkpoint gives."),
    figures("Ours", _ours, width=9, optional=True, explains="The checksum of what is downloaded."),
    figures("Applied", _applied, width=7, optional=True, explains="The newest operation that the tables show."),
    Column("Tables", cell=_tables, width=12, optional=True, explains="The tables that its rows belong to."),
    _counted("Downloaded ops", lambda bucket: bucket.downloaded, "Operations downloaded, superseded ones included."),
    _counted("New", _local("count_since_last"), "Operations downloaded since the last full checkpoint was shown."),
    figures(
        "Ops / row",
        _ratio,
        width=7,
        optional=True,
        explains="Operations for each row: above three, compacting would make the first sync smaller.",
    ),
    _sized("Data", "data_bytes", "The rows as JSON, as the client keeps them."),
    _sized("Metadata", "metadata_bytes", "An estimate: type, id and key of each operation, and 44 bytes."),
    _sized("Downloaded size", "downloaded_size", "Bytes of the data lines that brought it."),
    Column("Priority", cell=_priority, width=6, spare=True, explains="0 is the highest; 3 where none is set."),
    Column("Brought by", cell=_brought_by, width=14, spare=True, explains="The subscription that it is here for."),
    _share("PUT", "puts", "PUTs among the operations that came: whole rows."),
    _share("REMOVE", "removes", "REMOVEs among them: rows that left the bucket."),
    _share("MOVE", "moves", "MOVEs among them: operations that were compacted away."),
    _share("CLEAR", "clears", "CLEARs among them: everything before is forgotten."),
)
