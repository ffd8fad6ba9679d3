"""Trying a connection: each kind of problem is named for what it is, against real endpoints."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from inspector.engine.connection_entry import ConnectionEntry, start_of
from inspector.engine.connection_trial import TrialStep, try_connection
from inspector.engine.session_files import files_in
from tests.certificates import tls_server
from tests.local_proxy import local_proxy
from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest, running_service
from tests.scripted_service import Answer, ScriptedService, scripted_service

VERSIONS = CAPTURES.parent / "databases" / "versions"
KEEPALIVE = Answer(b'{"token_expires_in":20}\n')


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


def tried(endpoint: str, token: str, **others: Any) -> list[TrialStep]:
    entry = ConnectionEntry(endpoint, source=token, **others)
    return asyncio.run(try_connection(start_of(entry, files_in(Path("/nowhere")))))


def last_words(steps: list[TrialStep]) -> str:
    assert steps[-1].problem is not None, steps
    return str(steps[-1].problem)


def signed(key: str = "k" * 32, kid: str = "demo", **claims: Any) -> str:
    now = time.time()
    usual = {"sub": "alice", "aud": "powersync-dev", "iat": now, "exp": now + 600}
    return jwt.encode({**usual, **claims}, key, headers={"kid": kid})


def refusing(status: int, code: str, description: str) -> Answer:
    error = {"error": {"code": code, "status": status, "description": description, "name": "E"}}
    return Answer(json.dumps(error).encode(), status=status, content_type="application/json")


def test_a_service_that_is_fine_tells_what_would_come(service: ServiceUnderTest) -> None:
    steps = tried(service.endpoint, service.token(), streams="no_such_stream")
    assert [step.title for step in steps][:5] == [
        "The settings", "The token", "The service", "One request", "What comes",
    ]  # fmt: skip
    assert "buckets with" in steps[4].said
    assert steps[5].doubt
    assert "knows no stream “no_such_stream”" in last_words(steps)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda it: it.token(seconds=-60), "The token has expired."),
        (lambda it: it.token(aud="somebody-else"), "audience that the service is configured to accept"),
        (lambda it: it.token(sub=None), "The token names no user."),
        (lambda it: it.token(seconds=90_000), "The token lives too long."),
        (lambda _: signed(kid="nobody-knows-it"), "with a key that the service knows"),
        (lambda _: signed(), "signature verification failed"),
    ],
)
def test_what_is_wrong_with_a_token_is_named(
    service: ServiceUnderTest, make: Callable[[ServiceUnderTest], str], words: str
) -> None:
    assert words in last_words(tried(service.endpoint, make(service)))


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("https://no-such-host.invalid", "cannot be found"),
        ("http://127.0.0.1:9", "cannot be reached"),
    ],
)
def test_an_address_that_nobody_answers_at_is_named(endpoint: str, words: str) -> None:
    steps = tried(endpoint, signed())
    assert steps[-1].title == "The service"
    assert words in last_words(steps)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"<html>", 404, "text/html"), "answers 404, and not as a PowerSync service does"),
        (Answer(b"<html>", 200, "text/html"), "The endpoint is no PowerSync service."),
        (Answer(b"", cut=True), "broke off"),
        (refusing(503, "PSYNC_S2302", "None"), "The service has no sync config yet."),
        (refusing(429, "PSYNC_S2304", "Maximum"), "The service has too many connections."),
    ],
)
def test_what_is_no_service_and_a_service_in_trouble_are_told_apart(answer: Answer, words: str) -> None:
    with scripted_service(answer) as other:
        assert words in last_words(tried(other.endpoint, signed()))


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScriptedService, Path]]:
    context, authority = tls_server(tmp_path_factory.mktemp("tls"))
    with scripted_service(KEEPALIVE, tls=context) as service:
        yield service, authority


def test_certificates_are_told_from_other_trouble(encrypted: tuple[ScriptedService, Path]) -> None:
    service, authority = encrypted
    unknown = last_words(tried(service.endpoint, signed()))
    assert "cannot prove who it is" in unknown
    assert "_ssl.c" not in unknown
    named = last_words(tried(service.endpoint.replace("127.0.0.1", "localhost"), signed(), ca_file=str(authority)))
    assert "not valid for 'localhost'" in named
    trusted = tried(service.endpoint, signed(), ca_file=str(authority))
    assert trusted[-1].said.startswith("is answered with a stream")
    assert tried(service.endpoint, signed(), insecure=True)[-1].problem is None
    plain = last_words(tried(service.endpoint.replace("https:", "http:"), signed()))
    assert "begin with https://" in plain
    with scripted_service(KEEPALIVE) as unencrypted:
        assert "does not speak TLS" in last_words(tried(unencrypted.endpoint.replace("http:", "https:"), signed()))


@pytest.mark.parametrize(
    ("content", "why"),
    [("export const AppSchema = 1", "It is source code"), ('{"name": "app"}', "names no tables")],
)
def test_a_schema_that_is_none_is_named_before_anything_is_asked(tmp_path: Path, content: str, why: str) -> None:
    schema = tmp_path / "schema.ts"
    schema.write_text(content)
    steps = tried("http://127.0.0.1:9", signed(), schema_file=str(schema))
    assert [step.title for step in steps] == ["The settings"]
    assert why in last_words(steps)


@pytest.mark.parametrize(
    ("file", "in_place", "said"),
    [
        ("v14.db", False, "v14.db is gone on with."),
        ("v09.db", False, "v09.db is of schema version 9: a migrated copy of it is gone on with."),
        ("v09.db", True, "v09.db is of schema version 9: it is migrated."),
    ],
)
def test_what_becomes_of_a_client_database_is_told_and_nothing_is_written(
    file: str, in_place: bool, said: str, tmp_path: Path
) -> None:
    database = tmp_path / file
    shutil.copy(VERSIONS / file, database)
    before = database.read_bytes()
    steps = tried("http://127.0.0.1:9", signed(), database=str(database), migrate_in_place=in_place)
    assert steps[0].said == f"can be read. {said}"
    assert database.read_bytes() == before
    assert [it.name for it in tmp_path.iterdir()] == [file]


def test_a_file_that_is_no_client_database_is_named(tmp_path: Path) -> None:
    other = tmp_path / "notes.db"
    other.write_text("no database at all")
    steps = tried("http://127.0.0.1:9", signed(), database=str(other))
    assert [step.title for step in steps] == ["The settings"]
    assert "notes.db" in last_words(steps)


def test_a_proxy_between_is_named(service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with local_proxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        answered = tried(service.endpoint, service.token())
        assert any(f"through the proxy {proxy.address}" in step.said for step in answered), answered
    with local_proxy(refuse="407 Proxy Authentication Required") as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        assert "proxy" in last_words(tried(service.endpoint, service.token()))
