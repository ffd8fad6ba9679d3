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
from inspector.capture.opening import OpenedCapture, reading

_NOTES = """
CREATE TEMP TABLE notes(frame INTEGER PRIMARY KEY, marked INTEGER, comment TEXT);
CREATE TEMP TABLE chosen(frame INTEGER PRIMARY KEY);
"""
_CHOSEN_AT_ONCE = 10_000
_UNDECIDED = "SELECT min(frame) FROM checkpoints WHERE outcome IN ('receiving', 'held')"
_LOOK_BACK = 20_000
"""Frames; what is decided about older ones later is seen when the filter is applied anew."""


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
            # Temporary tables are not in the file: evidence stays as it is.
            self._connection.execute(f"PRAGMA temp_store = MEMORY; {_NOTES}")

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

    def sorted_by(self, key: SortKey, frames: "array[int] | None", *, descending: bool) -> "array[int]":
        """All frames, or these, in order of what `key` says; frames of which it says nothing come last."""
        order = f"{key.value} IS NULL, {key.value} {'DESC' if descending else 'ASC'}, frames.id"
        with reading(self._path):
            if frames is None:
                return array(
                    "q", (row[0] for row in self._connection.execute(f"SELECT id FROM frames ORDER BY {order}"))
                )
            self._connection.execute("DELETE FROM chosen")
            for first in range(0, len(frames), _CHOSEN_AT_ONCE):
                ids = frames[first : first + _CHOSEN_AT_ONCE].tolist()
                self._connection.execute(
                    "INSERT INTO chosen SELECT value FROM json_each(?)", (msgspec.json.encode(ids).decode(),)
                )
            rows = self._connection.execute(
                f"SELECT frames.id FROM chosen JOIN frames ON frames.id = chosen.frame ORDER BY {order}"
            )
            return array("q", (row[0] for row in rows))

    def first_met(self, conditions: Sequence[CompiledFilter], frames: Sequence[int]) -> dict[int, int]:
        """By the frames' ids, the position of the first condition that each meets, if any."""
        if not conditions:
            return {}
        cases = " ".join(f"WHEN {condition.sql} THEN {i}" for i, condition in enumerate(conditions))
        values = [value for condition in conditions for value in condition.values]
        chosen = "frames.id IN (SELECT value FROM json_each(?))"
        sql = f"SELECT id, CASE {cases} END AS met FROM frames WHERE {chosen} AND met IS NOT NULL"
        with reading(self._path):
            found: list[Any] = self._connection.execute(
                sql, (*values, msgspec.json.encode(list(frames)).decode())
            ).fetchall()
            return dict(found)

    def undecided_from(self, last: int) -> int:
        """The oldest frame that a later outcome may still change, or `last + 1`."""
        oldest = self._scalar(_UNDECIDED)
        return last + 1 if oldest is None else min(last + 1, max(int(oldest), last - _LOOK_BACK))

    def _scalar(self, sql: str) -> Any:
        with reading(self._path):
            found = self._connection.execute(sql).fetchone()
        return found[0] if found else None
