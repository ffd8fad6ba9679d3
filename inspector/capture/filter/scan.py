"""Runs a filter over a capture, some thousand frames at a time, on whichever thread it is made for."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from inspector.capture.annotations import Annotations
from inspector.capture.filter.compiler import CompiledFilter
from inspector.capture.filter.fields import FIELDS
from inspector.capture.filter.functions import register
from inspector.capture.filter.happening_scan import FoundHappenings, HappeningScan, Seen
from inspector.capture.happenings import Happening
from inspector.capture.opening import OpenedCapture, reading
from inspector.capture.outcome import Outcome, UploadOutcome

_NOTES = """
CREATE TEMP TABLE notes(frame INTEGER PRIMARY KEY, marked INTEGER, comment TEXT);
CREATE TEMP TABLE chosen(frame INTEGER PRIMARY KEY);
"""
_CHOSEN_AT_ONCE = 10_000
_NEWEST_CHECKPOINT = "SELECT frame, received_at, outcome FROM checkpoints ORDER BY id DESC LIMIT 1"
_OPEN = (Outcome.RECEIVING, Outcome.HELD)
_LINES_OF_CHECKPOINT = """
SELECT id FROM frames WHERE kind = 'partial_checkpoint_complete' AND received_at >= ? AND id > ?
UNION SELECT id FROM frames WHERE id > ? AND kind = 'checkpoint_complete'
"""

_BY_CONCERN = (
    (Outcome.MISMATCH, Outcome.REFUSED, UploadOutcome.FAILED),
    (Outcome.HELD, Outcome.SKIPPED),
    (Outcome.INTERRUPTED, Outcome.SUPERSEDED, UploadOutcome.DISCARDED),
    (Outcome.RECEIVING, UploadOutcome.SENDING),
    (Outcome.PARTIAL,),
    (Outcome.APPLIED, UploadOutcome.ACCEPTED),
)
_OUTCOME_CASES = " ".join(
    f"WHEN frames.outcome IN ({', '.join(repr(str(outcome)) for outcome in outcomes)}) THEN {rank}"
    for rank, outcomes in enumerate(_BY_CONCERN)
)


class SortKey(Enum):
    """What frames can be sorted by; the SQL of each."""

    FRAME = "frames.id"
    KIND = "frames.kind"
    BUCKET = "frames.bucket"
    OPERATIONS = FIELDS["ops"].sql
    BYTES = "frames.bytes"
    FIRST_OP_ID = "frames.first_op_id"
    CHECKPOINT = "frames.checkpoint"
    CONNECTION = "frames.connection"
    DELTA = "frames.received_at"
    """Since the one before it among those that are sorted."""
    OUTCOME = f"CASE WHEN frames.error IS NOT NULL THEN 0 {_OUTCOME_CASES} END"
    """By how much it matters; frames that decide nothing have none."""


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of the matching frames among `first` … `last`, in order."""

    first: int
    last: int
    ids: "array[int]"


class FilterScan:
    """A capture, opened for filtering. For use from one thread."""

    def __init__(self, capture: Path | OpenedCapture) -> None:
        """Raises CaptureError when it cannot be opened; what is open already is left so in the end."""
        self._opened = OpenedCapture(capture) if isinstance(capture, Path) else capture
        self._is_own = isinstance(capture, Path)
        self._path = path = self._opened.path
        self._connection = self._opened.connection
        register(self._connection)
        with reading(path):
            # Temporary tables are not in the file: evidence stays as it is. Sorting a million in memory takes 60 MB.
            self._connection.execute(f"PRAGMA temp_store = FILE; {_NOTES}")
            self._happenings = HappeningScan(self._connection)

    def close(self) -> None:
        """Close the file, unless others have it open."""
        if self._is_own:
            self._opened.close()

    def first_at(self) -> int | None:
        """When the first frame came, ns; None while there is none."""
        return self._scalar("SELECT received_at FROM frames WHERE id = 1")  # type: ignore[no-any-return]

    def frame_count(self) -> int:
        """How many frames there are by now."""
        return int(self._scalar("SELECT coalesce(max(id), 0) FROM frames"))

    def has_partials(self) -> bool:
        """Whether there is a partial checkpoint."""
        return self._scalar("SELECT 1 FROM frames WHERE kind = 'partial_checkpoint_complete' LIMIT 1") is not None

    def set_annotations(self, annotations: Annotations) -> None:
        """What users say about frames, for the filters that ask for it."""
        rows = [(frame, note.marked, note.comment) for frame, note in annotations.items()]
        with reading(self._path):
            self._connection.execute("DELETE FROM notes")
            self._connection.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)

    def find(self, condition: CompiledFilter, first: int, last: int) -> Found:
        """The frames from id `first` to `last` that match."""
        sql = f"SELECT id FROM frames WHERE id BETWEEN ? AND ? AND {condition.sql} ORDER BY id"
        with reading(self._path):
            rows = self._connection.execute(sql, (first, last, *condition.values))
            return Found(first, last, array("q", (row[0] for row in rows)))

    def find_happenings(self, condition: CompiledFilter | None, seen: Seen) -> FoundHappenings:
        """The uploads, events, requests and ends that match, or all, of those that came or changed since `seen`."""
        with reading(self._path):
            return self._happenings.find(condition, seen)

    def sorted_by(
        self, key: SortKey, frames: "array[int] | None", happenings: "array[int]", *, descending: bool
    ) -> "array[int]":
        """All frames, or these, and the happenings with these keys, in order of what `key` says; what says nothing
        comes last. Both arrays are in the order of time."""
        chosen = "frames" if frames is None else "chosen JOIN frames ON frames.id = chosen.frame"
        columns = f"frames.id AS place, frames.received_at AS at, {key.value} AS sorted"
        parts = f"SELECT frames.id AS entry, {columns} FROM {chosen}"
        if happenings:
            parts += (
                f" UNION ALL SELECT frames.rowid, {columns} FROM ({self._happenings.union()}) AS frames"
                " WHERE rowid IN (SELECT frame FROM chosen)"
            )
        if key is SortKey.DELTA:
            since = "at - lag(at) OVER (ORDER BY place, at)"
            parts = f"SELECT entry, place, at, {since} AS sorted FROM ({parts})"
        order = f"sorted IS NULL, sorted {'DESC' if descending else 'ASC'}, place, at"
        with reading(self._path):
            self._connection.execute("DELETE FROM chosen")
            for keys in (happenings, frames if frames is not None else array("q")):
                for first in range(0, len(keys), _CHOSEN_AT_ONCE):
                    self._connection.execute(
                        "INSERT INTO chosen SELECT value FROM json_each(?)",
                        (_json(keys[first : first + _CHOSEN_AT_ONCE].tolist()),),
                    )
            rows = self._connection.execute(f"SELECT entry FROM ({parts}) ORDER BY {order}")
            return array("q", (row[0] for row in rows))

    def first_met(self, conditions: Sequence[CompiledFilter], entries: Sequence[int]) -> dict[int, int]:
        """By the frames' ids and happenings' keys, the position of the first condition that each meets, if any."""
        if not conditions:
            return {}
        cases = " ".join(f"WHEN {condition.sql} THEN {i}" for i, condition in enumerate(conditions))
        values = [value for condition in conditions for value in condition.values]
        frames = [entry for entry in entries if entry > 0]
        keys = [entry for entry in entries if entry < 0]
        sources = [("frames", "id", frames)] if frames else []
        sources += [(f"({sql}) AS frames", "number", numbers) for sql, numbers in self._happenings.by_source(keys)]
        found: dict[int, int] = {}
        with reading(self._path):
            for source, column, ids in sources:
                sql = (
                    f"SELECT frames.rowid, CASE {cases} END AS met FROM {source}"
                    f" WHERE {column} IN (SELECT value FROM json_each(?)) AND met IS NOT NULL"
                )
                rows: list[Any] = self._connection.execute(sql, (*values, _json(ids))).fetchall()
                found.update(rows)
        return found

    def happenings(self, keys: Sequence[int]) -> dict[int, Happening]:
        """By their keys; those that are not there are left out."""
        with reading(self._path):
            return self._happenings.rows(keys)

    def undecided(self, before: frozenset[int], first: int) -> frozenset[int]:
        """The frames whose outcome may still change: those lines of the newest checkpoint, while it is open, that an
        outcome stands at. `before` are those among the frames before `first`, as they were told when these came."""
        with reading(self._path):
            found = self._connection.execute(_NEWEST_CHECKPOINT).fetchone()
            if found is None or found[2] not in _OPEN:
                return frozenset()
            frame, begun, _ = found
            rows = self._connection.execute(_LINES_OF_CHECKPOINT, (begun, frame, max(frame, first - 1)))
            known = {known for known in before if known > frame}
            return frozenset({int(frame), *known, *(int(row[0]) for row in rows)})

    def _scalar(self, sql: str) -> Any:
        with reading(self._path):
            found = self._connection.execute(sql).fetchone()
        return found[0] if found else None


def _json(numbers: Sequence[int]) -> str:
    return msgspec.json.encode(list(numbers)).decode()
