"""Plays the story on the window's clients, one step at a time, off the window's thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QObject, Signal

from inspector.analysis.story import STEPS, Step
from inspector.analysis.story.scene import Scene, Stopped
from inspector.analysis.story.service import StoryService
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.panels.story.session_client import SessionClient

_CLIENTS = 2


class Progress(Enum):
    """How far a step is."""

    TO_COME = 0
    PLAYING = 1
    DONE = 2
    FAILED = 3


@dataclass(slots=True)
class Played:
    """A step and what came of it; `told` are the sentences that came true."""

    number: int
    """From 1 on."""
    step: Step
    progress: Progress = Progress.TO_COME
    told: list[str] = field(default_factory=list)
    problem: str = ""


class StoryPlayer(QObject):
    """The steps in order, and the next one to be played."""

    changed = Signal()
    begun = Signal(object)
    """A `Step` is being played."""
    ended = Signal(object)
    """A `Step` has done what it says."""
    _came_true = Signal(int, int, str)

    def __init__(self, feed: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        self._clients: tuple[SessionClient, ...] = ()
        self._run = 0
        self.steps = _from_the_beginning()
        feed.sessions_changed.connect(self._take_clients)
        self._came_true.connect(self._note)
        self._take_clients()

    @property
    def can_play(self) -> bool:
        """Whether there are the clients that the story needs."""
        return len(self._clients) == _CLIENTS

    @property
    def busy(self) -> bool:
        """Whether a step is being played."""
        return any(played.progress is Progress.PLAYING for played in self.steps)

    @property
    def next(self) -> int | None:
        """The step to be played next, by its place; None at the end, and after one that failed."""
        for place, played in enumerate(self.steps):
            if played.progress is not Progress.DONE:
                return place if played.progress is Progress.TO_COME else None
        return None

    def play_next(self) -> None:
        """Play the next step; nothing happens while another one is played."""
        place = self.next
        if place is None or self.busy or not self.can_play:
            return
        played, run = self.steps[place], self._run
        played.progress = Progress.PLAYING
        self.begun.emit(played.step)
        self.changed.emit()
        scene = self._scene(lambda sentence: self._came_true.emit(run, place, sentence))

        def play() -> bool:
            try:
                played.step.play(scene)
            except Stopped:
                return False
            return True

        self._background.run(
            play,
            lambda whole: self._ended(run, place, Progress.DONE if whole else Progress.TO_COME),
            lambda error: self._failed(run, place, error),
        )

    def start_again(self) -> None:
        """Forget what was played: the first step puts list, service and clients back to the beginning."""
        self._run += 1
        self.steps = _from_the_beginning()
        self.changed.emit()

    def close(self) -> None:
        """Play no more; a step under way is given up."""
        self._run += 1
        for client in self._clients:
            client.leave()
        self._background.close()

    def _scene(self, told: Callable[[str], None]) -> Scene:
        run = self._run
        alice, bob = self._clients
        service = StoryService(self._feed.sessions[0].source.start.endpoint)
        return Scene(alice, bob, service, told=told, wanted=lambda: self._wanted(run))

    def _wanted(self, run: int) -> bool:
        return run == self._run and not self._background.closed

    def _take_clients(self) -> None:
        for client in self._clients:
            client.leave()
            client.deleteLater()
        self._clients = tuple(SessionClient(session, self) for session in self._feed.sessions if session.source.client)
        self.start_again()

    def _note(self, run: int, place: int, sentence: str) -> None:
        if run == self._run:
            self.steps[place].told.append(sentence)
            self.changed.emit()

    def _ended(self, run: int, place: int, progress: Progress) -> None:
        if run == self._run:
            self.steps[place].progress = progress
            self.changed.emit()
            if progress is Progress.DONE:
                self.ended.emit(self.steps[place].step)

    def _failed(self, run: int, place: int, error: InspectorError) -> None:
        if run == self._run:
            self.steps[place].problem = str(error)
        self._ended(run, place, Progress.FAILED)


def _from_the_beginning() -> list[Played]:
    return [Played(number, step) for number, step in enumerate(STEPS, start=1)]
