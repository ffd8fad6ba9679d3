"""Tokens for development, signed here with a key that the user has and the service knows.

The key's kind tells the algorithm: RS256 for RSA, ES256 (384, 512) for an elliptic curve, EdDSA for Ed25519, HS256
for a secret; a JSON web key may name another in its `alg`. Key and secret stay in this process.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from inspector.engine.control import MintedToken
from inspector.engine.errors import CredentialTrouble

_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class _Key:
    """What signs; it is never part of a `repr`."""

    material: Any
    algorithm: str
    key_id: str = ""

    def __repr__(self) -> str:
        return f"_Key({self.algorithm}, {self.key_id!r})"


def mint_token(source: MintedToken, *, endpoint: str, now: float) -> str:
    """A token for `source.user_id`, issued at `now` (s since the Unix epoch); raises CredentialTrouble.

    Without an audience of its own it is meant for `endpoint`. Further claims replace the usual ones, or drop them
    where they are null.
    """
    key = _key_of(source)
    issued_at = int(now)
    usual: dict[str, Any] = {
        "sub": source.user_id,
        "iat": issued_at,
        "exp": issued_at + source.lifetime,
        "aud": _audience(source.audience, endpoint),
    }
    payload = {name: value for name, value in {**usual, **(source.claims or {})}.items() if value is not None}
    key_id = source.key_id or key.key_id
    # Whether a secret is long enough is for the service to say, and not on standard error.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return jwt.encode(payload, key.material, key.algorithm, headers={"kid": key_id} if key_id else None)
        except (jwt.PyJWTError, AttributeError, TypeError, ValueError, NotImplementedError):  # a public key has no sign
            raise _unusable(source, "It does not sign: it may be a public key, or its algorithm another one") from None


def _audience(audience: tuple[str, ...], endpoint: str) -> str | list[str] | None:
    if len(audience) > 1:
        return list(audience)
    return audience[0] if audience else endpoint or None


def _key_of(source: MintedToken) -> _Key:
    try:
        content = Path(source.key_file).expanduser().read_bytes().strip()
    except OSError as error:
        raise CredentialTrouble(
            f"The {_kind(source)} file {_name(source)} cannot be read.",
            why=f"The system says: {error.strerror}.",
            next_step="Check its path and its permissions.",
        ) from error
    if content.startswith(b"{"):
        return _web_key(source, content)
    if source.is_secret:
        if not content:
            raise _unusable(source, "It is empty")
        return _Key(content, "HS256")
    return _pem_key(source, content)


def _pem_key(source: MintedToken, content: bytes) -> _Key:
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise _unusable(source, "It is encrypted with a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable(source, "It is no private key in PEM form and no JSON web key") from None
    match key:
        case rsa.RSAPrivateKey():
            return _Key(key, "RS256")
        case ec.EllipticCurvePrivateKey() if key.curve.name in _CURVES:
            return _Key(key, _CURVES[key.curve.name])
        case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
            return _Key(key, "EdDSA")
    raise _unusable(source, "No token can be signed with a key of its kind")


def _web_key(source: MintedToken, content: bytes) -> _Key:
    """A JSON web key, or the one of a set that the source names."""
    try:
        document = msgspec.json.decode(content, type=dict[str, Any])
        keys = [key for key in document.get("keys", [document]) if not source.key_id or key.get("kid") == source.key_id]
        if len(keys) != 1:
            raise _unusable(source, f"It holds {len(keys)} fitting keys where one is expected; a key id chooses")
        found = jwt.PyJWK(keys[0])
        return _Key(found.key, found.algorithm_name, str(keys[0].get("kid", "")))
    except (msgspec.MsgspecError, jwt.PyJWTError, AttributeError, TypeError, ValueError):
        raise _unusable(source, "It begins as JSON and is no JSON web key") from None


def _unusable(source: MintedToken, why: str) -> CredentialTrouble:
    return CredentialTrouble(
        f"The {_kind(source)} file {_name(source)} cannot be used to sign a token.",
        why=f"{why}.",
        next_step="Give a private key (RSA, elliptic curve or Ed25519) in PEM or JWK form, or a secret.",
    )


def _kind(source: MintedToken) -> str:
    return "secret" if source.is_secret else "key"


def _name(source: MintedToken) -> str:
    return Path(source.key_file).name
