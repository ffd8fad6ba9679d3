"""The names that a filter knows: what each means, how its values are written, and its SQL.

SQL is over the table `frames`; the functions `bucket_short`, `bucket_stream`, `matches`, `has_text`, `has_row` and
`row_matches` are registered by `functions.py`, the temporary table `notes` is filled by `scan.py`.
"""

from dataclasses import dataclass
from enum import Enum

from inspector.capture.happenings import KINDS as HAPPENINGS
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.protocol.lines import LINE_KINDS


class FieldType(Enum):
    """How a field's values are written and compared."""

    TEXT = "a text"
    NUMBER = "a number"
    SECONDS = "a number of seconds, such as 0.5 or 20ms"
    BYTES = "a number of bytes, such as 4096 or 10kB"
    TIME = "a time, such as 14:03:38 or 2026-11-23T14:03"
    OPERATIONS = "an op id"
    ROW = "a row, such as todos/42"
    TYPES = "a table"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `values` are those worth offering; `decided_later` says that it may change after the frame came."""

    name: str
    type: FieldType
    sql: str
    explains: str
    values: tuple[str, ...] = ()
    decided_later: bool = False
    reads_bodies: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """A word that stands by itself: it holds for a frame or does not."""

    name: str
    sql: str
    explains: str
    decided_later: bool = False


_OUTCOMES = tuple(dict.fromkeys(outcome.value for kind in (Outcome, UploadOutcome) for outcome in kind if outcome))
_KINDS = (*LINE_KINDS.values(), *HAPPENINGS.values())
# The id of a happening is half a step after the frame before it.
_PREVIOUS = (
    "(SELECT previous.received_at FROM frames AS previous WHERE previous.id = CAST(frames.id + 0.5 AS INTEGER) - 1)"
)
_OF_DATA = "CASE WHEN frames.kind = 'data' AND frames.error IS NULL THEN {} END"


def _counted(name: str, column: str, explains: str) -> Field:
    return Field(name, FieldType.NUMBER, _OF_DATA.format(column), explains)


_FIELDS = (
    Field("kind", FieldType.TEXT, "frames.kind", "The line's key on the wire, or upload, event, request, end.", _KINDS),
    Field(
        "bucket",
        FieldType.TEXT,
        "frames.bucket",
        "The bucket of a data line or of a mismatch: its whole name, or as the list shows it.",
        decided_later=True,
    ),
    Field(
        "stream", FieldType.TEXT, "bucket_stream(frames.bucket)", "The sync stream of the bucket.", decided_later=True
    ),
    Field(
        "ops",
        FieldType.NUMBER,
        "CASE WHEN frames.kind IN ('data', 'upload') AND (frames.error IS NULL OR frames.kind = 'upload')"
        " THEN frames.puts + frames.removes + frames.moves + frames.clears END",
        "Operations in a data line, or local writes in an upload.",
    ),
    _counted("puts", "frames.puts", "PUT operations in a data line."),
    _counted("removes", "frames.removes", "REMOVE operations in a data line."),
    _counted("moves", "frames.moves", "MOVE operations in a data line."),
    _counted("clears", "frames.clears", "CLEAR operations in a data line."),
    Field("bytes", FieldType.BYTES, "frames.bytes", "The frame's size after HTTP decoding, or what an upload sent."),
    Field("op_id", FieldType.OPERATIONS, "frames.first_op_id", "From the first to the last op id of a data line."),
    Field("checkpoint", FieldType.NUMBER, "frames.checkpoint", "Op id of the checkpoint in force."),
    Field("priority", FieldType.NUMBER, "frames.priority", "Of a partial_checkpoint_complete."),
    Field(
        "outcome",
        FieldType.TEXT,
        "nullif(frames.outcome, '')",
        "What the client did with a checkpoint, or what became of an upload.",
        _OUTCOMES,
        decided_later=True,
    ),
    Field(
        "type", FieldType.TYPES, "nullif(frames.row_types, '')", "The tables of the rows in a data line or an upload."
    ),
    Field("row", FieldType.ROW, "", "A row of a data line or an upload, as table/id.", reads_bodies=True),
    Field("time", FieldType.TIME, "frames.received_at", "When the frame came, in local time."),
    Field("delta", FieldType.SECONDS, f"frames.received_at - {_PREVIOUS}", "Seconds since the frame before."),
    Field("connection", FieldType.NUMBER, "frames.connection", "The connection's number, from 1."),
    Field(
        "frame",
        FieldType.NUMBER,
        "CASE WHEN frames.rowid > 0 THEN frames.id END",
        "The frame's number, from 1.",
    ),
    Field(
        "comment",
        FieldType.TEXT,
        "(SELECT nullif(notes.comment, '') FROM notes WHERE notes.frame = frames.rowid)",
        "What somebody wrote about the frame.",
    ),
)

FIELDS = {field.name: field for field in _FIELDS}

_PROPERTIES = (
    Property(
        "error",
        f"(frames.error IS NOT NULL OR frames.outcome IN ('{Outcome.MISMATCH}', '{Outcome.REFUSED}'))",
        "The frame cannot be read, is not allowed, a checksum did not match, or an upload was refused or failed.",
        decided_later=True,
    ),
    Property(
        "held",
        f"frames.outcome IN ('{Outcome.HELD}', '{Outcome.SKIPPED}')",
        "Local writes kept the checkpoint from being shown.",
        decided_later=True,
    ),
    Property("mismatch", f"frames.outcome = '{Outcome.MISMATCH}'", "A checksum did not match.", decided_later=True),
    Property(
        "marked",
        "EXISTS (SELECT 1 FROM notes WHERE notes.frame = frames.rowid AND notes.marked)",
        "Somebody marked it.",
    ),
)

PROPERTIES = {item.name: item for item in _PROPERTIES}

ANNOTATED = {"marked", "comment"}
"""Names that depend on what users wrote about frames."""
