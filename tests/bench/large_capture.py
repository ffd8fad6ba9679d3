"""A capture of any length, made in seconds: some frames are written as an engine would, then doubled by SQLite."""

import json
import random
from pathlib import Path

import apsw

from inspector.capture.schema import FILL_ACTIVITY
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Line, decode_line

_WRITTEN = 4_000
_TEXTS = ("Call the plumber", "Buy milk", "Water the plants", "Return the books")
_SHIFTS = {
    "frames": {"id": "frames", "received_at": "time", "checkpoint": "ops", "first_op_id": "ops", "last_op_id": "ops"},
    "checkpoints": {"id": "checkpoints", "frame": "frames", "op_id": "ops", "received_at": "time"}
    | dict.fromkeys(("data_done_at", "validated_at", "published_at"), "time"),
}
"""What a row of the second half has more than its model in the first; other columns are as they are."""


def large_capture(path: Path, frames: int) -> Path:
    """A capture of `frames` frames, 200 bytes each: diffs, data lines and completions of ten buckets, in turn."""
    _write_some(path, min(frames, _WRITTEN))
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
    while (count := _scalar(connection, "SELECT max(id) FROM frames")) < frames:
        begun = _scalar(connection, "SELECT received_at FROM frames WHERE id = 1")
        ended = _scalar(connection, f"SELECT received_at FROM frames WHERE id = {count}")
        step = {
            "frames": count,
            "wanted": min(count, frames - count),
            "time": ended - begun + 1_000_000,
            "ops": _scalar(connection, "SELECT max(last_op_id) FROM frames"),
            "checkpoints": _scalar(connection, "SELECT max(id) FROM checkpoints"),
        }
        with connection:
            for table in _SHIFTS:
                connection.execute(_doubling(connection, table), step)
    last = _scalar(connection, "SELECT max(received_at) FROM frames")
    connection.execute(f"UPDATE connections SET frames = {frames}, ended_at = {last}; DELETE FROM activity")
    connection.execute(FILL_ACTIVITY)
    connection.close()
    return path


def _doubling(connection: apsw.Connection, table: str) -> str:
    """The statement that writes the rows of the frames up to `wanted` once more, later."""
    names = [row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    values = [f"{name} + :{_SHIFTS[table][name]}" if name in _SHIFTS[table] else name for name in names]
    frame = "id" if table == "frames" else "frame"
    return f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} WHERE {frame} <= :wanted"


def _write_some(path: Path, frames: int) -> None:
    chance, moment, op_id = random.Random(1), 1_764_000_000_000_000_000, 0

    def now() -> int:
        nonlocal moment
        moment += chance.randrange(10_000, 400_000)
        return moment

    with CaptureWriter(path, now_ns=now) as writer:
        connection = writer.open_connection("http://localhost:8090", b'{"raw_data":true}', user_id="user-1")
        writer.response(connection, 200, [], FrameFormat.NDJSON)

        def receive(document: dict[str, object]) -> tuple[int, Line]:
            body = json.dumps(document, separators=(",", ":")).encode()
            line = decode_line(body, FrameFormat.NDJSON)
            return writer.frame(connection, body, line), line

        names = [f'1#my_todos|0["user-{number}"]' for number in range(10)]
        buckets = [{"bucket": name, "checksum": 0, "count": 0, "priority": 3} for name in names]
        frame, line = receive({"checkpoint": {"last_op_id": "0", "buckets": buckets}})
        writer.checkpoint_started(connection, frame, line)  # type: ignore[arg-type]
        while frame < frames:
            bucket, operations = chance.choice(names), []
            for _ in range(chance.randint(1, 3)):
                op_id += 1
                row = json.dumps({"description": f"{chance.choice(_TEXTS)} {op_id}", "completed": 0})
                operations.append(
                    {
                        "op_id": str(op_id),
                        "op": "PUT",
                        "object_type": chance.choice(("todos", "lists", "notes")),
                        "object_id": f"{chance.getrandbits(64):016x}",
                        "checksum": chance.getrandbits(32),
                        "data": row,
                    }
                )
            changed = [{"bucket": bucket, "checksum": 1, "count": op_id, "priority": 3}]
            diff = {"last_op_id": str(op_id), "updated_buckets": changed, "removed_buckets": []}
            frame, line = receive({"checkpoint_diff": diff})
            writer.checkpoint_started(connection, frame, line)  # type: ignore[arg-type]
            receive({"data": {"bucket": bucket, "data": operations}})
            frame, _ = receive({"checkpoint_complete": {"last_op_id": str(op_id)}})
            writer.checkpoint_published(connection, frame)


def _scalar(connection: apsw.Connection, sql: str) -> int:
    return int(str(connection.execute(sql).fetchall()[0][0]))
