"""Cells as conditions of the display filter: "Filter by this value"."""

from collections.abc import Callable, Mapping

from inspector.capture.filter.completion import equals, quoted
from inspector.capture.happenings import Happening
from inspector.capture.rows import FrameRow


def _kind(row: FrameRow) -> str:
    return equals("kind", row.kind)


def _bucket(row: FrameRow) -> str:
    return f"bucket == {quoted(row.bucket)}" if row.bucket is not None else ""


def _operations(row: FrameRow) -> str:
    return f"ops == {row.operations}" if row.kind == "data" and row.error is None else ""


def _what(row: FrameRow) -> str:
    if row.error is not None:
        return "error"
    if row.outcome:
        return equals("outcome", row.outcome)
    tables = row.row_types.split(", ") if row.row_types else []
    return " and ".join(f"type == {quoted(table)}" for table in tables)


_CONDITIONS: Mapping[str, Callable[[FrameRow], str]] = {
    "Frame": lambda row: f"frame == {row.id}",
    "Kind": _kind,
    "Bucket": _bucket,
    "Ops": _operations,
    "Bytes": lambda row: f"bytes == {row.bytes}",
    "What it did": _what,
    "Checkpoint": lambda row: f"checkpoint == {row.checkpoint}" if row.checkpoint is not None else "",
    "Conn.": lambda row: f"connection == {row.connection}",
    "Op ids": lambda row: f"op_id in {row.first_op_id}..{row.last_op_id}" if row.first_op_id is not None else "",
}


def _of_happening(title: str, row: Happening) -> str:
    match title:
        case "Kind":
            return f"kind == {row.kind}"
        case "Ops" if row.operations is not None:
            return f"ops == {row.operations}"
        case "Bytes" if row.bytes is not None:
            return f"bytes == {row.bytes}"
        case "Conn." if row.connection is not None:
            return f"connection == {row.connection}"
        case "What it did" if row.outcome:
            return f"outcome == {row.outcome}"
        case "What it did" if row.text:
            return '"' + row.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return ""


def condition_of(title: str, row: FrameRow | Happening) -> str:
    """The condition that frames with the same value in the column of this title meet; empty where there is none."""
    if isinstance(row, Happening):
        return _of_happening(title, row)
    condition = _CONDITIONS.get(title)
    return condition(row) if condition is not None else ""


def negated(condition: str) -> str:
    """The opposite of `condition`."""
    return f"not ({condition})" if " and " in condition else f"not {condition}"
