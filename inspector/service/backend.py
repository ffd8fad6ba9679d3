"""The demo backend: the app's own server, which hands out credentials and takes uploads.

It is no part of the real service. `GET /api/credentials?user=alice` gives the endpoint and a token;
`POST /api/data` applies a batch of CRUD entries in one transaction (protocol §5).
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from inspector.service.errors import backend_refusal
from inspector.service.http import claims_of, is_local_name, json_answer, read_body, state_of
from inspector.service.source import RowChange, SourceDatabase, SourceError


class CrudEntry(Struct, frozen=True):
    """One local write of a client, as `ps_crud` has it."""

    op: Literal["PUT", "PATCH", "DELETE"]
    type: str
    id: str
    data: dict[str, Any] | None = None


class _Batch(Struct, frozen=True):
    batch: list[CrudEntry]


_decoder = msgspec.json.Decoder(_Batch)


async def credentials(request: Request) -> Response:
    """A token for one of the app's users, without a password: this is a demo."""
    state = state_of(request)
    # Through a DNS name of its own, a web site could reach this address from the user's browser.
    if state.settings.loopback_only and not is_local_name(request.url.hostname):
        raise backend_refusal(403, "FORBIDDEN", "Credentials are given under a local name or an address only.")
    user = request.query_params.get("user", "")
    if user not in state.application.users:
        known = " and ".join(state.application.users)
        raise backend_refusal(404, "UNKNOWN_USER", f'There is no user "{user}". The users are {known}.')
    endpoint = f"{request.url.scheme}://{request.url.netloc}"
    return json_answer({"endpoint": endpoint, "token": state.keys.issue(user, state.settings.token_seconds)})


async def upload(request: Request) -> Response:
    """Applies a batch; rows that are gone are passed over, so that the last write wins."""
    claims_of(request)
    try:
        entries = _decoder.decode(await read_body(request)).batch
    except msgspec.MsgspecError as error:
        raise backend_refusal(400, "INVALID_BATCH", f"The batch cannot be read. {error}.") from None
    state = state_of(request)
    try:
        with state.replication.transaction() as changes:
            for entry in entries:
                if (change := apply(entry, state.source)) is not None:
                    changes.append(change)
    except SourceError as error:
        raise backend_refusal(400, "INVALID_ENTRY", str(error)) from None
    return json_answer({"applied": len(changes)})


def apply(entry: CrudEntry, source: SourceDatabase) -> RowChange | None:
    """Carries out one entry; None when its row is gone. Raises SourceError."""
    if entry.op == "PUT":
        return source.put(entry.type, entry.id, entry.data or {})
    if entry.op == "PATCH":
        return source.patch(entry.type, entry.id, entry.data or {})
    return source.delete(entry.type, entry.id)
