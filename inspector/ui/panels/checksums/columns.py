"""The columns of the checksums panel: buckets, their history, and operations that differ."""

from dataclasses import dataclass

from inspector.analysis.mismatch_differences import Difference, DifferenceKind
from inspector.analysis.operation_checks import BadOperation, OperationChecks
from inspector.capture.bucket_evidence import BucketVerdict
from inspector.protocol.checksums import as_hex
from inspector.ui.bucket_state import Bucket, Check
from inspector.ui.panels.buckets.columns import NO_DATABASE, NOT_IN_A_FILE, hex_digits
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc, shortened
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark, figures
from inspector.words import plural, thousands


@dataclass(frozen=True, slots=True)
class ChecksumLine:
    """A bucket, and what checking its operations came to; None before that was asked for."""

    bucket: Bucket
    label: str
    """Tells it from its siblings."""
    checks: OperationChecks | None


def _sum(value: int | None, why: str) -> Cell:
    return Cell(DASH, Colour.DIM, tooltip=why) if value is None else Cell(hex_digits(value), whole=as_hex(value))


def _local(line: ChecksumLine, part: str) -> Cell:
    local = line.bucket.local
    if local is None:
        why = "Nothing of this bucket is downloaded." if line.bucket.has_database else NO_DATABASE
        return Cell(DASH, Colour.DIM, tooltip=why)
    return _sum(getattr(local, part), "Its operations are not counted yet.")


def _state(line: ChecksumLine) -> Cell:
    bucket = line.bucket
    match bucket.check:
        case Check.VALID:
            return Cell("agrees", Colour.FINE, Mark("✓", Colour.FINE))
        case Check.MISMATCH:
            return Cell("differs", Colour.BROKEN, Mark("✕", Colour.BROKEN))
        case Check.DOWNLOADING:
            progress = "" if bucket.progress is None else f" {bucket.progress} %"
            return Cell(f"downloading{progress}", Colour.PARTIAL, Mark("◐", Colour.PARTIAL))
        case Check.EMPTY:
            return Cell("empty", Colour.DIM, Mark("○", Colour.IDLE))
        case Check.NOT_KNOWN:
            return Cell("not known", Colour.DIM, tooltip=NOT_IN_A_FILE if bucket.has_database else NO_DATABASE)


def _failed(line: ChecksumLine) -> Cell:
    count = line.bucket.failures.count
    return Cell(f"{thousands(count)}×", Colour.BROKEN) if count else Cell("0", Colour.DIM)


def _operations(line: ChecksumLine) -> Cell:
    checks = line.checks
    if checks is None:
        return Cell("not checked", Colour.DIM, tooltip="“Check operations” computes each operation's own checksum.")
    tallies = [tally for tally in (checks.kept, checks.received) if tally is not None and tally.checked]
    if not tallies:
        return Cell("nothing to check", Colour.DIM, tooltip=checks.sentence)
    if checks.differ:
        differ = f"{plural(checks.differ, 'differs', 'differ')}"
        return Cell(differ, Colour.BROKEN, Mark("✕", Colour.BROKEN), tooltip=checks.sentence)
    if not any(tally.is_verifiable for tally in tallies):
        return Cell("not verifiable", Colour.DIM, Mark("○", Colour.IDLE), tooltip=checks.sentence)
    agree = max(tally.agree for tally in tallies)
    return Cell(f"{thousands(agree)} agree", Colour.FINE, Mark("✓", Colour.FINE), tooltip=checks.sentence)


BUCKET_COLUMNS: tuple[Column[ChecksumLine], ...] = (
    Column(
        "Bucket",
        cell=lambda line: Cell(line.label, whole=line.bucket.name.full, cut_middle=True),
        face=Face.MONO,
        width=20,
        widest=60,
        least=9,
        explains="A bucket is the unit in which data are sent and checked.",
    ),
    figures(
        "Expected",
        lambda line: _sum(line.bucket.expected_checksum, NOT_IN_A_FILE),
        width=9,
        explains="What the newest checkpoint announces.",
    ),
    figures(
        "Ours",
        lambda line: _sum(line.bucket.our_checksum, NO_DATABASE),
        width=9,
        explains="The sum of both parts, modulo 2³².",
    ),
    Column(
        "Op part",
        cell=lambda line: _local(line, "op_checksum"),
        align=Align.RIGHT,
        face=Face.MONO,
        colour=Colour.DIM,
        width=9,
        optional=True,
        with_next=True,
        explains="The sum over the operations that the client keeps in its oplog.",
    ),
    Column(
        "Add part",
        cell=lambda line: _local(line, "add_checksum"),
        align=Align.RIGHT,
        face=Face.MONO,
        colour=Colour.DIM,
        width=9,
        optional=True,
        explains="The sum over what was superseded, removed, moved or cleared, which is not kept.",
    ),
    Column("State", cell=_state, width=11, explains="Ours against the expected one."),
    figures(
        "Failed", _failed, width=6, explains="How often the bucket failed validation, as far as the capture goes back."
    ),
    Column(
        "Each operation",
        cell=_operations,
        width=14,
        least=10,
        stretch=True,
        explains="Whether each operation has the checksum of its own content: more than a client checks.",
    ),
)


def _verdict(entry: BucketVerdict) -> Cell:
    if entry.removed:
        return Cell("removed", Colour.DIM, Mark("−", Colour.IDLE), tooltip="The checkpoint does not have the bucket.")
    if entry.agreed is None:
        why = f"The checkpoint is {entry.outcome}: sums are compared when it is complete."
        return Cell("not compared", Colour.DIM, Mark("○", Colour.IDLE), tooltip=why)
    if entry.agreed:
        return Cell("agreed", Colour.FINE, Mark("✓", Colour.FINE))
    return Cell("differed", Colour.BROKEN, Mark("✕", Colour.BROKEN), tooltip="The bucket was deleted and sent anew.")


def _history_sum(value: int | None) -> Cell:
    return Cell(DASH, Colour.DIM) if value is None else Cell(hex_digits(value), whole=as_hex(value))


HISTORY_COLUMNS: tuple[Column[BucketVerdict], ...] = (
    Column(
        "Received",
        cell=lambda entry: Cell(clock(entry.received_at), Colour.DIM),
        whole=lambda entry: full_utc(entry.received_at),
        face=Face.MONO,
        width=12,
        explains="When the checkpoint's first line arrived, in local time.",
    ),
    figures("Checkpoint", lambda entry: Cell(str(entry.op_id)), width=9, explains="By its last op id."),
    figures(
        "Expected",
        lambda entry: _history_sum(entry.expected),
        width=9,
        explains="The checksum that the checkpoint announced.",
    ),
    figures(
        "Ours", lambda entry: _history_sum(entry.ours), width=9, explains="The sum that we had when they were compared."
    ),
    figures(
        "Operations",
        lambda entry: Cell(DASH if entry.count is None else thousands(entry.count), Colour.DIM),
        width=9,
        explains="How many operations the checkpoint says the bucket has.",
    ),
    Column("Verdict", cell=_verdict, width=14, stretch=True, explains="What comparing both came to."),
)

_KINDS = {
    DifferenceKind.ALTERED: Mark("≠", Colour.BROKEN),
    DifferenceKind.MISSING: Mark("−", Colour.BROKEN),
    DifferenceKind.EXTRA: Mark("+", Colour.HELD),
    DifferenceKind.DOUBLED: Mark("×", Colour.HELD),
}


def _row(row_type: str, row_id: str) -> Cell:
    return Cell(f"{row_type} / {shortened(row_id)}" if row_type else "", whole=f"{row_type} / {row_id}")


def _what(difference: Difference) -> Cell:
    changes = [f"{one.name}: {one.before or 'nothing'} → {one.fresh or 'nothing'}" for one in difference.fields]
    text = " · ".join([*changes, difference.remark] if difference.remark else changes)
    return Cell(text, tooltip="\n".join([*changes, difference.remark]).strip())


DIFFERENCE_COLUMNS: tuple[Column[Difference], ...] = (
    Column(
        "How",
        cell=lambda one: Cell(one.kind, _KINDS[one.kind].colour, _KINDS[one.kind]),
        width=10,
        explains="≠ altered · − missing · + extra · × doubled, against the fresh download",
    ),
    figures("Op id", lambda one: Cell(str(one.op_id)), width=7),
    Column("Op", cell=lambda one: Cell(one.op, Colour.DIM), width=7),
    Column("Row", cell=lambda one: _row(one.row_type, one.row_id), face=Face.MONO, width=18, widest=30),
    figures(
        "Checksum",
        lambda one: Cell(hex_digits(one.checksum), Colour.DIM, whole=as_hex(one.checksum)),
        width=9,
        explains="By how much the sum is off without it.",
    ),
    Column(
        "What differs",
        cell=_what,
        face=Face.MONO,
        width=30,
        least=14,
        stretch=True,
        explains="Each field: before the bucket was deleted → in the fresh download",
    ),
)

BAD_COLUMNS: tuple[Column[BadOperation], ...] = (
    figures("Op id", lambda one: Cell(str(one.op_id)), width=7),
    Column("Op", cell=lambda one: Cell(one.op, Colour.DIM), width=7),
    Column("Row", cell=lambda one: _row(one.row_type, one.row_id), face=Face.MONO, width=18, widest=30),
    figures(
        "Its checksum",
        lambda one: Cell(hex_digits(one.sent), whole=as_hex(one.sent)),
        width=11,
        explains="The one that came with it.",
    ),
    figures(
        "Of its content",
        lambda one: Cell(hex_digits(one.ours), Colour.BROKEN, whole=as_hex(one.ours)),
        width=11,
        explains="The one that the content gives.",
    ),
    Column(
        "Where",
        cell=lambda one: Cell("in the client database" if one.frame is None else f"frame {one.frame}", Colour.DIM),
        width=20,
        stretch=True,
        explains="Where the operation was found.",
    ),
)
