"""What the faults of the network, of HTTP and of a proxy between do to an answer, over real HTTP."""

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from threading import Thread

import httpx
import pytest

from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import FULL_REQUEST, first_sync, open_stream

CUT = httpx.RemoteProtocolError


def answer_to(service: ServiceUnderTest, method: str, path: str, **options: object) -> httpx.Response:
    return httpx.request(method, f"{service.endpoint}{path}", headers=service.authorization(), **options)  # type: ignore[arg-type]


def stream_answer(service: ServiceUnderTest) -> httpx.Response:
    """The answer to a request for a stream that is refused."""
    return answer_to(service, "POST", "/sync/stream", json=FULL_REQUEST)


def raw_bytes(service: ServiceUnderTest) -> bytes:
    """What comes of a stream until its connection breaks."""
    url, body = f"{service.endpoint}/sync/stream", b""
    headers = {**service.authorization(), "Accept-Encoding": "identity"}
    with httpx.stream("POST", url, json=FULL_REQUEST, headers=headers) as answer, suppress(CUT):
        for chunk in answer.iter_raw():
            body += chunk
    return body


def test_offline_breaks_streams_and_answers_nothing(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("offline")
        with pytest.raises(CUT):
            stream.rest()
    for method, path in (("POST", "/sync/stream"), ("GET", "/api/credentials?user=alice"), ("GET", "/probes/liveness")):
        with pytest.raises(CUT):
            answer_to(service, method, path)


def test_refusing_connections_leaves_open_streams_alone(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("refuse", user="alice")
        with pytest.raises(CUT):
            stream_answer(service)
        service.upload({"op": "PATCH", "type": "notes", "id": "note-1", "data": {"body": "!"}}, user="bob")
        stream.until("checkpoint_complete")


@pytest.mark.parametrize("fault", ["latency", "jitter"])
def test_answers_come_later(service: ServiceUnderTest, fault: str) -> None:
    service.faults.arm(fault, ms=300)
    begun = time.monotonic()
    assert answer_to(service, "GET", "/probes/liveness").status_code == 200
    took = time.monotonic() - begun
    assert took > (0.3 if fault == "latency" else 0.0)
    assert service.faults[fault]["strikes"] == 1


def test_a_pause_is_followed_by_the_latency(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("latency", ms=300, user="alice")
        begun = time.monotonic()
        service.upload({"op": "PATCH", "type": "notes", "id": "note-1", "data": {"body": "?"}}, user="bob")
        stream.until("checkpoint_complete")
        assert time.monotonic() - begun > 0.3


def test_bandwidth_limits_the_rate(service: ServiceUnderTest) -> None:
    size = sum(len(str(line)) for line in first_sync(service))
    service.faults.arm("bandwidth", times=1, kbps=2_000)
    begun = time.monotonic()
    first_sync(service)
    assert time.monotonic() - begun > 0.8 * size / (2_000_000 / 8)


def test_a_stalled_stream_stands_still_until_it_is_lifted(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("stall")
        service.patch("notes", "note-1", body="stalled")
        came: list[float] = []
        reader = Thread(target=lambda: came.append(len(stream.until("checkpoint_complete"))))
        reader.start()
        service.faults.view(after=service.faults.view()["revision"] - 1)
        while not service.faults["stall"]["strikes"]:
            pass
        assert not came
        service.faults.lift("stall")
        reader.join(5)
        assert came == [3]


def test_a_stall_may_have_an_end(service: ServiceUnderTest) -> None:
    service.faults.arm("stall", times=1, seconds=1)
    begun = time.monotonic()
    first_sync(service)
    assert time.monotonic() - begun > 1


def test_a_connection_is_cut_after_bytes(service: ServiceUnderTest) -> None:
    service.faults.arm("cut-after-bytes", times=1, bytes=777)
    assert len(raw_bytes(service)) == 777


def test_a_connection_is_cut_after_frames(service: ServiceUnderTest) -> None:
    service.faults.arm("cut-after-frames", times=1, frames=4)
    begun = time.monotonic()
    assert raw_bytes(service).count(b"\n") == 4
    assert time.monotonic() - begun < 10, "at once, and not with the next change or keepalive"


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("http-401", 401, "PSYNC_S2103"),
        ("http-429", 429, "PSYNC_S2304"),
        ("http-500", 500, "PSYNC_S2001"),
        ("http-503", 503, "no healthy upstream"),
        ("proxy-404", 404, "<title>404 Not Found</title>"),
    ],
)
def test_requests_are_answered_with_an_error(service: ServiceUnderTest, fault: str, status: int, said: str) -> None:
    service.faults.arm(fault)
    answer = stream_answer(service)
    assert (answer.status_code, said in answer.text) == (status, True)
    path = "/write-checkpoint2.json?client_id=c"
    assert answer_to(service, "GET", path).status_code == 200
    service.faults.arm(fault, where="acknowledgements")
    assert answer_to(service, "GET", path).status_code == status
    assert first_sync(service)


def test_an_error_says_that_it_is_compressed_and_is_not(service: ServiceUnderTest) -> None:
    service.faults.arm("proxy-wrong-encoding", times=1)
    url = f"{service.endpoint}/sync/stream"
    with httpx.stream("POST", url, json=FULL_REQUEST, headers=service.authorization()) as answer:
        assert (answer.status_code, answer.headers["content-encoding"]) == (500, "gzip")
        assert b"".join(answer.iter_raw()).startswith(b'{"error":')


def test_a_wrong_clock_refuses_good_tokens_and_shows_in_the_date(service: ServiceUnderTest) -> None:
    service.faults.arm("clock-skew", seconds=7_200)
    answer = stream_answer(service)
    assert "PSYNC_S2103" in answer.text
    ahead = parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()
    assert 7_198 < ahead <= 7_200
    service.faults.arm("clock-skew", seconds=-600)
    with open_stream(service) as stream:
        assert parsedate_to_datetime(stream.response.headers["date"]).timestamp() < time.time() - 590


def test_the_token_expires_now(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("token-expiry", times=1)
        assert stream.rest() == [{"token_expires_in": 0}]
    assert first_sync(service)


def test_a_buffering_proxy_passes_everything_at_the_end(service: ServiceUnderTest) -> None:
    service.faults.arm("proxy-buffers", times=1)
    came: list[int] = []
    with open_stream(service) as stream:
        assert stream.response.status_code == 200
        reader = Thread(target=lambda: came.append(len(stream.until("checkpoint_complete"))))
        reader.start()
        service.patch("notes", "note-1", body="buffered")
        assert not came
        service.faults.lift("proxy-buffers")
        reader.join(5)
        assert came[0] >= 15


def test_a_proxy_holds_the_tail_until_more_comes(service: ServiceUnderTest) -> None:
    service.faults.arm("proxy-holds-tail", times=1, bytes=300)
    with open_stream(service) as stream:
        lines = [stream.line() for _ in range(13)]
        assert not any("checkpoint_complete" in line for line in lines)
        service.faults.lift("proxy-holds-tail")
        assert "checkpoint_complete" in stream.until("checkpoint_complete")[-1]


def test_large_lines_are_lost_and_keepalives_pass() -> None:
    with running_service(keepalive_seconds=0.1) as service:
        service.faults.arm("proxy-drops-large", bytes=2_000)
        with open_stream(service) as stream:
            assert "checkpoint" in stream.line()
            assert "token_expires_in" in stream.until("token_expires_in")[-1]
            service.faults.lift("proxy-drops-large")
            assert all("token_expires_in" in line for line in stream.rest())
