"""A result as CSV, JSON or a Markdown table, written row by row."""

import base64
import csv
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, TextIO

import msgspec

from inspector.analysis.markdown import table_head, table_row


class Format(Enum):
    """How a result is written: by the ending of its file's name."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "md"

    @property
    def title(self) -> str:
        """As a menu names it."""
        return "Markdown" if self is Format.MARKDOWN else self.name


def write_result(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]], form: Format) -> int:
    """Write all rows, and return how many. Blobs are Base64 in JSON, else hexadecimal. NULL is an empty field in CSV.

    JSON is an array of objects; columns of the same name are told apart by numbers.
    """
    write = {Format.CSV: _write_csv, Format.JSON: _write_json, Format.MARKDOWN: _write_markdown}[form]
    return write(out, columns, rows)


def _write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    writer = csv.writer(out)
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([value.hex() if isinstance(value, bytes) else value for value in row])
        count += 1
    return count


def _write_json(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    names, count = _distinct(columns), 0
    out.write("[")
    for row in rows:
        values = (base64.b64encode(value).decode() if isinstance(value, bytes) else value for value in row)
        text = msgspec.json.encode(dict(zip(names, values, strict=True))).decode(errors="replace")
        out.write(f"{',' if count else ''}\n{text}")
        count += 1
    out.write("\n]\n")
    return count


def _write_markdown(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    out.write(f"{table_head(columns)}\n")
    count = 0
    for row in rows:
        values = (value.hex() if isinstance(value, bytes) else value for value in row)
        out.write(f"{table_row('NULL' if value is None else str(value) for value in values)}\n")
        count += 1
    return count


def _distinct(columns: Sequence[str]) -> list[str]:
    names: list[str] = []
    for column in columns:
        name, number = column, 2
        while name in names:
            name, number = f"{column}_{number}", number + 1
        names.append(name)
    return names
