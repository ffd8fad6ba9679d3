"""All faults, in the order in which people are shown them; and how they are named in one word."""

from collections.abc import Iterable

from inspector.service.faults.acknowledgements import ACKNOWLEDGEMENT_FAULTS
from inspector.service.faults.answers import ANSWER_FAULTS, CLOCK_SKEW, OFFLINE, REFUSE
from inspector.service.faults.endings import TOKEN_EXPIRY
from inspector.service.faults.fault import Fault, FaultError, Group
from inspector.service.faults.lab import FaultLab
from inspector.service.faults.pace import PACE_FAULTS, PRESETS
from inspector.service.faults.proxy import CUT_AFTER_BYTES, PROXY_FAULTS
from inspector.service.faults.stream import LINE_FAULTS
from inspector.service.faults.writes import WRITE_FAULTS

_ALL = (
    OFFLINE,
    *PACE_FAULTS,
    REFUSE,
    CUT_AFTER_BYTES,
    *(answer.fault for answer in ANSWER_FAULTS),
    CLOCK_SKEW,
    TOKEN_EXPIRY,
    *(line.fault for line in LINE_FAULTS),
    *WRITE_FAULTS,
    *ACKNOWLEDGEMENT_FAULTS,
    *PROXY_FAULTS,
)

CATALOGUE: tuple[Fault, ...] = tuple(sorted(_ALL, key=lambda fault: list(Group).index(fault.group)))


def new_lab() -> FaultLab:
    """A lab with nothing armed."""
    return FaultLab(CATALOGUE, PRESETS)


def arm_all(lab: FaultLab, orders: Iterable[str]) -> None:
    """Arm what a command line names, `NAME[:PARAMETER=VALUE,…]`, until off; raises FaultError."""
    presets = {preset.name for preset in lab.presets}
    for order in orders:
        name, _, settings = order.partition(":")
        if name in presets and not settings:
            lab.arm_preset(name)
            continue
        given = {}
        for setting in filter(None, settings.split(",")):
            parameter, separator, value = setting.partition("=")
            if not separator:
                raise FaultError(f"“{setting}” is no setting of a fault.", next_step="Write it as PARAMETER=VALUE.")
            given[parameter.strip()] = value.strip()
        lab.arm(name, given)


def listing() -> str:
    """All faults with their parameters, and the presets, for a terminal."""
    lines: list[str] = []
    for group in Group:
        lines.append(f"{group.upper()}")
        for fault in CATALOGUE:
            if fault.group is group:
                settings = ",".join(f"{parameter.name}={parameter.default}" for parameter in fault.parameters)
                lines.append(f"  {fault.name}{f':{settings}' if settings else ''}\n      {fault.what}")
        lines.append("")
    return "\n".join([*lines, f"Presets: {', '.join(preset.name for preset in PRESETS)}"])
