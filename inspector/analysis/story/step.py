"""A step of the story, as data."""

from collections.abc import Callable
from dataclasses import dataclass

from inspector.analysis.story.scene import Scene


@dataclass(frozen=True, slots=True)
class Step:
    """`text` says what happens, `look_at` where it is seen; `act` does it, and raises StoryError where it does not."""

    name: str
    title: str
    text: str
    look_at: str
    client: str
    """Whose files the panels show: `Alice` or `Bob`."""
    panels: tuple[str, ...]
    """To highlight, by the names that they are registered under; the last one is in front."""
    act: Callable[[Scene], None]
    short: str
    """The title as a button has room for it."""
    offline: tuple[str, ...] = ()
    """Who has no network when the step begins; the others have one."""
    bucket: str = ""
    """To select once the step is played: the end of its full name."""

    def play(self, scene: Scene) -> None:
        """Do what the step says; raises StoryError, ServiceTrouble and Stopped."""
        scene.service.take_uploads()
        scene.connect_all_but(self.offline)
        self.act(scene)
