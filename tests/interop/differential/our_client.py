"""Our session and store, with the same handles as the native core has."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from inspector.engine.applier import Applier, Unobserved
from inspector.protocol.errors import InspectorError
from inspector.protocol.events import (
    BrokenFrame,
    CloseReason,
    CloseStream,
    CredentialsReplaced,
    Effect,
    Event,
    FetchCredentials,
    HeldBack,
    LineReceived,
    Mismatched,
    OpenStream,
    Publish,
    Published,
    Stop,
    StreamOpened,
    UploadsCompleted,
)
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.store.app_schema import AppSchema
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.preparing import prepare
from inspector.store.query import scalar
from inspector.store.schema import SCHEMA_VERSION
from inspector.store.subscriptions import StreamKey
from tests.interop.differential.instructions import Clock, Instruction
from tests.interop.differential.native_core import in_memory


class _Listener(Unobserved):
    def __init__(self) -> None:
        self.heard: list[Instruction] = []

    def published(self, effect: Publish, outcome: Published | HeldBack | Mismatched) -> None:
        if effect.priority is None and isinstance(outcome, Published):
            self.heard.append(("synced", None))


class OurClient:
    """A client database in memory, written by us."""

    def __init__(
        self, schema: dict[str, Any], apps_tables: Sequence[str], clock: Clock, database: Path | None = None
    ) -> None:
        self.connection = in_memory(database)
        if database is not None:
            version = scalar(self.connection, "SELECT max(id) FROM ps_migration")
            if version != SCHEMA_VERSION:
                with self.connection:
                    prepare(self.connection, database, version)
        self._clock = clock
        self._schema = schema
        prepare(self.connection, "ours", None)
        for statement in apps_tables:
            self.connection.execute(statement)
        self.reopen()

    def reopen(self) -> None:
        """Nothing but the file is left of what was."""
        prepare(self.connection, "ours", None)
        self.database = ClientDatabase(self.connection)
        self._listener = _Listener()
        self._applier = Applier(self.database, observer=self._listener, now_us=lambda: self._clock.now_us)
        self.use_schema(self._schema)

    def use_schema(self, schema: dict[str, Any]) -> None:
        self.database.use_schema(msgspec.convert(schema, AppSchema))
        self._schema = schema

    def start(self) -> list[Instruction]:
        return self._told(self._applier.begin()) + self.receive(StreamOpened())

    def stop(self) -> None:
        self.receive(Stop())

    def line(self, frame: bytes, *, binary: bool) -> list[Instruction]:
        try:
            line = decode_line(frame, FrameFormat.BSON if binary else FrameFormat.NDJSON, raw_data=True)
        except MalformedLine as error:
            return self.receive(BrokenFrame(error))
        return self.receive(LineReceived(line, len(frame)))

    def uploaded(self) -> list[Instruction]:
        return self.receive(UploadsCompleted(self.database.gate))

    def refreshed(self) -> list[Instruction]:
        return self.receive(CredentialsReplaced())

    def subscribe(self, stream: str, params: Any, ttl: int | None, priority: int | None) -> None:
        self.database.subscribe(StreamKey.of(stream, params), ttl, priority, self._clock.now_us)

    def unsubscribe(self, stream: str, params: Any) -> None:
        self.database.unsubscribe(StreamKey.of(stream, params))

    def write(self, write: LocalWrite) -> None:
        self.database.write([write])

    def receive(self, event: Event) -> list[Instruction]:
        try:
            return self._told(self._applier.apply(event))
        except InspectorError as error:
            return [("error", str(error))]

    def _told(self, effects: list[Effect]) -> list[Instruction]:
        told, self._listener.heard = self._listener.heard, []
        for effect in effects:
            match effect:
                case OpenStream(request):
                    told.append(("request", json.loads(request.encode()) | {"client_id": ""}))
                case FetchCredentials(expired):
                    told.append(("credentials", "now" if expired else "soon"))
                case CloseStream(CloseReason.PROTOCOL_ERROR, _, error):
                    told.append(("error", str(error)))
                case CloseStream():
                    told.append(("close", None))
        return told
