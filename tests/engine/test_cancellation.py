"""An engine that is stopped anywhere in the stream leaves valid files, and goes on from there."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.capture.reader import CaptureReader
from inspector.engine import fault_watch
from inspector.engine.control import Start, Status, TokenEndpoint
from inspector.engine.driver import Driver
from inspector.engine.main import sync
from inspector.engine.transport import Transport
from tests.relay import Relay, relay
from tests.running_service import ServiceUnderTest, running_service

EVERYTHING = 1 << 40


def look(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(folder / "client.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def rows(folder: Path) -> list[tuple[Any, ...]]:
    """What the tables show, those without a table of their own included."""
    found = look(folder, "SELECT type, id, data FROM ps_untyped")
    for (table,) in look(folder, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'ps_data__*'"):
        name = table.removeprefix("ps_data__")
        found += [(name, *row) for row in look(folder, f'SELECT id, data FROM "{table}"')]
    return sorted(found)


def run(service: ServiceUnderTest, through: Relay, folder: Path, act: Callable[[Driver, Status], None]) -> Status:
    """Run the engine in this process until `act` stops it; the last status."""
    drivers: list[Driver] = []
    last: list[Status] = []

    def on_tick(status: Status) -> None:
        last[:] = [status]
        act(drivers[0], status)

    start = Start(
        through.endpoint,
        TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice"),
        str(folder / "client.db"),
        str(folder / "stream.pscapture"),
    )
    asyncio.run(asyncio.wait_for(sync(start, on_tick=on_tick, on_driver=drivers.append), 60))
    return last[0]


def when_synced(driver: Driver, status: Status) -> None:
    if status.shown_checkpoint is not None and not status.receiving:
        driver.stop()


def fresh_rows(service: ServiceUnderTest, folder: Path) -> tuple[list[tuple[Any, ...]], int]:
    folder.mkdir()
    with relay(service.endpoint, EVERYTHING) as through:
        run(service, through, folder, when_synced)
    return rows(folder), through.passed


@pytest.mark.parametrize("seed", range(3))
def test_stopped_at_any_byte_the_files_are_valid_and_the_next_start_goes_on(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with running_service() as service:
        expected, size = fresh_rows(service, tmp_path / "fresh")
        folder = tmp_path / "stopped"
        folder.mkdir()
        for _ in range(6):
            with relay(service.endpoint, chance.randrange(1, size)) as through:
                run(service, through, folder, _when_dry_or_synced(through))
            assert not (folder / "client.db-wal").exists()
            assert look(folder, "PRAGMA integrity_check") == [("ok",)]
            with CaptureReader(folder / "stream.pscapture") as capture:
                assert all(connection.end_reason for connection in capture.connections())
        with relay(service.endpoint, EVERYTHING) as through:
            assert run(service, through, folder, when_synced).mismatch is None
        assert rows(folder) == expected


def test_disconnecting_going_offline_and_new_tokens_at_any_byte_do_no_harm(tmp_path: Path) -> None:
    chance = random.Random(7)
    with running_service() as service:
        expected, size = fresh_rows(service, tmp_path / "fresh")
        folder = tmp_path / "disturbed"
        folder.mkdir()
        with relay(service.endpoint, EVERYTHING) as through:
            marks = sorted(chance.randrange(1, size) for _ in range(12))

            def disturb(driver: Driver, status: Status) -> None:
                if marks and through.passed >= marks[0]:
                    del marks[0]
                    chance.choice(
                        [driver.refresh_token, driver.connect, lambda: _blink(driver), lambda: _hide(driver)]
                    )()
                elif not marks:
                    when_synced(driver, status)

            run(service, through, folder, disturb)
        assert rows(folder) == expected
        assert look(folder, "PRAGMA integrity_check") == [("ok",)]


def _when_dry_or_synced(through: Relay) -> Callable[[Driver, Status], None]:
    def act(driver: Driver, status: Status) -> None:
        if through.dry.is_set():
            driver.stop()
        else:
            when_synced(driver, status)

    return act


def _blink(driver: Driver) -> None:
    driver.disconnect()
    driver.connect()


def _hide(driver: Driver) -> None:
    driver.set_offline(True)
    driver.set_offline(False)


def test_what_runs_beside_the_stream_ends_before_the_connections_that_it_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing takes a while where the other side does; who still asks meanwhile asks over a closed connection."""
    end = Transport.__aexit__

    async def end_slowly(transport: Transport, *how: Any) -> None:
        await end(transport, *how)
        await asyncio.sleep(0.3)

    monkeypatch.setattr(Transport, "__aexit__", end_slowly)
    monkeypatch.setattr(fault_watch, "_RETRY_SECONDS", 0.01)

    def when_the_lab_is_followed(driver: Driver, status: Status) -> None:
        if status.fault_lab and status.shown_checkpoint is not None:
            driver.stop()

    with running_service() as service, relay(service.endpoint, EVERYTHING) as through:
        status = run(service, through, tmp_path, when_the_lab_is_followed)
    assert status.phase == "stopped"
