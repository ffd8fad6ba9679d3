"""Keeps one client syncing: connects, reads, reconnects, and obeys connect, disconnect, offline and stop.

One iteration is one stream. It runs as a task that may be cancelled at any await; the session and the client
database are only touched between awaits, so a cancellation never tears a line apart.
"""

import asyncio
import time
from collections.abc import Callable

from inspector.engine.applier import Applier
from inspector.engine.control import Problem, Start, Status
from inspector.engine.credentials import Credentials, describe_source, fetch_credentials
from inspector.engine.endpoint import service_address
from inspector.engine.recorder import Recorder
from inspector.engine.transport import SyncStream, Transport
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
)
from inspector.protocol.framing import FrameFormat, Framer, FramingError
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.protocol.request import StreamRequest
from inspector.protocol.service_errors import ServiceRefusal
from inspector.protocol.tokens import TokenClaims, TokenError
from inspector.store.database import ClientDatabase
from inspector.words import ago

RETRY_SECONDS = 5.0
"""What the SDKs wait after an error."""
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
        self._address = service_address(start.endpoint)
        self._recorder = recorder
        self._status = recorder.status
        self._applier = Applier(database, observer=recorder, include_defaults=start.include_defaults)
        self._on_tick = on_tick
        self._credentials: Credentials | None = None
        self._prefetch: asyncio.Task[None] | None = None
        self._iteration: asyncio.Task[CloseStream | None] | None = None
        self._interruption: Event = Stop()
        self._wake = asyncio.Event()
        self._wanted = start.connect
        self._offline = False
        self._stopping = False
        self._status.endpoint = self._address
        self._status.client_id = database.client_id
        self._status.first_sync = not database.has_synced
        self._status.token_source = describe_source(start.credentials)

    def connect(self) -> None:
        """Connect, or try again at once while waiting."""
        self._wanted = True
        self._wake.set()

    def disconnect(self) -> None:
        """End the stream and stay disconnected."""
        self._wanted = False
        self._interrupt(Stop())

    def set_offline(self, offline: bool) -> None:
        """Act as a device without network, or come back."""
        self._offline = offline
        self._recorder.note("info", "control", "Going offline." if offline else "Coming back online.")
        if offline:
            self._interrupt(Stop())
        self._wake.set()

    def refresh_token(self) -> None:
        """Fetch credentials anew and replace the stream."""
        self._credentials = None
        self._interrupt(CredentialsReplaced())

    def stop(self) -> None:
        """End the stream and let `run` return."""
        self._stopping = True
        self._interrupt(Stop())

    async def run(self) -> None:
        """Sync until `stop`."""
        ticking = asyncio.create_task(self._tick())
        try:
            async with Transport(self._address) as transport:
                while not self._stopping:
                    await self._one_round(transport)
        finally:
            ticking.cancel()
            if self._prefetch is not None:
                self._prefetch.cancel()
            self._status.phase = "stopped"
            self._flush()

    async def _one_round(self, transport: Transport) -> None:
        if self._offline or not self._wanted:
            self._status.phase = "offline" if self._offline else "idle"
            self._status.retry_at = None
            await self._sleep(None)
            return
        self._iteration = asyncio.create_task(self._iterate(transport))
        await asyncio.wait({self._iteration})
        close = None if self._iteration.cancelled() else self._iteration.result()
        self._iteration = None
        if close is None or not close.at_once:
            await self._pause()

    async def _pause(self) -> None:
        """After an error: the status says when the next try comes."""
        if self._stopping or self._offline or not self._wanted:
            return
        if self._status.phase != "refused":
            self._status.phase = "waiting"
        self._status.retry_at = time.time_ns() + int(RETRY_SECONDS * 1e9)
        await self._sleep(RETRY_SECONDS)
        self._status.retry_at = None

    async def _sleep(self, seconds: float | None) -> None:
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _interrupt(self, event: Event) -> None:
        """End the running iteration with `event` as its cause."""
        self._interruption = event
        if self._iteration is not None:
            self._iteration.cancel()
        self._wake.set()

    async def _iterate(self, transport: Transport) -> CloseStream | None:
        """One stream, from credentials to its end; None when none was opened."""
        self._status.phase = "connecting"
        self._status.attempt += 1
        try:
            credentials = await self._current_credentials()
            (opening,) = self._applier.begin(parameters=self._start.parameters, app_metadata=self._start.app_metadata)
            assert isinstance(opening, OpenStream)
            return await self._run_stream(transport, opening.request, credentials)
        except InspectorError as error:
            self._fail(error)
        except asyncio.CancelledError:
            self._applier.apply(Stop())
        return None

    async def _current_credentials(self) -> Credentials:
        if self._credentials is None:
            self._credentials = await fetch_credentials(self._start.credentials)
            self._recorder.token(self._credentials.claims)
            _refuse_expired(self._credentials.claims)
        return self._credentials

    async def _run_stream(
        self, transport: Transport, request: StreamRequest, credentials: Credentials
    ) -> CloseStream | None:
        self._recorder.requested(self._address, request, credentials.claims)
        close: CloseStream | None = None
        try:
            async with transport.stream(request, credentials.token) as stream:
                self._recorder.answered(stream.head)
                self._applier.apply(StreamOpened())
                close = await self._read(stream)
        except InspectorError as error:
            self._recorder.refused(error)
            self._end(self._applier.apply(StreamFailed(error)))
            raise
        except asyncio.CancelledError:
            close = self._end(self._applier.apply(self._interruption))
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
                    self._credentials = None
                case FetchCredentials():
                    self._start_prefetch()
                case CloseStream():
                    closing = effect
                    self._recorder.closed(effect)
        if closing is not None and self._would_spin(closing):
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
            credentials = await fetch_credentials(self._start.credentials)
        except InspectorError as error:
            self._recorder.note("warning", "credentials", str(error))
            return
        if self._credentials is not None and credentials.token == self._credentials.token:
            return
        self._credentials = credentials
        self._recorder.token(credentials.claims)
        self._interrupt(CredentialsReplaced())

    def _fail(self, error: InspectorError) -> None:
        refused = isinstance(error, TokenError) or (isinstance(error, ServiceRefusal) and error.about_token)
        if refused:
            self._credentials = None
        code = (error.code or str(error.status)) if isinstance(error, ServiceRefusal) else ""
        self._status.problem = Problem(error.what, error.why, error.next_step, code)
        self._status.phase = "refused" if refused else "waiting"
        self._recorder.note("warning" if self._status.attempt <= 1 else "info", "transport", str(error))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._flush()

    def _flush(self) -> None:
        self._recorder.flush()
        self._on_tick(self._status)


def _refuse_expired(claims: TokenClaims) -> None:
    """What the service would refuse need not be sent to it."""
    if claims.expires_at is None or claims.expires_at > time.time():
        return
    now_ns = time.time_ns()
    raise TokenError(
        "The token has expired.",
        why=f"It expired {ago(int(claims.expires_at * 1e9), now_ns)}.",
        next_step="Get a new one from the same place as this one.",
    )
