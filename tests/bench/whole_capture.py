"""A capture of any length of which a client database can be rebuilt: each operation is a row, each checksum is true."""

import random
from pathlib import Path

import msgspec

from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Line, decode_line

OPERATIONS_OF_A_LINE = 3
_BUCKETS = tuple(f'1#my_todos|0["user-{number}"]' for number in range(10))
_TABLES = ("todos", "lists", "notes")
_BEGIN = 1_764_000_000_000_000_000


def whole_capture(path: Path, frames: int) -> Path:
    """A capture of about `frames` frames: diffs, data lines of three new rows, and completions, in turn."""
    chance, moment, op_id = random.Random(1), _BEGIN, 0
    sums, counts = dict.fromkeys(_BUCKETS, 0), dict.fromkeys(_BUCKETS, 0)

    def now() -> int:
        nonlocal moment
        moment += chance.randrange(10_000, 400_000)
        return moment

    def about(bucket: str) -> dict[str, object]:
        return {"bucket": bucket, "checksum": sums[bucket], "count": counts[bucket], "priority": 3}

    with CaptureWriter(path, now_ns=now) as writer:
        connection = writer.open_connection("http://localhost:8090", b'{"raw_data":true}', user_id="user-1")
        writer.response(connection, 200, [], FrameFormat.NDJSON)

        def receive(document: dict[str, object]) -> tuple[int, Line]:
            body = msgspec.json.encode(document)
            line = decode_line(body, FrameFormat.NDJSON)
            return writer.frame(connection, body, line), line

        def published(last: int) -> int:
            frame, _ = receive({"checkpoint_complete": {"last_op_id": str(last)}})
            writer.checkpoint_published(connection, frame)
            return frame

        buckets = [about(bucket) for bucket in _BUCKETS]
        frame, line = receive({"checkpoint": {"last_op_id": "0", "buckets": buckets}})
        writer.checkpoint_started(connection, frame, line)  # type: ignore[arg-type]
        frame = published(0)
        while frame < frames:
            bucket, operations = chance.choice(_BUCKETS), []
            for _ in range(OPERATIONS_OF_A_LINE):
                op_id += 1
                operations.append(_put(op_id, checksum := chance.getrandbits(32)))
                sums[bucket] = (sums[bucket] + checksum) & 0xFFFFFFFF
            counts[bucket] += OPERATIONS_OF_A_LINE
            diff = {"last_op_id": str(op_id), "updated_buckets": [about(bucket)], "removed_buckets": []}
            frame, line = receive({"checkpoint_diff": diff})
            writer.checkpoint_started(connection, frame, line)  # type: ignore[arg-type]
            receive({"data": {"bucket": bucket, "data": operations}})
            frame = published(op_id)
    return path


def _put(op_id: int, checksum: int) -> dict[str, object]:
    return {
        "op_id": str(op_id),
        "op": "PUT",
        "object_type": _TABLES[op_id % len(_TABLES)],
        "object_id": f"row-{op_id}",
        "checksum": checksum,
        "data": f'{{"description":"Call the plumber {op_id}","completed":{op_id % 2}}}',
    }
