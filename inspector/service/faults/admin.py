"""The fault lab over HTTP, for this machine's programs only.

`GET /api/faults` tells all faults; with `?after=ID` it waits for news and brings the log since then.
`POST /api/faults/arm` takes `{"fault", "parameters"?, "times"?, "user"?}` or `{"preset", "user"?}`,
`/lift` takes `{"fault"}`, `/lift-all` takes `{}`. Each answers like GET.
"""

from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inspector.service.errors import Refusal, backend_refusal
from inspector.service.faults.fault import Fault, FaultError, Value
from inspector.service.faults.lab import FaultLab, LogEntry
from inspector.service.faults.network import ADMIN_PATH
from inspector.service.http import is_local_name, is_loopback, json_answer, read_body, state_of

_WAIT_SECONDS = 10.0


class ParameterView(Struct, frozen=True, omit_defaults=True):
    """See `fault.Parameter`."""

    name: str
    title: str
    default: Value
    unit: str = ""
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()


class ArmedView(Struct, frozen=True):
    """How a fault is armed; `remaining` null: until off."""

    remaining: int | None
    struck: int
    """How often since it was armed."""
    user: str
    parameters: dict[str, Value]
    since: int


class FaultView(Struct, frozen=True):
    """A fault, whether it is armed, and what it did; `armed` null: it is off."""

    name: str
    title: str
    group: str
    unit: str
    what: str
    expect: str
    parameters: tuple[ParameterView, ...]
    armed: ArmedView | None
    strikes: int
    last: LogEntry | None


class PresetView(Struct, frozen=True):
    """See `fault.Preset`."""

    name: str
    title: str


class LabView(Struct, frozen=True):
    """The whole lab; `log` has what happened after the id that was asked for."""

    revision: int
    faults: tuple[FaultView, ...]
    presets: tuple[PresetView, ...]
    log: tuple[LogEntry, ...]


class _Order(Struct, frozen=True, forbid_unknown_fields=True):
    fault: str = ""
    preset: str = ""
    parameters: dict[str, Any] = {}
    times: int | None = None
    user: str = ""


_decoder = msgspec.json.Decoder(_Order)


async def _list(request: Request) -> Response:
    lab = _lab(request)
    try:
        after = int(request.query_params.get("after", "-1"))
    except ValueError:
        raise backend_refusal(400, "INVALID_ORDER", "“after” is the id of a log entry.") from None
    if after >= 0:
        await lab.news(after, _WAIT_SECONDS)
    return json_answer(view_of(lab, after))


async def _arm(request: Request) -> Response:
    lab, order = _lab(request), await _order(request)
    try:
        if order.preset:
            lab.arm_preset(order.preset, user=order.user)
        else:
            lab.arm(order.fault, order.parameters, times=order.times, user=order.user)
    except FaultError as error:
        raise _refused(error) from error
    return json_answer(view_of(lab))


async def _lift(request: Request) -> Response:
    lab, order = _lab(request), await _order(request)
    try:
        lab.lift(order.fault)
    except FaultError as error:
        raise _refused(error) from error
    return json_answer(view_of(lab))


async def _lift_all(request: Request) -> Response:
    lab = _lab(request)
    await _order(request)
    lab.lift_all()
    return json_answer(view_of(lab))


ROUTES = (
    Route(ADMIN_PATH, _list, methods=["GET"]),
    Route(f"{ADMIN_PATH}/arm", _arm, methods=["POST"]),
    Route(f"{ADMIN_PATH}/lift", _lift, methods=["POST"]),
    Route(f"{ADMIN_PATH}/lift-all", _lift_all, methods=["POST"]),
)


def view_of(lab: FaultLab, after: int = -1) -> LabView:
    """The lab as it travels; without `after` the log is left out."""
    return LabView(
        lab.revision,
        tuple(_fault_view(lab, fault) for fault in lab.catalogue),
        tuple(PresetView(preset.name, preset.title) for preset in lab.presets),
        tuple(lab.log(after)) if after >= 0 else (),
    )


def _fault_view(lab: FaultLab, fault: Fault) -> FaultView:
    arming = lab.arming(fault.name)
    armed = None
    if arming is not None and arming.active:
        armed = ArmedView(arming.remaining, arming.struck, arming.user, dict(arming.values), arming.at)
    parameters = tuple(
        ParameterView(item.name, item.title, item.default, choices=item.choices)
        if isinstance(item.default, str)
        else ParameterView(item.name, item.title, item.default, item.unit, item.least, item.most)
        for item in fault.parameters
    )
    return FaultView(
        fault.name,
        fault.title,
        fault.group,
        fault.unit,
        fault.what,
        fault.expect,
        parameters,
        armed,
        lab.strikes.get(fault.name, 0),
        lab.last.get(fault.name),
    )


def _lab(request: Request) -> FaultLab:
    """The lab, for a program of this machine: neither for others, nor for a web page from elsewhere."""
    address = request.client.host if request.client is not None else ""
    if not is_loopback(address) or not is_local_name(request.url.hostname):
        raise backend_refusal(403, "FORBIDDEN", "The fault lab is open to this machine's programs only.")
    return state_of(request).faults


async def _order(request: Request) -> _Order:
    # A web page may send other types without asking; this one makes its browser ask, and that is answered with no.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise backend_refusal(415, "INVALID_ORDER", "Orders to the fault lab are JSON.")
    try:
        return _decoder.decode(await read_body(request) or b"{}")
    except msgspec.MsgspecError as error:
        raise backend_refusal(400, "INVALID_ORDER", f"The order cannot be read. {error}.") from None


def _refused(error: FaultError) -> Refusal:
    return backend_refusal(400, "INVALID_ORDER", str(error))
