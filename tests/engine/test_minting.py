"""Tokens that are signed here are verified with the other half of the key."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from inspector.engine.control import MintedToken
from inspector.engine.credentials import describe_source
from inspector.engine.errors import CredentialTrouble
from inspector.engine.minting import mint_token

ENDPOINT = "https://sync.example.com"
NOW = 1_800_000_000.7
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECRET = "a secret of the user's own, long enough"


def pem(key: Any, password: bytes | None = None) -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    encoded: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return encoded


def minted(file: Path, content: bytes | str, **fields: Any) -> str:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = MintedToken(str(file), "user-1", **fields)
    return mint_token(source, endpoint=ENDPOINT, now=NOW)


def payload_of(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return payload


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSA, "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_a_private_keys_kind_tells_the_algorithm(tmp_path: Path, key: Any, algorithm: str) -> None:
    token = minted(tmp_path / "key.pem", pem(key), key_id="k1")
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "kid": "k1", "typ": "JWT"}
    options: Any = {"verify_exp": False, "verify_iat": False}
    verified = jwt.decode(token, key.public_key(), [algorithm], audience=ENDPOINT, options=options)
    assert verified == {"sub": "user-1", "iat": int(NOW), "exp": int(NOW) + 3600, "aud": ENDPOINT}


@pytest.mark.parametrize("content", [SECRET, f"{SECRET}\n", "short"])
def test_a_secrets_text_signs_with_hs256(tmp_path: Path, content: str) -> None:
    token = minted(tmp_path / "secret", content, is_secret=True, lifetime=60)
    options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    with pytest.warns(jwt.InsecureKeyLengthWarning) if content == "short" else nullcontext():
        assert jwt.decode(token, content.strip(), ["HS256"], options=options)["exp"] == int(NOW) + 60


def test_web_keys_bring_their_id_and_a_set_is_chosen_from_by_it(tmp_path: Path) -> None:
    keys = [
        json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA)),
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
    ]
    for number, key in enumerate(keys):
        key["kid"] = f"k{number}"
    single = minted(tmp_path / "jwk", json.dumps(keys[0]))
    assert jwt.get_unverified_header(single)["kid"] == "k0"
    chosen = minted(tmp_path / "jwks", json.dumps({"keys": keys}), key_id="k1")
    header = jwt.get_unverified_header(chosen)
    assert (header["kid"], header["alg"]) == ("k1", "HS256")


def test_further_claims_replace_or_drop_the_usual_ones(tmp_path: Path) -> None:
    claims = {"role": "editor", "parameters": {"a": 1}, "sub": "other", "aud": None}
    payload = payload_of(minted(tmp_path / "s", SECRET, is_secret=True, claims=claims))
    assert payload == {
        "sub": "other",
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
        "role": "editor",
        "parameters": {"a": 1},
    }


@pytest.mark.parametrize(("audience", "claim"), [((), ENDPOINT), (("a",), "a"), (("a", "b"), ["a", "b"])])
def test_the_audience_is_the_endpoint_unless_there_is_another(
    tmp_path: Path, audience: tuple[str, ...], claim: Any
) -> None:
    assert payload_of(minted(tmp_path / "s", SECRET, is_secret=True, audience=audience))["aud"] == claim


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (SECRET, "no private key in PEM form"),
        (pem(RSA, b"passphrase"), "encrypted with a passphrase"),
        (RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "no private key"),
        (jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()), "does not sign"),
        ('{"kty":"oct","k":', "no JSON web key"),
        ('{"keys":[]}', "holds 0 fitting keys"),
        ('{"keys":7}', "no JSON web key"),
        (pem(ec.generate_private_key(ec.SECP192R1())), "No token can be signed"),
    ],
    ids=["text", "encrypted", "public", "public-jwk", "cut", "no-keys", "odd", "odd-curve"],
)
def test_what_cannot_sign_is_said_without_its_content(tmp_path: Path, content: bytes | str, why: str) -> None:
    with pytest.raises(CredentialTrouble, match=why) as caught:
        minted(tmp_path / "key.pem", content)
    assert "key.pem" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.next_step


def test_a_missing_key_file_and_an_empty_secret_are_said(tmp_path: Path) -> None:
    with pytest.raises(CredentialTrouble, match="The key file missing cannot be read"):
        mint_token(MintedToken(str(tmp_path / "missing"), "u"), endpoint=ENDPOINT, now=NOW)
    with pytest.raises(CredentialTrouble, match="It is empty"):
        minted(tmp_path / "secret", "\n", is_secret=True)


def test_the_source_is_named_without_its_folder(tmp_path: Path) -> None:
    assert describe_source(MintedToken(str(tmp_path / "dev.pem"), "u")) == "the key file dev.pem"
    assert describe_source(MintedToken(str(tmp_path / "s"), "u", is_secret=True)) == "the secret file s"
