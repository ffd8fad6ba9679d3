"""The demo backend: credentials, and uploads that apply whole or not at all."""

from typing import Any

import httpx
import pytest

from tests.running_service import ServiceUnderTest
from tests.service.streaming import Line, first_sync


def rows(lines: list[Line]) -> dict[tuple[str, str], Any]:
    """What the operations leave of each row."""
    return {
        (operation["object_type"], operation["object_id"]): operation["data"]
        for line in lines
        if "data" in line
        for operation in line["data"]["data"]
    }


def test_credentials_lead_to_a_stream(unchanged_service: ServiceUnderTest) -> None:
    answer = httpx.get(f"{unchanged_service.endpoint}/api/credentials?user=bob").json()
    assert answer.keys() == {"endpoint", "token"}
    assert answer["endpoint"] == unchanged_service.endpoint
    checkpoint = first_sync(unchanged_service, token=answer["token"])[0]["checkpoint"]
    assert checkpoint["buckets"][0]["bucket"] == '1#my_lists|0["bob"]'


def test_an_unknown_user_is_told_who_there_is(unchanged_service: ServiceUnderTest) -> None:
    answer = httpx.get(f"{unchanged_service.endpoint}/api/credentials?user=mallory")
    assert answer.status_code == 404
    assert answer.json()["error"]["description"] == 'There is no user "mallory". The users are alice and bob.'


def test_a_foreign_web_page_gets_no_credentials(unchanged_service: ServiceUnderTest) -> None:
    url = f"{unchanged_service.endpoint}/api/credentials?user=alice"
    assert httpx.get(url, headers={"Host": "attacker.example"}).status_code == 403
    foreign = httpx.get(url, headers={"Origin": "https://attacker.example"})
    assert "access-control-allow-origin" not in foreign.headers
    local = httpx.get(url, headers={"Origin": "http://localhost:5173"})
    assert local.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_a_batch_changes_rows(service: ServiceUnderTest) -> None:
    answer = service.upload(
        {
            "op": "PUT",
            "type": "todos",
            "id": "t-1",
            "data": {"list_id": "list-1", "description": "new ✓", "completed": True},
        },
        {"op": "PATCH", "type": "todos", "id": "todo-1", "data": {"rating": 5}},
        {"op": "DELETE", "type": "todos", "id": "todo-2"},
        {"op": "PATCH", "type": "todos", "id": "gone", "data": {"rating": 5}},
    )
    assert (answer.status_code, answer.json()) == (200, {"applied": 3})
    found = rows(first_sync(service, {"raw_data": True}))
    assert found["todos", "t-1"] == (
        '{"id":"t-1","list_id":"list-1","description":"new ✓","completed":1,'
        '"photo_size":null,"rating":null,"created_at":null}'
    )
    assert '"rating":5.0' in found["todos", "todo-1"]
    assert found["todos", "todo-2"] is None


@pytest.mark.parametrize(
    ("entry", "description"),
    [
        (
            {"op": "PUT", "type": "nothing", "id": "1", "data": {}},
            'The backend has no table "nothing". Its tables are lists, todos, notes.',
        ),
        (
            {"op": "PATCH", "type": "notes", "id": "note-1", "data": {"colour": "red"}},
            'The table "notes" has no column "colour". Its columns are id, owner_id, body, tags.',
        ),
        (
            {"op": "PUT", "type": "notes", "id": "note-1", "data": {"tags": ["a"]}},
            'The column "tags" of "notes" takes text, a number or null. '
            "Send lists and objects as JSON text, as the SDKs do.",
        ),
        (
            {"op": "PUT", "type": "notes", "id": "note-1", "data": {"body": 2**63}},
            'The column "body" of "notes" takes no integer beyond 64 bits.',
        ),
        (
            {"op": "PUT", "type": "notes", "id": "note-1", "data": {"id": "note-2"}},
            'The row "note-1" of "notes" cannot take another id.',
        ),
        (
            {"op": "UPSERT", "type": "notes", "id": "1"},
            "The batch cannot be read. Invalid enum value 'UPSERT' - at `$.batch[1].op`.",
        ),
    ],
)
def test_an_entry_that_does_not_fit_refuses_the_whole_batch(
    unchanged_service: ServiceUnderTest, entry: dict[str, Any], description: str
) -> None:
    before = first_sync(unchanged_service)
    answer = unchanged_service.upload({"op": "DELETE", "type": "todos", "id": "todo-1"}, entry)
    assert (answer.status_code, answer.json()["error"]["description"]) == (400, description)
    assert first_sync(unchanged_service) == before
