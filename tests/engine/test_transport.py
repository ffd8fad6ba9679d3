"""TLS, HTTP/2, proxies and silence, over real sockets."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.capture.reader import CaptureReader
from inspector.engine import backoff, transport
from inspector.engine.control import Connect, RefreshToken, Start, StaticToken, Status
from inspector.engine.driver import Driver
from inspector.engine.main import sync
from tests.certificates import tls_server
from tests.engine.running_engine import running_engine, token
from tests.h2_service import h2_service
from tests.local_proxy import local_proxy
from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")
RESUMED = Recording(CAPTURES / "resume-nochange")
NO_PROXY = {"http_proxy": "", "https_proxy": "", "all_proxy": "", "no_proxy": ""}
"""Lower-case variables win over those in upper case."""


def first_sync() -> Answer:
    return Answer(INITIAL.raw_body, hold=True)


def events_in(folder: Path, level: str) -> list[str]:
    with CaptureReader(folder / "stream.pscapture") as capture:
        return [event.message for event in capture.events() if event.level == level]


def until(folder: Path, endpoint: str, reached: Callable[[Status], object]) -> Status:
    """Run the engine in this process until a status is there; it."""
    drivers: list[Driver] = []
    found: list[Status] = []

    def on_tick(status: Status) -> None:
        if reached(status) and not found:
            found.append(status)
            drivers[0].stop()

    start = Start(endpoint, StaticToken(token()), str(folder / "client.db"), str(folder / "stream.pscapture"))
    asyncio.run(asyncio.wait_for(sync(start, on_tick=on_tick, on_driver=drivers.append), 30))
    return found[0]


def test_http_2_is_used_over_tls_where_the_service_speaks_it(tmp_path: Path) -> None:
    tls, authority = tls_server(tmp_path, "h2", "http/1.1")
    with (
        h2_service(tls, INITIAL.raw_body, RESUMED.raw_body) as service,
        running_engine(service.endpoint, tmp_path, ca_file=str(authority)) as engine,
    ):
        status = engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert status.http_version == "HTTP/2"
        engine.send(RefreshToken())
        engine.wait(lambda status: status.phase == "connected" and len(service.requests) == 2)
    assert service.connections == 2, "a stream that was given up does not use up the next one's window"
    assert len(service.requests[1]["buckets"]) == 6


def test_http_1_1_is_used_over_tls_where_it_does_not(tmp_path: Path) -> None:
    tls, authority = tls_server(tmp_path)
    with (
        scripted_service(first_sync(), tls=tls) as service,
        running_engine(service.endpoint, tmp_path, ca_file=str(authority)) as engine,
    ):
        status = engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert (status.http_version, status.insecure) == ("HTTP/1.1", False)


def test_a_stream_under_another_content_type_and_another_good_status_is_read(tmp_path: Path) -> None:
    answer = Answer(INITIAL.raw_body, 201, "text/plain; charset=utf-8", hold=True)
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.shown_checkpoint == 1584)


def test_a_row_as_an_object_ends_the_stream_and_is_kept_as_evidence(tmp_path: Path) -> None:
    operation = b'{"op_id":"1","op":"PUT","checksum":1,"object_type":"lists","object_id":"1","data":{"name":"x"}}'
    line = b'{"data":{"bucket":"b","data":[' + operation + b"]}}"
    checkpoint = b'{"checkpoint":{"last_op_id":"1","buckets":[]}}\n'
    with (
        scripted_service(Answer(checkpoint + line + b"\n", hold=True)) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        status = engine.wait(lambda status: status.phase == "waiting")
        assert status.problem is not None
        assert "Expected rows as text" in status.problem.why
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        frame = capture.frame(2)
        assert frame is not None
        assert frame.body == line
        assert "Expected rows as text" in str(frame.row.error)


def redirection(status: int, location: str) -> Answer:
    return Answer(b"moved", status, "text/html", headers={"Location": location})


def test_a_redirection_on_the_same_server_is_followed_with_the_token(tmp_path: Path) -> None:
    answers = (redirection(308, "/sync/stream?again"), redirection(307, "stream"), first_sync())
    with scripted_service(*answers) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert len(service.requests) == len(set(map(str, service.requests))) + 2
        assert len(set(service.tokens)) == 1


@pytest.mark.parametrize(
    ("status", "location", "named"),
    [
        (308, "https://elsewhere.example/sync/stream?secret=1", "https://elsewhere.example/sync/stream"),
        (301, "/other", "/other"),
        (307, "/sync/stream", "/sync/stream"),
    ],
)
def test_a_redirection_that_is_not_followed_names_the_other_address(
    tmp_path: Path, status: int, location: str, named: str
) -> None:
    with (
        scripted_service(redirection(status, location)) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        problem = engine.wait(lambda status: status.phase == "waiting").problem
        assert problem is not None
        assert problem.what == "The endpoint sends on to another address."
        assert f"It answers {status} and names " in problem.why
        assert f"{named};" in problem.why
        assert "secret" not in problem.why


def test_an_unknown_authority_is_refused_and_the_next_step_said(tmp_path: Path) -> None:
    tls, _ = tls_server(tmp_path)
    with (
        scripted_service(first_sync(), tls=tls) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        status = engine.wait(lambda status: status.problem is not None)
        assert status.problem is not None
        assert "cannot prove who it is" in status.problem.what
        assert "--ca" in status.problem.next_step
    assert service.requests == []


def test_insecure_connections_are_said_aloud(tmp_path: Path) -> None:
    tls, _ = tls_server(tmp_path)
    with (
        scripted_service(first_sync(), tls=tls) as service,
        running_engine(service.endpoint, tmp_path, insecure=True) as engine,
    ):
        assert engine.wait(lambda status: status.shown_checkpoint == 1584).insecure
    assert any(message.startswith("TLS certificates are not checked") for message in events_in(tmp_path, "warning"))


@pytest.mark.parametrize(("content", "what"), [(None, "cannot be read"), ("nothing", "holds no certificate")])
def test_a_certificate_file_without_certificates_ends_the_engine(
    tmp_path: Path, content: str | None, what: str
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with running_engine("https://127.0.0.1:1", tmp_path, ca_file=str(file)) as engine:
        problem = engine.wait_end().problem
        assert problem is not None
        assert problem.what.startswith("The certificate file ca.pem")
        assert what in problem.what


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_the_systems_proxy_is_used_and_said(tmp_path: Path, secure: bool) -> None:
    tls, authority = tls_server(tmp_path) if secure else (None, "")
    with scripted_service(first_sync(), tls=tls) as service, local_proxy() as proxy:
        variables = {**NO_PROXY, ("https_proxy" if secure else "http_proxy"): f"http://user:pass@{proxy.address}"}
        with running_engine(service.endpoint, tmp_path, variables=variables, ca_file=str(authority)) as engine:
            engine.wait(lambda status: status.shown_checkpoint == 1584)
        assert set(proxy.targets) == {service.endpoint.partition("//")[2]}
        assert any(f"through the proxy at {proxy.address}" in message for message in events_in(tmp_path, "info"))
    assert b"user:pass" not in (tmp_path / "stream.pscapture").read_bytes()


def test_hosts_that_the_settings_except_are_reached_without_the_proxy(tmp_path: Path) -> None:
    variables = {**NO_PROXY, "http_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"}
    with (
        scripted_service(first_sync()) as service,
        running_engine(service.endpoint, tmp_path, variables=variables) as engine,
    ):
        engine.wait(lambda status: status.shown_checkpoint == 1584)


@pytest.mark.parametrize(
    ("refuse", "what"),
    [
        ("407 Proxy Authentication Required", "does not let the connection through."),
        ("", "cannot be reached."),
    ],
)
def test_trouble_with_the_proxy_is_said_as_such(tmp_path: Path, refuse: str, what: str) -> None:
    with local_proxy(refuse=refuse) as proxy:
        if not refuse:
            proxy.close()
        variables = {**NO_PROXY, "https_proxy": f"http://{proxy.address}"}
        with running_engine("https://127.0.0.1:1", tmp_path, variables=variables) as engine:
            problem = engine.wait(lambda status: status.problem is not None).problem
            assert problem is not None
            assert problem.what == f"The proxy at {proxy.address} {what}"
            assert "NO_PROXY" in problem.next_step


def test_proxy_settings_of_no_use_end_the_engine_with_a_sentence(tmp_path: Path) -> None:
    variables = {**NO_PROXY, "http_proxy": "gopher://127.0.0.1:1"}
    with running_engine("http://127.0.0.1:1", tmp_path, variables=variables) as engine:
        problem = engine.wait_end().problem
        assert problem is not None
        assert problem.what == "The proxy settings of this machine cannot be used."


def test_a_stream_that_goes_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SILENCE_SECONDS", 0.3)
    with scripted_service(first_sync()) as service:
        status = until(tmp_path, service.endpoint, lambda status: status.problem is not None)
    assert status.problem is not None
    assert status.problem.what == "The connection has gone silent."
    assert status.shown_checkpoint == 1584, "what had come before was kept"


def test_connect_does_not_wait_for_the_next_try(tmp_path: Path) -> None:
    with running_engine("http://127.0.0.1:1", tmp_path) as engine:
        engine.wait(lambda status: status.attempt == 1 and status.retry_at is not None)
        engine.send(Connect(id=1))
        engine.wait(lambda status: status.attempt == 2)


def test_the_same_failure_again_and_again_waits_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.2)
    planned: dict[int, int] = {}

    def at_the_third(status: Status) -> bool:
        if status.retry_at is not None:
            planned.setdefault(status.attempt, status.retry_at - time.time_ns())
        return 3 in planned

    until(tmp_path, "http://127.0.0.1:1", at_the_third)
    assert 0 < planned[1] < 0.2e9 < planned[2] < 0.4e9 < planned[3] < 0.8e9
