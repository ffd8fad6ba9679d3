"""Where tokens come from, and what is found out about them before the service is asked, with the engine's process."""

import json
import time
from pathlib import Path

import apsw
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from inspector.capture.reader import CaptureReader
from inspector.engine.control import Connect, MintedToken, StaticToken, Status, TokenCommand, TokenEndpoint, TokenFile
from tests.engine.conditions import until
from tests.engine.running_engine import running_engine
from tests.recordings import CAPTURES, Recording
from tests.running_service import running_service
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")
SECRET = "s" * 32


def first_sync() -> Answer:
    return Answer(INITIAL.raw_body, hold=True)


def nothing_new() -> Answer:
    """A stream for a client that has everything: the same checkpoint, and no data."""
    lines = [line for line in INITIAL.raw_body.splitlines(keepends=True) if not line.startswith(b'{"data"')]
    return Answer(b"".join(lines), hold=True)


def token(*, lives: float = 3600, **claims: object) -> str:
    now = int(time.time())
    payload = {"sub": "user-1", "iat": now, "exp": now + lives, "aud": "powersync-dev", **claims}
    return jwt.encode(
        {name: value for name, value in payload.items() if value is not None}, SECRET, "HS256", {"kid": "k"}
    )


def refused(status: Status) -> bool:
    return status.phase == "refused" and status.problem is not None


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"lives": 90_000}, "The token lives too long."),
        ({"sub": None}, "The token names no user."),
        ({"nbf": int(time.time()) + 600}, "The token is not valid yet."),
        ({"lives": -1}, "The token has expired."),
    ],
)
def test_a_token_that_is_surely_refused_is_not_sent(tmp_path: Path, claims: dict[str, float], sentence: str) -> None:
    source = StaticToken(token(**claims))
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=source) as engine,
    ):
        status = engine.wait(refused)
        assert status.problem is not None
        assert status.problem.what == sentence
        assert status.problem.why
        assert status.problem.next_step
        engine.wait(lambda status: status.retry_at is not None)
    assert service.requests == []


def test_what_only_the_service_can_decide_is_a_hint_and_the_token_is_sent(tmp_path: Path) -> None:
    source = StaticToken(token(aud="https://other.example.com"))
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=source) as engine,
    ):
        status = engine.wait(lambda status: status.shown_checkpoint)
        assert [hint.what for hint in status.token_hints] == ["The token is meant for another service."]
        assert status.clock_skew is None
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        assert any("meant for another service" in event.message for event in capture.events(0, 100))


def test_a_clock_that_is_ahead_does_not_refuse_a_token_that_the_service_takes(tmp_path: Path) -> None:
    source = StaticToken(token(lives=-3600, iat=int(time.time()) - 7000))
    with (
        scripted_service(first_sync(), clock_ahead=-7200) as service,
        running_engine(service.endpoint, tmp_path, credentials=source) as engine,
    ):
        status = engine.wait(lambda status: status.shown_checkpoint and status.clock_skew is not None)
        assert status.clock_skew == pytest.approx(7200, abs=3)
        assert status.problem is None
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        assert any("clock is wrong" in event.message for event in capture.events(0, 100))


def test_a_token_that_has_expired_by_the_services_clock_is_not_sent(tmp_path: Path) -> None:
    again = Answer(INITIAL.raw_body)
    file = tmp_path / "token"
    file.write_text(token(lives=3600))
    with (
        scripted_service(again, clock_ahead=7200) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file))) as engine,
    ):
        status = engine.wait(refused)
        assert status.problem is not None
        assert status.problem.what == "The token has expired."
        assert status.clock_skew == pytest.approx(-7200, abs=3)
    assert len(service.requests) == 1, "the first answer told the service's clock"


def test_a_token_that_the_service_says_has_ended_is_not_sent_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token())
    ended = Answer(INITIAL.raw_body + b'{"token_expires_in":0}\n')
    with (
        scripted_service(ended, Answer(hold=True)) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file))) as engine,
    ):
        status = engine.wait(refused)
        assert status.problem is not None
        assert "gives the same one again" in status.problem.why
        assert len(service.requests) == 1
        file.write_text(token(sub="other"))
        engine.send(Connect())
        assert engine.wait(lambda status: status.phase == "connected").user_id == "other"


@pytest.mark.parametrize("kind", ["secret", "key"])
def test_tokens_are_minted_from_a_key_file(tmp_path: Path, kind: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "dev-key"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(SECRET.encode() if kind == "secret" else pem)
    source = MintedToken(str(file), "dev-user", is_secret=kind == "secret", key_id="dev", claims={"role": "editor"})
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=source) as engine,
    ):
        status = engine.wait(lambda status: status.shown_checkpoint)
        assert (status.user_id, status.token_source) == ("dev-user", f"the {kind} file dev-key")
        assert status.token_hints == ()
    sent = service.tokens[0].removeprefix("Token ")
    verifier = SECRET if kind == "secret" else key.public_key()
    claims = jwt.decode(sent, verifier, ["HS256", "ES256"], audience=service.endpoint)
    assert (claims["sub"], claims["role"], claims["exp"] - claims["iat"]) == ("dev-user", "editor", 3600)
    for name in ("client.db", "stream.pscapture"):
        content = (tmp_path / name).read_bytes()
        assert sent.encode() not in content
        assert SECRET.encode() not in content


def test_the_endpoint_comes_with_the_token_when_none_was_given(tmp_path: Path) -> None:
    with running_service() as service:
        source = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
        with running_engine("", tmp_path, credentials=source) as engine:
            status = engine.wait(lambda status: status.shown_checkpoint)
            assert (status.endpoint, status.user_id) == (service.endpoint, "alice")


def test_a_given_endpoint_is_kept_whatever_comes_with_the_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(json.dumps({"token": token(), "endpoint": "http://127.0.0.1:1"}))
    source = TokenFile(str(tmp_path / "token"))
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=source) as engine,
    ):
        assert engine.wait(lambda status: status.shown_checkpoint).endpoint == service.endpoint


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (StaticToken(token()), "It is not known where the service is."),
        (TokenCommand(f"echo '{json.dumps({'token': token(), 'endpoint': 'nowhere'})}'"), "no web address"),
        (TokenEndpoint("http://127.0.0.1:x/"), "The credentials endpoint is no web address."),
        (TokenEndpoint("http://127.0.0.1:1/"), "The credentials endpoint cannot be reached."),
    ],
)
def test_a_missing_or_odd_endpoint_is_said(
    tmp_path: Path, source: StaticToken | TokenCommand | TokenEndpoint, sentence: str
) -> None:
    with running_engine("", tmp_path, credentials=source) as engine:
        status = engine.wait(lambda status: status.problem is not None)
        assert status.problem is not None
        assert sentence in status.problem.what


def test_another_token_in_the_file_replaces_an_open_stream(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token())
    with (
        scripted_service(first_sync(), nothing_new()) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file))) as engine,
    ):
        engine.wait(lambda status: status.phase == "connected" and status.shown_checkpoint)
        other = token(sub="user-2")
        file.write_text(other)
        engine.wait(lambda status: status.user_id == "user-2" and status.phase == "connected")
        service.wait_for_requests(2)
    assert service.tokens[-1] == f"Token {other}"


def test_a_token_that_was_refused_is_replaced_as_soon_as_its_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token(lives=-1))
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file))) as engine,
    ):
        retry_at = engine.wait(lambda status: refused(status) and status.retry_at).retry_at
        assert retry_at is not None
        file.write_text(token())
        status = engine.wait(lambda status: status.phase == "connected")
        assert status.connected_at is not None
        assert status.connected_at < retry_at


def test_a_file_that_holds_no_token_any_more_leaves_the_open_stream_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token())
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file))) as engine,
    ):
        engine.wait(lambda status: status.phase == "connected")
        file.write_text("half a to")
        complaint = "SELECT 1 FROM events WHERE level = 'warning' AND source = 'credentials'"
        until(lambda: bool(rows_in_capture(tmp_path, complaint)))
        assert engine.statuses[-1].phase == "connected"
    assert len(service.requests) == 1


def rows_in_capture(folder: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(folder / "stream.pscapture"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
