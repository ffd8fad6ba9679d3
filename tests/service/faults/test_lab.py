"""Arming, counting and lifting, as a program of this machine does it over HTTP."""

import threading
from pathlib import Path

import httpx
import pytest

from inspector.service.faults.catalogue import CATALOGUE, listing
from inspector.service.faults.fault import FaultError
from inspector.service.options import ServiceOptions
from inspector.service.run import RunningService
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import first_sync, open_stream


def failures(service: ServiceUnderTest, user: str = "alice") -> int:
    """The status that a request for a stream is answered with."""
    headers = service.authorization(user)
    with httpx.stream("POST", f"{service.endpoint}/sync/stream", json={}, headers=headers) as answer:
        return answer.status_code


def test_every_fault_says_what_it_does_and_what_to_expect(service: ServiceUnderTest) -> None:
    faults = service.faults.view()["faults"]
    assert len({fault["name"] for fault in faults}) == len(faults) > 30
    assert len({fault["title"] for fault in faults}) == len(faults)
    for fault in faults:
        assert fault["what"].endswith(".")
        assert fault["expect"].endswith(".")
        assert fault["armed"] is None
    groups = list(dict.fromkeys(fault["group"] for fault in faults))
    assert groups == ["network", "http", "stream", "data", "writes", "proxy"]


def test_a_fault_strikes_as_often_as_it_was_armed_for(service: ServiceUnderTest) -> None:
    service.faults.arm("http-500", times=2)
    assert [failures(service) for _ in range(3)] == [500, 500, 200]
    assert service.faults["http-500"]["armed"] is None


def test_a_fault_strikes_until_it_is_lifted(service: ServiceUnderTest) -> None:
    before = service.faults["http-503"]["strikes"]
    service.faults.arm("http-503")
    assert [failures(service) for _ in range(3)] == [503, 503, 503]
    fault = service.faults["http-503"]
    assert fault["armed"]["remaining"] is None
    assert fault["strikes"] == before + 3
    service.faults.lift("http-503")
    assert failures(service) == 200


def test_a_fault_for_one_user_leaves_the_other_alone(service: ServiceUnderTest) -> None:
    service.faults.arm("http-500", user="bob")
    assert failures(service, "alice") == 200
    assert failures(service, "bob") == 500
    service.faults.arm("wrong-bucket-checksum", user="bob")
    assert first_sync(service, user="alice")
    assert service.faults["wrong-bucket-checksum"]["strikes"] == 0


def test_the_log_tells_when_what_happened_to_whom(service: ServiceUnderTest) -> None:
    revision = service.faults.view()["revision"]
    service.faults.arm("altered-row", times=1, user="bob", table="notes")
    first_sync(service, user="bob")
    log = service.faults.view(after=revision)["log"]
    assert [entry["action"] for entry in log] == ["armed", "struck", "used up"]
    struck = log[1]
    assert (struck["fault"], struck["user"], struck["client"]) == ("altered-row", "bob", "client-1")
    assert struck["what"].endswith("its checksum was left as it was.")
    assert log[0]["at"] < struck["at"] <= log[2]["at"]
    assert service.faults["altered-row"]["last"] == struck


def test_whoever_waits_hears_of_a_strike_at_once(service: ServiceUnderTest) -> None:
    service.faults.arm("unknown-line", times=1)
    revision = service.faults.view()["revision"]
    seen: list[str] = []
    waiting = threading.Thread(
        target=lambda: seen.extend(entry["action"] for entry in service.faults.view(after=revision)["log"])
    )
    waiting.start()
    first_sync(service)
    waiting.join(timeout=8)
    assert seen[:1] == ["struck"]


def test_a_preset_arms_a_whole_network(service: ServiceUnderTest) -> None:
    service.faults.order("arm", preset="slow-3g").raise_for_status()
    assert service.faults["latency"]["armed"]["parameters"] == {"ms": 400}
    assert service.faults["bandwidth"]["armed"]["parameters"] == {"kbps": 400}
    service.faults.order("lift-all").raise_for_status()
    assert service.faults["latency"]["armed"] is service.faults["bandwidth"]["armed"] is None


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"fault": "gremlins"}, "There is no fault “gremlins”."),
        ({"preset": "2g"}, "There is no preset “2g”. There are slow-3g, fast-3g, lte."),
        ({"fault": "latency", "times": 0}, "“Latency” cannot be armed 0 times."),
        ({"fault": "latency", "parameters": {"ms": -1}}, "-1 is out of range for later by."),
        ({"fault": "latency", "parameters": {"ms": "soon"}}, "“soon” is no later by. Give a whole number."),
        ({"fault": "latency", "parameters": {"s": 1}}, "The fault “Latency” has no parameter “s”. It has ms."),
        ({"fault": "http-500", "parameters": {"where": "moon"}}, "Give stream, acknowledgements or all."),
        ({"fault": "latency", "for": "ever"}, "The order cannot be read."),
    ],
)
def test_what_cannot_be_armed_is_said(service: ServiceUnderTest, order: dict[str, object], words: str) -> None:
    answer = service.faults.order("arm", **order)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["description"]


def test_foreign_web_pages_cannot_arm_faults(service: ServiceUnderTest) -> None:
    address = f"{service.endpoint}/api/faults/arm"
    plain = httpx.post(address, content=b'{"fault":"offline"}', headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    renamed = httpx.post(address, json={"fault": "offline"}, headers={"Host": "attacker.example"})
    assert renamed.status_code == 403
    asks = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in httpx.options(address, headers=asks).headers


def test_the_lab_answers_while_the_service_is_offline(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("offline")
        with pytest.raises(httpx.RemoteProtocolError):
            stream.rest()
    with pytest.raises(httpx.RemoteProtocolError):
        failures(service)
    service.faults.lift("offline")
    assert failures(service) == 200


def test_faults_are_armed_from_the_command_line() -> None:
    orders = ("http-500:where=acknowledgements", "cut-after-frames:frames=2", "lte")
    with running_service(faults=orders) as service:
        armed = {
            fault["name"]: fault["armed"]["parameters"] for fault in service.faults.view()["faults"] if fault["armed"]
        }
    assert armed == {
        "latency": {"ms": 70},
        "bandwidth": {"kbps": 12_000},
        "cut-after-frames": {"frames": 2},
        "http-500": {"where": "acknowledgements"},
    }


@pytest.mark.parametrize("order", ["gremlins", "latency:400", "latency:s=1"])
def test_a_service_does_not_start_with_a_fault_that_there_is_not(order: str) -> None:
    with pytest.raises(FaultError):
        RunningService(ServiceOptions(port=0, faults=(order,)))


def test_the_listing_names_every_fault_with_its_parameters() -> None:
    text = listing()
    assert all(fault.name in text and fault.what in text for fault in CATALOGUE)
    assert "cut-after-frames:frames=3" in text


def test_the_documentation_tells_of_every_fault() -> None:
    text = (Path(__file__).parents[3] / "resources/docs/faults.md").read_text()
    for fault in CATALOGUE:
        assert f"**{fault.title}** `{fault.name}`" in text
        assert fault.expect in text
