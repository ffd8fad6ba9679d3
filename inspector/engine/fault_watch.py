"""Follows the fault lab of the embedded service, so that nobody takes an injected fault for a real one.

The service names its lab in every answer; it is believed on this machine only. What happens there to this client
goes into the capture as events of the source `faults`, with `{"fault", "action"}` as their details.
"""

import asyncio
import time
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Struct

from inspector.engine.control import ArmFault, FaultStatus, LiftFault
from inspector.engine.errors import SettingsError
from inspector.engine.recorder import Recorder
from inspector.engine.transport import Transport
from inspector.protocol.errors import InspectorError
from inspector.protocol.service_errors import refusal

_POLL_SECONDS = 30.0
"""More than the service lets a program wait for news."""
_RETRY_SECONDS = 1.0


class FaultTrouble(InspectorError):
    """The fault lab does not do what it was asked."""


class _LogEntry(Struct, frozen=True):
    id: int
    at: int
    fault: str
    action: str
    what: str
    user: str = ""
    client: str = ""


class _Armed(Struct, frozen=True):
    remaining: int | None
    struck: int
    user: str
    parameters: dict[str, int | str]


class _Fault(Struct, frozen=True):
    name: str
    title: str
    armed: _Armed | None
    strikes: int
    last: _LogEntry | None


class _Lab(Struct, frozen=True):
    revision: int
    faults: tuple[_Fault, ...]
    log: tuple[_LogEntry, ...]


_decoder = msgspec.json.Decoder(_Lab)


class FaultWatch:
    """Tells the recorder what is armed and what has struck."""

    def __init__(self, transport: Transport, recorder: Recorder) -> None:
        self._transport = transport
        self._recorder = recorder
        self._status = recorder.status
        self._started_at = time.time_ns()
        self._after = 0
        self._struck_us: dict[str, int] = {}

    async def run(self) -> None:
        """Follow the lab for as long as there is one, until cancelled."""
        while True:
            try:
                await self._follow()
            except (InspectorError, httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError):
                self._status.fault_lab = False
                self._status.faults = ()
                await asyncio.sleep(_RETRY_SECONDS)

    async def arm(self, order: ArmFault) -> None:
        """Arm a fault or a preset; raises SettingsError, FaultTrouble or ServiceRefusal."""
        kind = {"preset": order.preset} if order.preset else {"fault": order.fault, "times": order.times}
        await self._order("arm", {**kind, "parameters": order.parameters or {}, "user": order.user})

    async def lift(self, order: LiftFault) -> None:
        """Lift a fault, or all; raises as `arm` does."""
        await self._order("lift" if order.fault else "lift-all", {"fault": order.fault} if order.fault else {})

    async def _follow(self) -> None:
        await self._transport.lab_found.wait()
        self._take(await self._ask("GET"))
        while True:
            self._take(await self._ask("GET", f"?after={self._after}"))

    async def _order(self, what: str, fields: dict[str, Any]) -> None:
        if not self._transport.lab_found.is_set():
            raise SettingsError(
                "There is no fault lab here.",
                why="Faults are injected by the embedded service, on this machine.",
                next_step="Start the demo, or connect to “inspector service”.",
            )
        try:
            self._take(await self._ask("POST", f"/{what}", msgspec.json.encode(fields)))
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise FaultTrouble(
                "The fault lab does not answer.", why=f"{error}.", next_step="Check that the service runs."
            ) from error

    async def _ask(self, method: str, path: str = "", body: bytes | None = None) -> _Lab:
        address = self._transport.address
        if not _is_local(address):
            raise FaultTrouble("Faults are followed on this machine only.")
        answer = await self._transport.fetch(
            method,
            f"{address}/api/faults{path}",
            content=body,
            headers={"Content-Type": "application/json"},
            timeout=_POLL_SECONDS,
        )
        if answer.status_code != 200:
            raise refusal(answer.status_code, answer.headers.get("content-type", ""), answer.content)
        return _decoder.decode(answer.content)

    def _take(self, lab: _Lab) -> None:
        if lab.revision < self._after:  # the service is another one now
            self._after = 0
            self._struck_us.clear()
        for entry in lab.log:
            self._after = max(self._after, entry.id)
            if entry.at >= self._started_at and self._concerns_us(entry.user, entry.client):
                self._note(entry)
        self._status.fault_lab = True
        self._status.faults = tuple(self._fault(fault) for fault in lab.faults if fault.armed or fault.strikes)

    def _note(self, entry: _LogEntry) -> None:
        if entry.action == "struck":
            self._struck_us[entry.fault] = entry.at
        self._recorder.fault(entry.fault, entry.action, entry.what, entry.at)

    def _fault(self, fault: _Fault) -> FaultStatus:
        armed, last = fault.armed, fault.last
        known = FaultStatus(
            fault.name,
            fault.title,
            strikes=fault.strikes,
            last_at=last.at if last else None,
            last=last.what if last else "",
            struck_us_at=self._struck_us.get(fault.name),
        )
        if armed is None:
            return known
        return msgspec.structs.replace(
            known,
            armed=True,
            remaining=armed.remaining,
            struck_since_armed=armed.struck,
            user=armed.user,
            parameters=armed.parameters,
            concerns_us=self._concerns_us(armed.user),
        )

    def _concerns_us(self, user: str, client: str = "") -> bool:
        return user in ("", self._status.user_id) and client in ("", self._status.client_id)


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
