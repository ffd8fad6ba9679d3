"""Which faults are armed, and what they have done. Lives on the service's event loop."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from msgspec import Struct

from inspector.service.faults.fault import Fault, FaultError, Preset, Values

_LOG_LENGTH = 2_000

Action: TypeAlias = Literal["armed", "struck", "lifted", "used up"]


class LogEntry(Struct, frozen=True):
    """Something that happened to a fault; `at` in ns since the Unix epoch."""

    id: int
    at: int
    fault: str
    action: Action
    what: str
    """A sentence."""
    user: str = ""
    """Whose stream or request was struck, or whom the fault is armed for; empty: not known, or everybody."""
    client: str = ""
    """The client id of the stream that was struck."""


@dataclass(slots=True, eq=False)
class Arming:
    """A fault that was armed. `remaining` strikes until it is used up, None: until it is lifted."""

    fault: Fault
    values: Values
    remaining: int | None
    user: str
    at: int
    struck: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """It was lifted: what it held back may go on."""

    @property
    def active(self) -> bool:
        """It strikes at the next occasion."""
        return self.remaining != 0 and not self.over.is_set()

    def number(self, name: str) -> int:
        """A parameter that is a number."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """A parameter that is a text."""
        return str(self.values[name])


class FaultLab:
    """The faults of one service. `on_change` is called when a fault was armed or lifted."""

    def __init__(self, catalogue: tuple[Fault, ...], presets: tuple[Preset, ...] = ()) -> None:
        self.catalogue = catalogue
        self.presets = presets
        self.on_change: list[Callable[[], None]] = []
        self.quiet = True
        """No fault is armed: the one thing that is asked where nothing may cost anything."""
        self.strikes: dict[str, int] = {}
        self.last: dict[str, LogEntry] = {}
        """The last strike of each fault that ever struck."""
        self._faults = {fault.name: fault for fault in catalogue}
        self._presets = {preset.name: preset for preset in presets}
        self._armings: dict[str, Arming] = {}
        self._log: deque[LogEntry] = deque(maxlen=_LOG_LENGTH)
        self._logged = 0
        self._news = asyncio.Event()
        self._closed = False

    def arm(
        self, name: str, given: Mapping[str, object] | None = None, *, times: int | None = None, user: str = ""
    ) -> None:
        """Arm a fault for its next `times` occasions, or until off; for one user, or everybody. Raises FaultError."""
        fault = self.fault(name)
        if times is not None and times < 1:
            raise FaultError(f"“{fault.title}” cannot be armed {times} times.", next_step="Give 1 or more, or nothing.")
        values = fault.values(given or {})
        self._end(name)
        self._armings[name] = Arming(fault, values, times, user, time.time_ns())
        self._note(name, "armed", _armed_words(fault, times, user), user)
        self._changed()

    def arm_preset(self, name: str, *, user: str = "") -> None:
        """Arm all faults of a preset until off; raises FaultError."""
        preset = self._presets.get(name)
        if preset is None:
            raise FaultError(f"There is no preset “{name}”.", next_step=f"There are {', '.join(self._presets)}.")
        for fault, values in preset.faults.items():
            self.arm(fault, values, user=user)

    def lift(self, name: str) -> None:
        """End a fault, and what it still holds back; raises FaultError for one that does not exist."""
        fault = self.fault(name)
        if self._end(name):
            self._note(name, "lifted", f"“{fault.title}” was lifted.")
        self._changed()

    def lift_all(self) -> None:
        """End all faults."""
        for name in list(self._armings):
            self.lift(name)

    def fault(self, name: str) -> Fault:
        """The fault with this name; raises FaultError."""
        fault = self._faults.get(name)
        if fault is None:
            raise FaultError(f"There is no fault “{name}”.", next_step=f"There are {', '.join(self._faults)}.")
        return fault

    def arming(self, name: str) -> Arming | None:
        """What became of arming this fault last, used up or not; None when it is off."""
        return self._armings.get(name)

    def active(self, name: str, user: str = "") -> Arming | None:
        """The arming, when the fault is to strike `user` now."""
        arming = self._armings.get(name)
        return arming if arming is not None and arming.active and arming.user in ("", user) else None

    def strike(self, arming: Arming, what: str, *, user: str = "", client: str = "") -> None:
        """Note that a fault has struck: `what` is a sentence about what it did."""
        name = arming.fault.name
        self.strikes[name] = self.strikes.get(name, 0) + 1
        self.last[name] = self._note(name, "struck", what, user, client)
        arming.struck += 1
        if arming.remaining is not None:
            arming.remaining -= 1
            if arming.remaining == 0:
                self._note(
                    name, "used up", f"“{arming.fault.title}” is over: it has struck as often as it was armed for."
                )
                self._changed()

    @property
    def revision(self) -> int:
        """The id of the newest log entry; every change has one."""
        return self._logged

    def log(self, after: int = 0) -> list[LogEntry]:
        """What happened since the entry with id `after`; the oldest are forgotten after 2,000."""
        return [entry for entry in self._log if entry.id > after]

    async def news(self, after: int, seconds: float) -> None:
        """Wait until there is an entry newer than `after`, at most `seconds`, or until the service stops."""
        try:
            async with asyncio.timeout(seconds):
                while self._logged <= after and not self._closed:
                    news = self._news
                    await news.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """The service stops: nobody waits any longer."""
        self._closed = True
        for name in list(self._armings):
            self._end(name)
        self._tell()

    def _end(self, name: str) -> bool:
        """Whether it was on until now."""
        arming = self._armings.pop(name, None)
        if arming is None:
            return False
        was_active = arming.active
        arming.over.set()
        return was_active

    def _note(self, name: str, action: Action, what: str, user: str = "", client: str = "") -> LogEntry:
        self._logged += 1
        entry = LogEntry(self._logged, time.time_ns(), name, action, what, user, client)
        self._log.append(entry)
        self._tell()
        return entry

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _changed(self) -> None:
        self.quiet = not any(arming.active for arming in self._armings.values())
        for tell in self.on_change:
            tell()


def _armed_words(fault: Fault, times: int | None, user: str) -> str:
    unit = fault.unit.value
    how_long = (
        "until off" if times is None else f"for the next {unit}" if times == 1 else f"for the next {times} {unit}s"
    )
    return f"“{fault.title}” was armed {how_long}{f', for {user} only' if user else ''}."
