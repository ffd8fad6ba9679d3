"""Keeps one client syncing: connects, reads, reconnects, and obeys connect, disconnect, offline and stop.

One iteration is one stream. It runs as a task that may be cancelled at any await; the session and the client
database are only touched between awaits, so a cancellation never tears a line apart.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from inspector.engine.applier import Applier, now_us
from inspector.engine.backoff import Backoff, kind_of
from inspector.engine.control import Problem, Start, Status, StreamSubscription
from inspector.engine.credentials import Credentials, describe_source
from inspector.engine.endpoint import service_address
from inspector.engine.proxy import proxy_for
from inspector.engine.recorder import Recorder
from inspector.engine.tls import INSECURE_WARNING, tls_context
from inspector.engine.token_keeper import TokenKeeper
from inspector.engine.transport import SyncStream, Transport
from inspector.engine.uploads import Uploads
from inspector.protocol.errors import InspectorError
from inspector.protocol.events import (
    BrokenFrame,
    CloseReason,
    CloseStream,
    CredentialsReplaced,
    Effect,
    Event,
    FetchCredentials,
    LineReceived,
    OpenStream,
    Stop,
    StreamEnded,
    StreamFailed,
    StreamOpened,
    SubscriptionsChecked,
    UploadsCompleted,
)
from inspector.protocol.framing import FrameFormat, Framer, FramingError
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.protocol.request import StreamRequest, StreamsRequest
from inspector.protocol.service_errors import ServiceRefusal
from inspector.protocol.tokens import TokenError
from inspector.store.database import ClientDatabase
from inspector.store.subscriptions import StreamKey

TICK_SECONDS = 0.05
"""How often the capture is flushed and the status told: 20 times a second."""


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
        self._applier = Applier(database, observer=recorder, include_defaults=start.include_defaults)
        self._on_tick = on_tick
        address = service_address(start.endpoint) if start.endpoint else ""
        self._transport = Transport(address, tls_context(start.ca_file, insecure=start.insecure))
        self._tokens = TokenKeeper(start, self._transport, recorder)
        self.uploads = Uploads(
            start, database, recorder, self._transport, self._tokens, on_confirmed=self._on_uploads_confirmed
        )
        self._backoff = Backoff()
        self._failure = ""
        self._requested: StreamsRequest | None = None
        self._prefetch: asyncio.Task[None] | None = None
        self._iteration: asyncio.Task[CloseStream | None] | None = None
        self._interruption: Event = Stop()
        self._wake = asyncio.Event()
        self._wanted = start.connect
        self._offline = False
        self._stopping = False
        self._status.endpoint = address
        self._status.insecure = start.insecure
        self._status.client_id = database.client_id
        self._status.first_sync = not database.has_synced
        self._status.token_source = describe_source(start.credentials)
        for subscription in start.subscriptions:
            self.subscribe(subscription)

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
        self._recorder.note("info", "control", "Going offline." if offline else "Coming back online.")
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
        if self._requested is not None:
            self._interrupt(Stop())

    def stop(self) -> None:
        """End the stream and let `run` return."""
        self._stopping = True
        self._interrupt(Stop())

    async def run(self) -> None:
        """Sync until `stop`."""
        ticking = asyncio.create_task(self._tick())
        uploading = asyncio.create_task(self.uploads.run())
        for task in (ticking, uploading):  # either ends by itself only when the files cannot be written
            task.add_done_callback(lambda _: self.stop())
        self._tell_uploads()
        try:
            async with self._transport:
                self._tell_circumstances()
                while not self._stopping:
                    await self._one_round()
        finally:
            await self._abandon()
            ticking.cancel()
            uploading.cancel()
            await asyncio.wait({ticking, uploading})
            if self._prefetch is not None:
                self._prefetch.cancel()
            self._status.phase = "stopped"
            self._flush()
        for task in (ticking, uploading):
            if not task.cancelled():
                task.result()

    async def _abandon(self) -> None:
        """End an iteration that nobody waits for any more, before the files are closed."""
        if self._iteration is not None:
            self._iteration.cancel()
            await asyncio.wait({self._iteration})

    def _tell_circumstances(self) -> None:
        if self._start.insecure:
            self._recorder.note("warning", "transport", INSECURE_WARNING)
        if proxy := proxy_for(self._transport.address):
            self._recorder.note(
                "info", "transport", f"Connections go through the proxy at {proxy}, as the system's settings say."
            )

    def _tell_uploads(self) -> None:
        self.uploads.set_active(self._wanted and not self._offline)

    def _on_uploads_confirmed(self, gate: int) -> None:
        """What was held back may be shown now."""
        closing = self._end(self._applier.apply(UploadsCompleted(gate)))
        if closing is None:
            return
        self._failure = closing.reason
        if closing.error is not None:
            self._fail(closing.error)
        self._interrupt(Stop())

    async def _one_round(self) -> None:
        if self._offline or not self._wanted:
            self._status.phase = "offline" if self._offline else "idle"
            self._status.retry_at = None
            await self._sleep(None)
            return
        self._recorder.progressed = False
        self._iteration = asyncio.create_task(self._iterate())
        await asyncio.wait({self._iteration})
        interrupted = self._iteration.cancelled()
        close = None if interrupted else self._iteration.result()
        self._iteration = self._requested = None
        if self._recorder.progressed and (close is None or close.reason is not CloseReason.CHECKSUM_MISMATCH):
            self._backoff.reset()
        if not interrupted and (close is None or not close.at_once):
            await self._pause()

    async def _pause(self) -> None:
        """After an error: the status says when the next try comes."""
        if self._stopping or self._offline or not self._wanted:
            return
        if self._status.phase != "refused":
            self._status.phase = "waiting"
        seconds = self._backoff.after(self._failure)
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
        if self._requested is None:
            return
        now = self._database.requested_streams(self._start.include_defaults, now_us())
        if now.request != self._requested:
            self._interrupt(SubscriptionsChecked(changed=True))

    def _interrupt(self, event: Event) -> None:
        """End the running iteration with `event` as its cause."""
        self._interruption = event
        if self._iteration is not None:
            self._iteration.cancel()
        self._wake.set()

    async def _iterate(self) -> CloseStream | None:
        """One stream, from credentials to its end; None when none came about."""
        self._status.phase = "connecting"
        self._status.attempt += 1
        try:
            credentials = await self._tokens.current()
            (opening,) = self._applier.begin(parameters=self._start.parameters, app_metadata=self._start.app_metadata)
            assert isinstance(opening, OpenStream)
            self._requested = opening.request.streams
            return await self._run_stream(opening.request, credentials)
        except InspectorError as error:
            self._fail(error)
        except asyncio.CancelledError:
            self._applier.apply(Stop())
            raise
        return None

    async def _run_stream(self, request: StreamRequest, credentials: Credentials) -> CloseStream | None:
        self._recorder.requested(self._transport.address, request, credentials.claims)
        close: CloseStream | None = None
        try:
            async with self._transport.stream(request, credentials.token) as stream:
                self._recorder.answered(stream.head)
                self._applier.apply(StreamOpened())
                async with self.uploads.beside_stream():
                    close = await self._read(stream)
        except InspectorError as error:
            self._recorder.refused(error)
            self._end(self._applier.apply(StreamFailed(error)))
            raise
        except asyncio.CancelledError:
            close = self._end(self._applier.apply(self._interruption)) or close
        if close is not None and close.error is not None:
            self._fail(close.error)
        return close

    async def _read(self, stream: SyncStream) -> CloseStream | None:
        """Read until the session closes the stream or the service ends it."""
        framer = stream.head.framer
        try:
            async for chunk in stream.chunks():
                if (close := self._feed(framer, chunk)) is not None:
                    return close
                await asyncio.sleep(0)
        except InspectorError as error:
            return self._end(self._applier.apply(StreamFailed(error)))
        rest = framer.finish()
        if rest:
            self._recorder.unreadable(rest, "The stream ended in the middle of this frame.")
        return self._end(self._applier.apply(StreamEnded(rest)))

    def _feed(self, framer: Framer, chunk: bytes) -> CloseStream | None:
        try:
            frames = framer.feed(chunk)
        except FramingError as error:
            self._recorder.unreadable(chunk, str(error))
            return self._end(self._applier.apply(BrokenFrame(error)))
        for frame in frames:
            if (close := self._end(self._receive(frame, framer.format))) is not None:
                return close
        return None

    def _receive(self, frame: bytes, frame_format: FrameFormat) -> list[Effect]:
        try:
            line = decode_line(frame, frame_format)
        except MalformedLine as error:
            self._recorder.unreadable(frame, str(error))
            return self._applier.apply(BrokenFrame(error))
        self._recorder.received(frame, line)
        return self._applier.apply(LineReceived(line, len(frame)))

    def _end(self, effects: list[Effect]) -> CloseStream | None:
        """Carry out what the applier left; the effect that closes the stream, if there is one."""
        closing: CloseStream | None = None
        for effect in effects:
            match effect:
                case FetchCredentials(expired=True):
                    self._tokens.expire()
                case FetchCredentials():
                    self._start_prefetch()
                case CloseStream():
                    closing = effect
                    self._recorder.closed(effect)
        if closing is not None and self._would_spin(closing):
            self._failure = closing.reason
            return CloseStream(closing.reason, at_once=False, error=closing.error)
        return closing

    def _would_spin(self, closing: CloseStream) -> bool:
        """Without a pause, the next stream would end like this one, again and again."""
        if closing.reason is CloseReason.CHECKSUM_MISMATCH:
            mismatch = self._status.mismatch
            return mismatch is not None and mismatch.times > 1
        return closing.reason is CloseReason.STREAM_ENDED and self._recorder.frames_of_connection == 0

    def _start_prefetch(self) -> None:
        if self._prefetch is None or self._prefetch.done():
            self._prefetch = asyncio.create_task(self._prefetch_credentials())

    async def _prefetch_credentials(self) -> None:
        """A new token while the stream still runs; the same one as before changes nothing."""
        try:
            renewed = await self._tokens.renewed()
        except InspectorError as error:
            self._recorder.note("warning", "credentials", str(error))
            return
        if renewed:
            self._interrupt(CredentialsReplaced())

    def _fail(self, error: InspectorError) -> None:
        refused = isinstance(error, TokenError) or (isinstance(error, ServiceRefusal) and error.about_token)
        if refused:
            self._tokens.drop()
        self._failure = kind_of(error)
        code = (error.code or str(error.status)) if isinstance(error, ServiceRefusal) else ""
        self._status.problem = Problem(error.what, error.why, error.next_step, code)
        self._status.phase = "refused" if refused else "waiting"
        self._recorder.note("warning" if self._status.attempt <= 1 else "info", "transport", str(error))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._flush()

    def _flush(self) -> None:
        self._recorder.clock(self._transport.clock.skew)
        self._recorder.flush()
        self._on_tick(self._status)
