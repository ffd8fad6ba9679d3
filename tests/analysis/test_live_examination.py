"""The checks of a session that goes on: what is found, when it goes again, and how little of a processor they take."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.analysis.all_checks import CHECKS
from inspector.analysis.checks.dangling_rows import DanglingRows
from inspector.analysis.finding_types import Certainty, CheckState, Finding, Material, Progress, Stopped
from inspector.analysis.findings import run_check
from inspector.analysis.live_examination import SHARE, Lane, LiveExamination
from inspector.analysis.situations import Live
from inspector.capture.reader import CaptureReader
from inspector.engine.control import Status
from inspector.store.reader import ClientDatabaseReader
from tests.analysis.tape import BEGIN, S, Tape
from tests.store.database_files import change, copy_to, state


class Session:
    """A capture that is written while it is looked at, by a clock that stands still unless it is told."""

    def __init__(self, path: Path) -> None:
        self.tape = Tape(path)
        self.now = 0.0
        self.tape.connect()
        self.tape.writer.flush()
        self.reader = CaptureReader(path)
        self.examination = LiveExamination(lambda: self.now)

    def look(self) -> dict[str, Finding]:
        """What is known after turns until nothing is left to be looked at."""
        self.tape.writer.flush()
        for _ in range(100):
            self.now += 3
            self.examination.turn(Lane.CAPTURE, self.material())
            if not self.examination.frames_left(self.reader.frame_count()):
                break
        return {finding.name: finding for result in self.examination.results for finding in result.findings}

    def material(self) -> Material:
        return Material(Live(Status("connected")), BEGIN, capture=self.reader)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(tmp_path / "live.pscapture")
    yield session
    session.reader.close()
    session.tape.writer.close()


def test_what_is_new_is_found_and_counted_once(session: Session) -> None:
    tape = session.tape
    tape.checkpoint(10)
    tape.complete(10)
    assert session.look() == {}
    tape.wait(60)
    tape.say(b"<html>502 Bad Gateway</html>")
    found = session.look()
    assert set(found) == {"connections/silence", "frames/unreadable"}
    assert found["frames/unreadable"].title == "1 line cannot be read"
    assert session.look() == found
    tape.wait(70)
    tape.say(b"<html>again</html>")
    found = session.look()
    assert found["frames/unreadable"].title == "2 lines cannot be read"
    assert found["connections/silence"].title == "A stream was silent for 1 min"
    assert found["connections/silence"].summary == "2 gaps of 45 s or more without a line."


def test_a_finding_that_no_longer_holds_is_gone(session: Session) -> None:
    tape = session.tape
    tape.checkpoint(10)
    tape.data(1)
    tape.keepalives(5)
    assert set(session.look()) == {"checkpoints/never-complete/1"}
    tape.complete(10)
    assert session.look() == {}
    tape.end()
    for _ in range(3):
        tape.connect(status=401, expires=BEGIN)
        tape.wait(5)
        tape.end("The token has expired.")
    assert "token/same-again/2" in session.look()
    tape.connect(expires=tape.now + 600 * S)
    tape.checkpoint(11)
    tape.complete(11)
    assert "token/same-again/2" not in session.look()


def test_connections_that_the_user_ends_are_no_loop(session: Session) -> None:
    tape = session.tape
    for _ in range(6):
        tape.checkpoint(10)
        tape.complete(10)
        tape.wait(2)
        tape.end("It was asked to stop.")
        tape.connect()
    assert session.look() == {}
    for _ in range(6):
        tape.wait(2)
        tape.end("The connection was lost.")
        tape.connect(after="10")
    assert set(session.look()) == {"connections/loop"}


def test_many_frames_take_a_bounded_share_of_a_processor(session: Session) -> None:
    for at in range(4_000):
        session.tape.data(at, count=5)
    session.tape.writer.flush()
    spent, waited, turns = 0.0, 0.0, 0
    while session.examination.frames_left(session.reader.frame_count()):
        begun = time.thread_time()
        pause = session.examination.turn(Lane.CAPTURE, session.material())
        took = time.thread_time() - begun
        spent, waited, turns = spent + took, waited + pause, turns + 1
        session.now += pause
        assert took < 0.5, "one turn is long enough to be felt"
    assert turns > 1
    assert spent / waited <= SHARE * 1.5
    assert all(result.state is not CheckState.NOT_RUN for result in session.examination.results)


def test_nothing_is_looked_at_twice_while_nothing_is_written(session: Session) -> None:
    session.look()
    ran = session.examination.results
    session.now += 60
    assert session.examination.turn(Lane.CAPTURE, session.material()) == 1.0
    assert all(one is other for one, other in zip(ran, session.examination.results, strict=True))


def test_files_that_are_opened_anew_are_looked_at_anew(session: Session, tmp_path: Path) -> None:
    session.look()
    session.reader.close()
    session.tape.say(b"<html>502 Bad Gateway</html>")
    session.tape.writer.flush()
    session.reader = CaptureReader(session.tape.path)
    session.examination.reopened()
    session.now += 3
    session.examination.turn(Lane.CAPTURE, session.material())
    assert [it.name for result in session.examination.results for it in result.findings] == ["frames/unreadable"]


@pytest.mark.parametrize(("schema", "expected"), [("app.json", {"schema/lossy/todos.completed"}), ("", set())])
def test_columns_are_judged_by_the_apps_schema_and_not_by_one_that_the_data_made(
    tmp_path: Path, schema: str, expected: set[str]
) -> None:
    database = copy_to(tmp_path, state("up-to-date"))
    change(database, "UPDATE ps_data__todos SET data = json_set(data, '$.completed', 'x') WHERE id = 'todo-1002'")
    now = 0.0
    examination = LiveExamination(lambda: now)
    reader = ClientDatabaseReader(database)
    for _ in range(10):
        material = Material(Live(Status("connected", schema_file=schema)), BEGIN, database=reader)
        examination.turn(Lane.DATABASE, material)
        now += 3
    reader.close()
    assert {it.name for result in examination.results for it in result.findings} == expected
    assert {result.state for result in examination.results} <= {CheckState.FOUND, CheckState.NOTHING}


def test_a_finding_about_the_first_rows_says_that_it_is(tmp_path: Path) -> None:
    database = copy_to(tmp_path, state("up-to-date"))
    more = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO ps_data__todos SELECT 'more-' || i, json_object('completed', 'x') FROM n"
    )
    change(database, "UPDATE ps_data__todos SET data = json_remove(data, '$.rating')", more)
    reader = ClientDatabaseReader(database)
    check = next(check for check in CHECKS if check.name == "schema/columns")
    live = Material(Live(Status("connected", schema_file="app.json")), BEGIN, database=reader)
    found = {each.name: each.summary for each in run_check(check, live).findings}
    reader.close()
    assert found["schema/lossy/todos.completed"].endswith("texts of the first 20\u2009000 rows are no such number.")
    assert found["schema/never-delivered/todos.rating"] == "None of the first 20\u2009000 rows has it."


class Synced:
    """A client database that something else writes to while it is looked at."""

    def __init__(self, path: Path) -> None:
        self.path, self.now, self.turns = path, 0.0, 0
        self.reader = ClientDatabaseReader(path)
        self.examination = LiveExamination(lambda: self.now)

    def look(self) -> set[str]:
        """The findings above a hint after turns until no check has anything left to do."""
        while True:
            ran = self.examination.results
            self.now += 3
            self.turns += 1
            self.examination.turn(Lane.DATABASE, Material(Live(Status("connected")), BEGIN, database=self.reader))
            if ran and all(one is other for one, other in zip(ran, self.examination.results, strict=True)):
                break
        return {it.name for result in ran for it in result.findings if it.certainty is not Certainty.HINT}


@pytest.fixture
def synced(tmp_path: Path) -> Iterator[Synced]:
    synced = Synced(copy_to(tmp_path, state("up-to-date")))
    yield synced
    synced.reader.close()


def test_operations_that_vanish_while_a_session_goes_on_are_found(synced: Synced) -> None:
    assert synced.look() == set()
    change(synced.path, "DELETE FROM ps_oplog WHERE op_id = 30")
    assert {name.rpartition("/")[0] if "#" in name else name for name in synced.look()} == {
        "checksums/stored-sum",
        "rows/dangling",
    }
    sums = "SELECT coalesce(sum(hash), 0) FROM ps_oplog WHERE bucket = ps_buckets.id"
    change(synced.path, f"UPDATE ps_buckets SET op_checksum = ({sums})")
    assert synced.look() == {"rows/dangling"}


def test_rows_that_come_from_nowhere_while_a_session_goes_on_are_found_and_local_writes_are_none(
    synced: Synced,
) -> None:
    local = """INSERT INTO ps_crud(tx_id, data) VALUES (1, '{"op":"PUT","id":"mine","type":"todos","data":{}}')"""
    change(synced.path, "INSERT INTO ps_data__todos(id, data) VALUES ('mine', '{}')", local)
    assert synced.look() <= {"uploads/queue-blocks-downloads"}
    change(synced.path, "INSERT INTO ps_data__lists(id, data) VALUES ('nowhere', '{}')")
    assert "rows/dangling" in synced.look()
    change(synced.path, "DELETE FROM ps_data__lists WHERE id = 'nowhere'")
    assert "rows/dangling" not in synced.look()


def test_a_large_table_is_looked_at_in_parts(synced: Synced) -> None:
    more = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
        " INSERT INTO ps_data__todos SELECT 'more-' || i, '{}' FROM n"
    )
    change(synced.path, more)
    begun, slowest = time.thread_time(), 0.0
    progress, find = Progress(), DanglingRows()
    parts = 0
    while True:
        before = time.thread_time()
        found = list(find(Material(Live(Status()), BEGIN, database=synced.reader, progress=progress)))
        slowest = max(slowest, time.thread_time() - before)
        parts += 1
        if not progress.left:
            break
        assert found == [], "half a round is no finding"
    assert parts > 1
    assert slowest < 0.5
    assert found[0].title == "at least 1\u2009000 rows come from no operation"
    assert time.thread_time() - begun < 10


def test_a_turn_that_is_cut_off_leaves_nothing_half_known(session: Session) -> None:
    session.tape.checkpoint(10)
    session.tape.writer.flush()
    stopped = Material(Live(Status()), BEGIN, capture=session.reader, progress=Progress(lambda: False))
    with pytest.raises(Stopped):
        session.examination.turn(Lane.CAPTURE, stopped)
    assert session.examination.results == ()
