"""Checkpoint requests against services that answer late, larger, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from inspector.capture.writer import CaptureWriter
from inspector.engine.acknowledgements import Acknowledgements, NotPossible
from inspector.engine.control import Start, StaticToken
from inspector.engine.errors import ConnectionTrouble
from inspector.engine.recorder import Recorder
from inspector.engine.tls import tls_context
from inspector.engine.token_keeper import TokenKeeper
from inspector.engine.transport import Transport
from inspector.store.database import ClientDatabase
from inspector.store.schema import LAST_SEEN
from tests.engine.running_engine import token
from tests.scripted_service import Answer, ScriptedService, scripted_service
from tests.store.database_files import change

SOON = 0.02


def answer(number: int) -> Answer:
    return Answer(b'{"data":{"checkpoint_request_id":"%d"}}' % number, content_type="application/json")


def posted(service: ScriptedService) -> list[int]:
    return [int(request["checkpoint_request_id"]) for request in service.requests]


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(SOON / 4)


@asynccontextmanager
async def beside_a_stream(
    service: ScriptedService, folder: Path, *, repost_seconds: float = 60
) -> AsyncIterator[tuple[Acknowledgements, ClientDatabase]]:
    """Acknowledgements in requests mode while a stream is open."""
    database = ClientDatabase.open(folder / "client.db")
    start = Start(service.endpoint, StaticToken(token()), str(folder / "client.db"), str(folder / "c.pscapture"))
    with CaptureWriter(Path(start.capture)) as capture:
        recorder = Recorder(capture, database)
        async with Transport(service.endpoint, tls_context()) as transport:
            tokens = TokenKeeper(start, transport, recorder)
            it = Acknowledgements(
                "requests",
                database,
                transport,
                tokens,
                recorder,
                repost_seconds=repost_seconds,
                retry_seconds=SOON,
            )
            ready = asyncio.Event()
            task = asyncio.create_task(it.accompany_stream(ready.set))
            await ready.wait()
            yield it, database
            task.cancel()
            await asyncio.wait({task})
    assert not it.ready
    database.close()


def test_a_number_that_no_checkpoint_carries_is_sent_again_until_one_does(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path, repost_seconds=SOON) as (it, _):
            await until(lambda: len(service.requests) >= 3)
            change(tmp_path / "client.db", f"INSERT INTO ps_kv VALUES ('{LAST_SEEN}', 1)")
            await it.request_checkpoint()
            await until(lambda: posted(service).count(2) >= 2)

    with scripted_service(answer(1)) as service:
        asyncio.run(scenario(service))
        numbers = posted(service)
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 2}


def test_nothing_is_sent_again_while_local_writes_wait(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path, repost_seconds=SOON) as (_, database):
            change(tmp_path / "client.db", f"INSERT INTO ps_kv VALUES ('target_checkpoint_request_id', {2**63 - 1})")
            before = len(service.requests)
            await asyncio.sleep(SOON * 5)
            assert len(service.requests) <= before + 1, "one may have been on its way"
            assert database.queue.last_requested == 1

    with scripted_service(answer(1)) as service:
        asyncio.run(scenario(service))


def test_a_larger_number_of_the_services_is_not_taken_for_the_upload_that_was_just_done(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path) as (it, database):
            assert await it.obtain() == 10
            assert database.queue.last_requested == 10

    with scripted_service(answer(1), answer(9), answer(10)) as service:
        asyncio.run(scenario(service))
        assert posted(service) == [1, 2, 10]


def test_the_service_decides_where_the_numbers_go_on(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path) as (it, _):
            assert await it.obtain() == 8

    with scripted_service(answer(7), answer(8)) as service:
        asyncio.run(scenario(service))
        assert posted(service) == [1, 8]


def test_agreeing_is_tried_again_after_an_error(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path) as (it, _):
            assert it.ready

    with scripted_service(Answer(b"", 503, "text/plain"), Answer(b"x", cut=True), answer(1)) as service:
        asyncio.run(scenario(service))
        assert posted(service) == [1, 1, 1]


def test_an_answer_without_a_number_is_said_to_be_unreadable(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path) as (it, _):
            with pytest.raises(ConnectionTrouble, match="cannot be read"):
                await it.obtain()

    with scripted_service(answer(1), Answer(b'{"data":{}}', content_type="application/json")) as service:
        asyncio.run(scenario(service))


def test_without_a_stream_no_checkpoint_can_be_asked_for(tmp_path: Path) -> None:
    async def scenario(service: ScriptedService) -> None:
        async with beside_a_stream(service, tmp_path) as (it, _):
            pass
        with pytest.raises(NotPossible, match="There is no stream"):
            await it.request_checkpoint()

    with scripted_service(answer(1)) as service:
        asyncio.run(scenario(service))
