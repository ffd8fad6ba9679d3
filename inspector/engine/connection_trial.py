"""Tries a connection without making it: the token, the service, one request; the first thing that is wrong is named."""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx

from inspector.engine.control import Problem, Start
from inspector.engine.credentials import fetch_credentials
from inspector.engine.endpoint import host_of, service_address
from inspector.engine.errors import SettingsError
from inspector.engine.tls import tls_context
from inspector.engine.transport import Transport
from inspector.protocol.errors import InspectorError
from inspector.protocol.request import RequestedSubscription, StreamRequest, StreamsRequest
from inspector.protocol.token_problems import Certainty, token_problems
from inspector.store.app_schema import read_schema


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


_NEXT = ("The settings", "The token", "The service", "One request", "One request")


async def _try(start: Start, steps: list[TrialStep]) -> None:
    if start.schema_file:
        read_schema(Path(start.schema_file))
    tls = tls_context(start.ca_file, insecure=start.insecure)
    steps.append(TrialStep("The settings", "can be read."))
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
    async with transport.stream(request, token) as stream:
        async for _ in stream.chunks():
            break
        steps.append(TrialStep("One request", f"is answered with a stream: {stream.head.words}."))


def _told(error: InspectorError) -> Problem:
    return Problem(error.what, error.why, error.next_step)
