"""One row a frame, without its line, for spreadsheets."""

import csv
import io
from collections.abc import Iterable
from typing import Any, BinaryIO

from inspector.capture.annotations import Annotations
from inspector.capture.export.as_ndjson import utc
from inspector.capture.rows import Frame
from inspector.capture.summary import what_it_did
from inspector.words import NS

_FACTS = ("frame", "received_at", "since_previous_s", "connection", "kind", "bucket")
_COUNTS = ("operations", "puts", "removes", "moves", "clears")
_IDS = ("first_op_id", "last_op_id", "checkpoint", "priority")
_WORDS = ("outcome", "tables", "bytes", "what_it_did", "marked", "comment", "error")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(frames: Iterable[Frame], output: BinaryIO, annotations: Annotations) -> None:
    """RFC 4180, UTF-8, names of columns first. Texts that a spreadsheet would take for formulas begin with `'`."""
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow((*_FACTS, *_COUNTS, *_IDS, *_WORDS))
    previous: int | None = None
    for frame in frames:
        row, said = frame.row, annotations.get(frame.row.id)
        since = "" if previous is None else f"{(row.received_at - previous) / NS:.6f}"
        previous = row.received_at
        counts = (row.operations, row.puts, row.removes, row.moves, row.clears) if row.kind == "data" else ("",) * 5
        writer.writerow(
            (
                row.id,
                utc(row.received_at),
                since,
                row.connection,
                _safe(row.kind),
                _safe(row.bucket),
                *counts,
                *(_known(value) for value in (row.first_op_id, row.last_op_id, row.checkpoint, row.priority)),
                row.outcome,
                _safe(row.row_types),
                row.bytes,
                _safe(what_it_did(row).replace("\u2009", " ")),
                "yes" if said is not None and said.marked else "",
                _safe(said.comment if said is not None else ""),
                _safe(row.error),
            )
        )
    text.flush()
    text.detach()


def _known(value: Any) -> Any:
    return "" if value is None else value


def _safe(text: str | None) -> str:
    if not text:
        return ""
    return f"'{text}" if text.startswith(_FORMULA) else text
