"""Keeps one client syncing: one iteration after another, and obeys connect, disconnect, offline and stop."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from inspector.capture.annotations import Annotation
from inspector.engine.applier import Applier, now_us
from inspector.engine.backoff import Backoff
from inspector.engine.control import Start, Status, StreamSubscription
from inspector.engine.credentials import describe_source
from inspector.engine.endpoint import service_address
from inspector.engine.fault_watch import FaultWatch
from inspector.engine.iteration import Iterations
from inspector.engine.proxy import proxy_for
from inspector.engine.recorder import Recorder
from inspector.engine.tls import INSECURE_WARNING, tls_context
from inspector.engine.token_keeper import TokenKeeper
from inspector.engine.transport import Transport
from inspector.engine.uploads import Uploads
from inspector.protocol.events import CloseReason, CredentialsReplaced, Event, Stop, SubscriptionsChecked
from inspector.store.app_schema import read_schema
from inspector.store.database import ClientDatabase
from inspector.store.subscriptions import StreamKey

TICK_SECONDS = 0.05
"""How often the capture is flushed and the status told: 20 times a second."""
_LOOK_AT_SOURCE_SECONDS = 0.5
"""How often it is looked whether a token's file has changed."""


class Driver:
    """The engine of one client database and one capture."""

    def __init__(
        self,
        start: Start,
        database: ClientDatabase,
        recorder: Recorder,
        *,
        on_tick: Callable[[Status], None],
    ) -> None:
        self._start = start
        self._database = database
        self._recorder = recorder
        self._status = recorder.status
        self._on_tick = on_tick
        address = service_address(start.endpoint) if start.endpoint else ""
        self._transport = Transport(address, tls_context(start.ca_file, insecure=start.insecure))
        self._tokens = TokenKeeper(start, self._transport, recorder)
        self.uploads = Uploads(
            start,
            database,
            recorder,
            self._transport,
            self._tokens,
            on_confirmed=lambda gate: self._iterations.uploads_confirmed(gate),
        )
        self._iterations = Iterations(
            Applier(database, observer=recorder, include_defaults=start.include_defaults),
            recorder,
            self._transport,
            self._tokens,
            self.uploads.beside_stream,
        )
        self.faults = FaultWatch(self._transport, recorder)
        self._backoff = Backoff()
        self._wake = asyncio.Event()
        self._wanted = start.connect
        self._offline = False
        self._stopping = False
        self._status.endpoint = address
        self._status.insecure = start.insecure
        self._status.client_id = database.client_id
        self._status.schema_file = start.schema_file
        self._status.first_sync = not database.has_synced
        self._status.token_source = describe_source(start.credentials)
        for subscription in start.subscriptions:
            self.subscribe(subscription)

    @property
    def client_database(self) -> str:
        """The file that is written."""
        return self._start.client_database

    @property
    def present_token(self) -> str:
        """The token in memory, empty for none: a secret."""
        return self._tokens.in_memory

    def connect(self) -> None:
        """Connect, or try again at once while waiting."""
        self._wanted = True
        self._backoff.reset()
        self._tell_uploads()
        self._wake.set()

    def disconnect(self) -> None:
        """End the stream and stay disconnected."""
        self._wanted = False
        self._tell_uploads()
        self._interrupt(Stop())

    def set_offline(self, offline: bool) -> None:
        """Act as a device without network, or come back."""
        self._offline = offline
        message = "Going offline." if offline else "Coming back online."
        self._recorder.note("info", "control", message, {"offline": offline})
        if offline:
            self._interrupt(Stop())
        self._tell_uploads()
        self._backoff.reset()
        self._wake.set()

    def refresh_token(self) -> None:
        """Fetch credentials anew and replace the stream."""
        self._tokens.drop()
        self._backoff.reset()
        self._interrupt(CredentialsReplaced())

    def annotate(self, frame: int, annotation: Annotation) -> None:
        """Keep in the capture what a user says about a frame."""
        self._recorder.annotate(frame, annotation)

    def subscribe(self, subscription: StreamSubscription) -> None:
        """Subscribe to a stream, or renew a subscription (protocol §6)."""
        key = StreamKey.of(subscription.stream, subscription.parameters)
        self._database.subscribe(key, subscription.ttl, subscription.priority, now_us())
        self._replace_changed_stream()

    def unsubscribe(self, stream: str, parameters: dict[str, Any] | None, *, when_expired: bool) -> None:
        """End a subscription at once, or when its time to live is over."""
        self._database.unsubscribe(StreamKey.of(stream, parameters), when_expired=when_expired)
        self._replace_changed_stream()

    def set_parameters(self, parameters: dict[str, Any] | None, app_metadata: dict[str, str] | None) -> None:
        """Send these parameters and this metadata from now on."""
        changed = msgspec.structs.replace(self._start, parameters=parameters, app_metadata=app_metadata)
        if changed == self._start:
            return
        self._start = changed
        self._recorder.note("info", "control", "The connection's parameters have changed.")
        if self._iterations.requested is not None:
            self._interrupt(Stop())

    def load_schema(self, file: str) -> None:
        """Have the tables of the schema in `file`, empty: those that the data show; raises SchemaError, StoreError."""
        self._database.use_schema(read_schema(Path(file)) if file else None)
        self._status.schema_file = file
        self._status.revision += 1
        followed = f"follow the schema in {Path(file).name}" if file else "are those that the data show"
        self._recorder.note("info", "store", f"The tables {followed} from now on.")
        self._tell_schema()

    def stop(self) -> None:
        """End the stream and let `run` return."""
        self._stopping = True
        self._interrupt(Stop())

    async def run(self) -> None:
        """Sync until `stop`."""
        companions = [asyncio.create_task(each) for each in (self._tick(), self.uploads.run(), self.faults.run())]
        for task in companions:  # any ends by itself only when the files cannot be written
            task.add_done_callback(lambda _: self.stop())
        self._tell_uploads()
        try:
            async with self._transport:
                try:
                    self._tell_circumstances()
                    while not self._stopping:
                        await self._one_round()
                finally:  # before the transport ends, which they all use
                    await self._iterations.abandon()
                    for task in companions:
                        task.cancel()
                    await asyncio.wait(companions)
        finally:
            self._status.phase = "stopped"
            self._flush()
        for task in companions:
            if not task.cancelled():
                task.result()

    def _tell_schema(self) -> None:
        for complaint in self._database.schema_complaints:
            self._recorder.note("warning", "store", complaint)

    def _tell_circumstances(self) -> None:
        self._tell_schema()
        if self._start.insecure:
            self._recorder.note("warning", "transport", INSECURE_WARNING)
        if proxy := proxy_for(self._transport.address):
            self._recorder.note(
                "info", "transport", f"Connections go through the proxy at {proxy}, as the system's settings say."
            )

    def _tell_uploads(self) -> None:
        self.uploads.set_active(self._wanted and not self._offline)

    async def _one_round(self) -> None:
        if self._offline or not self._wanted:
            self._status.phase = "offline" if self._offline else "idle"
            self._status.retry_at = None
            await self._sleep(None)
            return
        self._recorder.progressed = False
        ended = await self._iterations.run(self._start.parameters, self._start.app_metadata)
        close = ended.close
        if self._recorder.progressed and (close is None or close.reason is not CloseReason.CHECKSUM_MISMATCH):
            self._backoff.reset()
        if not ended.interrupted and (close is None or not close.at_once):
            await self._pause()

    async def _pause(self) -> None:
        """After an error: the status says when the next try comes."""
        if self._stopping or self._offline or not self._wanted:
            return
        if self._status.phase != "refused":
            self._status.phase = "waiting"
        seconds = self._backoff.after(self._iterations.failure)
        self._status.retry_at = time.time_ns() + int(seconds * 1e9)
        await self._sleep(seconds)
        self._status.retry_at = None

    async def _sleep(self, seconds: float | None) -> None:
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _replace_changed_stream(self) -> None:
        """Replace the stream at once when its request would now ask for other streams, and only then."""
        if self._iterations.requested is None:
            return
        now = self._database.requested_streams(self._start.include_defaults, now_us())
        if now.request != self._iterations.requested:
            self._interrupt(SubscriptionsChecked(changed=True))

    def _interrupt(self, event: Event) -> None:
        """End the running iteration with `event` as its cause."""
        self._iterations.interrupt(event)
        self._wake.set()

    async def _tick(self) -> None:
        looked_at = time.monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._flush()
            if time.monotonic() - looked_at >= _LOOK_AT_SOURCE_SECONDS:
                looked_at = time.monotonic()
                self._look_at_source()

    def _look_at_source(self) -> None:
        """Another token in its file is used at once, by an open stream and by one that waits for its next try."""
        if self._tokens.source_changed() and not self._iterations.prefetch():
            self._backoff.reset()
            self._wake.set()

    def _flush(self) -> None:
        self._recorder.clock(self._transport.clock.skew)
        self._recorder.flush()
        self._on_tick(self._status)
