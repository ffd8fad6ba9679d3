"""Tries a connection without making it: the token, the service, one request; the first thing that is wrong is named."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

import httpx

from inspector.engine.control import Problem, Start
from inspector.engine.credentials import fetch_credentials
from inspector.engine.endpoint import host_of, service_address
from inspector.engine.errors import ConnectionTrouble, SettingsError
from inspector.engine.proxy import proxy_for
from inspector.engine.tls import tls_context
from inspector.engine.transport import StreamHead, SyncStream, Transport
from inspector.protocol.errors import InspectorError
from inspector.protocol.lines import Checkpoint, decode_line
from inspector.protocol.request import RequestedSubscription, StreamRequest, StreamsRequest
from inspector.protocol.stream_problems import stream_problems
from inspector.protocol.token_problems import Certainty, token_problems
from inspector.store.app_schema import read_schema
from inspector.store.continuing import version_to_continue
from inspector.store.schema import SCHEMA_VERSION
from inspector.words import plural

_CHECKPOINT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TrialStep:
    """One thing that was tried; without a `problem` it is fine."""

    title: str
    said: str = ""
    problem: Problem | None = None
    doubt: bool = False
    """The problem is a hint: the service decides."""


async def try_connection(start: Start) -> list[TrialStep]:
    """What was tried, in order; the last one failed, or all are fine. Nothing is written anywhere."""
    steps: list[TrialStep] = []
    try:
        await _try(start, steps)
    except InspectorError as error:
        steps.append(TrialStep(_NEXT[len([step for step in steps if not step.doubt])], problem=_told(error)))
    return steps


class Trial:
    """One trial, which another thread may stop while it runs."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lock = Lock()
        self._stopped = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[list[TrialStep]]] | None = None

    def run(self) -> list[TrialStep]:
        """What was tried, as `try_connection` says it; nothing when it was stopped."""
        return asyncio.run(self._run())

    def stop(self) -> None:
        """Wait for no answer any more."""
        with self._lock:
            self._stopped = True
            if self._running is not None:
                loop, task = self._running
                loop.call_soon_threadsafe(task.cancel)

    async def _run(self) -> list[TrialStep]:
        trial = asyncio.ensure_future(try_connection(self._start))
        with self._lock:
            if self._stopped:
                trial.cancel()
            self._running = asyncio.get_running_loop(), trial
        try:
            return await trial
        except asyncio.CancelledError:
            return []
        finally:
            with self._lock:
                self._running = None


_NEXT = ("The settings", "The token", "The service", "One request", "One request")


async def _try(start: Start, steps: list[TrialStep]) -> None:
    if start.schema_file:
        read_schema(Path(start.schema_file))
    database = _database(start)
    tls = tls_context(start.ca_file, insecure=start.insecure)
    steps.append(TrialStep("The settings", f"can be read. {database}".strip()))
    credentials = await fetch_credentials(start.credentials, endpoint=start.endpoint, tls=tls)
    address = start.endpoint or credentials.endpoint
    if not address:
        raise SettingsError(
            "It is not known where the service is.",
            why="No endpoint was given, and none comes with the token.",
            next_step="Give the PowerSync service's address, like https://sync.example.com.",
        )
    address = service_address(address)
    async with Transport(address, tls) as transport:
        await transport.ask_clock()
        problems = token_problems(credentials.claims, now=transport.clock.now(), endpoint=address)
        for problem in problems:
            if problem.certainty is Certainty.CERTAIN:
                raise problem.as_error()
        steps.append(TrialStep("The token", f"is for {credentials.claims.user_id}."))
        steps += [
            TrialStep("The token", problem=Problem(hint.what, hint.why, hint.next_step), doubt=True)
            for hint in problems
        ]
        await _probe(transport, address, steps)
        await _request(start, transport, credentials.token, steps)


def _database(start: Start) -> str:
    """What becomes of a client database that is there; raises StoreError for one that cannot be continued."""
    path = Path(start.client_database)
    version = version_to_continue(path) if path.exists() else None
    if version is None:
        return ""
    if version == SCHEMA_VERSION:
        return f"{path.name} is gone on with."
    how = "it is migrated" if start.migrate_in_place else "a migrated copy of it is gone on with"
    return f"{path.name} is of schema version {version}: {how}."


async def _probe(transport: Transport, address: str, steps: list[TrialStep]) -> None:
    """Anybody may ask whether a service lives; one that does not say so may still be one behind a proxy."""
    began = time.monotonic()
    try:
        answer = await transport.fetch("GET", f"{address}/probes/liveness", content=None, headers={}, timeout=10)
    except httpx.HTTPError:
        # The request that follows meets the same, and says it in full.
        return
    took = f"{max(1, round((time.monotonic() - began) * 1000))} ms"
    if answer.status_code == 200:
        steps.append(TrialStep("The service", f"at {host_of(address)} answers in {took}."))
    else:
        steps.append(
            TrialStep(
                "The service",
                problem=Problem(
                    "The address answers, and may be no PowerSync service.",
                    f"Its liveness probe answers {answer.status_code}.",
                    "Check the address, and that no path is missing from it.",
                ),
                doubt=True,
            )
        )


async def _request(start: Start, transport: Transport, token: str, steps: list[TrialStep]) -> None:
    asked = tuple(RequestedSubscription(it.stream, it.parameters, it.priority) for it in start.subscriptions)
    request = StreamRequest(
        buckets=(),
        client_id=str(uuid4()),
        parameters=start.parameters or {},
        streams=StreamsRequest(start.include_defaults, asked),
        app_metadata=start.app_metadata or {},
    )
    head: StreamHead | None = None
    try:
        async with transport.stream(request, token) as stream:
            head = stream.head
            checkpoint = await _first_checkpoint(stream)
    except ConnectionTrouble as error:
        raise _broken_off(error, host_of(transport.address), answered=head is not None) from error
    proxy = proxy_for(transport.address)
    through = f", through the proxy {proxy}" if proxy else ""
    steps.append(TrialStep("One request", f"is answered with a stream: {head.words}{through}."))
    if checkpoint is not None:
        steps += _what_comes(checkpoint, request)


async def _first_checkpoint(stream: SyncStream) -> Checkpoint | None:
    """What the stream would bring; None where it does not say so within some seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CHECKPOINT_SECONDS):
            async for chunk in stream.chunks():
                for frame in stream.head.framer.feed(chunk):
                    line = decode_line(frame, stream.head.framer.format)
                    if isinstance(line, Checkpoint):
                        return line
            stream.head.framer.finish()
    return None


def _what_comes(checkpoint: Checkpoint, request: StreamRequest) -> Iterator[TrialStep]:
    counts = [bucket.count for bucket in checkpoint.buckets]
    known = [count for count in counts if count is not None]
    operations = f" with {plural(sum(known), 'operation')}" if len(known) == len(counts) else ""
    yield TrialStep("What comes", f"is {plural(len(counts), 'bucket')}{operations}.")
    for problem in stream_problems(request.streams, checkpoint.streams):
        yield TrialStep("A stream", problem=Problem(problem.what, problem.why, problem.next_step), doubt=True)


def _broken_off(error: ConnectionTrouble, host: str, *, answered: bool) -> ConnectionTrouble:
    """A trial opens nothing again: what broke off is told as what it is."""
    if not isinstance(error.__cause__, httpx.ReadError | httpx.RemoteProtocolError):
        return error
    if answered:
        return ConnectionTrouble(
            f"The answer of {host} broke off.", why=error.why, next_step="Test again; look at what stands between."
        )
    return ConnectionTrouble(
        f"{host} takes the connection and does not answer.",
        why="It closed the connection without a word, as one does that is spoken to in another protocol.",
        next_step="Check the port, and whether the address has to begin with https://.",
    )


def _told(error: InspectorError) -> Problem:
    return Problem(error.what, error.why, error.next_step)
