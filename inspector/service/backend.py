"""The demo backend: the app's own server, which hands out credentials and takes uploads.

It is no part of the real service. `GET /api/credentials?user=alice` gives the endpoint and a token;
`POST /api/data` applies a batch of CRUD entries in one transaction (protocol §5); `GET` and `POST /api/backend` read
and change how it does so, see `BackendSettings`.
"""

import asyncio
import secrets
from typing import Any, Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from inspector.service.backend_settings import changed_settings
from inspector.service.conflicts import conflict_of
from inspector.service.errors import EntryError, backend_refusal
from inspector.service.faults.writes import before_upload
from inspector.service.http import claims_of, is_local_name, json_answer, read_body, state_of
from inspector.service.source import RowChange, SourceDatabase, SourceError
from inspector.service.state import ServiceState


class CrudEntry(Struct, frozen=True):
    """One local write of a client, as `ps_crud` has it."""

    op: Literal["PUT", "PATCH", "DELETE"]
    type: str
    id: str
    data: dict[str, Any] | None = None
    old: dict[str, Any] | None = None
    """The values that the client saw before, where its schema tells to track them."""
    op_id: int | None = None
    """Its place in the client's upload queue."""


class _Batch(Struct, frozen=True):
    batch: list[CrudEntry]


_decoder = msgspec.json.Decoder(_Batch)


async def credentials(request: Request) -> Response:
    """A token for one of the app's users, without a password: this is a demo."""
    state = state_of(request)
    _require_local_name(request, "Credentials are given")
    user = request.query_params.get("user", "")
    if state.application.users and user not in state.application.users:
        known = " and ".join(state.application.users)
        raise backend_refusal(404, "UNKNOWN_USER", f'There is no user "{user}". The users are {known}.')
    endpoint = f"{request.url.scheme}://{request.url.netloc}"
    return json_answer(
        {"endpoint": endpoint, "token": state.keys.issue(user, state.settings.token_seconds, jti=secrets.token_hex(8))}
    )


async def settings(request: Request) -> Response:
    """How the backend takes uploads; a POST changes the fields that it names."""
    backend = state_of(request).backend
    if request.method == "POST":
        _require_local_name(request, "The backend is changed")
        try:
            backend.settings = changed_settings(backend.settings, await read_body(request))
        except msgspec.MsgspecError as error:
            raise backend_refusal(400, "INVALID_SETTINGS", f"The settings cannot be read. {error}.") from None
    return json_answer(backend.settings)


async def upload(request: Request) -> Response:
    """Applies a batch: all of its entries, or none where one does not fit (400) or comes too late (409)."""
    claims = claims_of(request)
    try:
        entries = _decoder.decode(await read_body(request)).batch
    except msgspec.MsgspecError as error:
        raise backend_refusal(400, "INVALID_BATCH", f"The batch cannot be read. {error}.") from None
    state = state_of(request)
    if not await before_upload(state.faults, claims.user_id, entries):
        return json_answer({"applied": len(entries)})
    how = state.backend.settings
    if how.delay:
        await asyncio.sleep(how.delay)
    if how.failing:
        raise backend_refusal(500, "OUT_OF_ORDER", "The backend was told to fail.")
    try:
        with state.uploads.transaction() as changes:
            _apply_all(state, entries, changes, reject_conflicts=how.conflicts == "reject")
    except SourceError as error:
        raise backend_refusal(503, "NOT_NOW", str(error)) from error
    return json_answer({"applied": len(changes)})


def apply(entry: CrudEntry, source: SourceDatabase) -> RowChange | None:
    """Carries out one entry; None when its row is gone. Raises SourceError."""
    if entry.op == "PUT":
        return source.put(entry.type, entry.id, entry.data or {})
    if entry.op == "PATCH":
        return source.patch(entry.type, entry.id, entry.data or {})
    return source.delete(entry.type, entry.id)


def _apply_all(
    state: ServiceState, entries: list[CrudEntry], changes: list[RowChange], *, reject_conflicts: bool
) -> None:
    """Carries out what fits; raises Refusal with every entry that does not."""
    errors: list[EntryError] = []
    conflicts: list[EntryError] = []
    for entry in entries:
        try:
            if reject_conflicts:
                _reject_conflict(state, entry)
            if (change := apply(entry, state.uploads.database)) is not None:
                changes.append(change)
                _check_rules(state, change)
        except _Conflict as conflict:
            conflicts.append(EntryError(entry.op_id, str(conflict)))
        except SourceError as error:
            errors.append(EntryError(entry.op_id, str(error)))
    if errors:
        raise backend_refusal(400, "INVALID_ENTRY", errors[0].message, errors)
    if conflicts:
        raise backend_refusal(409, "CONFLICT", conflicts[0].message, conflicts)


class _Conflict(Exception):
    """Somebody else has changed the row meanwhile."""


def _reject_conflict(state: ServiceState, entry: CrudEntry) -> None:
    now = state.uploads.database.row(entry.type, entry.id)
    if sentence := conflict_of(entry.op, f'"{entry.id}" of "{entry.type}"', entry.data or {}, entry.old, now):
        raise _Conflict(sentence)


def _check_rules(state: ServiceState, change: RowChange) -> None:
    """Raises SourceError for a row that the app does not take."""
    if change.after is not None and (sentence := state.application.rule(change.table, change.after)):
        raise SourceError(sentence)


def _require_local_name(request: Request, what: str) -> None:
    """Through a DNS name of its own, a web site could reach this address from the user's browser."""
    if state_of(request).settings.loopback_only and not is_local_name(request.url.hostname):
        raise backend_refusal(403, "FORBIDDEN", f"{what} under a local name or an address only.")
