"""A result as CSV or JSON, written row by row."""

import base64
import csv
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, TextIO

import msgspec


class Format(Enum):
    """How a result is written."""

    CSV = "csv"
    JSON = "json"


def write_result(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]], form: Format) -> int:
    """Write all rows, and return how many. Blobs are hexadecimal in CSV and Base64 in JSON; NULL is an empty field.

    JSON is an array of objects; columns of the same name are told apart by numbers.
    """
    return _write_csv(out, columns, rows) if form is Format.CSV else _write_json(out, columns, rows)


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


def _distinct(columns: Sequence[str]) -> list[str]:
    names: list[str] = []
    for column in columns:
        name, number = column, 2
        while name in names:
            name, number = f"{column}_{number}", number + 1
        names.append(name)
    return names
