"""A client under a test's control: the real session and store on a real file, without a network."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from inspector.engine.applier import Applier
from inspector.protocol.errors import InspectorError
from inspector.protocol.events import (
    CloseReason,
    CloseStream,
    LineReceived,
    StreamEnded,
    StreamFailed,
    StreamOpened,
    UploadsCompleted,
)
from inspector.protocol.framing import FrameFormat, NdjsonFramer
from inspector.protocol.lines import decode_line
from inspector.store.app_schema import AppSchema, Column, Table
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.upload_queue import PendingEntry
from tests.convergence.model_service import ModelService

SCHEMA = AppSchema((Table("t", (Column("v", "integer"), Column("serial", "integer"))),))


class Client:
    """One device."""

    def __init__(self, folder: Path, service: ModelService) -> None:
        self._folder = folder
        self._service = service
        self._lives = 0
        self.written: list[int] = []
        """Serial numbers of local writes that were committed."""
        self._own: dict[str, Any] = {}
        self._open(folder / "client-0.db")

    def _open(self, path: Path) -> None:
        self._path = path
        self.database = ClientDatabase.open(path, SCHEMA)
        self.applier = Applier(self.database)

    def kill(self) -> None:
        """What is on the disk at this moment is all that is left."""
        self._lives += 1
        path = self._folder / f"client-{self._lives}.db"
        for suffix in ("", "-wal"):
            source = self._path.with_name(self._path.name + suffix)
            if source.exists():
                shutil.copyfile(source, path.with_name(path.name + suffix))
        self.database._connection.close()
        self._open(path)

    def close(self) -> None:
        self.database.close()

    def rows(self) -> dict[str, Any]:
        """What the app sees."""
        held = self.database._connection.execute("SELECT id, data FROM ps_data__t").fetchall()
        return {str(row_id): msgspec.json.decode(str(data)) for row_id, data in held}

    def write(self, op: str, row: str, value: int) -> None:
        """A local write of one row; like an app, it does not change what is not there."""
        exists = row in self.rows()
        if exists == (op == "PUT"):
            return
        serial = len(self.written) + 1
        data = None if op == "DELETE" else {"v": value, "serial": serial}
        self.database.write([LocalWrite(op, "t", row, data)])  # type: ignore[arg-type]
        self.written.append(serial if data else 0)
        self._own[row] = self.rows().get(row)

    def assert_own_writes_are_shown(self) -> None:
        """Until the service has confirmed them, what the app wrote is what it sees."""
        gate = self.database.gate
        if self.database.queue.is_empty and (gate is None or gate <= (self.database.seen_request or 0)):
            self._own.clear()
        shown = self.rows()
        assert {row: shown.get(row) for row in self._own} == self._own

    def upload(self, *, killed_before_completing: bool = False) -> None:
        """Hand every transaction to the service, then ask it to confirm."""
        queue = self.database.queue
        while (transaction := queue.next()) is not None:
            self._service.upload([_sent(entry) for entry in transaction.entries])
            if killed_before_completing:
                self.kill()
                return
            queue.complete(transaction)
        if queue.needs_acknowledgement:
            sequence = queue.sequence
            if queue.open_gate(self._service.acknowledge(), sequence):
                self.applier.apply(UploadsCompleted(self.database.gate))

    def sync(
        self, random: Random, meanwhile: list[Any] | None = None, *, cut_after: int | None = None, doubled: int = -1
    ) -> bool:
        """One stream, cut after so many bytes; line `doubled` comes twice. Whether it ended in order."""
        self.applier.begin()
        self.applier.apply(StreamOpened())
        after = {position.name: int(position.after) for position in self.database.positions()}
        lines = self._service.stream(after, random, meanwhile or [])
        framer = NdjsonFramer()
        left = cut_after
        for number, line in enumerate(lines):
            part = line if left is None else line[:left]
            left = None if left is None else left - len(part)
            for frame in framer.feed(part) * (2 if number == doubled else 1):
                effects = self.applier.apply(LineReceived(decode_line(frame, FrameFormat.NDJSON), len(frame)))
                if any(isinstance(effect, CloseStream) for effect in effects):
                    return False
            if left == 0:
                self.applier.apply(StreamFailed(InspectorError("The connection was cut.")))
                return False
        effects = self.applier.apply(StreamEnded())
        return _reason(effects) is CloseReason.STREAM_ENDED

    def sync_until_in_order(self, random: Random) -> None:
        """Streams until one ends in order, as a client reconnects."""
        for _ in range(6):
            if self.sync(random):
                return
        raise AssertionError("The client does not converge.")


def _sent(entry: PendingEntry) -> dict[str, Any]:
    fields = entry.fields
    assert fields is not None
    return {"op": fields.op, "id": fields.id, "data": msgspec.json.decode(fields.data) if fields.data else None}


def _reason(effects: Iterable[object]) -> CloseReason | None:
    return next((effect.reason for effect in effects if isinstance(effect, CloseStream)), None)
