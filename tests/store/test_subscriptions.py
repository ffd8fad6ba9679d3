"""Subscriptions are kept as the official client keeps them (protocol §6)."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from inspector.store.database import ClientDatabase
from inspector.store.subscriptions import StreamKey

NOW = 1_700_000_000_000_000
SECOND = 1_000_000
LIST = StreamKey.of("list", {"id": "l1", "b": [1, None]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "client.db"


@pytest.fixture
def database(path: Path) -> Iterator[ClientDatabase]:
    opened = ClientDatabase.open(path)
    yield opened
    opened.close()


def subscriptions(path: Path) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(
            "SELECT stream_name, local_params, local_priority, ttl, (expires_at - 1700000000000000) / 1000000"
            " FROM ps_stream_subscriptions ORDER BY id"
        ).fetchall()
    finally:
        connection.close()


def asked(database: ClientDatabase, seconds: float) -> list[str]:
    requested = database.requested_streams(True, NOW + int(seconds * SECOND))
    return [subscription.stream for subscription in requested.request.subscriptions]


def test_a_subscription_has_its_parameters_as_json_text_and_lives_for_a_day(
    database: ClientDatabase, path: Path
) -> None:
    database.subscribe(LIST, None, None, NOW)
    database.subscribe(StreamKey.of("all", None), 10, 2, NOW)
    database.subscribe(StreamKey.of("all", {}), 10, 2, NOW)
    assert subscriptions(path) == [
        ("list", '{"id":"l1","b":[1,null]}', None, 86_400, 86_400),
        ("all", "null", 2, 10, 10),
        ("all", "{}", 2, 10, 10),
    ]


@pytest.mark.parametrize(
    ("first", "second", "priority"), [(2, 1, 1), (1, 2, 1), (1, None, 1), (None, 1, None), (None, None, None)]
)
def test_subscribing_again_renews_it_and_only_heightens_its_priority(
    database: ClientDatabase, path: Path, first: int | None, second: int | None, priority: int | None
) -> None:
    database.subscribe(LIST, 10, first, NOW)
    database.subscribe(LIST, 20, second, NOW + 5 * SECOND)
    assert subscriptions(path) == [("list", LIST.parameters, priority, 20, 25)]


def test_unsubscribing_takes_it_out_of_the_next_request(database: ClientDatabase, path: Path) -> None:
    database.subscribe(LIST, 10, None, NOW)
    database.subscribe(StreamKey.of("list", None), 10, None, NOW)
    database.unsubscribe(LIST)
    database.unsubscribe(StreamKey.of("never", None))
    assert asked(database, 0) == ["list"]
    assert [row[1] for row in subscriptions(path)] == ["null"]


def test_it_is_renewed_by_each_request_until_it_is_let_go(database: ClientDatabase, path: Path) -> None:
    database.subscribe(LIST, 10, None, NOW)
    assert asked(database, 9) == ["list"]
    assert asked(database, 18) == ["list"]
    assert asked(database, 40) == ["list"], "renewed before the expired ones go"
    database.unsubscribe(LIST, when_expired=True)
    assert asked(database, 50) == ["list"]
    assert asked(database, 50.1) == []
    assert subscriptions(path) == []


def test_one_of_an_earlier_session_is_not_renewed(database: ClientDatabase, path: Path) -> None:
    database.subscribe(LIST, 10, None, NOW)
    database.close()
    again = ClientDatabase.open(path)
    assert asked(again, 9) == ["list"]
    assert asked(again, 11) == []
    again.close()
