"""Faults as rows: by group, with how each is armed and how often it has struck."""

from dataclasses import dataclass
from typing import TypeAlias

from inspector.engine.control import FaultStatus
from inspector.service.faults.fault import Fault, Group
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Align, Cell, Column, Mark
from inspector.words import clock, thousands

GROUP_TITLES = {
    Group.NETWORK: "Network",
    Group.HTTP: "HTTP answers",
    Group.STREAM: "Stream",
    Group.DATA: "Data",
    Group.WRITES: "Writes",
    Group.PROXY: "Proxy between",
}
_ARMED = Mark("▲", Colour.FAULT)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The heading of a group; `armed` counts its faults that are."""

    group: Group
    armed: int
    expanded: bool


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault, and what the service last said of it; None while it neither is armed nor ever struck."""

    fault: Fault
    status: FaultStatus | None

    @property
    def armed(self) -> bool:
        """It strikes at the next occasion."""
        return self.status is not None and self.status.armed


Line: TypeAlias = GroupLine | FaultLine


def state_words(line: FaultLine) -> str:
    """How long a fault is armed for, and for whom; empty when it is off."""
    status = line.status
    if status is None or not status.armed:
        return ""
    how_long = "until off" if status.remaining is None else f"next {thousands(status.remaining)}"
    return f"{how_long}, {status.user}" if status.user else how_long


def _title(line: Line) -> Cell:
    if isinstance(line, GroupLine):
        return Cell(GROUP_TITLES[line.group])
    mark = _ARMED if line.armed else None
    return Cell(line.fault.title, mark=mark, tooltip=f"{line.fault.what} {line.fault.expect}")


def _state(line: Line) -> Cell:
    if isinstance(line, GroupLine):
        return Cell(f"{line.armed} armed", Colour.FAULT) if line.armed else Cell()
    return Cell(state_words(line), Colour.FAULT)


def _strikes(line: Line) -> Cell:
    if isinstance(line, GroupLine) or line.status is None or not line.status.strikes:
        return Cell()
    return Cell(thousands(line.status.strikes))


def _last(line: Line) -> Cell:
    if isinstance(line, GroupLine) or line.status is None or line.status.last_at is None:
        return Cell()
    return Cell(clock(line.status.last_at), Colour.DIM, tooltip=line.status.last)


COLUMNS: tuple[Column[Line], ...] = (
    Column(
        "Fault", cell=_title, stretch=True, width=24, least=12, explains="What the service can be made to do wrong."
    ),
    Column("Armed", cell=_state, width=9, explains="How long it goes on striking: a number of times, or until off."),
    Column(
        "Strikes",
        cell=_strikes,
        align=Align.RIGHT,
        width=7,
        explains="How often it has struck since the service started, whoever was struck.",
    ),
    Column("Last", cell=_last, width=8, optional=True, explains="When it last struck."),
)
