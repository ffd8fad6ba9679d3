"""A JSON web token taken apart without checking its signature, and why a service will not take it.

The token itself is never part of a message.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import msgspec

from inspector.protocol.errors import InspectorError

LONGEST_LIFE_SECONDS = 86_400
"""PSYNC_S2104: a service takes no token that lives longer."""


class TokenError(InspectorError):
    """The text is no JSON web token, or no service will take it."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says of itself; times are s since the Unix epoch."""

    header: dict[str, Any]
    payload: dict[str, Any]

    @property
    def user_id(self) -> str:
        """The `sub` claim, empty when there is none."""
        return str(self.payload.get("sub", ""))

    @property
    def expires_at(self) -> float | None:
        """The `exp` claim."""
        return _number(self.payload.get("exp"))

    @property
    def issued_at(self) -> float | None:
        """The `iat` claim."""
        return _number(self.payload.get("iat"))

    @property
    def not_before(self) -> float | None:
        """The `nbf` claim."""
        return _number(self.payload.get("nbf"))

    @property
    def audiences(self) -> tuple[str, ...]:
        """The `aud` claim, which is one or a list."""
        audience = self.payload.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        return tuple(str(name) for name in named if name is not None)


def read_token(token: str) -> TokenClaims:
    """The claims of `token`; raises TokenError when it is no JSON web token."""
    parts = token.strip().split(".")
    if len(parts) != 3:
        raise TokenError(
            "The token is no JSON web token.",
            why=f"It has {len(parts)} part{'s' if len(parts) != 1 else ''} between dots where three are expected.",
            next_step="Check what the token's source gives.",
        )
    return TokenClaims(_json_part(parts[0], "header"), _json_part(parts[1], "payload"))


def _json_part(part: str, name: str) -> dict[str, Any]:
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        return msgspec.json.decode(text, type=dict[str, Any])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise TokenError(
            f"The token's {name} cannot be read.",
            why="It is not base64url-encoded JSON.",
            next_step="Check what the token's source gives.",
        ) from error


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
