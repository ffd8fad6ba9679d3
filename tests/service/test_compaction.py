"""Compacting and defragmenting change what is sent, never what it comes to."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from inspector.protocol.checksums import signed
from inspector.service.demo import application
from inspector.service.state import ServiceState, Settings, open_state
from inspector.service.tokens import KeyStore
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import FULL_REQUEST, Line, first_sync, open_stream, positions
from tests.service.test_checkpoints import insert_notes, stream_of
from tests.service.test_stream import announced

NOTES = "1#all_notes|0[]"


@pytest.fixture
def state() -> Iterator[ServiceState]:
    state = open_state(application(1), KeyStore(()), None, Settings(60, 20, True))
    yield state
    state.close()


def sums_of_sent(lines: list[Line]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for line in lines:
        if "data" in line:
            found[line["data"]["bucket"]] += sum(operation["checksum"] for operation in line["data"]["data"])
    return {bucket: signed(checksum) for bucket, checksum in found.items()}


def notes(lines: list[Line]) -> tuple[dict[str, str], Counter[str]]:
    """Rows by id as the operations leave them, and how many operations of each kind there were."""
    rows: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    for line in lines:
        if "data" not in line or line["data"]["bucket"] != NOTES:
            continue
        for operation in line["data"]["data"]:
            kinds[operation["op"]] += 1
            if operation["op"] == "CLEAR":
                rows.clear()
            elif operation["op"] == "PUT":
                rows[operation["object_id"]] = operation["data"]
            elif operation["op"] == "REMOVE":
                rows.pop(operation["object_id"], None)
    return rows, kinds


def change_notes(service: ServiceUnderTest) -> None:
    service.upload(*({"op": "DELETE", "type": "notes", "id": f"note-{n}"} for n in range(1, 30)))
    service.upload(
        *({"op": "PATCH", "type": "notes", "id": f"note-{n}", "data": {"body": "x"}} for n in range(100, 150))
    )


def order(service: ServiceUnderTest, what: str) -> dict[str, int]:
    answer: dict[str, int] = httpx.post(f"{service.endpoint}/admin/{what}").raise_for_status().json()
    return answer


@pytest.mark.parametrize("what", ["compact", "defragment"])
def test_rows_and_checksums_stay_and_operations_go(service: ServiceUnderTest, what: str) -> None:
    change_notes(service)
    before = first_sync(service)
    done = order(service, what)
    after = first_sync(service)
    assert notes(after)[0] == notes(before)[0]
    assert {name: sums[0] for name, sums in announced(after).items()} == sums_of_sent(after)
    assert sums_of_sent(after).keys() == sums_of_sent(before).keys()
    assert announced(after)[NOTES][1] == notes(after)[1].total()
    assert done["operations_after"] < done["operations_before"]
    if what == "compact":
        # The bucket begins with PUTs, so nothing could be cleared.
        assert announced(after)[NOTES][0] == announced(before)[NOTES][0]
        assert notes(after)[1] == {"CLEAR": 1, "PUT": 251, "MOVE": 50, "REMOVE": 29}
    else:
        assert notes(after)[1] == {"CLEAR": 1, "PUT": 251}
        assert done["touched"] > 0


def test_a_client_with_old_operations_ends_up_with_the_same_rows(service: ServiceUnderTest) -> None:
    old = first_sync(service)
    change_notes(service)
    order(service, "defragment")
    change_notes(service)
    resumed = first_sync(service, {**FULL_REQUEST, "buckets": positions(old)})
    assert notes(old + resumed)[0] == notes(first_sync(service))[0]


def test_compacting_twice_changes_nothing_more(service: ServiceUnderTest) -> None:
    change_notes(service)
    order(service, "compact")
    done = order(service, "compact")
    assert done["operations_before"] == done["operations_after"]


def test_a_checkpoint_whose_operations_were_compacted_away_is_replaced_by_a_newer_one(
    state: ServiceState, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The stream is to come upon what is missing before it hears of the change.
    monkeypatch.setattr("inspector.service.feed._BURST_SECONDS", 0.5)
    insert_notes(state, 0, 3_000)
    lines = asyncio.run(_compacted_meanwhile(state))
    notes_complete = {"partial_checkpoint_complete": {"last_op_id": str(state.buckets.last_op_id), "priority": 2}}
    assert [line for line in lines if line.get("partial_checkpoint_complete", {}).get("priority") == 2] == [
        notes_complete
    ]
    assert len(notes(lines)[0]) == len(state.source.query("SELECT 1 FROM notes"))
    assert announced(lines)[NOTES][0] == sums_of_sent(lines)[NOTES]


async def _compacted_meanwhile(state: ServiceState) -> list[Line]:
    """The lines up to the first completed checkpoint; while its notes are sent, some are changed and compacted."""
    lines: list[Line] = []
    async for chunk in stream_of(state).chunks():
        lines += map(msgspec.json.decode, chunk.splitlines())
        if NOTES in sums_of_sent(lines) and not any("checkpoint_diff" in line for line in lines):
            with state.replication.transaction() as changes:
                changes += filter(
                    None, (state.source.patch("notes", f"n-{n}", {"body": "new"}) for n in range(2_900, 3_000))
                )
            await state.compaction.compact()
        if any("checkpoint_complete" in line for line in lines):
            break
    return lines


def test_it_can_be_done_by_schedule() -> None:
    with running_service(compact_every=0.05) as service:
        change_notes(service)
        while notes(first_sync(service))[1]["MOVE"] == 0:
            pass


def test_the_command_says_what_it_came_to(service: ServiceUnderTest) -> None:
    change_notes(service)
    command = [sys.executable, "-m", "inspector", "compact"]
    done = subprocess.run([*command, service.endpoint, "--defragment"], capture_output=True, check=True)
    assert done.stdout.decode().replace("\u2009", " ").startswith("2 ")
    assert "will be sent to clients again" in done.stdout.decode()
    nobody = subprocess.run([*command, "http://127.0.0.1:9"], capture_output=True, check=False)
    assert nobody.returncode == 1
    told = nobody.stderr.decode()
    assert told.startswith("The service at http://127.0.0.1:9 did not compact its buckets. ")
    assert "Nothing accepts connections at this address and port." in told


def test_only_programs_of_this_machine_give_orders(unchanged_service: ServiceUnderTest) -> None:
    url = f"{unchanged_service.endpoint}/admin/compact"
    for headers in ({"Host": "attacker.example"}, {"Origin": "https://attacker.example"}):
        assert httpx.post(url, headers=headers).status_code == 403


def test_a_storage_that_was_compacted_can_be_opened_again(tmp_path: Path) -> None:
    with running_service(storage=tmp_path / "s.db") as service:
        change_notes(service)
        order(service, "defragment")
        before = first_sync(service)
    with running_service(storage=tmp_path / "s.db") as service, open_stream(service) as stream:
        assert stream.until("checkpoint_complete") == before
