"""One sync iteration: from credentials and a request to the end of its stream.

It runs as a task that may be cancelled at any await; the session and the client database are only touched between
awaits, so a cancellation never tears a line apart.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from inspector.engine.applier import Applier
from inspector.engine.backoff import kind_of
from inspector.engine.control import Problem
from inspector.engine.credentials import Credentials
from inspector.engine.errors import CredentialTrouble
from inspector.engine.recorder import Recorder
from inspector.engine.token_keeper import TokenKeeper
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
    UploadsCompleted,
)
from inspector.protocol.framing import FrameFormat, Framer, FramingError
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.protocol.request import StreamRequest, StreamsRequest
from inspector.protocol.service_errors import ServiceRefusal
from inspector.protocol.tokens import TokenError

_SHORTEST_TOKEN_SECONDS = 5.0
"""Tokens that end sooner one after the other are waited between, or the client would do nothing but connect."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an iteration ended; `close` is None when no stream came about, or somebody interrupted it."""

    close: CloseStream | None
    interrupted: bool = False


class Iterations:
    """Runs one iteration at a time. `beside_stream` is entered while a stream is open."""

    def __init__(
        self,
        applier: Applier,
        recorder: Recorder,
        transport: Transport,
        tokens: TokenKeeper,
        beside_stream: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._applier = applier
        self._recorder = recorder
        self._status = recorder.status
        self._transport = transport
        self._tokens = tokens
        self._beside_stream = beside_stream
        self._task: asyncio.Task[CloseStream | None] | None = None
        self._prefetch: asyncio.Task[None] | None = None
        self._interruption: Event = Stop()
        self.failure = ""
        """The kind of the last failure, for the back-off."""
        self.requested: StreamsRequest | None = None
        """The streams that the running iteration has asked for; None while there is none."""
        self._token_ended_at = -_SHORTEST_TOKEN_SECONDS

    async def run(self, parameters: dict[str, Any] | None, app_metadata: dict[str, str] | None) -> Ended:
        """One stream, from credentials to its end."""
        self._task = asyncio.create_task(self._iterate(parameters, app_metadata))
        await asyncio.wait({self._task})
        ended = Ended(None, interrupted=True) if self._task.cancelled() else Ended(self._task.result())
        self._task = self.requested = None
        return ended

    def interrupt(self, event: Event) -> None:
        """End the running iteration with `event` as its cause."""
        self._interruption = event
        if self._task is not None:
            self._task.cancel()

    def prefetch(self) -> bool:
        """Look for another token, and replace the open stream when there is one; False when no stream is open."""
        if self.requested is None:
            return False
        self._start_prefetch()
        return True

    async def abandon(self) -> None:
        """End an iteration that nobody waits for any more, before the files are closed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._prefetch is not None:
            self._prefetch.cancel()

    def uploads_confirmed(self, gate: int) -> None:
        """What was held back may be shown now."""
        closing = self._end(self._applier.apply(UploadsCompleted(gate)))
        if closing is None:
            return
        self.failure = closing.reason
        if closing.error is not None:
            self._fail(closing.error)
        self.interrupt(Stop())

    async def _iterate(
        self, parameters: dict[str, Any] | None, app_metadata: dict[str, str] | None
    ) -> CloseStream | None:
        """The effect that closes the stream; None when none came about."""
        self._status.phase = "connecting"
        self._status.attempt += 1
        try:
            credentials = await self._tokens.current()
            (opening,) = self._applier.begin(parameters=parameters, app_metadata=app_metadata)
            assert isinstance(opening, OpenStream)
            self.requested = opening.request.streams
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
                async with self._beside_stream():
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
        try:
            rest = framer.finish()
        except FramingError as error:
            return self._end(self._applier.apply(BrokenFrame(error)))
        if framer.format is FrameFormat.NDJSON and _is_line(rest):
            # The last line's end may be missing, as for the official clients.
            if (close := self._end(self._receive(rest, framer.format))) is not None:
                return close
            rest = b""
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
            line = decode_line(frame, frame_format, raw_data=True)
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
            self.failure = closing.reason
            return CloseStream(closing.reason, at_once=False, error=closing.error)
        return closing

    def _would_spin(self, closing: CloseStream) -> bool:
        """Without a pause, the next stream would end like this one, again and again."""
        if closing.reason is CloseReason.CHECKSUM_MISMATCH:
            mismatch = self._status.mismatch
            return mismatch is not None and mismatch.times > 1
        if closing.reason is CloseReason.TOKEN_EXPIRED:
            before, self._token_ended_at = self._token_ended_at, time.monotonic()
            return self._token_ended_at - before < _SHORTEST_TOKEN_SECONDS
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
            self.interrupt(CredentialsReplaced())

    def _fail(self, error: InspectorError) -> None:
        refused = isinstance(error, TokenError) or (isinstance(error, ServiceRefusal) and error.about_token)
        if refused:
            self._tokens.drop()
        self.failure = kind_of(error)
        code = (error.code or str(error.status)) if isinstance(error, ServiceRefusal) else ""
        self._status.problem = Problem(error.what, error.why, error.next_step, code)
        self._status.phase = "refused" if refused else "waiting"
        self._status.no_token = isinstance(error, CredentialTrouble)
        self._recorder.note("warning" if self._status.attempt <= 1 else "info", "transport", str(error))


def _is_line(rest: bytes) -> bool:
    try:
        decode_line(rest, FrameFormat.NDJSON)
    except MalformedLine:
        return False
    return True
