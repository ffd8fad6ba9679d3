"""The embedded service under load: many streams and many changes, and a bucket of a million operations."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import httpx
import msgspec

from inspector.protocol.checksums import MASK, put_checksum, signed
from inspector.service.options import Ready
from inspector.service.replication import subkey_of

_BUCKET = "1#all_notes|0[]"
_CHANGES_AT_ONCE = 50
_WRITERS = 8
"""Uploads under way at once."""
_NOTES = 280
_SETTLE_SECONDS = 30
_ROW_TEXT = "x" * 150
_REQUEST = b'{"raw_data":true,"include_checksum":true,"streams":{"include_defaults":true},"client_id":"%s"}'


class _Operation(msgspec.Struct):
    checksum: int


class _Data(msgspec.Struct):
    bucket: str
    data: list[_Operation]


class _Bucket(msgspec.Struct):
    bucket: str
    checksum: int
    count: int


class _Checkpoint(msgspec.Struct):
    last_op_id: str
    buckets: list[_Bucket] = []
    updated_buckets: list[_Bucket] = []


class _Complete(msgspec.Struct):
    last_op_id: str


class _Line(msgspec.Struct):
    checkpoint: _Checkpoint | None = None
    checkpoint_diff: _Checkpoint | None = None
    data: _Data | None = None
    checkpoint_complete: _Complete | None = None


_decode = msgspec.json.Decoder(_Line).decode


@dataclass
class _Client:
    """A client that checks each completed checkpoint as real ones do, by the sums of what it got."""

    announced: dict[str, _Bucket] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)
    checkpoints: int = 0
    operations: int = 0
    mismatches: int = 0
    last_op_id: int = 0

    async def run(self, endpoint: str, token: str, name: str) -> None:
        host, port = endpoint.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**24)
        body = _REQUEST % name.encode()
        # HTTP 1.0: the body comes without chunk lengths between.
        fields = f"Authorization: Token {token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        head = f"POST /sync/stream HTTP/1.0\r\n{fields}\r\n\r\n"
        writer.write(head.encode() + body)
        status = await reader.readline()
        assert status.split()[1] == b"200", status
        await reader.readuntil(b"\r\n\r\n")
        while raw := await reader.readline():
            self._take(_decode(raw))

    def _take(self, line: _Line) -> None:
        if line.data is not None:
            self.operations += len(line.data.data)
            added = sum(operation.checksum for operation in line.data.data)
            self.sums[line.data.bucket] = self.sums.get(line.data.bucket, 0) + added
        for checkpoint in (line.checkpoint, line.checkpoint_diff):
            if checkpoint is not None:
                for bucket in (*checkpoint.buckets, *checkpoint.updated_buckets):
                    self.announced[bucket.bucket] = bucket
        if line.checkpoint_complete is not None:
            self.checkpoints += 1
            self.last_op_id = int(line.checkpoint_complete.last_op_id)
            self.mismatches += sum(
                signed(self.sums.get(name, 0) & MASK) != bucket.checksum for name, bucket in self.announced.items()
            )


def streams(*, count: int, rate: int, seconds: int, say: Callable[[str], None]) -> bool:
    """`count` streams that all get `rate` changes a second for `seconds`; says how it went, true when all was well."""
    say(f"{count} streams, each getting {rate:_} changes a second for {seconds} s.")
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder) / "service.db") as (ready, process):
        return asyncio.run(_load(ready.endpoint, process, count, rate, seconds, say))


async def _load(endpoint: str, process: int, count: int, rate: int, seconds: int, say: Callable[[str], None]) -> bool:
    token = httpx.get(f"{endpoint}/api/credentials?user=alice").json()["token"]
    clients = [_Client() for _ in range(count)]
    running = [asyncio.create_task(client.run(endpoint, token, f"c{n}")) for n, client in enumerate(clients)]
    while not all(client.checkpoints for client in clients):
        await asyncio.sleep(0.1)
    memory = [_memory(process)]
    started, processor = time.perf_counter(), _processor(process)
    written, errors = 0, 0
    async with httpx.AsyncClient(headers={"Authorization": f"Token {token}"}, timeout=60) as http:
        writing: set[asyncio.Task[bool]] = set()
        while written < rate * seconds:
            due = started + written / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            while len(writing) >= _WRITERS:
                done, writing = await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
                errors += sum(not task.result() for task in done)
            writing.add(asyncio.create_task(_write(http, endpoint, _batch(written))))
            written += _CHANGES_AT_ONCE
            if written % (rate * 10) == 0:
                memory.append(_memory(process))
        errors += sum(not answered for answered in await asyncio.gather(*writing))
        took = time.perf_counter() - started
        used = _processor(process) - processor
    newest = await _newest(endpoint, token)
    behind = time.perf_counter()
    while any(client.last_op_id < newest for client in clients) and time.perf_counter() - behind < _SETTLE_SECONDS:
        await asyncio.sleep(0.05)
    converged = sum(client.last_op_id >= newest for client in clients)
    ended = sum(task.done() for task in running)
    for task in running:
        task.cancel()
    mismatches = sum(client.mismatches for client in clients)
    say(
        f"{written:_} changes in {took:.1f} s ({written / took:,.0f}/s), {errors} errors; the last client had all"
        f" {time.perf_counter() - behind:.2f} s later."
    )
    say(
        f"{converged} of {count} converged, {mismatches} checksum mismatches, {ended} streams ended;"
        f" {sum(client.operations for client in clients):_} operations received,"
        f" {min(client.checkpoints for client in clients)} to {max(client.checkpoints for client in clients)}"
        " checkpoints each."
    )
    sizes = ", ".join(f"{size / 2**20:.0f}" for size in memory)
    say(f"Service: {used / took:.0%} of a core; memory every 10 s: {sizes} MiB.")
    return converged == count and not (mismatches or errors or ended)


async def _write(http: httpx.AsyncClient, endpoint: str, batch: list[dict[str, object]]) -> bool:
    return (await http.post(f"{endpoint}/api/data", json={"batch": batch})).status_code == 200


def _batch(first: int) -> list[dict[str, object]]:
    return [
        {"op": "PATCH", "type": "notes", "id": f"note-{number % _NOTES + 1}", "data": {"body": f"{number} {_ROW_TEXT}"}}
        for number in range(first, first + _CHANGES_AT_ONCE)
    ]


async def _newest(endpoint: str, token: str) -> int:
    client = _Client()
    task = asyncio.create_task(client.run(endpoint, token, "newest"))
    while not client.checkpoints:
        await asyncio.sleep(0.05)
    task.cancel()
    return client.last_op_id


def million(*, operations: int, say: Callable[[str], None]) -> bool:
    """A first sync of one bucket with so many operations; says when its first byte came and what it took."""
    with tempfile.TemporaryDirectory() as folder:
        storage = Path(folder) / "service.db"
        with _service(storage):
            pass
        _fill(storage, operations)
        with _service(storage) as (ready, process):
            idle = _memory(process)
            token = httpx.get(f"{ready.endpoint}/api/credentials?user=alice").json()["token"]
            started = time.perf_counter()
            first, size = 0.0, 0
            headers = {"Authorization": f"Token {token}", "Accept-Encoding": "identity"}
            with httpx.stream(
                "POST", f"{ready.endpoint}/sync/stream", json={"raw_data": True}, headers=headers, timeout=60
            ) as answer:
                for chunk in answer.iter_raw():
                    first = first or time.perf_counter() - started
                    size += len(chunk)
                    if b'{"checkpoint_complete"' in chunk:
                        break
            took = time.perf_counter() - started
            say(
                f"{operations:_} operations in a bucket: first byte after {first * 1_000:.0f} ms,"
                f" all {size / 1e6:.0f} MB after {took:.1f} s; the service's memory went from"
                f" {idle / 2**20:.0f} to at most {_peak(process) / 2**20:.0f} MiB."
            )
            return first <= 0.5


def _fill(storage: Path, operations: int) -> None:
    connection = apsw.Connection(str(storage))
    with connection:
        bucket, checksum, count = next(
            connection.execute("SELECT id, checksum, count FROM sync_bucket WHERE name = ?", (_BUCKET,))
        )
        op_id = int(connection.execute("SELECT max(op_id) FROM sync_operation").get)
        total = 0
        for number in range(operations - count):
            op_id += 1
            row_id = f"extra-{number}"
            data = f'{{"id":"{row_id}","owner_id":"bob","body":"{_ROW_TEXT}","tags":null}}'
            own = put_checksum("notes", row_id, data)
            total += own
            connection.execute(
                "INSERT INTO sync_operation VALUES(?, ?, 'PUT', 'notes', ?, ?, ?, ?)",
                (op_id, bucket, row_id, subkey_of("notes", row_id), data, own),
            )
        connection.execute(
            "UPDATE sync_bucket SET checksum = ?, count = ?, last_op_id = ? WHERE id = ?",
            ((checksum + total) & MASK, operations, op_id, bucket),
        )
    connection.close()


@contextmanager
def _service(storage: Path) -> Iterator[tuple[Ready, int]]:
    command = [sys.executable, "-m", "inspector", "service", "--port", "0", "--no-writer", "--stop-with-parent"]
    process = subprocess.Popen([*command, "--storage", str(storage)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield msgspec.json.decode(process.stdout.readline(), type=Ready), process.pid
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def _memory(process: int) -> int:
    return _status(process, "VmRSS")


def _peak(process: int) -> int:
    return _status(process, "VmHWM")


def _status(process: int, name: str) -> int:
    lines = (line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(dict(lines)[name].split()[0]) * 1_024


def _processor(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
