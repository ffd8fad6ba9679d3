"""Tokens: signed for the demo's users, and checked with the real service's codes and texts (protocol §1, errors)."""

import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import msgspec

from inspector.protocol.tokens import LONGEST_LIFE_SECONDS
from inspector.service.errors import Refusal, ServiceError, unauthorized

AUDIENCE = "powersync-dev"
"""The audience of the tokens that this service signs."""

_KEY_ID = "demo"
_ALGORITHM = "HS256"
_SECRET_BYTES = 32
_CLOCK_TOLERANCE_SECONDS = 60
_AUTHORIZATION = re.compile(r"(?:Token|Bearer) (\S+)")


@dataclass(frozen=True, slots=True)
class Claims:
    """What an accepted token says; `expires_at` in s since the Unix epoch, `parameters` its whole payload."""

    user_id: str
    expires_at: float
    parameters: Mapping[str, Any]


class KeyStore:
    """The keys by id: one with a secret that lasts as long as this object, and those of an app's own backend."""

    def __init__(self, audiences: tuple[str, ...], keys: Sequence[jwt.PyJWK] = ()) -> None:
        self._secret = secrets.token_bytes(_SECRET_BYTES)
        self._keys: dict[str, tuple[str, Any]] = {key.key_id or "": (key.algorithm_name, key.key) for key in keys}
        self._keys[_KEY_ID] = (_ALGORITHM, self._secret)
        self._audiences = audiences

    def issue(self, user_id: str, seconds: int, **claims: Any) -> str:
        """A token for `user_id` that lives for `seconds`; `claims` replace or, with None, drop the usual ones."""
        now = int(time.time())
        usual = {"sub": user_id, "iat": now, "exp": now + seconds, "aud": AUDIENCE}
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM, headers={"kid": _KEY_ID})

    def authorize(self, authorization: str, *, ahead: float = 0) -> Claims:
        """The claims of the token in an `Authorization` header; raises Refusal (401).

        `ahead` is by how much the service's clock is wrong, s.
        """
        match = _AUTHORIZATION.fullmatch(authorization)
        if match is None:
            raise unauthorized("S2106", "Authentication required")
        payload = self._verified(match[1])
        for name in ("exp", "iat", "sub"):
            if name not in payload:
                raise unauthorized("S2101", f'JWT payload is missing a required claim "{name}"')
        expires_at, issued_at = _seconds(payload, "exp"), _seconds(payload, "iat")
        if expires_at <= time.time() + ahead - _CLOCK_TOLERANCE_SECONDS:
            raise unauthorized("S2103", "JWT has expired")
        if "nbf" in payload and _seconds(payload, "nbf") > time.time() + ahead + _CLOCK_TOLERANCE_SECONDS:
            raise unauthorized("S2101", '"nbf" claim timestamp check failed')
        self._check_audience(payload.get("aud"))
        if expires_at - issued_at > LONGEST_LIFE_SECONDS:
            raise unauthorized(
                "S2104",
                f"Token must expire in a maximum of {LONGEST_LIFE_SECONDS} seconds, got {expires_at - issued_at:g}s",
            )
        if not isinstance(payload.get("parameters") or {}, dict):
            raise unauthorized("S2101", "Payload parameters must be an object")
        return Claims(str(payload["sub"]), expires_at - ahead, payload)

    def _verified(self, token: str) -> dict[str, Any]:
        """The payload of a token with a good signature."""
        try:
            header = jwt.get_unverified_header(token)
            known = self._keys.get(str(header.get("kid", "")))
            if known is None:
                raise unauthorized(
                    "S2101",
                    "Could not find an appropriate key in the keystore. "
                    "The key is missing or no key matched the token KID",
                )
            algorithm, key = known
            if header.get("alg") != algorithm:
                raise unauthorized("S2101", f"Unexpected token algorithm {header.get('alg')}")
            payload = msgspec.json.decode(jwt.PyJWS().decode(token, key, algorithms=[algorithm]))
        except jwt.InvalidSignatureError:
            raise unauthorized("S2101", "signature verification failed") from None
        except (jwt.InvalidTokenError, msgspec.DecodeError):
            raise _malformed() from None
        if not isinstance(payload, dict):
            raise _malformed()
        return payload

    def _check_audience(self, audience: Any) -> None:
        if audience is None:
            raise unauthorized("S2105", 'JWT payload is missing a required claim "aud"')
        named = audience if isinstance(audience, list) else [audience]
        if not any(name in self._audiences for name in named):
            raise unauthorized("S2105", f'Unexpected "aud" claim value: {msgspec.json.encode(audience).decode()}')


def read_keys(path: Path) -> tuple[jwt.PyJWK, ...]:
    """The keys of a JWK set; raises ServiceError."""
    try:
        return tuple(jwt.PyJWKSet.from_json(path.read_text(encoding="utf-8")).keys)
    except (OSError, ValueError, jwt.PyJWTError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ServiceError(
            f"The keys in {path} cannot be read: {reason}.",
            next_step='Give a JWK set, {"keys": [{"kid": …, "alg": …, …}]}; a shared secret has "kty": "oct".',
        ) from error


def _seconds(payload: dict[str, Any], name: str) -> float:
    value = payload[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise unauthorized("S2101", f'"{name}" claim must be a number')
    return value


def _malformed() -> Refusal:
    return unauthorized("S2101", "Token is not a well-formed JWT. Check the token format.")
