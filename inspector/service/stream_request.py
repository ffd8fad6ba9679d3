"""The body of `POST /sync/stream`, checked as the real service does (protocol §1, request body)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from inspector.service.errors import empty_json, internal_error, invalid_json, invalid_request, not_json

_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_FIELDS: Mapping[str, str] = {
    "buckets": "array",
    "only": "array",
    "include_checksum": "boolean",
    "raw_data": "boolean",
    "binary_data": "boolean",
    "client_id": "string",
    "parameters": "object",
    "app_metadata": "object",
    "streams": "object",
}

_BASES: Mapping[str, int] = {"0x": 16, "0o": 8, "0b": 2}

Problems: TypeAlias = list[str]


@dataclass(frozen=True, slots=True)
class ExplicitSubscription:
    """A stream that the request names; its index in the request identifies it on the wire."""

    stream: str
    parameters: Mapping[str, Any]
    override_priority: int | None


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """What a client asks for.

    As in the real service, checkpoints have checksums whatever `include_checksum` says, and all buckets whatever `only`
    says: its type is checked, and nothing looks at it.
    """

    buckets: tuple[tuple[str, str], ...]
    """Name and `after` of each bucket that the client has; `after` as it came."""
    client_id: str
    raw_data: bool
    parameters: Mapping[str, Any]
    include_defaults: bool
    subscriptions: tuple[ExplicitSubscription, ...]

    def positions(self) -> dict[str, int]:
        """The client's buckets with their op ids; raises Refusal (500, as the real service) for one that is none."""
        return {name: _op_id(after) for name, after in self.buckets}


def parse_stream_request(fields: Mapping[str, Any]) -> IncomingRequest:
    """The request of these fields; raises Refusal (400). Unknown ones are ignored, missing ones have defaults."""
    problems: Problems = []
    _check_fields(fields, _FIELDS, "", problems)
    if not problems:
        _check_inside(fields, problems)
    if problems:
        raise invalid_request(problems)
    streams = fields.get("streams", {})
    return IncomingRequest(
        buckets=tuple((bucket["name"], bucket["after"]) for bucket in fields.get("buckets", ())),
        client_id=fields.get("client_id", ""),
        raw_data=fields.get("raw_data", False),
        parameters=fields.get("parameters", {}),
        include_defaults=streams.get("include_defaults", True),
        subscriptions=tuple(_subscription(item) for item in streams.get("subscriptions", ())),
    )


def decode_fields(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a body, none in what is no JSON object; raises Refusal where the real service's framework does."""
    media_type = content_type.partition(";")[0].strip().lower()
    if not media_type and not body:
        return {}
    if media_type == "text/plain":
        return {}
    if media_type != "application/json":
        raise not_json()
    if not body:
        raise empty_json()
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise invalid_json() from None
    return fields if isinstance(fields, dict) else {}


def _check_inside(fields: Mapping[str, Any], problems: Problems) -> None:
    for index, bucket in enumerate(fields.get("buckets", ())):
        _check_item(bucket, {"name": "string", "after": "string"}, f"/buckets/{index}", problems)
    for index, name in enumerate(fields.get("only", ())):
        _check_type(name, "string", f"/only/{index}", problems)
    for name, value in fields.get("app_metadata", {}).items():
        _check_type(value, "string", f"/app_metadata/{name}", problems)
    streams = fields.get("streams", {})
    _check_fields(streams, {"include_defaults": "boolean", "subscriptions": "array"}, "/streams", problems)
    if problems:
        return
    for index, item in enumerate(streams.get("subscriptions", ())):
        path = f"/streams/subscriptions/{index}"
        _check_item(item, {"stream": "string"}, path, problems)
        if isinstance(item, dict):
            nullable = {name: value for name, value in item.items() if value is not None}
            _check_fields(nullable, {"parameters": "object", "override_priority": "number"}, path, problems)


def _check_item(item: Any, required: Mapping[str, str], path: str, problems: Problems) -> None:
    if not isinstance(item, dict):
        problems.append(f"{path}: type must be object")
        return
    problems += [f"{path} must have required property '{name}'" for name in required if name not in item]
    _check_fields(item, required, path, problems)


def _check_fields(fields: Mapping[str, Any], types: Mapping[str, str], path: str, problems: Problems) -> None:
    for name, kind in types.items():
        if name in fields:
            _check_type(fields[name], kind, f"{path}/{name}", problems)


def _check_type(value: Any, kind: str, path: str, problems: Problems) -> None:
    expected = _TYPES[kind]
    # A bool is an int to Python, not to JSON.
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        problems.append(f"{path}: type must be {kind}")


def _subscription(item: dict[str, Any]) -> ExplicitSubscription:
    priority = item.get("override_priority")
    return ExplicitSubscription(
        item["stream"], item.get("parameters") or {}, None if priority is None else int(priority)
    )


def _op_id(text: str) -> int:
    """As JavaScript's BigInt reads it; raises Refusal (500)."""
    digits = text.strip()
    base = _BASES.get(digits[:2].lower())
    try:
        if not digits.isascii() or "_" in digits:
            raise ValueError
        return int(digits or "0") if base is None else int(digits[2:], base)
    except ValueError:
        raise internal_error(f"Cannot convert {text} to a BigInt") from None
