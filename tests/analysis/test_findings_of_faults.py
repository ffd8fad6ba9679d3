"""What the checks find in recordings of a real engine and a real service that a fault strikes: the cause, first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.analysis.finding_types import Finding
from inspector.engine.control import BackendUpload, RefreshToken, StaticToken, Status, TokenEndpoint, Write
from inspector.store.local_write import LocalWrite
from tests.analysis.tape import report_on
from tests.engine.conditions import until
from tests.engine.running_engine import RunningEngine, running_engine
from tests.running_service import running_service

PATCH = LocalWrite("PATCH", "notes", "note-2", {"body": "written here"})


def findings_under(
    folder: Path,
    fault: str,
    occasion: Callable[[RunningEngine], None] = lambda _: None,
    *,
    enough: Callable[[Status], object],
    **parameters: Any,
) -> list[Finding]:
    """The findings, worst first, of an engine that synced and was then struck until `enough`."""
    with running_service() as service:
        credentials = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
        uploads = BackendUpload(f"{service.endpoint}/api/data")
        with running_engine(service.endpoint, folder, credentials=credentials, uploads=uploads) as engine:
            engine.wait(lambda status: status.fault_lab and status.shown_checkpoint)
            service.faults.arm(fault, user="alice", **parameters)
            occasion(engine)
            until(lambda: service.faults[fault]["strikes"], lambda: engine.statuses[-1:])
            engine.wait(enough)
            engine.wait(lambda status: any(it.name == fault and it.struck_us_at for it in status.faults))
    report = report_on(folder / "stream.pscapture", folder)
    assert not report.not_run
    return list(report.findings)


def write(engine: RunningEngine) -> None:
    engine.send(Write((PATCH,)))


def reconnect(engine: RunningEngine) -> None:
    engine.send(RefreshToken())


@pytest.mark.parametrize(
    ("fault", "names", "title", "says"),
    [
        (
            "proxy-wrong-encoding",
            ["connections/refused", "connections/wrong-encoding"],
            "The endpoint answers 500",
            "and its answer was not compressed.",
        ),
        ("proxy-404", ["connections/refused"], "The endpoint answers 404", "and not as a PowerSync service does."),
        ("http-503", ["connections/refused"], "The endpoint answers 503", "and not as a PowerSync service does."),
        (
            "clock-skew",
            ["connections/refused", "connections/clock"],
            "The endpoint answers 401",
            "It answers 401 S2103: JWT has expired.",
        ),
    ],
)
def test_an_endpoint_that_refuses_is_told_with_its_cause(
    tmp_path: Path, fault: str, names: list[str], title: str, says: str
) -> None:
    found = findings_under(tmp_path, fault, reconnect, enough=lambda status: status.problem)
    assert [each.name for each in found] == names
    assert found[0].title == title
    assert found[0].summary.startswith("While the fault “")
    assert says in found[0].summary


def test_uploads_that_nobody_can_confirm_are_told_with_the_path_that_is_not_known(tmp_path: Path) -> None:
    found = findings_under(
        tmp_path,
        "proxy-404",
        write,
        enough=lambda status: status.upload_problem,
        where="acknowledgements",
    )
    assert found[0].name == "uploads/not-asked"
    assert {each.name for each in found[1:]} <= {"capture/ends-held"}
    assert found[0].title == "The request to confirm uploads is answered 404"
    assert "/write-checkpoint2.json: 1 time." in found[0].summary
    assert found[0].next_step.endswith("Have the proxy pass every path of the service on, not `/sync/stream` alone.")


def test_a_token_that_no_service_would_take_is_told_where_nothing_was_asked(tmp_path: Path) -> None:
    with running_service() as service:
        credentials = StaticToken(service.token("alice", seconds=10 * 86_400))
        with running_engine(service.endpoint, tmp_path, credentials=credentials) as engine:
            engine.wait(lambda status: status.problem)
    (found,) = report_on(tmp_path / "stream.pscapture", tmp_path).findings
    assert found.name == "connections/never-asked"
    assert found.title == "The token lives too long"
    assert found.next_step == "Issue tokens that live for at most 24 hours."
