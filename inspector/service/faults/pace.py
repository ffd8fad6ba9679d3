"""Faults in time: a slow network, and one that stands still."""

import asyncio
from random import uniform

from inspector.service.faults.fault import Fault, Group, Parameter, Preset, Unit
from inspector.service.faults.lab import Arming, FaultLab

LATENCY = Fault(
    "latency",
    "Latency",
    "Every answer, and whatever a stream sends after a pause, comes later.",
    "Everything works, later.",
    Group.NETWORK,
    Unit.ANSWER,
    (Parameter("ms", "Later by", 400, "ms", 0, 600_000),),
)
JITTER = Fault(
    "jitter",
    "Jitter",
    "Like latency, each time by another span.",
    "Everything works, unevenly.",
    Group.NETWORK,
    Unit.ANSWER,
    (Parameter("ms", "Later by at most", 300, "ms", 0, 600_000),),
)
BANDWIDTH = Fault(
    "bandwidth",
    "Bandwidth",
    "Answers flow at a limited rate.",
    "A first sync takes its time; priorities and partial checkpoints show what comes first.",
    Group.NETWORK,
    Unit.ANSWER,
    (Parameter("kbps", "Rate", 400, "kbit/s", 1, 10**7),),
)
STALL = Fault(
    "stall",
    "Stall",
    "A stream stands still for a while, or until this is lifted; its connection stays open.",
    "Nothing comes, not even keepalives: after 60 s of silence the client opens another stream.",
    Group.NETWORK,
    Unit.STREAM,
    (Parameter("seconds", "For (0: until lifted)", 0, "s", 0, 86_400),),
)
PACE_FAULTS = (LATENCY, JITTER, BANDWIDTH, STALL)

PRESETS = (
    Preset("slow-3g", "Slow 3G", {LATENCY.name: {"ms": 400}, BANDWIDTH.name: {"kbps": 400}}),
    Preset("fast-3g", "Fast 3G", {LATENCY.name: {"ms": 150}, BANDWIDTH.name: {"kbps": 1_600}}),
    Preset("lte", "LTE", {LATENCY.name: {"ms": 70}, BANDWIDTH.name: {"kbps": 12_000}}),
)
"""Round trip and downlink as WebPageTest has them under these names."""

_PIECES_PER_SECOND = 20


class Pace:
    """When the bytes of one answer go out."""

    def __init__(self, lab: FaultLab, user: str) -> None:
        self._lab = lab
        self._user = user
        self._sent_at = 0.0
        self._engaged: dict[str, Arming] = {}
        """What has struck this answer goes on to its end."""

    @property
    def engaged(self) -> bool:
        """Something slows this answer down, used up or not."""
        return any(not arming.over.is_set() for arming in self._engaged.values())

    async def delay(self) -> None:
        """Wait as long as a packet is on its way that follows a pause."""
        now = asyncio.get_running_loop().time()
        seconds = 0.0
        if arming := self._arming(LATENCY):
            seconds += arming.number("ms") / 1_000
            self._strike(arming, f"An answer was held up by {arming.number('ms')} ms.")
        if arming := self._arming(JITTER):
            seconds += uniform(0, arming.number("ms") / 1_000)
            self._strike(arming, f"An answer was held up by up to {arming.number('ms')} ms.")
        # What follows closely is on its way at the same time.
        if seconds and now - self._sent_at > seconds:
            await asyncio.sleep(seconds)
        self._sent_at = asyncio.get_running_loop().time()

    async def stall(self) -> None:
        """Stand still if that is asked for."""
        while arming := self._lab.active(STALL.name, self._user):
            seconds = arming.number("seconds")
            how_long = f"for {seconds} s" if seconds else "until the fault is lifted"
            self._lab.strike(arming, f"A stream stands still {how_long}.", user=self._user)
            try:
                await asyncio.wait_for(arming.over.wait(), seconds or None)
            except TimeoutError:
                return

    def pieces(self, body: bytes) -> list[tuple[bytes, float]]:
        """`body` in pieces, each with the seconds that it takes; whole and at once without a limit."""
        arming = self._arming(BANDWIDTH)
        if arming is None:
            return [(body, 0.0)]
        rate = arming.number("kbps") * 1_000 / 8
        self._strike(arming, f"An answer was slowed down to {arming.number('kbps')} kbit/s.")
        size = max(1, int(rate / _PIECES_PER_SECOND))
        return [(body[at : at + size], len(body[at : at + size]) / rate) for at in range(0, len(body), size)]

    def _arming(self, fault: Fault) -> Arming | None:
        engaged = self._engaged.get(fault.name)
        if engaged is not None and not engaged.over.is_set():
            return engaged
        return self._lab.active(fault.name, self._user)

    def _strike(self, arming: Arming, what: str) -> None:
        """Once an answer."""
        if self._engaged.get(arming.fault.name) is not arming:
            self._engaged[arming.fault.name] = arming
            self._lab.strike(arming, what, user=self._user)
