"""A client database beside a fresh copy of the same user: what is wrong in it is told from what is only behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inspector.analysis.fresh.buckets import BucketCause
from inspector.analysis.fresh.comparison import FreshComparison, compare_with_fresh
from inspector.analysis.fresh.rows import Cause
from inspector.engine.control import StaticToken, Write
from inspector.store.local_write import LocalWrite
from inspector.store.reader import ClientDatabaseReader
from tests.engine.running_engine import running_engine
from tests.running_service import ServiceUnderTest, running_service
from tests.store.database_files import DATABASES, change, copy_to, state, version

USERS = ("alice", "bob")


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


@pytest.fixture(scope="module")
def synced(service: ServiceUnderTest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each user's client database, with two local writes that wait: one row changed, and one made."""
    return {user: _sync(service, tmp_path_factory.mktemp(user), user, writes=True) for user in USERS}


@pytest.fixture(scope="module")
def fresh(service: ServiceUnderTest, synced: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Alice's rows on another device, after the service has changed one of them and removed another."""
    rows = _ids(synced["alice"])
    service.patch("todos", rows[8], description="Changed at the service")
    service.delete("todos", rows[9])
    return _sync(service, tmp_path_factory.mktemp("fresh"), "alice")


def _sync(service: ServiceUnderTest, folder: Path, user: str, *, writes: bool = False) -> Path:
    with running_engine(service.endpoint, folder, credentials=StaticToken(service.token(user))) as engine:
        engine.wait(lambda status: not status.first_sync)
        if writes:
            row = _ids(folder / "client.db")[0]
            made = LocalWrite("PUT", "todos", "made-here", {"description": "Made here"})
            engine.send(Write((LocalWrite("PATCH", "todos", row, {"description": "Written here"}), made), 1))
            assert engine.wait_answer(1).ok
    return folder / "client.db"


def _ids(path: Path) -> list[str]:
    """The todos that the service has."""
    reader = ClientDatabaseReader(path)
    try:
        return [row.id for row in reader.rows("todos") if row.id != "made-here"]
    finally:
        reader.close()


@contextmanager
def compared(here: Path, fresh: Path) -> Iterator[FreshComparison]:
    own, other = (ClientDatabaseReader(path, immutable=path.is_relative_to(DATABASES)) for path in (here, fresh))
    try:
        result = compare_with_fresh(own, other)
        assert result is not None
        yield result
    finally:
        own.close()
        other.close()


def causes(result: FreshComparison) -> dict[str, Cause]:
    return {row.difference.row_id: row.cause for row in result.rows}


def test_what_is_behind_and_what_waits_is_no_damage(synced: dict[str, Path], fresh: Path) -> None:
    rows = _ids(synced["alice"])
    with compared(synced["alice"], fresh) as result:
        assert causes(result) == {
            rows[0]: Cause.LOCAL,
            "made-here": Cause.LOCAL,
            rows[8]: Cause.BEHIND,
            rows[9]: Cause.BEHIND,
        }
        assert result.unexplained == 0
        assert {it.cause for it in result.buckets} == {BucketCause.BEHIND}
        assert result.sentence.startswith("Nothing differs that is not explained: ")
        assert "4 rows differ as expected: 2 changed at the service since, 2 held by local writes." in result.sentence
        written = next(row for row in result.rows if row.difference.row_id == rows[0])
        assert written.why == "local write 1 (PATCH) waits to be uploaded"
        changed = next(row for row in result.rows if row.difference.row_id == rows[8])
        assert changed.why.startswith("operation ")


def test_each_damage_is_found_and_named(synced: dict[str, Path], fresh: Path, tmp_path: Path) -> None:
    rows = _ids(synced["alice"])
    damaged = copy_to(tmp_path, synced["alice"])
    newest = f"(SELECT op_id FROM ps_oplog WHERE row_id = '{rows[5]}' ORDER BY op_id DESC LIMIT 1)"
    change(
        damaged,
        f"UPDATE ps_data__todos SET data = json_set(data, '$.description', 'x') WHERE id = '{rows[2]}'",
        f"DELETE FROM ps_data__todos WHERE id = '{rows[3]}'",
        "INSERT INTO ps_data__todos VALUES ('stray', '{}')",
        f"DELETE FROM ps_oplog WHERE op_id = {newest}",
        f"DELETE FROM ps_data__todos WHERE id = '{rows[5]}'",
    )
    with compared(damaged, fresh) as result:
        wrong = {row: cause for row, cause in causes(result).items() if not cause.explained}
        assert wrong == {
            rows[2]: Cause.ALTERED,
            rows[3]: Cause.MISSING,
            "stray": Cause.EXTRA,
            rows[5]: Cause.LOST,
        }
        assert [row.cause.explained for row in result.rows] == sorted(row.cause.explained for row in result.rows)
        assert result.sentence.startswith("4 of ")
        altered = next(row for row in result.rows if row.cause is Cause.ALTERED)
        assert "description is not as operation" in altered.why
        lost = next(it for it in result.buckets if it.cause is BucketCause.DAMAGED)
        assert "1 operation lost" in lost.why
        assert "its stored checksum is not that of its operations" in lost.why


def test_a_stale_bucket_is_behind_the_others(synced: dict[str, Path], fresh: Path, tmp_path: Path) -> None:
    """As when one bucket was restored from a backup."""
    stale = copy_to(tmp_path, synced["alice"])
    bucket = "(SELECT bucket FROM ps_oplog WHERE row_type = 'todos' ORDER BY op_id DESC LIMIT 1)"
    last = f"(SELECT max(op_id) FROM ps_oplog WHERE bucket = {bucket})"
    change(
        stale,
        f"UPDATE ps_buckets SET last_op = {last} - 1, last_applied_op = {last} - 1,"
        f" op_checksum = op_checksum - (SELECT hash FROM ps_oplog WHERE op_id = {last}) WHERE id = {bucket}",
        f"DELETE FROM ps_data__todos WHERE id = (SELECT row_id FROM ps_oplog WHERE op_id = {last})",
        f"DELETE FROM ps_oplog WHERE op_id = {last}",
    )
    with compared(stale, fresh) as result:
        assert result.unexplained == 0
        behind = [it for it in result.buckets if "while other buckets of this file end at" in it.why]
        assert len(behind) == 1
        assert behind[0].cause is BucketCause.BEHIND
        assert "newer operation" in behind[0].why


def test_the_token_of_another_user_is_doubted(synced: dict[str, Path], fresh: Path) -> None:
    with compared(synced["bob"], fresh) as result:
        assert BucketCause.NO_LONGER_SENT in {it.cause for it in result.buckets}
        assert BucketCause.NEVER_DOWNLOADED in {it.cause for it in result.buckets}
        # That nothing differs which is not explained is no news then: every user has the buckets without parameters.
        assert result.sentence.startswith("They have only ")
        assert " in common: the token may be another user's. " in result.sentence


def test_a_service_that_was_set_up_anew_is_no_measure() -> None:
    with compared(version("v14.db"), state("up-to-date")) as result:
        assert result.unexplained == 0
        assert result.counts[Cause.AHEAD] == 5
        assert "may have been set up anew" in result.sentence


def test_a_damaged_file_is_compared_as_far_as_it_can_be_read() -> None:
    with compared(state("damaged"), state("up-to-date")) as result:
        assert {it.why for it in result.buckets} == {
            "not all of its operations can be read: pages of the file are damaged"
        }


@pytest.mark.parametrize("name", ["never-synced", "partial", "mid-download", "waiting-for-service", "up-to-date"])
def test_a_sound_client_is_never_called_damaged(name: str) -> None:
    with compared(state(name), state("up-to-date")) as result:
        assert result.unexplained == 0
        assert all(it.cause.explained for it in result.buckets)


def test_it_stops_when_nobody_waits(synced: dict[str, Path], fresh: Path) -> None:
    own, other = ClientDatabaseReader(synced["alice"]), ClientDatabaseReader(fresh)
    assert compare_with_fresh(own, other, lambda _: False) is None
    own.close()
    other.close()
