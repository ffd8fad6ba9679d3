"""The checks of captures: what each finds in a recording that went wrong, and that sound recordings are sound."""

from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest

from inspector.analysis.finding_types import Certainty, Finding
from inspector.protocol.checksums import remove_checksum
from tests.analysis.plays_of_uploads import (
    ask_in_vain,
)
from tests.analysis.plays_that_are_sound import (
    HEALTHY,
    behind_one_that_fails,
)
from tests.analysis.plays_that_go_wrong import (
    CASES,
)
from tests.analysis.tape import BEGIN, BUCKET, S, Tape, report_on
from tests.capture.recording import STREAMS, record_to


@pytest.mark.parametrize(("name", "play", "certainty"), CASES, ids=[f"{it[0]}-{it[1].__name__}" for it in CASES])
def test_what_went_wrong_is_found(
    tmp_path: Path, name: str, play: Callable[[Tape], None], certainty: Certainty
) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    play(tape)
    tape.writer.close()
    report = report_on(tape.path, tmp_path)
    found: dict[str, Finding] = {each.name: each for each in report.findings}
    assert name in found, list(found)
    assert found[name].certainty is certainty
    assert found[name].evidence
    assert not report.not_run


@pytest.mark.parametrize("play", HEALTHY)
def test_what_is_healthy_is_not_reported(tmp_path: Path, play: Callable[[Tape], None]) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    play(tape)
    tape.writer.close()
    report = report_on(tape.path, tmp_path)
    assert report.findings == ()
    assert not report.not_run


def test_writes_behind_one_that_fails_are_not_said_to_be_forgotten(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    behind_one_that_fails(tape)
    tape.writer.close()
    assert {each.name for each in report_on(tape.path, tmp_path).findings} == {"uploads/recorded-refused"}


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("//write-checkpoint2.json", "Give the endpoint without a path and without a slash at its end."),
        ("/write-checkpoint2.json", "Have the proxy pass every path of the service on, not `/sync/stream` alone."),
    ],
)
def test_a_request_to_confirm_that_nobody_knows_says_why(tmp_path: Path, path: str, step: str) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    ask_in_vain(tape, path)
    tape.writer.close()
    (found,) = report_on(tape.path, tmp_path).findings
    assert found.next_step == step


def test_a_refusal_says_what_its_answer_says_and_the_step_that_helps(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(status=401, headers={"Date": formatdate(BEGIN / S + 7200, usegmt=True)})
    tape.end("The connection was lost. The service refuses the token. It answers 401 S2103: JWT has expired.")
    tape.connect(status=502, headers={"Server": "nginx"})
    tape.end("The connection was lost. The endpoint answers 502, and not as a PowerSync service does.")
    tape.writer.close()
    found = {each.name: each for each in report_on(tape.path, tmp_path).findings}
    refusal = found["connections/refused"]
    assert refusal.summary == "The endpoint answers 502, and not as a PowerSync service does."
    assert refusal.next_step.startswith("Look whether the service behind the endpoint runs")
    assert [each.what for each in refusal.evidence] == ["HTTP 401 S2103", "HTTP 502, by nginx"]


def test_a_token_that_seems_ended_because_of_a_clock_is_told_as_that(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect(status=401, headers={"Date": formatdate(BEGIN / S + 7200, usegmt=True)})
    tape.end("The connection was lost. The service refuses the token. It answers 401 S2103: JWT has expired.")
    tape.writer.close()
    (refusal, _) = report_on(tape.path, tmp_path).findings
    assert "The client's clock is 2 h behind the service's" in refusal.meaning
    assert refusal.next_step == "Set the clock that is wrong."


def test_recordings_of_a_real_service_are_sound(tmp_path: Path) -> None:
    for name in (name for name in STREAMS if name not in ("streams-subscribe", "no-defaults")):
        report = report_on(record_to(tmp_path / f"{name}.pscapture", name), tmp_path)
        assert report.findings == (), name
    asked_in_vain = report_on(record_to(tmp_path / "asked.pscapture", "streams-subscribe"), tmp_path)
    assert [each.title for each in asked_in_vain.findings] == ["The service knows no stream “nope”"]


def test_an_operation_that_came_altered_is_named(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.pscapture")
    tape.connect()
    tape.checkpoint(10)
    sound = {"op_id": "1", "op": "REMOVE", "subkey": "s", "object_type": "a", "object_id": "b"}
    good = {**sound, "checksum": remove_checksum("s")}
    tape.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [good], "next_after": "1"}})
    tape.data(2)
    tape.end()
    tape.writer.close()
    found = {each.name: each for each in report_on(tape.path, tmp_path).findings}
    altered = found[f"operations/arrived-altered/{BUCKET}"]
    assert altered.title == '1 operation of todos["u"] came altered'
    assert altered.evidence[0].where == "op 2"
