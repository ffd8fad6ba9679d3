"""A newer checkpoint interrupts one that takes long, and nothing is sent twice or left out."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from inspector.protocol.framing import FrameFormat
from inspector.service.checkpoints import StreamCheckpoints
from inspector.service.demo import application
from inspector.service.faults.stream import StreamFaults
from inspector.service.selection import BucketSelection
from inspector.service.state import ServiceState, Settings, open_state
from inspector.service.stream import SyncStream, TokenClock
from inspector.service.stream_request import IncomingRequest
from inspector.service.sync_config import Requester, Stream, StreamFailure, StreamQuery, SyncConfig
from inspector.service.tokens import Claims, KeyStore
from inspector.service.wire import CheckpointLine, encoder_for
from tests.service.streaming import Line
from tests.service.test_stream import announced, sums

REQUEST = IncomingRequest((), "client-1", True, {}, True, ())
ALICE = Claims("alice", 2**40, {})
MANY = 3_000
LONG_ENOUGH = 5.0


@pytest.fixture
def state() -> Iterator[ServiceState]:
    state = open_state(application(1), KeyStore(()), None, Settings(60, 20, True))
    yield state
    state.close()


def insert_notes(state: ServiceState, first: int, count: int) -> None:
    notes = [
        {"id": f"n-{number}", "owner_id": "bob", "body": "x" * 100, "tags": None}
        for number in range(first, first + count)
    ]
    with state.replication.transaction() as changes:
        changes += state.source.insert_all("notes", notes)


def stream_of(state: ServiceState) -> SyncStream:
    selection = BucketSelection(state.application.config, state.source, ALICE, REQUEST)
    client = ("alice", "client-1")
    checkpoints = StreamCheckpoints(state.buckets, state.write_checkpoints, selection, client, {})
    encode = encoder_for(FrameFormat.NDJSON, raw_data=True)
    faults = StreamFaults(state.faults, client, encode, FrameFormat.NDJSON)
    return SyncStream(checkpoints, state.feed, TokenClock(ALICE.expires_at), faults)


async def lines_until_complete(state: ServiceState) -> list[Line]:
    """The lines up to the first completed checkpoint; while its notes are sent, another one is inserted."""
    lines: list[Line] = []
    async for chunk in stream_of(state).chunks():
        lines += map(msgspec.json.decode, chunk.splitlines())
        if len(sums(lines)) == 3 and not any("checkpoint_diff" in line for line in lines):
            with state.feed.subscription() as beside:
                insert_notes(state, MANY, 1)
                assert await beside.arrival(LONG_ENOUGH)
        if any("checkpoint_complete" in line for line in lines):
            break
    return lines


def test_a_newer_checkpoint_interrupts_a_long_one(state: ServiceState) -> None:
    insert_notes(state, 0, MANY)
    lines = asyncio.run(lines_until_complete(state))
    kinds = [next(iter(line)) for line in lines]
    assert kinds.index("checkpoint_diff") < kinds.index("checkpoint_complete")
    assert kinds.count("checkpoint_complete") == 1
    notes = [line["data"] for line in lines if "data" in line and "notes" in line["data"]["bucket"]]
    assert len(notes) > 2
    assert [line["after"] for line in notes[1:]] == [line["next_after"] for line in notes[:-1]]
    assert announced(lines) == sums(lines)


def test_a_checkpoint_of_a_thousand_buckets_needs_no_scan(state: ServiceState) -> None:
    lists = [
        {"id": f"l-{number}", "name": "many", "owner_id": "alice", "shared_with": None, "created_at": None}
        for number in range(1_000)
    ]
    with state.replication.transaction() as changes:
        changes += state.source.insert_all("lists", lists)
    statements: list[str] = []

    def note(_cursor: object, sql: str, _bindings: object) -> bool:
        statements.append(sql)
        return True

    state._connection.exec_trace = note
    selection = BucketSelection(state.application.config, state.source, ALICE, REQUEST, most_buckets=2_000)
    checkpoints = StreamCheckpoints(state.buckets, state.write_checkpoints, selection, ("alice", "c"), {})
    line = checkpoints.first().line
    assert isinstance(line, CheckpointLine)
    assert len(line.buckets) == 1_013
    assert len(statements) == 4
    assert not any("operation" in sql or "bucket" in sql for sql in statements)


def test_a_failing_stream_says_so_and_the_others_go_on(state: ServiceState) -> None:
    def fail(_: Requester) -> list[tuple[str]]:
        raise StreamFailure("The parameter “team” is missing.")

    working, *_ = state.application.config.streams
    failing = Stream("teams", (StreamQuery(working.queries[0].source, fail),), auto_subscribe=True)
    selection = BucketSelection(SyncConfig((working, failing)), state.source, ALICE, REQUEST)
    assert len(selection.resolve()) == 2
    entries = msgspec.to_builtins(selection.streams)
    assert list(entries[1]["errors"]) == [{"subscription": "default", "message": "The parameter “team” is missing."}]
