"""A capture replayed up to a moment is what the client held then, local writes and what they held back included."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.analysis.past_database import SessionTables
from inspector.analysis.past_databases import PastDatabases
from inspector.analysis.replay import Replay, ReplayEnd, ReplayImpossible, ReplayStopped, end_at
from inspector.capture.reader import CaptureReader
from inspector.engine.applier import Applier
from inspector.engine.control import BackendUpload, Discard, SetHold, SetOffline, StaticToken, Write
from inspector.protocol.events import LineReceived, StreamOpened
from inspector.protocol.lines import decode_line
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.reader import ClientDatabaseReader
from tests.capture.recording import record_to
from tests.engine.running_engine import RunningEngine, running_engine
from tests.running_service import ServiceUnderTest, running_service

_TIMES = {
    "ps_sync_state",
    "ps_kv",
    "ps_migration",
    "ps_stream_subscriptions",
    "ps_tx",
    "sqlite_stat1",
    "sqlite_sequence",
}


def contents(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a client database in a fixed order, but for ids, times and counters of the client's own."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            if name not in _TIMES
        ]
        found = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
        buckets = dict(connection.execute("SELECT id, name FROM ps_buckets"))
    finally:
        connection.close()
    found["ps_buckets"] = [row[1:] for row in found["ps_buckets"]]
    found["ps_oplog"] = [(buckets[row[0]], *row[1:]) for row in found["ps_oplog"]]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def client_that_stopped(capture: CaptureReader, frames: int, database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a client holds that received the first `frames` frames and no more."""
    client = ClientDatabase.open(database)
    applier, connection = Applier(client), 0
    for frame in capture.bodies():
        if frame.row.id > frames:
            break
        if frame.row.connection != connection:
            connection = frame.row.connection
            applier.begin()
            applier.apply(StreamOpened())
        applier.apply(LineReceived(decode_line(frame.body, frame.format), len(frame.body)))
    client.close()
    return contents(database)


def then(replay: Replay, end: ReplayEnd, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the replay holds at `end`."""
    replay.go_to(end)
    copy = folder / f"then-{end.frame}-{end.at}.db"
    replay.mark(copy)
    return contents(copy)


def test_at_each_checkpoint_it_holds_what_a_client_that_stopped_there_holds(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    with CaptureReader(path) as capture:
        replay = Replay(capture, tmp_path / "replay.db")
        checkpoints = capture.checkpoints.rows()
        for row in checkpoints:
            moment = capture.acts.became_at(row.id)
            assert moment is not None
            end = end_at(capture, moment)
            held = client_that_stopped(capture, end.frame, tmp_path / f"client-{row.id}.db")
            assert then(replay, end, tmp_path) == held
            frame = capture.frame(end.frame)
            assert frame is not None
            assert frame.row.kind == "checkpoint_complete"
        replay.close()
    assert len(checkpoints) == 8


def test_a_moment_within_a_download_has_what_had_come_and_shows_what_was_shown(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson")
    with CaptureReader(path) as capture:
        frames = capture.frames(1, 100)
        replay = Replay(capture, tmp_path / "replay.db")
        for frame in frames:
            end = end_at(capture, frame.received_at)
            if frame.kind == "checkpoint_complete":
                # It had come, and was not shown yet.
                assert end.frame == frame.id - 1
            else:
                assert end.frame == frame.id
                held = client_that_stopped(capture, frame.id, tmp_path / f"client-{frame.id}.db")
                assert then(replay, end, tmp_path) == held
        replay.close()


def test_a_capture_that_begins_in_the_middle_can_be_replayed_from_its_first_fresh_start(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "incremental", "initial-ndjson")
    with CaptureReader(path) as capture:
        fresh = capture.connections()[1]
        shown = capture.acts.first_shown_in(fresh.id)
        assert shown is not None
        with pytest.raises(ReplayImpossible) as caught:
            end_at(capture, fresh.started_at)
        assert "cannot be rebuilt" in str(caught.value)
        assert "Choose a later moment." in str(caught.value)
        replay = Replay(capture, tmp_path / "replay.db")
        found = then(replay, end_at(capture, shown), tmp_path)
        replay.close()
    alone = record_to(tmp_path / "alone.pscapture", "initial-ndjson")
    with CaptureReader(alone) as capture:
        assert found == client_that_stopped(capture, capture.frame_count(), tmp_path / "client.db")


def test_a_replay_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    with CaptureReader(path) as capture:
        end = end_at(capture, time.time_ns())
        replay, told = Replay(capture, tmp_path / "replay.db"), []

        def stop_at_twenty(done: int, total: int) -> bool:
            told.append((done, total))
            return done < 20

        with pytest.raises(ReplayStopped):
            replay.go_to(end, stop_at_twenty)
        assert told == [(done, 43) for done in range(21)]
        assert replay.at.frame == 20
        assert then(replay, end, tmp_path) == client_that_stopped(capture, 43, tmp_path / "client.db")
        replay.close()


@pytest.fixture
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


def body_of(tables: dict[str, list[tuple[Any, ...]]], row_id: str) -> str | None:
    found = [data for found_id, data in tables["ps_data__notes"] if found_id == row_id]
    return str(json.loads(found[0])["body"]) if found else None


def settled(engine: RunningEngine) -> None:
    engine.wait(
        lambda status: (
            status.pending_writes == 0
            and not status.held
            and status.shown_checkpoint == status.checkpoint
            and (status.seen_request or 0) >= (status.target_request or 0)
        )
    )


def test_local_writes_and_what_they_held_back_are_replayed_as_they_were(
    service: ServiceUnderTest, tmp_path: Path
) -> None:
    marks: dict[str, int] = {}
    kept: dict[str, dict[str, list[tuple[Any, ...]]]] = {}

    def keep(name: str) -> None:
        """The client database as the engine has it on disk now."""
        marks[name] = time.time_ns()
        copy, source = tmp_path / f"{name}.db", apsw.Connection(str(tmp_path / "client.db"))
        with (connection := apsw.Connection(str(copy))).backup("main", source, "main") as backup:
            backup.step()
        connection.close()
        source.close()
        kept[name] = contents(copy)

    uploads = BackendUpload(f"{service.endpoint}/api/data")
    with running_engine(
        service.endpoint, tmp_path, credentials=StaticToken(service.token()), uploads=uploads
    ) as engine:
        engine.wait(lambda status: not status.first_sync and status.shown_checkpoint == status.checkpoint)
        keep("synced")
        engine.send(SetOffline(offline=True))
        engine.wait(lambda status: status.phase == "offline")
        engine.send(Write((LocalWrite("PATCH", "notes", "note-1", {"body": "mine"}),)))
        engine.wait(lambda status: status.pending_writes == 1)
        keep("offline")
        engine.send(SetHold(hold=True))
        engine.send(SetOffline(offline=False))
        service.patch("notes", "note-2", body="theirs")
        engine.wait(lambda status: status.held)
        keep("held")
        engine.send(SetHold(hold=False))
        settled(engine)
        keep("confirmed")
        engine.send(SetHold(hold=True))
        engine.send(Write((LocalWrite("DELETE", "notes", "note-3"),)))
        engine.wait(lambda status: status.pending_writes == 1)
        keep("deleted")
        engine.send(Discard())
        settled(engine)
        keep("discarded")
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        replay = Replay(capture, tmp_path / "replay.db")
        found = {name: then(replay, end_at(capture, at), tmp_path) for name, at in marks.items()}
        assert capture.acts.unknown_writes(time.time_ns()) == 0
        replay.close()
    assert [body_of(found[name], "note-1") == "mine" for name in found] == [False, *[True] * 5]
    assert [body_of(found[name], "note-2") == "theirs" for name in found] == [False] * 3 + [True] * 3
    assert [body_of(found[name], "note-3") is None for name in found] == [False] * 4 + [True, False]
    assert [len(found[name]["ps_crud"]) for name in found] == [0, 1, 1, 0, 1, 0]
    for name in found:
        assert found[name] == kept[name], name


def test_going_forward_continues_going_back_to_what_is_kept_costs_nothing(tmp_path: Path) -> None:
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    with CaptureReader(path) as capture:
        moments = [capture.acts.became_at(row.id) or 0 for row in capture.checkpoints.rows()]
    replayed: list[int] = []

    def told(done: int, total: int) -> bool:
        replayed.append(total)
        return True

    past = PastDatabases(path, tmp_path, SessionTables())
    second = past.at(moments[1], told)
    assert (second.checkpoint_id, second.shown) == (2, second.checkpoint)
    assert replayed.pop() == second.frame
    replayed.clear()
    third = past.at(moments[2], told)
    assert set(replayed) == {third.frame - second.frame}
    replayed.clear()
    assert past.at(moments[1] + 1, told).path == second.path
    assert not replayed
    assert contents(second.path) != contents(third.path)
    sixth = past.at(moments[5], told)
    replayed.clear()
    fifth = past.at(moments[4], told)
    assert set(replayed) == {fifth.frame - third.frame}
    assert contents(fifth.path) != contents(sixth.path)
    replayed.clear()
    assert contents(past.at(moments[5] + 1, told).path) == contents(sixth.path)
    assert not replayed
    first = past.at(moments[0], told)
    assert set(replayed) == {first.frame}
    with CaptureReader(path) as capture:
        for number, one in ((1, first), (5, fifth)):
            assert contents(one.path) == client_that_stopped(capture, one.frame, tmp_path / f"again-{number}.db")
    past.close()


def test_a_long_replay_keeps_places_to_come_back_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.analysis.past_databases._MARK_SECONDS", 0.0)
    monkeypatch.setattr("inspector.analysis.past_databases._MARK_SHARE", 0)
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson", "incremental")
    with CaptureReader(path) as capture:
        checkpoints = capture.checkpoints.rows()
        moments = [row.decided_at for row in checkpoints]
        replayed: list[int] = []

        def told(done: int, total: int) -> bool:
            replayed.append(total)
            return True

        past = PastDatabases(path, tmp_path, SessionTables())
        past.at(moments[-1], told)
        replayed.clear()
        fourth = past.at(moments[3], told)
        assert not replayed
        assert contents(fourth.path) == client_that_stopped(capture, fourth.frame, tmp_path / "client-4.db")
        within = past.at(checkpoints[4].received_at, told)
        assert len(replayed) == within.frame - fourth.frame
        assert contents(within.path) == client_that_stopped(capture, within.frame, tmp_path / "client-5.db")
        past.close()


def test_the_tables_are_those_of_the_session_raw_ones_included(tmp_path: Path) -> None:
    schema = {
        "tables": [{"name": "lists", "columns": [{"name": "name", "type": "text"}]}],
        "raw_tables": [
            {
                "name": "notes",
                "put": {
                    "sql": "INSERT OR REPLACE INTO app_notes(id, body) VALUES (?, ?)",
                    "params": ["Id", {"Column": "body"}],
                },
                "delete": {"sql": "DELETE FROM app_notes WHERE id = ?", "params": ["Id"]},
            }
        ],
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    app = tmp_path / "app.db"
    ClientDatabase.open(app).close()
    connection = apsw.Connection(str(app))
    connection.execute("CREATE TABLE app_notes(id TEXT PRIMARY KEY, body TEXT)")
    connection.close()
    path = record_to(tmp_path / "stream.pscapture", "initial-ndjson")
    past = PastDatabases(path, tmp_path, SessionTables(tmp_path / "schema.json", lambda: ClientDatabaseReader(app)))
    tables = contents(past.at(time.time_ns()).path)
    past.close()
    assert len(tables["app_notes"]) > 0
    assert len(tables["ps_data__lists"]) > 0
    assert "ps_data__todos" not in tables
    assert {row[0] for row in tables["ps_untyped"]} == {"todos"}


def test_a_client_that_connects_with_other_buckets_than_recorded_is_noticed(tmp_path: Path) -> None:
    faithful = record_to(tmp_path / "one.pscapture", "initial-ndjson", "incremental")
    another = record_to(tmp_path / "two.pscapture", "initial-ndjson", "initial-ndjson")
    for path, strays in ((faithful, False), (another, True)):
        with CaptureReader(path) as capture:
            first, second = capture.connections()
        folder = tmp_path / path.stem
        folder.mkdir()
        past = PastDatabases(path, folder, SessionTables())
        assert past.at(first.ended_at or 0).strayed_at is None
        assert past.at(time.time_ns()).strayed_at == (second.started_at if strays else None)
        past.close()
