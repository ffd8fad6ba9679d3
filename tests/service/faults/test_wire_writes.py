"""What the faults of uploads and acknowledgements do, over real HTTP."""

import time

import httpx
import pytest

from tests.running_service import ServiceUnderTest
from tests.service.streaming import Line, first_sync, open_stream
from tests.service.test_backend import rows


def change(row_id: str, body: str, op_id: int = 7) -> Line:
    return {"op": "PATCH", "type": "notes", "id": row_id, "data": {"body": body}, "op_id": op_id}


def body_of(service: ServiceUnderTest, row_id: str) -> str:
    return str(rows(first_sync(service))["notes", row_id])


def new_number(service: ServiceUnderTest) -> str:
    url = f"{service.endpoint}/write-checkpoint2.json?client_id=client-1"
    return str(httpx.get(url, headers=service.authorization()).json()["data"]["write_checkpoint"])


def test_a_failing_backend_applies_nothing(service: ServiceUnderTest) -> None:
    service.faults.arm("backend-failure", times=1, status=503)
    assert service.upload(change("note-1", "failed")).status_code == 503
    assert "failed" not in body_of(service, "note-1")
    assert service.upload(change("note-1", "passed")).status_code == 200
    assert "passed" in body_of(service, "note-1")


def test_a_slow_backend_answers_later_or_when_it_is_lifted(service: ServiceUnderTest) -> None:
    service.faults.arm("backend-delay", times=1, seconds=1)
    begun = time.monotonic()
    assert service.upload(change("note-1", "slow")).status_code == 200
    assert time.monotonic() - begun > 1
    assert "slow" in body_of(service, "note-1")


@pytest.mark.parametrize("row", ["", "note-2"])
def test_a_refused_row_is_named(service: ServiceUnderTest, row: str) -> None:
    service.faults.arm("row-refused", times=1, row=row, message="Too long")
    answer = service.upload(change("note-1", "first", 1), change("note-2", "second", 2))
    refused = 2 if row else 1
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"op_id": refused, "message": "Too long"}]
    assert answer.json()["error"]["description"] == f"Too long: note-{refused}"
    assert "first" not in body_of(service, "note-1")


def test_success_may_be_answered_for_nothing(service: ServiceUnderTest) -> None:
    service.faults.arm("not-applied", times=1)
    answer = service.upload(change("note-1", "vanished"))
    assert (answer.status_code, answer.json()) == (200, {"applied": 1})
    assert "vanished" not in body_of(service, "note-1")


def test_a_withheld_write_checkpoint_comes_when_the_fault_is_lifted(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("write-checkpoint-withheld")
        number = new_number(service)
        service.patch("notes", "note-1", body="replicated")
        diff = stream.until("checkpoint_complete")[0]["checkpoint_diff"]
        assert "write_checkpoint" not in diff
        service.faults.lift("write-checkpoint-withheld")
        assert stream.line()["checkpoint_diff"]["write_checkpoint"] == number


def test_a_wrong_write_checkpoint_is_put_right_when_the_fault_is_lifted(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("write-checkpoint-wrong", offset=100)
        number = new_number(service)
        lines = stream.until("checkpoint_complete")
        assert lines[0]["checkpoint_diff"]["write_checkpoint"] == str(int(number) + 100)
        service.faults.lift("write-checkpoint-wrong")
        assert stream.until("checkpoint_complete")[0]["checkpoint_diff"]["write_checkpoint"] == number
