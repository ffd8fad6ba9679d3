"""A token that is not accepted is refused with the real service's code and text."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from inspector.service.errors import ServiceError
from inspector.service.options import ServiceOptions
from inspector.service.run import RunningService
from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest, running_service

ERRORS = json.loads((CAPTURES / "http-errors.json").read_text())
TOKEN_ERRORS = sorted(name for name, recorded in ERRORS.items() if recorded["status"] == 401)
DAY = 86_400


def header(service: ServiceUnderTest, name: str) -> dict[str, str]:
    """The request header that leads to the recorded error `name`."""
    now = int(time.time())
    other = {"sub": "alice", "iat": now, "exp": now + 60, "aud": "powersync-dev"}
    tokens: dict[str, Any] = {
        "malformed": "abc",
        "wrong-key": jwt.encode(other, b"x" * 32, algorithm="HS256", headers={"kid": "demo"}),
        "unknown-kid": jwt.encode(other, b"x" * 32, algorithm="HS256", headers={"kid": "nobody's"}),
        "expired": service.token(iat=now - 600, exp=now - 300),
        "wrong-audience": service.token(aud="other"),
        "no-sub": service.token(sub=None),
        "too-long": service.token(seconds=2 * DAY),
    }
    return {} if name == "missing-token" else {"Authorization": f"Token {tokens[name]}"}


@pytest.mark.parametrize("name", TOKEN_ERRORS)
def test_each_recorded_refusal_is_the_same_here(unchanged_service: ServiceUnderTest, name: str) -> None:
    answer = httpx.post(f"{unchanged_service.endpoint}/sync/stream", json={}, headers=header(unchanged_service, name))
    recorded = ERRORS[name]
    assert (answer.status_code, answer.json()) == (recorded["status"], json.loads(recorded["body"]))
    real_headers = dict(recorded["headers"])
    for field in ("content-type", "access-control-allow-origin", "access-control-expose-headers"):
        assert answer.headers[field] == real_headers[field]


@pytest.mark.parametrize("path", ["/write-checkpoint2.json", "/api/data"])
def test_every_route_with_data_wants_a_token(unchanged_service: ServiceUnderTest, path: str) -> None:
    answer = httpx.request("POST" if path == "/api/data" else "GET", f"{unchanged_service.endpoint}{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "PSYNC_S2106")


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"exp": None}, 'JWT payload is missing a required claim "exp"'),
        ({"iat": None}, 'JWT payload is missing a required claim "iat"'),
        ({"aud": None}, 'JWT payload is missing a required claim "aud"'),
        ({"exp": "soon"}, '"exp" claim must be a number'),
        ({"aud": ["a", "b"]}, 'Unexpected "aud" claim value: ["a","b"]'),
        ({"parameters": [1]}, "Payload parameters must be an object"),
    ],
)
def test_claims_of_the_wrong_kind_are_named(
    unchanged_service: ServiceUnderTest, claims: dict[str, Any], description: str
) -> None:
    authorization = {"Authorization": f"Bearer {unchanged_service.token(**claims)}"}
    answer = httpx.post(f"{unchanged_service.endpoint}/sync/stream", json={}, headers=authorization)
    assert (answer.status_code, answer.json()["error"]["description"]) == (401, description)


def test_a_token_that_another_algorithm_signed_is_refused(unchanged_service: ServiceUnderTest) -> None:
    claims = {"sub": "alice", "iat": 0, "exp": 2**33, "aud": "powersync-dev"}
    for token in (
        jwt.encode(claims, "", algorithm="none", headers={"kid": "demo"}),
        jwt.encode(claims, b"x" * 64, algorithm="HS512", headers={"kid": "demo"}),
    ):
        answer = httpx.get(
            f"{unchanged_service.endpoint}/write-checkpoint2.json", headers={"Authorization": f"Token {token}"}
        )
        assert answer.status_code == 401
        assert answer.json()["error"]["description"].startswith("Unexpected token algorithm")


def test_tokens_of_ones_own_backend_are_taken(tmp_path: Path) -> None:
    secret = b"a secret of the app's own backend"
    keys = tmp_path / "keys.json"
    encoded = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    keys.write_text(json.dumps({"keys": [{"kty": "oct", "alg": "HS256", "kid": "mine", "k": encoded}]}))
    now = int(time.time())
    claims = {"sub": "alice", "iat": now, "exp": now + 60, "aud": "my-app"}
    token = jwt.encode(claims, secret, algorithm="HS256", headers={"kid": "mine"})
    forged = jwt.encode(claims, b"x" * 32, algorithm="HS256", headers={"kid": "mine"})
    with running_service(jwks=keys, audiences=("my-app",)) as service:
        url = f"{service.endpoint}/write-checkpoint2.json"
        assert httpx.get(url, headers={"Authorization": f"Token {token}"}).status_code == 200
        refused = httpx.get(url, headers={"Authorization": f"Token {forged}"})
        assert refused.json()["error"]["description"] == "signature verification failed"
        assert httpx.get(url, headers=service.authorization()).status_code == 200
    keys.write_text("{}")
    with pytest.raises(ServiceError, match=r"The keys in .* cannot be read"):
        RunningService(ServiceOptions(port=0, jwks=keys))


def test_the_endpoint_is_an_audience_too(service: ServiceUnderTest) -> None:
    authorization = {"Authorization": f"Token {service.token(aud=[service.endpoint])}"}
    answer = httpx.get(f"{service.endpoint}/write-checkpoint2.json", headers=authorization)
    assert answer.status_code == 200


def test_each_run_has_its_own_secret(unchanged_service: ServiceUnderTest) -> None:
    with running_service() as other:
        answer = httpx.get(f"{unchanged_service.endpoint}/write-checkpoint2.json", headers=other.authorization())
    assert answer.json()["error"]["description"] == "signature verification failed"
