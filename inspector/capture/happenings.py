"""What happened between the frames: uploads, events, requests for a stream and their ends, in the order of time.

A happening is known by its *key*, a number below zero, so that frames and happenings can stand in one list of numbers.
It comes after the newest frame that had arrived by then. Filters ask for the columns of `frames`: the SQL in here gives
happenings the same ones, with `id` half a step after that frame, and the key as `rowid`.
"""

from enum import IntEnum

from msgspec import Struct

from inspector.capture.outcome import UploadOutcome
from inspector.capture.rows import EventRow


class HappeningKind(IntEnum):
    """Which table a happening comes from."""

    UPLOAD = 0
    EVENT = 1
    REQUEST = 2
    END = 3


KINDS = {
    HappeningKind.UPLOAD: "upload",
    HappeningKind.EVENT: "event",
    HappeningKind.REQUEST: "request",
    HappeningKind.END: "end",
}
"""As lists and filters call them; `kind` of a frame is the line's key on the wire."""


def key_of(kind: HappeningKind, number: int) -> int:
    """The key of the upload, event or connection with this id."""
    return -(number * 4 + kind)


def source_of(key: int) -> tuple[HappeningKind, int]:
    """The other way round."""
    number, kind = divmod(-key, 4)
    return HappeningKind(kind), number


def name_of(key: int) -> str:
    """Such as `upload 3`; requests and ends are named by their connection."""
    kind, number = source_of(key)
    if kind is HappeningKind.REQUEST:
        return f"request of connection {number}"
    return f"end of connection {number}" if kind is HappeningKind.END else f"{KINDS[kind]} {number}"


class Happening(Struct, frozen=True, gc=False):
    """One of them, with fields named as a frame's where they mean the same; times in ns since the Unix epoch."""

    id: int
    """Its key."""
    after: int
    """The newest frame that had arrived by then; 0: none."""
    connection: int | None
    """The newest one by then."""
    received_at: int
    kind: str
    operations: int | None
    """Entries of an upload."""
    bytes: int | None
    """Of what an upload sent."""
    outcome: str
    error: str | None
    text: str
    """The event's sentence, the backend's answer, where the request went, or why the connection ended."""
    level: str
    """Of an event."""
    status: int | None
    tx_id: int | None
    format: str | None
    """Of the answer to a request, like the next one."""
    encoding: str | None

    @property
    def source(self) -> tuple[HappeningKind, int]:
        """Which upload, event or connection it is."""
        return source_of(self.id)


READ = (
    "rowid, CAST(id AS INTEGER), connection, received_at, kind, CASE kind WHEN 'upload' THEN puts END, bytes,"
    " outcome, error, text, level, status, tx_id, format, encoding"
)
"""What a `Happening` is made of."""

# What an upload or a connection tells of itself need not be told twice.
_TELLING = "level != 'debug' AND (details IS NULL OR source NOT IN ('uploads', 'session'))"


def event_key(event: EventRow) -> int | None:
    """The key of an event; None of one that is no happening of its own."""
    told = event.level == "debug" or (event.details is not None and event.source in ("uploads", "session"))
    return None if told else key_of(HappeningKind.EVENT, event.id)


_WRONG = f"('{UploadOutcome.REFUSED}', '{UploadOutcome.FAILED}')"
_TABLES_OF_REQUEST = """
CASE WHEN json_valid(u.request) THEN (
  SELECT group_concat(DISTINCT json_extract(value, '$.type')) FROM json_each(u.request, '$.batch')) END
"""


def _arm(kind: HappeningKind, number: str, at: str, source: str, **columns: str) -> str:
    """One table's rows with the columns of frames, and more."""
    after = f"(SELECT f.id FROM frames AS f WHERE f.received_at <= {at} ORDER BY f.received_at DESC, f.id DESC LIMIT 1)"
    during = f"(SELECT c.id FROM connections AS c WHERE c.started_at <= {at} ORDER BY c.started_at DESC LIMIT 1)"
    given = {
        "number": number,
        "rowid": f"-({number} * 4 + {int(kind)})",
        "id": f"ifnull({after}, 0) + 0.5",
        "connection": during,
        "received_at": at,
        "kind": f"'{KINDS[kind]}'",
        **dict.fromkeys(("bucket", "checkpoint", "priority", "first_op_id", "last_op_id"), "NULL"),
        **dict.fromkeys(("puts", "removes", "moves", "clears"), "0"),
        "row_types": "''",
        "outcome": "''",
        **dict.fromkeys(("error", "bytes", "status", "tx_id", "format", "encoding"), "NULL"),
        "text": "''",
        "level": "''",
        "body": "''",
        **columns,
    }
    return f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in given.items())} FROM {source}"


def happenings_sql(*, with_requests: bool) -> dict[HappeningKind, str]:
    """A subquery for each kind, to stand in a FROM as `frames`; `number` is the id in its own table.

    `with_requests` says that the capture keeps what uploads sent, as those since version 4 do.
    """
    answer = "coalesce(u.answer, '')"
    sent = "coalesce(u.request, '')" if with_requests else "''"
    return {
        HappeningKind.UPLOAD: _arm(
            HappeningKind.UPLOAD,
            "u.id",
            "u.started_at",
            "uploads AS u",
            puts="u.last_entry - u.first_entry + 1",
            row_types=f"coalesce(replace({_TABLES_OF_REQUEST}, ',', ', '), '')" if with_requests else "''",
            outcome="u.outcome",
            error=f"CASE WHEN u.outcome IN {_WRONG} THEN coalesce(u.answer, u.outcome) END",
            bytes="u.bytes" if with_requests else "NULL",
            status="u.status",
            tx_id="u.tx_id",
            text=answer,
            body=f"{sent} || char(10) || {answer}",
        ),
        HappeningKind.EVENT: _arm(
            HappeningKind.EVENT,
            "e.id",
            "e.at",
            f"(SELECT * FROM events WHERE {_TELLING}) AS e",
            error="CASE WHEN e.level = 'error' THEN e.message END",
            text="e.message",
            level="e.level",
            body="e.message || char(10) || coalesce(e.details, '')",
        ),
        HappeningKind.REQUEST: _arm(
            HappeningKind.REQUEST,
            "k.id",
            "k.started_at",
            "connections AS k",
            connection="k.id",
            error="CASE WHEN k.status >= 400 THEN coalesce(k.end_reason, 'refused') END",
            status="k.status",
            format="k.format",
            encoding="k.encoding",
            text="k.endpoint",
            body="k.endpoint || char(10) || k.request",
        ),
        HappeningKind.END: _arm(
            HappeningKind.END,
            "k.id",
            "k.ended_at",
            "(SELECT * FROM connections WHERE ended_at IS NOT NULL) AS k",
            connection="k.id",
            text="coalesce(k.end_reason, '')",
            body="coalesce(k.end_reason, '')",
        ),
    }
