"""What the engine tells and records of the faults that the embedded service injects."""

import sys
from contextlib import ExitStack
from pathlib import Path

import msgspec

from inspector.capture.reader import CaptureReader
from inspector.engine.control import ArmFault, FaultStatus, LiftFault, StaticToken, Status, TokenCommand
from tests.engine.conditions import until
from tests.engine.running_engine import running_engine
from tests.running_service import ServiceUnderTest, running_service
from tests.scripted_service import Answer, scripted_service


def fault(status: Status, name: str) -> FaultStatus | None:
    return next((fault for fault in status.faults if fault.name == name), None)


def alice(service: ServiceUnderTest) -> StaticToken:
    return StaticToken(service.token("alice"))


def is_armed(status: Status, name: str) -> bool:
    found = fault(status, name)
    return found is not None and found.armed


def recorded(folder: Path) -> list[tuple[str, str, str]]:
    with CaptureReader(folder / "stream.pscapture") as capture:
        events = [event for event in capture.events() if event.source == "faults"]
    details = [msgspec.json.decode(event.details or "{}") for event in events]
    return [(event.level, item["fault"], item["action"]) for event, item in zip(events, details, strict=True)]


def test_a_strike_is_told_and_recorded(tmp_path: Path) -> None:
    with (
        running_service() as service,
        running_engine(service.endpoint, tmp_path, credentials=alice(service)) as engine,
    ):
        engine.wait(lambda status: status.fault_lab and status.shown_checkpoint)
        engine.send(ArmFault("unknown-line", times=1, id=1))
        assert engine.wait_answer(1).ok
        engine.wait(lambda status: is_armed(status, "unknown-line"))
        service.patch("notes", "note-1", body="changed")
        status = engine.wait(lambda status: (found := fault(status, "unknown-line")) and found.strikes == 1)
        told = fault(status, "unknown-line")
        assert told is not None
        assert told.last == "A line of the unknown kind “future_line” was sent."
        assert told.struck_us_at == told.last_at
        assert not told.armed
        expected = [
            ("info", "unknown-line", "armed"),
            ("warning", "unknown-line", "struck"),
            ("info", "unknown-line", "used up"),
        ]
        until(lambda: recorded(tmp_path) == expected, lambda: recorded(tmp_path))


def test_arming_and_lifting_by_the_control_channel(tmp_path: Path) -> None:
    with (
        running_service() as service,
        running_engine(service.endpoint, tmp_path, credentials=alice(service)) as engine,
    ):
        engine.wait(lambda status: status.fault_lab)
        engine.send(ArmFault("latency", {"ms": 5}, user="bob", id=1))
        assert engine.wait_answer(1).ok
        status = engine.wait(lambda status: is_armed(status, "latency"))
        told = fault(status, "latency")
        assert told is not None
        assert (told.parameters, told.user, told.remaining, told.concerns_us) == ({"ms": 5}, "bob", None, False)
        engine.send(LiftFault("latency", id=2))
        assert engine.wait_answer(2).ok
        assert service.faults["latency"]["armed"] is None
        engine.send(ArmFault(preset="lte", id=3))
        assert engine.wait_answer(3).ok
        assert service.faults["bandwidth"]["armed"]["parameters"] == {"kbps": 12_000}
        engine.send(LiftFault(id=4))
        assert engine.wait_answer(4).ok
        assert service.faults["bandwidth"]["armed"] is None
        engine.send(ArmFault("gremlins", id=5))
        problem = engine.wait_answer(5).problem
        assert problem is not None
        assert "There is no fault “gremlins”." in str(problem)


def test_what_concerns_others_is_not_recorded(tmp_path: Path) -> None:
    with (
        running_service() as service,
        running_engine(service.endpoint, tmp_path, credentials=alice(service)) as engine,
    ):
        engine.wait(lambda status: status.fault_lab and status.shown_checkpoint)
        service.faults.arm("altered-row", user="bob")
        service.faults.arm("jitter", ms=1)
        until(lambda: ("info", "jitter", "armed") in recorded(tmp_path))
        assert not any(name == "altered-row" for _, name, _ in recorded(tmp_path))


def test_a_real_service_has_no_fault_lab(tmp_path: Path) -> None:
    with scripted_service() as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.problem)
        engine.send(ArmFault("offline", id=1))
        problem = engine.wait_answer(1).problem
        assert problem is not None
        assert problem.what == "There is no fault lab here."


def test_a_lab_that_comes_back_is_followed_again(tmp_path: Path) -> None:
    with ExitStack() as first:
        service = first.enter_context(running_service())
        port = int(service.endpoint.rpartition(":")[2])
        with running_engine(service.endpoint, tmp_path, credentials=alice(service)) as engine:
            engine.wait(lambda status: status.fault_lab)
            first.close()
            engine.wait(lambda status: not status.fault_lab)
            with running_service(port=port) as again:
                again.faults.arm("jitter", ms=1)
                engine.wait(lambda status: is_armed(status, "jitter"))


def test_tokens_that_end_at_once_are_waited_between(tmp_path: Path) -> None:
    ended = Answer(b'{"token_expires_in":0}\n')
    script = "import jwt,time; print(jwt.encode({'sub':'u','exp':time.time()+60,'iat':time.time()},'k'*32))"
    credentials = TokenCommand(f'{sys.executable} -c "{script}"')
    with (
        scripted_service(ended) as service,
        running_engine(service.endpoint, tmp_path, credentials=credentials) as engine,
    ):
        engine.wait(lambda status: status.phase == "waiting" and status.retry_at)
        assert len(service.requests) == 2
