"""The demo backend: credentials, and uploads that apply whole or not at all."""

from typing import Any

import httpx
import msgspec
import pytest

from inspector.service.backend_settings import BackendSettings
from tests.running_service import ServiceUnderTest, running_service
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


def change_backend(service: ServiceUnderTest, **settings: Any) -> httpx.Response:
    return httpx.post(f"{service.endpoint}/api/backend", json=settings)


def shown(service: ServiceUnderTest, row_id: str) -> dict[str, Any]:
    return dict(msgspec.json.decode(rows(first_sync(service, {"raw_data": True}))["todos", row_id]))


def test_every_entry_that_does_not_fit_is_named(unchanged_service: ServiceUnderTest) -> None:
    answer = unchanged_service.upload(
        {"op_id": 7, "op": "PUT", "type": "todos", "id": "t-9", "data": {"list_id": "list-1", "description": " "}},
        {"op_id": 8, "op": "PATCH", "type": "todos", "id": "todo-1", "data": {"rating": 5}},
        {"op_id": 9, "op": "PATCH", "type": "todos", "id": "todo-1", "data": {"colour": "red"}},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BACKEND_INVALID_ENTRY"
    assert answer.json()["errors"] == [
        {"op_id": 7, "message": "A to-do needs a description."},
        {
            "op_id": 9,
            "message": 'The table "todos" has no column "colour". Its columns are id, list_id, description, completed,'
            " photo_size, rating, created_at.",
        },
    ]


def test_the_last_write_wins_column_by_column(service: ServiceUnderTest) -> None:
    service.put("todos", "t-1", list_id="list-1", description="Milk", completed=0)
    old = {"description": "Milk", "completed": 0}
    for data in ({"description": "Oat milk"}, {"description": "Soy milk", "completed": 1}):
        answer = service.upload({"op": "PATCH", "type": "todos", "id": "t-1", "data": data, "old": old})
        assert answer.status_code == 200
    assert shown(service, "t-1")["description"] == "Soy milk"
    assert shown(service, "t-1")["completed"] == 1


@pytest.mark.parametrize(
    ("late", "sentence"),
    [
        (
            {"op": "PATCH", "id": "t-1", "data": {"description": "Soy milk"}, "old": {"description": "Milk"}},
            'description of the row "t-1" of "todos" was changed by somebody else meanwhile.',
        ),
        (
            {"op": "DELETE", "id": "t-1", "old": {"description": "Milk", "completed": 0}},
            'description of the row "t-1" of "todos" was changed by somebody else meanwhile.',
        ),
        (
            {"op": "PUT", "id": "t-1", "data": {"description": "Cream"}},
            'The row "t-1" of "todos" is there already, with other values.',
        ),
        (
            {"op": "PATCH", "id": "t-2", "data": {"completed": 1}, "old": {"completed": 0}},
            'The row "t-2" of "todos" was deleted meanwhile.',
        ),
    ],
)
def test_a_late_write_is_refused_when_conflicts_are_rejected(
    service: ServiceUnderTest, late: dict[str, Any], sentence: str
) -> None:
    service.put("todos", "t-1", list_id="list-1", description="Oat milk", completed=0)
    assert change_backend(service, conflicts="reject").json()["conflicts"] == "reject"
    innocent = {"op": "PATCH", "type": "todos", "id": "todo-1", "data": {"description": "Kept out"}, "op_id": 1}
    answer = service.upload(innocent, {"type": "todos", "op_id": 2} | late)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "BACKEND_CONFLICT"
    assert answer.json()["errors"] == [{"op_id": 2, "message": sentence}]
    assert shown(service, "t-1")["description"] == "Oat milk"
    assert shown(service, "todo-1")["description"] != "Kept out"
    change_backend(service, conflicts="last_write_wins")
    assert service.upload(innocent, {"type": "todos", "op_id": 2} | late).status_code == 200


def test_a_write_that_comes_twice_is_no_conflict(service: ServiceUnderTest) -> None:
    change_backend(service, conflicts="reject")
    put = {"op": "PUT", "type": "todos", "id": "t-1", "data": {"list_id": "list-1", "description": "Milk"}}
    patch = {"op": "PATCH", "type": "todos", "id": "t-1", "data": {"completed": 1}, "old": {"completed": None}}
    delete = {"op": "DELETE", "type": "todos", "id": "t-1", "old": {"description": "Milk"}}
    for entry in (put, put, patch, patch, delete, delete):
        assert service.upload(entry).status_code == 200


def test_a_failing_backend_applies_nothing_and_a_slow_one_answers_late(service: ServiceUnderTest) -> None:
    entry = {"op": "PATCH", "type": "todos", "id": "todo-1", "data": {"description": "Late"}}
    change_backend(service, failing=True)
    answer = service.upload(entry)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "BACKEND_OUT_OF_ORDER")
    assert shown(service, "todo-1")["description"] != "Late"
    assert change_backend(service, failing=False, delay=0.3).json() == {
        "conflicts": "last_write_wins",
        "delay": 0.3,
        "failing": False,
    }
    answer = service.upload(entry)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() > 0.29
    assert shown(service, "todo-1")["description"] == "Late"


def test_settings_that_do_not_exist_change_nothing(unchanged_service: ServiceUnderTest) -> None:
    before = httpx.get(f"{unchanged_service.endpoint}/api/backend").json()
    for wrong in ({"conflicts": "ask"}, {"speed": 1}, {"delay": -1}):
        assert change_backend(unchanged_service, **wrong).status_code == 400
    foreign = httpx.post(
        f"{unchanged_service.endpoint}/api/backend", json={"failing": True}, headers={"Host": "attacker.example"}
    )
    assert foreign.status_code == 403
    assert httpx.get(f"{unchanged_service.endpoint}/api/backend").json() == before


def test_the_service_can_be_started_with_conflicts_rejected() -> None:
    with running_service(backend=BackendSettings("reject", 0.2)) as service:
        answer = httpx.get(f"{service.endpoint}/api/backend")
        assert answer.json() == {"conflicts": "reject", "delay": 0.2, "failing": False}
