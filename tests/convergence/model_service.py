"""A service as the protocol describes it, small enough to be believed: the judge of the convergence tests.

It keeps rows and their buckets, writes operations, compacts, and speaks the lines of a stream. It is no part of the
project and shares nothing with the embedded service, so that a misunderstanding would have to be made twice.
"""

import json
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

PRIORITIES = {"a": 1, "b": 2, "c": 3, "d": 3}
LIMIT = 2**32


@dataclass
class Op:
    op_id: int
    op: str
    checksum: int
    row: str | None = None
    data: str | None = None

    def as_json(self) -> dict[str, Any]:
        described: dict[str, Any] = {"op_id": str(self.op_id), "op": self.op, "checksum": self.checksum, "data": None}
        if self.row is not None:
            described |= {"object_type": "t", "object_id": self.row, "subkey": "s", "data": self.data}
        return described


@dataclass
class ModelService:
    """Rows are `id → (values, buckets)`."""

    rows: dict[str, tuple[dict[str, Any], frozenset[str]]] = field(default_factory=dict)
    buckets: dict[str, list[Op]] = field(default_factory=dict)
    last_op_id: int = 0
    write_checkpoint: int | None = None
    received: list[int] = field(default_factory=list)
    """Serial numbers of the local writes that were uploaded, as often as they were."""
    _unreplicated: list[Any] = field(default_factory=list)
    _acknowledged: int = 0

    def put(self, row: str, values: dict[str, Any], buckets: frozenset[str]) -> None:
        _, before = self.rows.get(row, ({}, frozenset()))
        text = json.dumps({"id": row, **values})
        for bucket in sorted(before - buckets):
            self._append(bucket, "REMOVE", row, None)
        for bucket in sorted(buckets):
            self._append(bucket, "PUT", row, text)
        self.rows[row] = (values, buckets)
        if not buckets:
            del self.rows[row]

    def delete(self, row: str) -> None:
        _, buckets = self.rows.pop(row, ({}, frozenset()))
        for bucket in sorted(buckets):
            self._append(bucket, "REMOVE", row, None)

    def touch(self) -> None:
        """Something else happened in the source: the op id grows without an operation."""
        self.last_op_id += 1

    def compact(self, bucket: str) -> None:
        """MOVE what appears again later, then one CLEAR for a leading run without content (protocol §7)."""
        operations = self.buckets.get(bucket, [])
        later: set[str] = set()
        for operation in reversed(operations):
            if operation.row is None:
                continue
            if operation.row in later:
                operation.op, operation.row, operation.data = "MOVE", None, None
            else:
                later.add(operation.row)
        run = 0
        while run < len(operations) and operations[run].op != "PUT":
            run += 1
        if run > 1:
            total = sum(operation.checksum for operation in operations[:run]) % LIMIT
            operations[:run] = [Op(operations[run - 1].op_id, "CLEAR", total - LIMIT if total >= LIMIT // 2 else total)]

    def upload(self, entries: list[dict[str, Any]]) -> None:
        """The backend has the writes; the service sees them once they are replicated."""
        self.received += [serial for entry in entries if (serial := (entry["data"] or {}).get("serial"))]
        self._unreplicated.append(entries)

    def acknowledge(self) -> int:
        """A write checkpoint; streams carry it once what was uploaded before it is replicated."""
        self._acknowledged += 1
        self._unreplicated.append(self._acknowledged)
        return self._acknowledged

    def replicate(self) -> None:
        for uploaded in self._unreplicated:
            if isinstance(uploaded, int):
                self.write_checkpoint = uploaded
            else:
                self._apply(uploaded)
        self._unreplicated.clear()

    def _apply(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            values, buckets = self.rows.get(entry["id"], ({}, frozenset()))
            data = entry.get("data") or {}
            if entry["op"] == "DELETE":
                self.delete(entry["id"])
            elif entry["op"] == "PUT":
                self.put(entry["id"], data, buckets or frozenset("c"))
            elif buckets:
                self.put(entry["id"], {**values, **data}, buckets)

    def _append(self, bucket: str, op: str, row: str, data: str | None) -> None:
        self.last_op_id += 1
        checksum = zlib.crc32(f"{op}{row}{data}{self.last_op_id}".encode())
        self.buckets.setdefault(bucket, []).append(Op(self.last_op_id, op, checksum, row, data))

    def checksum_of(self, bucket: str) -> int:
        return sum(operation.checksum for operation in self.buckets[bucket]) % LIMIT

    def _described(self, bucket: str) -> dict[str, Any]:
        total = self.checksum_of(bucket)
        signed = total - LIMIT if total >= LIMIT // 2 else total
        return {
            "bucket": bucket,
            "checksum": signed,
            "count": len(self.buckets[bucket]),
            "priority": PRIORITIES[bucket],
        }

    def stream(self, after: dict[str, int], random: Random, meanwhile: list[Any]) -> Iterator[bytes]:
        """The lines of one stream; `meanwhile` are changes that happen while it runs, called one by one."""
        return _Stream(self, dict(after), random, meanwhile).lines()


@dataclass
class _Stream:
    service: ModelService
    after: dict[str, int]
    random: Random
    meanwhile: list[Any]
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def lines(self) -> Iterator[bytes]:
        yield from self._checkpoint(first=True)
        while True:
            completed = yield from self._data()
            if completed and not self.meanwhile:
                return
            if completed:
                self._change()
            yield from self._checkpoint(first=self.random.random() < 0.1)

    def _change(self) -> None:
        self.meanwhile.pop(0)()

    def _checkpoint(self, *, first: bool) -> Iterator[bytes]:
        service = self.service
        now = {bucket: service._described(bucket) for bucket in service.buckets}
        head: dict[str, Any] = {"last_op_id": str(service.last_op_id)}
        if service.write_checkpoint is not None:
            head["write_checkpoint"] = str(service.write_checkpoint)
        if first:
            yield _line({"checkpoint": {**head, "buckets": list(now.values()), "streams": []}})
            if self.random.random() < 0.1:
                yield _line({"checkpoint": {**head, "buckets": list(now.values()), "streams": []}})
        else:
            updated = [described for bucket, described in now.items() if self.known.get(bucket) != described]
            removed = [bucket for bucket in self.known if bucket not in now]
            yield _line({"checkpoint_diff": {**head, "updated_buckets": updated, "removed_buckets": removed}})
        self.known = now
        self.target = service.last_op_id

    def _data(self) -> Generator[bytes, None, bool]:
        """Data by priority, buckets of one priority in any order; False when a change interrupts it."""
        levels = sorted({PRIORITIES[bucket] for bucket in self.known})
        for level in levels:
            buckets = [bucket for bucket in self.known if PRIORITIES[bucket] == level]
            self.random.shuffle(buckets)
            for bucket in buckets:
                yield from self._bucket(bucket)
                if self.meanwhile and self.random.random() < 0.3:
                    self._change()
                    return False
            if level != levels[-1]:
                yield _line({"partial_checkpoint_complete": {"last_op_id": str(self.target), "priority": level}})
            if self.random.random() < 0.2:
                yield _line({"token_expires_in": 3000})
        yield _line({"checkpoint_complete": {"last_op_id": str(self.target)}})
        return True

    def _bucket(self, bucket: str) -> Iterator[bytes]:
        start = self.after.get(bucket, 0)
        wanted = [operation for operation in self.service.buckets[bucket] if start < operation.op_id <= self.target]
        while wanted:
            size = self.random.randint(1, 4)
            part, wanted = wanted[:size], wanted[size:]
            self.after[bucket] = part[-1].op_id
            body = {
                "bucket": bucket,
                "data": [operation.as_json() for operation in part],
                "has_more": bool(wanted),
                "after": str(start),
                "next_after": str(part[-1].op_id),
            }
            yield _line({"data": body})
            start = part[-1].op_id


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"
