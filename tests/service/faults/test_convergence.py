"""Under each fault the engine says what is true, and once it is lifted its tables are the service's again.

One engine goes through all faults, one after the other. It is Alice; what Bob does meanwhile is not struck.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.analysis.state import Live, describe
from inspector.engine.control import (
    BackendUpload,
    Connect,
    RefreshToken,
    Retry,
    Status,
    TokenEndpoint,
    Write,
)
from inspector.service.faults.catalogue import CATALOGUE
from inspector.store.local_write import LocalWrite
from tests.engine.conditions import until
from tests.engine.running_engine import RunningEngine, running_engine
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import first_sync
from tests.service.test_backend import rows

Row = tuple[str, str]
FAULTS = {fault.name: fault.title for fault in CATALOGUE}
_numbers = count(1)


class Pair:
    """A service, and the engine that syncs from it as Alice."""

    def __init__(self, service: ServiceUnderTest, engine: RunningEngine, folder: Path) -> None:
        self.service = service
        self.engine = engine
        self._database = folder / "client.db"

    def change(self) -> None:
        """Bob changes a row that Alice has."""
        body = f"change {next(_numbers)}"
        entry = {"op": "PATCH", "type": "notes", "id": "note-1", "data": {"body": body}}
        self.service.upload(entry, user="bob").raise_for_status()

    def reconnect(self) -> None:
        """Alice opens another stream."""
        self.engine.send(RefreshToken())

    def write(self) -> None:
        """Alice changes a row."""
        body = f"write {next(_numbers)}"
        self.engine.send(Write((LocalWrite("PATCH", "notes", "note-2", {"body": body}),)))

    def nothing(self) -> None:
        """The fault needs no occasion."""

    def differences(self) -> list[Row]:
        """Rows that are not the same at the client and at the service."""
        theirs = {key: json.loads(data) for key, data in rows(first_sync(self.service, user="alice")).items() if data}
        ours = self._rows()
        return [key for key in theirs.keys() | ours.keys() if theirs.get(key) != ours.get(key)]

    def _rows(self) -> dict[Row, Any]:
        connection = apsw.Connection(str(self._database), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return {
                (table, row_id): {"id": row_id, **json.loads(data)}
                for table in ("lists", "notes", "todos")
                for row_id, data in connection.execute(f"SELECT id, data FROM ps_data__{table}")
            }
        finally:
            connection.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("alice")
    with running_service(keepalive_seconds=0.5) as service:
        credentials = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
        uploads = BackendUpload(f"{service.endpoint}/api/data")
        with running_engine(service.endpoint, folder, credentials=credentials, uploads=uploads) as engine:
            engine.wait(lambda status: status.fault_lab and status.shown_checkpoint)
            yield Pair(service, engine, folder)


@pytest.fixture
def lifted(pair: Pair) -> Iterator[None]:
    """A test that fails leaves no fault to the next one."""
    yield
    pair.service.faults.order("lift-all").raise_for_status()


Symptom = Callable[[Status], object]


def refused_with(code: str) -> Symptom:
    return lambda status: status.problem is not None and status.problem.code == code


def says(words: str) -> Symptom:
    return lambda status: status.problem is not None and words in str(status.problem)


def upload_says(words: str) -> Symptom:
    return lambda status: status.upload_problem is not None and words in str(status.upload_problem)


def mismatch(status: Status) -> object:
    return status.mismatch


def waits_for_the_service(status: Status) -> object:
    return status.waiting_since and not status.pending_writes


def is_fine(status: Status) -> object:
    return status.phase == "connected" and status.problem is None and status.mismatch is None


def told_of(status: Status, name: str) -> bool:
    """The engine knows that the fault has struck it."""
    return any(fault.name == name and fault.struck_us_at for fault in status.faults)


@dataclass(frozen=True)
class Case:
    """A fault, the occasion at which it strikes, and what the engine says then."""

    fault: str
    occasion: Callable[[Pair], None]
    symptom: Symptom = is_fine
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int | None = None


CASES = (
    Case("offline", Pair.nothing, says("The connection was lost.")),
    Case("latency", Pair.reconnect, is_fine, {"ms": 50}),
    Case("jitter", Pair.reconnect, is_fine, {"ms": 50}),
    Case("bandwidth", Pair.reconnect, is_fine, {"kbps": 1_000}),
    Case("stall", Pair.change),
    Case("refuse", Pair.reconnect, says("The connection was lost.")),
    Case("cut-after-bytes", Pair.reconnect, says("The connection was lost."), {"bytes": 100}),
    Case("cut-after-frames", Pair.reconnect, says("The connection was lost."), {"frames": 1}),
    Case("http-401", Pair.reconnect, refused_with("PSYNC_S2103")),
    Case("http-429", Pair.reconnect, refused_with("PSYNC_S2304")),
    Case("http-500", Pair.reconnect, refused_with("PSYNC_S2001")),
    Case("http-503", Pair.reconnect, refused_with("503")),
    Case("clock-skew", Pair.reconnect, lambda status: abs((status.clock_skew or 0) + 7_200) < 3),
    Case("token-expiry", Pair.nothing, times=1),
    Case("data-ahead", Pair.change),
    Case("interrupted-checkpoint", Pair.change),
    Case("never-completed", Pair.change, lambda status: status.receiving),
    Case("completed-early", Pair.change, mismatch),
    Case("unknown-line", Pair.change),
    Case("unknown-fields", Pair.change),
    Case("altered-row", Pair.change),
    Case("altered-checksum", Pair.change, mismatch),
    Case("dropped-operation", Pair.change, mismatch),
    Case("duplicated-data", Pair.change, mismatch),
    Case("wrong-bucket-checksum", Pair.change, mismatch),
    Case("backend-failure", Pair.write, upload_says("The backend cannot take local writes at present.")),
    Case("backend-delay", Pair.write, lambda status: status.uploads == "uploading", {"seconds": 60}),
    Case("row-refused", Pair.write, upload_says("PATCH notes/note-2: Not today."), {"message": "Not today"}),
    Case("not-applied", Pair.write, lambda status: not status.pending_writes),
    Case("write-checkpoint-withheld", Pair.write, waits_for_the_service),
    Case("write-checkpoint-wrong", Pair.write, waits_for_the_service, {"offset": -1}),
    Case("proxy-404", Pair.reconnect, says("404")),
    Case("proxy-wrong-encoding", Pair.reconnect, says("its answer was not compressed")),
    Case("proxy-drops-large", Pair.change, lambda status: status.phase == "connected", {"bytes": 100}),
    Case("proxy-buffers", Pair.change, lambda status: status.phase == "connected"),
    Case("proxy-holds-tail", Pair.change, lambda status: status.phase == "connected"),
)


def test_every_fault_is_tried() -> None:
    assert {case.fault for case in CASES} == {fault.name for fault in CATALOGUE}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_it_says_what_is_true_and_converges(pair: Pair, lifted: None, case: Case) -> None:
    service, engine = pair.service, pair.engine
    before = service.faults[case.fault]["strikes"]
    service.faults.arm(case.fault, user="alice", times=case.times, **case.parameters)
    case.occasion(pair)
    until(lambda: service.faults[case.fault]["strikes"] > before, lambda: engine.statuses[-1:])
    status = engine.wait(lambda status: case.symptom(status) and told_of(status, case.fault))
    assert FAULTS[case.fault].lower() in describe(Live(status), time.time_ns()).then.lower()
    service.faults.lift(case.fault)
    engine.send(Connect())
    engine.send(Retry())
    pair.change()
    until(lambda: not pair.differences(), lambda: (pair.differences(), engine.statuses[-1:]))
    engine.wait(lambda status: is_fine(status) and not status.pending_writes and not status.waiting_since)
    assert not engine.statuses[-1].held
