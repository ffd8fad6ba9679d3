"""The service's routes: sync stream, write checkpoints, probes and the demo backend (protocol §1, endpoints)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from inspector.protocol.errors import InspectorError
from inspector.service import admin, backend
from inspector.service.checkpoints import StreamCheckpoints
from inspector.service.errors import Refusal, internal_error, invalid_request, too_many_streams
from inspector.service.faults.admin import ROUTES as FAULT_ROUTES
from inspector.service.faults.network import FaultyNetwork
from inspector.service.faults.stream import StreamFaults
from inspector.service.http import (
    CommonHeaders,
    claims_of,
    json_answer,
    no_answer,
    read_body,
    refusal_answer,
    routing_answer,
    state_of,
)
from inspector.service.negotiation import Compressor, choose_compressor, choose_format
from inspector.service.selection import BucketSelection
from inspector.service.state import ServiceState
from inspector.service.stream import SyncStream, TokenClock
from inspector.service.stream_request import decode_fields, parse_stream_request
from inspector.service.wire import encoder_for

_LARGEST_REQUEST_ID = 2**63 - 1


def create_app(state: ServiceState) -> Starlette:
    """The ASGI application over an open state."""
    app = Starlette(
        routes=[
            Route("/sync/stream", sync_stream, methods=["POST"]),
            Route("/sync/checkpoint-request", checkpoint_request, methods=["POST"]),
            Route("/write-checkpoint2.json", write_checkpoint, methods=["GET"]),
            Route("/probes/liveness", probe, methods=["GET"]),
            Route("/probes/readiness", probe, methods=["GET"]),
            Route("/api/credentials", backend.credentials, methods=["GET"]),
            Route("/api/data", backend.upload, methods=["POST"]),
            Route("/api/backend", backend.settings, methods=["GET", "POST"]),
            Route("/admin/compact", admin.compact, methods=["POST"]),
            Route("/admin/defragment", admin.defragment, methods=["POST"]),
            *FAULT_ROUTES,
        ],
        middleware=[Middleware(FaultyNetwork, state.faults), Middleware(CommonHeaders)],
        exception_handlers={Refusal: refusal_answer, HTTPException: routing_answer, ClientDisconnect: no_answer},
    )
    # A path with a slash at its end is another one, as in the real service.
    app.router.redirect_slashes = False
    app.state.service = state
    return app


async def sync_stream(request: Request) -> Response:
    """The sync stream. As in the real service, the body is checked before the token."""
    wanted = parse_stream_request(await _fields(request))
    claims = claims_of(request)
    state = state_of(request)
    if state.feed.open_streams >= state.settings.most_streams:
        raise too_many_streams()
    selection = BucketSelection(state.application.config, state.source, claims, wanted, state.settings.most_buckets)
    # Too many buckets are an answer of their own, so they are counted before the stream begins.
    selection.resolve()
    client = (claims.user_id, wanted.client_id)
    frame_format, content_type = choose_format(request.headers.get("accept", "*/*"))
    faults = StreamFaults(state.faults, client, encoder_for(frame_format, raw_data=wanted.raw_data), frame_format)
    numbers = faults.numbers(state.write_checkpoints)
    checkpoints = StreamCheckpoints(state.buckets, numbers, selection, client, wanted.positions(), state.data_lines)
    compressor, encoding = choose_compressor(request.headers.get("accept-encoding", ""))
    clock = TokenClock(claims.expires_at, state.settings.keepalive_seconds)
    stream = SyncStream(checkpoints, state.feed, clock, faults)
    headers = {"content-type": content_type, "x-accel-buffering": "no"}
    if encoding:
        headers["content-encoding"] = encoding
    return StreamingResponse(_compressed(stream.chunks(), compressor), headers=headers)


async def write_checkpoint(request: Request) -> Response:
    """The legacy acknowledgement: the next number for this user and client."""
    claims = claims_of(request)
    client = (claims.user_id, request.query_params.get("client_id", ""))
    catch_up(state_of(request))
    return json_answer({"data": {"write_checkpoint": str(state_of(request).write_checkpoints.create(client))}})


async def checkpoint_request(request: Request) -> Response:
    """The acknowledgement with the client's own number: the maximum of what was sent and what was had."""
    fields = await _fields(request)
    client_id = fields.get("client_id")
    text = str(fields.get("checkpoint_request_id", ""))
    if not isinstance(client_id, str):
        raise invalid_request(["/client_id: type must be string"])
    if not text.isdecimal() or int(text) > _LARGEST_REQUEST_ID:
        raise invalid_request(["/checkpoint_request_id: must be a 64-bit number as a string"])
    claims = claims_of(request)
    catch_up(state_of(request))
    number = state_of(request).write_checkpoints.request((claims.user_id, client_id), int(text))
    return json_answer({"data": {"checkpoint_request_id": str(number)}})


async def _fields(request: Request) -> dict[str, Any]:
    """What is asked for: in the body, and, where it does not say so, in the address."""
    body = await read_body(request)
    return {**request.query_params, **decode_fields(body, request.headers.get("content-type", ""))}


def catch_up(state: ServiceState) -> None:
    """What was committed before a write checkpoint was asked for is in the buckets before it is given."""
    try:
        state.uploads.catch_up()
    except InspectorError as error:
        raise internal_error(str(error)) from error


async def probe(_request: Request) -> Response:
    """Health: whoever gets an answer has a service that works."""
    touched_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json_answer({"ready": True, "started": True, "touched_at": touched_at})


async def _compressed(chunks: AsyncIterator[bytes], compressor: Compressor) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield compressor.write(chunk)
    if end := compressor.finish():
        yield end
