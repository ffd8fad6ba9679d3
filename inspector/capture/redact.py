"""Keeps secrets out of the capture: everything that is not a frame passes through here before it is stored.

A frame's bytes are stored as they came: a service does not send a client's token back.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

REDACTED = "<redacted>"

_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,4}")
_SCHEME = re.compile(r"\b(bearer|token|basic)(\s+)(?=[^\s\"']*\d)[A-Za-z0-9._~+/=-]{16,}", re.I)
_QUERY = re.compile(r"([?&][\w-]*(?:token|secret|password|passwd|key|jwt|signature|sig)=)[^&#\s\"']+", re.I)
_USER_INFO = re.compile(r"(\w://)[^/@\s\"']*@")

_SECRET_NAME = re.compile(
    r"(?:token|secret|password|passwd|apikey|jwt|authorization|cookie|credentials?|privatekey|accesskey)$"
)

_ALLOWED_HEADERS = re.compile(
    r"access-control-.*|age|alt-svc|cache-control|cf-ray|connection|content-(?:encoding|length|type)|date|keep-alive"
    r"|retry-after|server|traceparent|transfer-encoding|vary|via|www-authenticate"
    r"|x-(?:accel-buffering|cache|correlation-id|powered-by|request-id)",
    re.I,
)


def redact_text(text: str) -> str:
    """`text` without tokens, and as SQLite can hold it: lone surrogates become `\\udcXX`."""
    text = storable(text)
    text = _JWT.sub(REDACTED, text)
    text = _SCHEME.sub(rf"\1\2{REDACTED}", text)
    return _USER_INFO.sub(r"\1", _QUERY.sub(rf"\1{REDACTED}", text))


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: lone surrogates become `\\udcXX`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def redact(value: Any) -> Any:
    """A JSON value without tokens; whatever stands under a name that promises a secret is replaced as a whole."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {redact_text(str(name)): REDACTED if _is_secret(name) else redact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value


def redact_json(body: bytes) -> str:
    """A JSON document without tokens, as JSON text; what is no JSON becomes a JSON string."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        value = body.decode("utf-8", "backslashreplace")
    return msgspec.json.encode(redact(value)).decode()


def allowed_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names and values of the headers that are known to carry no secret, in order."""
    return [(redact_text(name), redact_text(value)) for name, value in headers if _ALLOWED_HEADERS.fullmatch(name)]


def _is_secret(name: object) -> bool:
    return _SECRET_NAME.search(re.sub(r"[\s_.-]", "", str(name).lower())) is not None
