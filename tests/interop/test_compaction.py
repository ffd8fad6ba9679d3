"""A service that compacts: clients that were there before, meanwhile and after have the same rows."""

from functools import partial
from pathlib import Path

import pytest

from inspector.engine.control import StaticToken, Status
from inspector.protocol.lines import OpType
from tests.engine.running_engine import running_engine
from tests.interop.client_files import buckets, positions, rows_in, synced_rows
from tests.interop.official_client import Opener
from tests.interop.recording_proxy import Exchange, RecordingProxy, recording_proxy
from tests.running_service import ServiceUnderTest

UNPUBLISHED = "SELECT count(*) FROM ps_buckets WHERE last_applied_op <> last_op OR count_since_last > 0"
SUMS = "SELECT name, (add_checksum + op_checksum) & 0xffffffff FROM ps_buckets ORDER BY name"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    return folder


def sync_ours(folder: Path, proxy: RecordingProxy, service: ServiceUnderTest) -> None:
    with running_engine(proxy.endpoint, folder, credentials=StaticToken(service.token())) as engine:
        status = engine.wait(lambda status: status.shown_checkpoint and not status.receiving)
        assert (status.mismatch, status.problem) == (None, None)


def sync_official(file: Path, official: Opener, proxy: RecordingProxy, service: ServiceUnderTest, last: str) -> None:
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.rows_become("SELECT body FROM notes WHERE id = 'last'", last)
        client.rows_become(UNPUBLISHED, 0)
        client.close()
    assert not any(status["downloadError"] for status in client.statuses)


def change(service: ServiceUnderTest, last: str) -> None:
    """What leaves much to compact: rows that change again and again, and a bucket that begins with removed ones."""
    for number in range(3):
        for row in ("n1", "n2", "last"):
            service.put("notes", row, body=f"{number}")
    service.delete("notes", "n1")
    for row in ("note-1", "note-2", "note-3"):
        service.put("notes", row, body="Put, then deleted")
        service.delete("notes", row)
    service.put("lists", "short-lived", name="Short", owner_id="alice")
    service.put("todos", "short-todo", list_id="short-lived", description="Short")
    service.delete("todos", "short-todo")
    service.put("notes", "last", body=last)


def has_note(file: Path, last: str, _status: Status) -> bool:
    return f'"body":"{last}"' in synced_rows(file)["notes", "last"]


def kinds(stream: Exchange) -> set[OpType]:
    return {operation.op for operation in stream.operations}


def test_clients_from_before_and_after_a_compaction_have_the_same(
    tmp_path: Path, ours: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    theirs, fresh = tmp_path / "official.db", tmp_path / "fresh.db"
    fresh_ours = tmp_path / "fresh-ours"
    fresh_ours.mkdir()
    change(service, "before")
    sync_official(theirs, official, proxy, service, "before")
    sync_ours(ours, proxy, service)
    change(service, "after")
    came_to = service.administer("compact")
    assert came_to["operations_after"] < came_to["operations_before"]
    had = positions(theirs)
    sync_official(theirs, official, proxy, service, "after")
    assert proxy.streams[-1].positions == had
    sync_ours(ours, proxy, service)
    sync_official(fresh, official, proxy, service, "after")
    assert {OpType.MOVE, OpType.CLEAR} <= kinds(proxy.streams[-1])
    sync_ours(fresh_ours, proxy, service)
    assert {OpType.MOVE, OpType.CLEAR} <= kinds(proxy.streams[-1])
    files = [theirs, fresh, ours / "client.db", fresh_ours / "client.db"]
    assert len({frozenset(synced_rows(file).items()) for file in files}) == 1
    assert len({tuple(rows_in(file, SUMS)) for file in files}) == 1
    assert buckets(fresh) == buckets(fresh_ours / "client.db")


def test_clients_that_are_connected_while_the_service_compacts_and_defragments_go_on(
    tmp_path: Path, ours: Path, service: ServiceUnderTest, official: Opener
) -> None:
    theirs = tmp_path / "official.db"
    with recording_proxy(service.endpoint) as proxy, recording_proxy(service.endpoint) as our_proxy:
        with (
            official(theirs) as client,
            running_engine(our_proxy.endpoint, ours, credentials=StaticToken(service.token())) as engine,
        ):
            client.connect(proxy.endpoint, service.token())
            client.do("first_sync")
            engine.wait(lambda status: status.shown_checkpoint)
            for round_number, order in enumerate(("compact", "defragment", "compact")):
                change(service, f"before {round_number}")
                service.administer(order)
                last = f"after {round_number}"
                service.put("notes", "last", body=last)
                client.rows_become("SELECT body FROM notes WHERE id = 'last'", last)
                engine.wait(partial(has_note, ours / "client.db", last))
            status = engine.wait(lambda status: not status.receiving)
            assert (status.mismatch, status.problem, status.attempt) == (None, None, 0)
            client.close()
        assert len(proxy.streams) == len(our_proxy.streams) == 1
    assert not any(status["downloadError"] for status in client.statuses)
    assert synced_rows(ours / "client.db") == synced_rows(theirs)
    assert rows_in(ours / "client.db", SUMS) == rows_in(theirs, SUMS)


@pytest.mark.parametrize("first", ["official", "ours"])
def test_a_file_is_handed_over_across_a_compaction(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener, first: str
) -> None:
    file, fresh = tmp_path / "client.db", tmp_path / "fresh.db"

    def sync(who: str, last: str) -> None:
        if who == "ours":
            sync_ours(tmp_path, proxy, service)
        else:
            sync_official(file, official, proxy, service, last)

    change(service, "one")
    sync(first, "one")
    had = positions(file)
    change(service, "two")
    service.administer("defragment")
    sync({"official": "ours", "ours": "official"}[first], "two")
    assert proxy.streams[-1].positions == had
    service.administer("compact")
    service.put("notes", "last", body="three")
    sync(first, "three")
    sync_official(fresh, official, proxy, service, "three")
    assert synced_rows(file) == synced_rows(fresh)
    assert rows_in(file, SUMS) == rows_in(fresh, SUMS)
