"""Where the story plays: two devices and their service, and how a step says what must be true."""

import time
from collections.abc import Callable, Collection
from functools import partial

from inspector.analysis.story.client import Device, StoryClient
from inspector.analysis.story.service import StoryService
from inspector.engine import control
from inspector.protocol.errors import InspectorError

PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.03


class StoryError(InspectorError):
    """A step did not do what it says; `what` is the sentence that did not come true."""


class Stopped(Exception):
    """Nobody wants the step any more."""


class Scene:
    """What a step acts on. `told` gets each sentence that came true; `wanted` says whether to go on."""

    def __init__(
        self,
        alice: StoryClient,
        bob: StoryClient,
        service: StoryService,
        *,
        told: Callable[[str], None] = lambda _: None,
        wanted: Callable[[], bool] = lambda: True,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.alice = Device(alice)
        self.bob = Device(bob)
        self.service = service
        self._told = told
        self._wanted = wanted
        self._patience = patience

    @property
    def devices(self) -> tuple[Device, Device]:
        """Alice's and Bob's."""
        return self.alice, self.bob

    def connect_all_but(self, offline: Collection[str]) -> None:
        """Have the devices named `offline` without network, and the others with one, whatever was before."""
        for device in self.devices:
            wanted = device.name in offline
            if not _is_offline(device, wanted):
                device.send(control.SetOffline(offline=wanted))
                self._until(partial(_is_offline, device, wanted))

    def expect(self, sentence: str, holds: Callable[[], object]) -> None:
        """Wait until `holds`, and tell `sentence`; raises StoryError when it does not come true, and Stopped."""
        if not self._until(holds):
            raise StoryError(
                f"“{sentence}” did not come true.",
                why=f"It was awaited for {self._patience:.0f} s. {self._states()}",
                next_step="Start the story again.",
            )
        self._told(sentence)

    def expect_now(self, sentence: str, holds: Callable[[], object]) -> None:
        """Tell `sentence`, which must be true at once; raises StoryError."""
        if not holds():
            raise StoryError(f"“{sentence}” is not true.", why=self._states(), next_step="Start the story again.")
        self._told(sentence)

    def _until(self, holds: Callable[[], object]) -> bool:
        """Whether `holds` came true in time; raises Stopped."""
        deadline = time.monotonic() + self._patience
        while not holds():
            if not self._wanted():
                raise Stopped
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def _states(self) -> str:
        return " ".join(self._state(device) for device in self.devices)

    def _state(self, device: Device) -> str:
        status = device.status
        trouble = f", {status.problem or status.upload_problem}" if status.problem or status.upload_problem else ""
        return f"{device.name} is {status.phase} with {status.pending_writes} pending writes{trouble.rstrip('.')}."


def _is_offline(device: Device, offline: bool) -> bool:
    return (device.status.phase == "offline") is offline
