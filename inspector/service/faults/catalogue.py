"""All faults, in the order in which people are shown them."""

from inspector.service.faults.acknowledgements import ACKNOWLEDGEMENT_FAULTS
from inspector.service.faults.answers import ANSWER_FAULTS, CLOCK_SKEW, OFFLINE, REFUSE
from inspector.service.faults.endings import TOKEN_EXPIRY
from inspector.service.faults.fault import Fault, Group
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
