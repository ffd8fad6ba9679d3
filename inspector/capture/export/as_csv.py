"""One row a frame, without its line, for spreadsheets."""

import csv
import io
from collections.abc import Iterable
from typing import Any, BinaryIO, TypeAlias

from inspector.capture.annotations import Annotations
from inspector.capture.export.as_ndjson import utc
from inspector.capture.happenings import Happening
from inspector.capture.rows import Frame, FrameRow
from inspector.capture.summary import what_happened, what_it_did
from inspector.words import NS

_FACTS = ("frame", "received_at", "since_previous_s", "connection", "kind", "bucket")
_COUNTS = ("operations", "puts", "removes", "moves", "clears")
_IDS = ("first_op_id", "last_op_id", "checkpoint", "priority")
_WORDS = ("outcome", "tables", "bytes", "what_it_did", "marked", "comment", "error")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(frames: Iterable[Frame | Happening], output: BinaryIO, annotations: Annotations) -> None:
    """RFC 4180, UTF-8, names of columns first; happenings have no frame number.

    Texts that a spreadsheet would take for formulas begin with `'`.
    """
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow((*_FACTS, *_COUNTS, *_IDS, *_WORDS))
    previous: int | None = None
    for frame in frames:
        row = frame if isinstance(frame, Happening) else frame.row
        since = "" if previous is None else f"{(row.received_at - previous) / NS:.6f}"
        previous, said = row.received_at, annotations.get(row.id)
        cells = _happening_cells(row) if isinstance(row, Happening) else _frame_cells(row)
        facts, counts, ids, (outcome, tables, size, what, error) = cells
        marked = "yes" if said is not None and said.marked else ""
        comment = _safe(said.comment if said is not None else "")
        number = row.id if row.id > 0 else ""
        begin = (number, utc(row.received_at), since, _known(row.connection), *facts)
        end = (outcome, tables, _known(size), _safe(what.replace("\u2009", " ")), marked, comment, error)
        writer.writerow((*begin, *counts, *map(_known, ids), *end))
    text.flush()
    text.detach()


_Cells: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], tuple[str, str, int | None, str, str]]


def _frame_cells(row: FrameRow) -> _Cells:
    counts = (row.operations, row.puts, row.removes, row.moves, row.clears) if row.kind == "data" else ("",) * 5
    ids = (row.first_op_id, row.last_op_id, row.checkpoint, row.priority)
    words = (row.outcome, _safe(row.row_types), row.bytes, what_it_did(row), _safe(row.error))
    return (_safe(row.kind), _safe(row.bucket)), counts, ids, words


def _happening_cells(row: Happening) -> _Cells:
    counts = ("" if row.operations is None else row.operations, "", "", "", "")
    return (row.kind, ""), counts, (None,) * 4, (row.outcome, "", row.bytes, what_happened(row), _safe(row.error))


def _known(value: Any) -> Any:
    return "" if value is None else value


def _safe(text: str | None) -> str:
    if not text:
        return ""
    return f"'{text}" if text.startswith(_FORMULA) else text
