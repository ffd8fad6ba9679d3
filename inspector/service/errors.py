"""What the service says when it cannot do as asked: to people who start it, and to clients in HTTP answers."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from inspector.protocol.errors import InspectorError


class ServiceError(InspectorError):
    """The service cannot start or go on."""


class _Body(Struct, frozen=True, omit_defaults=True):
    code: str
    status: int
    description: str
    details: str = ""
    severity: str = ""
    name: str = ""


class EntryError(Struct, frozen=True):
    """What is wrong with one entry of a batch; `op_id` is the client's number for it."""

    op_id: int | None
    message: str


class Refusal(InspectorError):
    """An HTTP error answer, with the codes and texts of the real service (protocol §1).

    `what` is the description that travels; `name` and `severity` are what the real service adds to this kind;
    `entries` are the demo backend's alone.
    """

    def __init__(
        self,
        status: int,
        code: str,
        description: str,
        *,
        details: str = "",
        severity: str = "",
        name: str = "",
        entries: Sequence[EntryError] = (),
    ) -> None:
        super().__init__(description, why=details)
        self.status = status
        self._body = _Body(code, status, description, details, severity, name)
        self._entries = [entry for entry in entries if entry.op_id is not None]

    def encode(self) -> bytes:
        """The answer's JSON body."""
        body: dict[str, object] = {"error": self._body}
        return msgspec.json.encode(body | {"errors": self._entries} if self._entries else body)


def unauthorized(code: str, description: str) -> Refusal:
    """401: the token is missing or not accepted; `code` is one of S2101 … S2106."""
    return Refusal(401, f"PSYNC_{code}", description, name="AuthorizationError")


def invalid_request(problems: list[str]) -> Refusal:
    """400: fields of the wrong type, each problem beginning with its path."""
    details = msgspec.json.encode(problems).decode()
    return Refusal(400, "PSYNC_S2001", "Validation failed", details=details, name="ValidationError")


def invalid_json() -> Refusal:
    """400: the body is no JSON; the real service's web framework answers this one."""
    return Refusal(
        400,
        "FST_ERR_CTP_INVALID_JSON_BODY",
        "Body is not valid JSON but content-type is set to 'application/json'",
        name="FastifyError",
    )


def empty_json() -> Refusal:
    """400: there is no body, and it is said to be JSON."""
    return Refusal(
        400,
        "FST_ERR_CTP_EMPTY_JSON_BODY",
        "Body cannot be empty when content-type is set to 'application/json'",
        name="FastifyError",
    )


def not_json() -> Refusal:
    """415: the body is said to be neither JSON nor plain text."""
    return Refusal(415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "Unsupported Media Type", name="FastifyError")


def body_too_large() -> Refusal:
    """413: the body is longer than any client sends."""
    return Refusal(413, "FST_ERR_CTP_BODY_TOO_LARGE", "Request body is too large", name="FastifyError")


def internal_error(details: str) -> Refusal:
    """500: something that the real service only notices while it works on the request."""
    return Refusal(500, "PSYNC_S2001", "Something went wrong", details=details, severity="error")


def too_many_buckets(count: int, limit: int) -> Refusal:
    """500: the request leads to more buckets than a connection may have."""
    return Refusal(
        500, "PSYNC_S2305", f"Too many buckets: {count} (limit of {limit})", severity="error", name="ServiceError"
    )


def too_many_streams() -> Refusal:
    """429: as many streams are open as the service has room for."""
    return Refusal(
        429, "PSYNC_S2304", "Maximum active concurrent connections limit has been reached", name="ServiceError"
    )


def no_such_path(method: str, path: str) -> Refusal:
    """404: neither the path nor the method."""
    return Refusal(
        404,
        "PSYNC_S2002",
        "The path does not exist on this server",
        details=f'The path {method} "{path}" does not exist on this server',
        severity="info",
        name="RouteNotFound",
    )


def backend_refusal(status: int, code: str, description: str, entries: Sequence[EntryError] = ()) -> Refusal:
    """An error of the demo backend, which is the app's own server and no part of the real service."""
    return Refusal(status, f"BACKEND_{code}", description, name="BackendError", entries=entries)
