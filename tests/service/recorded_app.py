"""The app that the recordings were made with: its rows, its sync config, and the recorded lines to compare with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import bson

from tests.recordings import CAPTURES, Recording
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import Line

USER = "user-1"
STREAMS = """config:
  edition: 3
streams:
  my_lists:
    auto_subscribe: true
    priority: 1
    query: SELECT * FROM lists WHERE owner_id = auth.user_id()
  my_todos:
    auto_subscribe: true
    priority: 3
    query: SELECT * FROM todos WHERE list_id IN (SELECT id FROM lists WHERE owner_id = auth.user_id())
  all_notes:
    auto_subscribe: true
    priority: 2
    query: SELECT * FROM notes
  list_todos:
    query: SELECT * FROM todos WHERE list_id = subscription.parameter('list')
"""
SCHEMA = """
CREATE TABLE lists(id TEXT PRIMARY KEY, name, owner_id, created_at);
CREATE TABLE todos(id TEXT PRIMARY KEY, list_id, description, completed, photo_size, rating, created_at);
CREATE TABLE notes(id TEXT PRIMARY KEY, owner_id, body, tags);
"""
SUBSCRIBED_TODOS = ('1#my_todos|0["list-2"]', '1#my_todos|0["list-3"]')


def recorded(name: str) -> list[Line]:
    """The lines of a recording."""
    recording = Recording(CAPTURES / name)
    decode: Any = bson.decode if "bson" in recording.headers["content-type"] else json.loads
    return [decode(frame) for frame in recording.frames()]


def recorded_request(name: str) -> Line:
    """The body that was sent for it."""
    body: Line = json.loads((CAPTURES / name / "request.json").read_text())["body"]
    return body


def recorded_row(name: str, row_id: str) -> Line:
    """A row as a recording has it last."""
    found = [
        json.loads(operation["data"])
        for line in recorded(name)
        if "data" in line
        for operation in line["data"]["data"]
        if operation.get("object_id") == row_id and operation["op"] == "PUT"
    ]
    row: Line = found[-1]
    return row


@contextmanager
def recorded_app(folder: Path) -> Iterator[ServiceUnderTest]:
    """A service over the rows that the first recording shows, and those of two lists of somebody else."""
    database, config = folder / "app.db", folder / "streams.yaml"
    config.write_text(STREAMS)
    connection = apsw.Connection(str(database))
    connection.execute(SCHEMA)
    connection.execute("BEGIN")
    for name, buckets in (("initial-ndjson", None), ("streams-subscribe", SUBSCRIBED_TODOS)):
        for table, row in _rows(recorded(name), buckets):
            marks = ", ".join("?" * len(row))
            # Rows that changed later come again: the first is the one of then.
            connection.execute(f"INSERT OR IGNORE INTO {table}({', '.join(row)}) VALUES({marks})", tuple(row.values()))
    connection.execute("INSERT INTO lists VALUES('list-2', 'List 2', 'user-2', '')")
    connection.execute("COMMIT")
    connection.close()
    with running_service(config=config, database=database) as service:
        yield service


def _rows(lines: list[Line], buckets: tuple[str, ...] | None) -> Iterator[tuple[str, Line]]:
    for line in lines:
        if "data" in line and (buckets is None or line["data"]["bucket"] in buckets):
            for operation in line["data"]["data"]:
                yield operation["object_type"], json.loads(operation["data"])


def skeleton(lines: list[Line]) -> list[Any]:
    """Kinds, order and fields of lines, with all that follows from rows and streams; op ids and what hangs on them not.

    The order of buckets in a checkpoint follows from none of these.
    """
    return [_line(line) for line in lines]


def _line(line: Line) -> Any:
    ((kind, content),) = line.items()
    if kind == "data":
        operations = [
            (tuple(operation), operation["op"], operation.get("object_id"), operation.get("data"))
            for operation in content["data"]
        ]
        return kind, tuple(content), content["bucket"], content["has_more"], operations
    if kind == "token_expires_in":
        return kind
    plain = {name: value for name, value in content.items() if name not in ("last_op_id", "write_checkpoint")}
    for name in ("buckets", "updated_buckets"):
        if name in plain:
            entries = [(tuple(entry), {**entry, "checksum": 0}) for entry in plain[name]]
            plain[name] = sorted(entries, key=lambda entry: str(entry[1]["bucket"]))
    return kind, tuple(content), plain
