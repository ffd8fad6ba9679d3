"""A capture of any length and the client database that it makes: each operation is a row, each checksum is true."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import msgspec

from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Line, decode_line
from inspector.store.database import ClientDatabase

OPERATIONS_OF_A_LINE = 3
FRAMES_OF_A_CHECKPOINT = 3
_BUCKETS = tuple(f'1#my_todos|0["user-{number}"]' for number in range(10))
_TABLES = ("todos", "lists", "notes")
_NAMES = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus")
_EVENT_EACH = 30
"""Operations."""
_BEGIN = 1_764_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class _Put:
    """An operation; the checksums are no hashes of their rows."""

    bucket: int
    op_id: int
    checksum: int

    @property
    def table(self) -> str:
        return _TABLES[self.op_id % len(_TABLES)]

    @property
    def row_id(self) -> str:
        return f"row-{self.op_id}"

    @property
    def data(self) -> str:
        return f'{{"description":"Call the plumber {self.op_id}","completed":{self.op_id % 2}}}'

    @property
    def key(self) -> str:
        return f"{self.table}/{self.row_id}/null"

    def document(self) -> dict[str, object]:
        return {
            "op_id": str(self.op_id),
            "op": "PUT",
            "object_type": self.table,
            "object_id": self.row_id,
            "checksum": self.checksum,
            "data": self.data,
        }


def _lines(frames: int) -> Iterator[list[_Put]]:
    """What each data line brings to one bucket."""
    chance, op_id = random.Random(1), 0
    for _ in range(frames // FRAMES_OF_A_CHECKPOINT):
        bucket = chance.randrange(len(_BUCKETS))
        yield [_Put(bucket, op_id + i, chance.getrandbits(32)) for i in range(1, OPERATIONS_OF_A_LINE + 1)]
        op_id += OPERATIONS_OF_A_LINE


def whole_capture(path: Path, frames: int) -> Path:
    """A capture of about `frames` frames: diffs, data lines of three new rows, and completions, in turn."""
    chance, moment = random.Random(2), _BEGIN
    sums, counts = [0] * len(_BUCKETS), [0] * len(_BUCKETS)

    def now() -> int:
        nonlocal moment
        moment += chance.randrange(10_000, 400_000)
        return moment

    def about(bucket: int) -> dict[str, object]:
        return {"bucket": _BUCKETS[bucket], "checksum": sums[bucket], "count": counts[bucket], "priority": 3}

    with CaptureWriter(path, now_ns=now) as writer:
        connection = writer.open_connection("http://localhost:8090", b'{"raw_data":true}', user_id="user-1")
        writer.response(connection, 200, [], FrameFormat.NDJSON)

        def receive(document: dict[str, object]) -> tuple[int, Line]:
            body = msgspec.json.encode(document)
            line = decode_line(body, FrameFormat.NDJSON)
            return writer.frame(connection, body, line), line

        def begin(document: dict[str, object]) -> None:
            frame, line = receive(document)
            writer.checkpoint_started(connection, frame, line)  # type: ignore[arg-type]

        def complete(op_id: int) -> None:
            frame, _ = receive({"checkpoint_complete": {"last_op_id": str(op_id)}})
            writer.checkpoint_published(connection, frame)

        begin({"checkpoint": {"last_op_id": "0", "buckets": [about(bucket) for bucket in range(len(_BUCKETS))]}})
        complete(0)
        for puts in _lines(frames):
            bucket, last = puts[0].bucket, puts[-1].op_id
            sums[bucket] = sum((put.checksum for put in puts), sums[bucket]) & 0xFFFFFFFF
            counts[bucket] += len(puts)
            diff = {"last_op_id": str(last), "updated_buckets": [about(bucket)], "removed_buckets": []}
            begin({"checkpoint_diff": diff})
            receive({"data": {"bucket": _BUCKETS[bucket], "data": [put.document() for put in puts]}})
            complete(last)
            if last % _EVENT_EACH == 0:
                # Those that say the same but for their numbers are shown as one.
                writer.event("info", "control", f"{_NAMES[last // _EVENT_EACH % len(_NAMES)]} saw operation {last}.")
    return path


def whole_database(path: Path, frames: int) -> Path:
    """What a client has that received these frames."""
    ClientDatabase.open(path).close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF")
    puts = [put for line in _lines(frames) for put in line]
    with connection:
        for number, name in enumerate(_BUCKETS):
            own = [put for put in puts if put.bucket == number]
            checksum, last = sum(put.checksum for put in own) & 0xFFFFFFFF, own[-1].op_id
            connection.execute(
                "INSERT INTO ps_buckets(id, name, last_op, last_applied_op, op_checksum, count_at_last,"
                " count_since_last) VALUES (?1, ?2, ?3, ?3, ?4, ?5, 0)",
                (number + 1, name, last, checksum, len(own)),
            )
        connection.executemany(
            "INSERT INTO ps_oplog(bucket, op_id, key, row_type, row_id, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((put.bucket + 1, put.op_id, put.key, put.table, put.row_id, put.data, put.checksum) for put in puts),
        )
        for table in _TABLES:
            connection.execute(f"CREATE TABLE ps_data__{table}(id TEXT PRIMARY KEY NOT NULL, data TEXT)")
            connection.executemany(
                f"INSERT INTO ps_data__{table} VALUES (?, ?)",
                ((put.row_id, put.data) for put in puts if put.table == table),
            )
            connection.execute(
                f'CREATE VIEW "{table}"("id", "description", "completed") AS SELECT id,'
                " CAST(json_extract(data, '$.description') as text), CAST(json_extract(data, '$.completed') as integer)"
                f' FROM "ps_data__{table}" -- powersync-auto-generated'
            )
    connection.close()
    return path
