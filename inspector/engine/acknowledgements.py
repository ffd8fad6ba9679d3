"""How the service is asked to confirm uploads: a number that a later checkpoint carries (protocol §5).

`legacy`: the service counts. `requests`: the client counts; both agree on where at the beginning of each stream, and
a number that no checkpoint has carried after 10 s is sent again.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from inspector.engine.backoff import FIRST_SECONDS
from inspector.engine.control import CheckpointMode
from inspector.engine.errors import ConnectionTrouble
from inspector.engine.recorder import Recorder
from inspector.engine.token_keeper import TokenKeeper
from inspector.engine.transport import Transport
from inspector.protocol.errors import InspectorError
from inspector.protocol.service_errors import ServiceRefusal
from inspector.store.database import ClientDatabase
from inspector.store.schema import GATE_CLOSED

REPOST_SECONDS = 10.0

_MOST_TRIES = 3
T = TypeVar("T")


class NotPossible(InspectorError):
    """A checkpoint cannot be asked for at present."""


class _Request(Struct, frozen=True):
    client_id: str
    checkpoint_request_id: str


class _WriteCheckpoint(Struct, frozen=True):
    write_checkpoint: str | int


class _CheckpointRequest(Struct, frozen=True):
    checkpoint_request_id: str | int


class _WriteCheckpointAnswer(Struct, frozen=True):
    data: _WriteCheckpoint


class _CheckpointRequestAnswer(Struct, frozen=True):
    data: _CheckpointRequest


class Acknowledgements:
    """The numbers of one client database at one service."""

    def __init__(
        self,
        mode: CheckpointMode,
        database: ClientDatabase,
        transport: Transport,
        tokens: TokenKeeper,
        recorder: Recorder,
        *,
        repost_seconds: float = REPOST_SECONDS,
        retry_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._legacy = mode == "legacy"
        self._database = database
        self._queue = database.queue
        self._transport = transport
        self._tokens = tokens
        self._recorder = recorder
        self._repost_seconds = repost_seconds
        self._retry_seconds = retry_seconds
        self._agreed = False

    @property
    def ready(self) -> bool:
        """Whether `obtain` can be called: client and service agree on the numbers of the present stream."""
        return self._legacy or self._agreed

    async def obtain(self) -> int:
        """A number for what has just been uploaded; raises ConnectionTrouble, ServiceRefusal or TokenError."""
        if self._legacy:
            return await self._write_checkpoint()
        try:
            return await self._request_next()
        except ServiceRefusal as error:
            if error.status != 404:
                raise
            self._fall_back()
            return await self._write_checkpoint()

    async def request_checkpoint(self) -> int:
        """Ask for a checkpoint without an upload, to know when the client has caught up; its number.

        Raises NotPossible besides what `obtain` does.
        """
        if self._legacy:
            raise NotPossible(
                "A checkpoint cannot be asked for.",
                why="Legacy write checkpoints are in use, which only follow uploads.",
                next_step="Connect with checkpoint requests.",
            )
        if not self._agreed:
            raise NotPossible(
                "A checkpoint cannot be asked for now.", why="There is no stream.", next_step="Connect first."
            )
        return await self._request_next()

    async def accompany_stream(self, on_ready: Callable[[], None]) -> None:
        """While a stream is open: agree on the numbers, then watch over them. Never returns; to be cancelled."""
        self._agreed = False
        try:
            await self._agree()
            on_ready()
            while not self._legacy:
                await self._repost_unless_seen()
            await asyncio.Event().wait()
        finally:
            self._agreed = False

    async def _agree(self) -> None:
        while not self._legacy and not self._agreed:
            try:
                self._queue.adopt_request_id(await self._post(self._queue.seed_request_id()))
                self._agreed = True
                self._recorder.uploads_changed()
            except ServiceRefusal as error:
                if error.status == 404:
                    self._fall_back()
                    return
                await self._wait_after(error)
            except InspectorError as error:
                await self._wait_after(error)

    async def _wait_after(self, error: InspectorError) -> None:
        self._recorder.note("warning", "uploads", f"The checkpoint request was not answered. {error}")
        await asyncio.sleep(self._retry_seconds)

    async def _repost_unless_seen(self) -> None:
        requested = self._queue.last_requested or 0
        await asyncio.sleep(self._repost_seconds)
        # With the gate closed nothing waits for the number: the next one comes with the upload.
        if requested != self._queue.last_requested or self._database.gate == GATE_CLOSED:
            return
        if requested <= self._queue.last_seen:
            return
        self._recorder.note(
            "info", "uploads", f"Checkpoint request {requested} is sent again: no checkpoint carries it."
        )
        try:
            await self._post(requested)
        except InspectorError as error:
            self._recorder.note("warning", "uploads", f"The checkpoint request was not answered. {error}")

    async def _request_next(self) -> int:
        """The service answers a larger number when it has one: then ours may be confirmed before the upload was."""
        answered = 0
        for _ in range(_MOST_TRIES):
            wanted = self._queue.next_request_id()
            self._recorder.uploads_changed()
            answered = await self._post(wanted)
            if answered <= wanted:
                break
            self._queue.adopt_request_id(answered)
        return answered

    def _fall_back(self) -> None:
        self._legacy = True
        self._recorder.note(
            "info",
            "uploads",
            "The service does not know checkpoint requests (404). Legacy write checkpoints are used instead.",
        )

    async def _write_checkpoint(self) -> int:
        answer = await self._ask("GET", f"/write-checkpoint2.json?client_id={quote(self._database.client_id)}")
        return _number(answer, _WriteCheckpointAnswer, lambda it: it.data.write_checkpoint)

    async def _post(self, request_id: int) -> int:
        body = msgspec.json.encode(_Request(self._database.client_id, str(request_id)))
        answer = await self._ask("POST", "/sync/checkpoint-request", body)
        return _number(answer, _CheckpointRequestAnswer, lambda it: it.data.checkpoint_request_id)

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        credentials = await self._tokens.current()
        try:
            return await self._transport.ask(method, path, credentials.token, body)
        except ServiceRefusal as error:
            where = f"{urlsplit(self._transport.address).path}{path.partition('?')[0]}"
            self._recorder.note(
                "debug",
                "uploads",
                f"{method} {where} was answered {error.status}.",
                {"asked": where, "status": error.status},
            )
            if error.about_token:
                self._tokens.drop()
            raise


def _number(answer: bytes, kind: type[T], number: Callable[[T], str | int]) -> int:
    try:
        return int(number(msgspec.json.decode(answer, type=kind)))
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConnectionTrouble(
            "The service's answer to the write checkpoint request cannot be read.",
            why="A number is expected in it.",
            next_step="Check the endpoint, and that no proxy between answers in its place.",
        ) from error
