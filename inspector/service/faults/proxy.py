"""Faults of a proxy that stores what it should pass on, and of connections that break in the middle of bytes."""

from inspector.service.faults.fault import Fault, Group, Parameter, Unit
from inspector.service.faults.lab import Arming, FaultLab
from inspector.words import plural, thousands

BUFFERS = Fault(
    "proxy-buffers",
    "Proxy buffers the stream",
    "A stream's head passes, its body is stored until the stream ends or this is lifted.",
    "The client is connected and gets nothing, not even keepalives; then everything at once.",
    Group.PROXY,
    Unit.STREAM,
)
HOLDS_TAIL = Fault(
    "proxy-holds-tail",
    "Proxy holds back the tail",
    "The last bytes of a stream stay in a buffer until more follow, the stream ends or this is lifted.",
    "Data come, the completion does not: progress stands still short of the end, session after session.",
    Group.PROXY,
    Unit.STREAM,
    (Parameter("bytes", "Buffer", 65_536, "bytes", 1),),
)
CUT_AFTER_BYTES = Fault(
    "cut-after-bytes",
    "Cut after bytes",
    "The connection breaks after so many bytes of a stream, in the middle of a line.",
    "The client drops the torn line, keeps what it has stored and goes on from there.",
    Group.NETWORK,
    Unit.STREAM,
    (Parameter("bytes", "Bytes", 2_000, "bytes", 1),),
)
PROXY_FAULTS = (BUFFERS, HOLDS_TAIL)


class Buffer:
    """Holds back the bytes of one stream."""

    def __init__(self, lab: FaultLab, user: str) -> None:
        self._lab = lab
        self._user = user
        self._kept = bytearray()
        self.arming: Arming | None = None
        """What holds the bytes back."""

    def through(self, body: bytes, *, last: bool) -> bytes:
        """What goes out now that `body` has come."""
        if self.arming is None:
            self._begin()
        if self.arming is None:
            return body
        self._kept += body
        keep = 0 if last or self.arming.over.is_set() else self._capacity(self.arming)
        return self._take(len(self._kept) - keep) if keep < len(self._kept) else b""

    def release(self) -> bytes:
        """Everything, once the fault was lifted."""
        self.arming = None
        return self._take(len(self._kept))

    def _begin(self) -> None:
        if arming := self._lab.active(BUFFERS.name, self._user):
            self._lab.strike(arming, "The body of a stream is stored until it ends.", user=self._user)
            self.arming = arming
        elif arming := self._lab.active(HOLDS_TAIL.name, self._user):
            size = thousands(arming.number("bytes"))
            self._lab.strike(arming, f"The last {size} bytes of a stream are held back.", user=self._user)
            self.arming = arming

    def _capacity(self, arming: Arming) -> int:
        return arming.number("bytes") if arming.fault is HOLDS_TAIL else 2**62

    def _take(self, size: int) -> bytes:
        taken = bytes(self._kept[:size])
        del self._kept[:size]
        return taken


class ByteCounter:
    """Breaks one stream's connection after so many bytes."""

    def __init__(self, lab: FaultLab, user: str) -> None:
        self._lab = lab
        self._user = user
        self._arming: Arming | None = None
        self._left = 0

    def through(self, body: bytes) -> tuple[bytes, bool]:
        """What still goes out, and whether the connection is to break then."""
        arming = self._lab.active(CUT_AFTER_BYTES.name, self._user)
        if arming is None:
            return body, False
        if arming is not self._arming:
            self._arming, self._left = arming, arming.number("bytes")
        if len(body) < self._left:
            self._left -= len(body)
            return body, False
        self._lab.strike(
            arming, f"The connection was cut after {plural(arming.number('bytes'), 'byte')}.", user=self._user
        )
        return body[: self._left], True
