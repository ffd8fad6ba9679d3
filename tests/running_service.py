"""The embedded service for tests of any room, over real HTTP on a free port."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from inspector.service.backend_settings import DEFAULT_SETTINGS, BackendSettings
from inspector.service.options import ServiceOptions
from inspector.service.run import RunningService

_STOP_SECONDS = 10
_WAIT_SECONDS = 20


class ServiceUnderTest:
    """A service in a thread of its own. `endpoint` is its address; everything else goes there over HTTP."""

    def __init__(self, service: RunningService, thread: threading.Thread) -> None:
        self._service = service
        self._thread = thread
        self.endpoint = service.endpoint

    def token(self, user: str = "alice", *, seconds: int = 3_600, **claims: Any) -> str:
        """A token signed with the service's key; `claims` replace or, with None, drop the usual ones."""
        return self._service.state.keys.issue(user, seconds, **claims)

    def authorization(self, user: str = "alice") -> dict[str, str]:
        """The request header that identifies `user`."""
        return {"Authorization": f"Token {self.token(user)}"}

    def upload(self, *entries: dict[str, Any], user: str = "alice") -> httpx.Response:
        """The answer to a batch of CRUD entries `{op, type, id, data}`, applied in one transaction."""
        return httpx.post(f"{self.endpoint}/api/data", json={"batch": entries}, headers=self.authorization(user))

    @property
    def faults(self) -> "FaultsUnderTest":
        """The service's fault lab, over HTTP."""
        return FaultsUnderTest(self.endpoint)

    def stop(self) -> None:
        """End it before its block ends, and wait until it has given up its port and its storage."""
        self._service.stop()
        self._thread.join(_STOP_SECONDS)

    def put(self, table: str, row_id: str, **data: Any) -> None:
        """Sets a whole row."""
        self.upload({"op": "PUT", "type": table, "id": row_id, "data": data}).raise_for_status()

    def patch(self, table: str, row_id: str, **data: Any) -> None:
        """Changes columns of a row."""
        self.upload({"op": "PATCH", "type": table, "id": row_id, "data": data}).raise_for_status()

    def delete(self, table: str, row_id: str) -> None:
        """Deletes a row."""
        self.upload({"op": "DELETE", "type": table, "id": row_id}).raise_for_status()

    def administer(self, order: str) -> dict[str, int]:
        """Carry out `compact` or `defragment`; what it came to."""
        answer = httpx.post(f"{self.endpoint}/admin/{order}").raise_for_status()
        came_to: dict[str, int] = answer.json()
        return came_to


class FaultsUnderTest:
    """The fault lab as another program of this machine reaches it."""

    def __init__(self, endpoint: str) -> None:
        self._address = f"{endpoint}/api/faults"

    def arm(self, fault: str, *, times: int | None = None, user: str = "", **parameters: Any) -> None:
        """Arm a fault for its next `times` occasions, or until off."""
        self.order("arm", fault=fault, parameters=parameters, times=times, user=user).raise_for_status()

    def lift(self, fault: str) -> None:
        """End a fault."""
        self.order("lift", fault=fault).raise_for_status()

    def order(self, what: str, **fields: Any) -> httpx.Response:
        """The answer to an order."""
        return httpx.post(f"{self._address}/{what}", json=fields)

    def view(self, after: int | None = None) -> dict[str, Any]:
        """The whole lab, with the log since the entry `after`."""
        parameters = {} if after is None else {"after": after}
        answer = httpx.get(self._address, params=parameters, timeout=_WAIT_SECONDS).raise_for_status()
        return dict(answer.json())

    def __getitem__(self, fault: str) -> dict[str, Any]:
        """One fault as it stands."""
        return next(view for view in self.view()["faults"] if view["name"] == fault)


@contextmanager
def running_service(
    *,
    port: int = 0,
    storage: Path | None = None,
    writer: bool = False,
    seed: int = 1,
    token_seconds: int = 3_600,
    keepalive_seconds: float = 20.0,
    faults: tuple[str, ...] = (),
    backend: BackendSettings = DEFAULT_SETTINGS,
    **others: Any,
) -> Iterator[ServiceUnderTest]:
    """A service with the demo's rows, for as long as the block lasts; `others` are further ServiceOptions."""
    options = ServiceOptions(
        **others,
        port=port,
        storage=storage,
        writer=writer,
        seed=seed,
        token_seconds=token_seconds,
        keepalive_seconds=keepalive_seconds,
        faults=faults,
        backend=backend,
    )
    service = RunningService(options)
    ready = threading.Event()
    failures: list[BaseException] = []
    thread = threading.Thread(target=_run, args=(service, ready.set, failures.append))
    thread.start()
    try:
        assert ready.wait(_STOP_SECONDS)
        yield ServiceUnderTest(service, thread)
    finally:
        service.stop()
        thread.join(_STOP_SECONDS)
    assert not thread.is_alive()
    assert not failures, failures


def _run(service: RunningService, ready: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
    try:
        asyncio.run(service.run(lambda _: ready()))
    except BaseException as error:
        failed(error)
        ready()
