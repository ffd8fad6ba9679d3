"""Faults in write checkpoints: the client asks for its number, and the stream does not bring it."""

from inspector.service.faults.fault import Fault, Group, Parameter
from inspector.service.faults.lab import Arming, FaultLab
from inspector.service.feed import ClientKey
from inspector.service.write_checkpoints import WriteCheckpoints

WITHHELD = Fault(
    "write-checkpoint-withheld",
    "Write checkpoint withheld",
    "Checkpoints come without the number that the client waits for.",
    "Uploads are done, but downloads are not shown: the client waits for the service.",
    Group.WRITES,
)
WRONG = Fault(
    "write-checkpoint-wrong",
    "Wrong write checkpoint",
    "Checkpoints carry another number than the client's own.",
    "With a smaller number the client waits; with a larger one it shows data that lack its own writes.",
    Group.WRITES,
    parameters=(Parameter("offset", "Added to the number", -1, "", -1_000_000, 1_000_000),),
)
ACKNOWLEDGEMENT_FAULTS = (WITHHELD, WRONG)


class ShownNumbers:
    """The write checkpoints as one stream is told them."""

    def __init__(self, lab: FaultLab, write_checkpoints: WriteCheckpoints) -> None:
        self._lab = lab
        self._write_checkpoints = write_checkpoints
        self._shown: int | None = None
        """The last true number that went out: what the client has seen is not taken back."""
        self._struck: int | None = None

    def current(self, client: ClientKey) -> int | None:
        """The number that goes out, if there is any."""
        number = self._write_checkpoints.current(client)
        if self._lab.quiet or number is None or number == self._shown:
            self._shown = number
            return number
        if arming := self._lab.active(WITHHELD.name, client[0]):
            self._strike(arming, number, f"Write checkpoint {number} was withheld.", client)
            return None
        if arming := self._lab.active(WRONG.name, client[0]):
            wrong = max(0, number + arming.number("offset"))
            self._strike(arming, number, f"Write checkpoint {wrong} was sent instead of {number}.", client)
            return wrong
        self._shown = number
        return number

    def _strike(self, arming: Arming, number: int, what: str, client: ClientKey) -> None:
        """Once a number, however often it is asked for."""
        if number != self._struck:
            self._struck = number
            self._lab.strike(arming, what, user=client[0], client=client[1])
