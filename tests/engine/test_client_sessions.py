"""The recorded sessions of the official client, driven on our engine: the same requests, the same keys in `ps_kv`."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import apsw
import jwt

from inspector.engine.control import (
    BackendUpload,
    Connect,
    Disconnect,
    RequestCheckpoint,
    Retry,
    SetOffline,
    SetParameters,
    StaticToken,
    StreamSubscription,
    Subscribe,
    TokenEndpoint,
    TokenFile,
    Unsubscribe,
    Write,
)
from inspector.store.local_write import LocalWrite
from inspector.store.schema import GATE_CLOSED
from tests.engine.conditions import until
from tests.engine.recorded_service import Request, RequestLog, recorded_service
from tests.engine.running_engine import RunningEngine, running_engine
from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest

SESSIONS = CAPTURES / "client-sessions"
STREAM, REQUESTS, LEGACY = "/sync/stream", "/sync/checkpoint-request", "/write-checkpoint2.json"
UPLOAD = "/api/data"
KEYS = ("last_requested", "target", "last_seen", "last_applied")
KEEPALIVE_SECONDS = 1.2
"""Instead of 20: a token is replaced after one of them, and has to differ from the last one by a second."""
Keys = tuple[int | None, ...]


def recorded(mode: str) -> dict[str, list[Request]]:
    """What the official client asked, by the number of the step."""
    steps: dict[str, list[Request]] = {}
    step = ""
    for line in (SESSIONS / mode / "log.ndjson").read_text().splitlines():
        entry = json.loads(line)
        if entry.get("event") == "mark":
            step = entry["name"].partition(" ")[0]
            steps[step] = []
        elif "request" in entry:
            request = entry["request"]
            steps[step].append(Request(request["method"], request["path"], request["body"]))
    return steps


def comparable(request: Request) -> Any:
    """A request without what differs between two services: names of buckets, op ids, the client's id."""
    path, _, query = request.path.partition("?")
    body = dict(request.body) if request.body is not None else {}
    if "buckets" in body:
        body["buckets"] = sorted({tuple(bucket) for bucket in body["buckets"]})
    if "client_id" in body:
        body["client_id"] = "…"
    return request.method, path, query.partition("=")[0], list(body.items())


class Session:
    """An engine that does what a recording's steps say, and what the service was asked meanwhile."""

    def __init__(self, service: ServiceUnderTest, log: RequestLog, folder: Path, mode: str) -> None:
        self.service = service
        self.log = log
        self.folder = folder
        self._recorded = recorded(mode)
        self._start = 0

    @contextmanager
    def engine(self, mode: Literal["legacy", "requests"], **settings: Any) -> Iterator[RunningEngine]:
        """The engine on the session's file."""
        settings.setdefault("credentials", StaticToken(self.service.token()))
        with running_engine(
            self.service.endpoint,
            self.folder,
            uploads=BackendUpload(f"{self.service.endpoint}{UPLOAD}"),
            checkpoint_mode=mode,
            **settings,
        ) as engine:
            yield engine

    def keys(self) -> Keys:
        """The numbers in `ps_kv`, in the order of the table in the recordings' README."""
        found = dict(self._look("SELECT key, value FROM ps_kv"))
        return tuple(found.get(f"{name}_checkpoint_request_id") for name in KEYS)

    def wait_until_expired(self) -> None:
        """Until the time to live of every subscription is over: nothing but the clock tells."""
        ((expires_at,),) = self._look("SELECT max(expires_at) FROM ps_stream_subscriptions WHERE ttl IS NOT NULL")
        time.sleep(max(0.0, expires_at / 1e6 - time.time()) + 0.01)

    def _look(self, sql: str) -> list[tuple[Any, ...]]:
        connection = apsw.Connection(str(self.folder / "client.db"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def ends_with(self, step: str, *keys: int | None) -> None:
        """The step is over once the keys are as they should be; its requests are those of the official client."""
        wanted = self._recorded[step]
        until(
            lambda: self.keys() == keys and len(self._asked()) >= len(wanted),
            lambda: f"step {step}: {self.keys()} after {self._asked()}",
        )
        ours = self._asked()
        self._start = len(self.log.requests)
        assert _in_order(ours) == _in_order(wanted), step
        assert _legacy(ours) == _legacy(wanted), step

    def _asked(self) -> list[Request]:
        """Without what only our backend and our fault lab are asked."""
        return [request for request in self.log.requests[self._start :] if not request.path.startswith("/api/")]


def _in_order(requests: list[Request]) -> list[Any]:
    return [comparable(request) for request in requests if not request.path.startswith(LEGACY)]


def _legacy(requests: list[Request]) -> list[Any]:
    """Uploading waits for no stream: where these stand among the others is a matter of timing."""
    return [comparable(request) for request in requests if request.path.startswith(LEGACY)]


def insert(row_id: str) -> Write:
    return Write(
        (LocalWrite("PUT", "notes", row_id, {"body": "x"}), LocalWrite("PATCH", "notes", row_id, {"body": "y"}))
    )


@contextmanager
def session(folder: Path, mode: str) -> Iterator[Session]:
    with recorded_service(token_seconds=30, keepalive_seconds=KEEPALIVE_SECONDS) as (service, log):
        yield Session(service, log, folder, mode)


def test_the_legacy_session(tmp_path: Path) -> None:
    with session(tmp_path, "legacy") as it:
        with it.engine("legacy") as engine:
            engine.wait(lambda status: not status.first_sync)
            it.ends_with("1", None, None, None, None)
            engine.send(insert("n1"))
            it.ends_with("2", None, 1, 1, 1)
            it.log.refused[UPLOAD] = 503
            engine.send(insert("n2"))
            for attempt in (1, 2):
                engine.wait_failed_upload(attempt)
                if attempt == 2:
                    it.log.refused.clear()
                engine.send(Retry())
            it.ends_with("3", None, 2, 2, 2)
            engine.send(SetOffline(offline=True))
            engine.wait(lambda status: status.phase == "offline")
            for row_id in ("n3", "n4"):
                engine.send(insert(row_id))
            engine.wait(lambda status: status.pending_writes == 4)
            it.service.put("notes", "theirs", owner_id="alice", body="meanwhile")
            engine.send(SetOffline(offline=False))
            it.ends_with("4", None, 3, 3, 3)
            engine.wait(lambda status: status.phase == "connected")
            subscription = StreamSubscription("list_todos", {"list": "list-7"}, ttl=1, priority=0)
            engine.send(Subscribe(subscription))
            engine.send(Unsubscribe("list_todos", {"list": "list-7"}, when_expired=True))
            it.ends_with("5", None, 3, 3, 3)
            engine.send(Disconnect())
            engine.wait(lambda status: status.phase == "idle")
            it.wait_until_expired()
            engine.send(SetParameters({"n": 3, "tenant": "t1"}, {"app": "demo"}))
            engine.send(Connect())
            it.ends_with("6", None, 3, 3, 3)
        with it.engine("legacy"):
            it.ends_with("7", None, 3, 3, 3)
        token = tmp_path / "token"
        token.write_text(forged(it.service))
        with it.engine("legacy", credentials=TokenFile(str(token))) as engine:
            engine.wait(lambda status: status.phase == "refused" and status.retry_at)
            token.write_text(it.service.token())
            engine.send(Connect())
            it.ends_with("8", None, 3, 3, 3)
        with it.engine("legacy", credentials=short_lived(it.service)) as engine:
            first = engine.wait(lambda status: status.token_expires_at).token_expires_at or 0
            engine.wait(lambda status: (status.token_expires_at or 0) > first)
            it.ends_with("9", None, 3, 3, 3)
            assert not any(status.problem for status in engine.statuses)


def short_lived(service: ServiceUnderTest) -> TokenEndpoint:
    """Tokens that end 30 s later: the first keepalive asks for the next one, as with 40 s in the recording."""
    return TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")


def forged(service: ServiceUnderTest) -> str:
    """A token that only the service can tell from a good one."""
    claims = jwt.decode(service.token(), options={"verify_signature": False})
    return jwt.encode(claims, "x" * 32, headers={"kid": "demo"})


def test_the_session_with_checkpoint_requests_alternating_with_legacy_on_one_file(tmp_path: Path) -> None:
    with session(tmp_path, "requests") as it:
        with it.engine("requests") as engine:
            engine.wait(lambda status: not status.first_sync)
            it.ends_with("1", 1, None, 1, 1)
            it.log.keep_back(REQUESTS)
            engine.send(insert("n1"))
            until(
                # The stream may confirm the request before its own answer comes, so the third key is None or 2.
                lambda: (
                    (keys := it.keys())[:2] == (2, GATE_CLOSED) and keys[3] is None and len(it.log.of(REQUESTS)) == 2
                ),
                lambda: f"{it.keys()} after {it.log.of(REQUESTS)}",
            )
            it.log.let_go(REQUESTS)
            it.ends_with("2", 2, 2, 2, 2)
            engine.send(RequestCheckpoint())
            it.ends_with("3", 3, 2, 3, 3)
            engine.send(SetOffline(offline=True))
            engine.wait(lambda status: status.phase == "offline")
            engine.send(insert("n2"))
            until(lambda: it.keys() == (3, GATE_CLOSED, None, None))
            engine.send(insert("n3"))
            engine.wait(lambda status: status.pending_writes == 4)
            engine.send(SetOffline(offline=False))
            it.ends_with("4", 4, 4, 4, 4)
        with it.engine("requests"):
            it.ends_with("5", 4, 4, 4, 4)
        with it.engine("legacy") as engine:
            engine.wait(lambda status: status.phase == "connected" and status.shown_checkpoint)
            engine.send(insert("n4"))
            it.ends_with("6", 4, 5, 5, 5)
        with it.engine("requests") as engine:
            engine.wait(lambda status: status.phase == "connected" and status.requested == 5)
            engine.send(insert("n5"))
            it.ends_with("7", 6, 6, 6, 6)


def test_the_recordings_have_the_requests_that_these_tests_compare() -> None:
    asked = {
        mode: [request.path.partition("?")[0] for step in recorded(mode).values() for request in step]
        for mode in ("legacy", "requests")
    }
    assert {path: asked["legacy"].count(path) for path in (STREAM, REQUESTS, LEGACY)} == {
        STREAM: 10,
        REQUESTS: 0,
        LEGACY: 3,
    }
    numbers = [
        int(r.body["checkpoint_request_id"])
        for step in recorded("requests").values()
        for r in step
        if r.path == REQUESTS
    ]
    assert numbers == [1, 2, 3, 3, 4, 4, 5, 6]
    assert all(after - before in (0, 1) for before, after in pairwise(numbers))
