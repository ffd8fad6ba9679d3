"""The demo as its presenter sees it, for tests: a real service, two real engines, mouse and keyboard."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.cli.service_process import ServiceProcess
from inspector.ui.panels.both_clients.lanes import Mark
from inspector.ui.panels.both_clients.panel import BothClientsPanel
from inspector.ui.panels.clients.list_model import CHANGE_ROLE, NOTE_ROLE
from inspector.ui.panels.clients.list_view import box_in
from inspector.ui.panels.clients.pane import ClientPane
from inspector.ui.panels.clients.panel import ClientsPanel
from inspector.ui.panels.story.panel import StoryPanel
from inspector.ui.panels.story.player import Progress
from inspector.ui.window import Window

PATIENCE_MS = 60_000
FAIL_ON_ERROR = QAbstractItemModelTester.FailureReportingMode.Fatal


T = TypeVar("T")


class Demo:
    """The window as the presenter sees it."""

    def __init__(self, qtbot: QtBot, window: Window, service: ServiceProcess) -> None:
        self.qtbot = qtbot
        self.service = service
        self.window = window
        story, clients = window.docks["story"].panel, window.docks["clients"].panel
        assert isinstance(story, StoryPanel)
        assert isinstance(clients, ClientsPanel)
        both = window.docks["both"].panel
        assert isinstance(both, BothClientsPanel)
        self.both = both
        self.story = story
        self.clients = clients
        self.testers = [QAbstractItemModelTester(pane.model, FAIL_ON_ERROR) for pane in clients.panes]
        self.testers.append(QAbstractItemModelTester(story.model, FAIL_ON_ERROR))

    def pane(self, name: str) -> ClientPane:
        pane = self.clients.pane_of(name)
        assert pane is not None
        return pane

    def wait(self, reached: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(reached()), timeout=PATIENCE_MS)

    def shows(self, name: str, *rows: str) -> bool:
        """Whether the list of `name` reads like this: `☑ Bread`, `☐ Basil, not uploaded`."""
        return self.rows(name) == list(rows)

    def rows(self, name: str) -> list[str]:
        model = self.pane(name).model
        indexes = [model.index(row) for row in range(model.rowCount())]
        return [
            f"{'☑' if index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked else '☐'} {index.data()}"
            f"{f', {index.data(NOTE_ROLE)}' if index.data(NOTE_ROLE) else ''}"
            for index in indexes
        ]

    def click(self, widget: object) -> None:
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def finish_step(self, number: int) -> None:
        """Wait until the step that was begun has done what it says, and read that it says so."""

        def done() -> bool:
            played = self.story.player.steps[number - 1]
            assert played.progress is not Progress.FAILED, played.problem
            return played.progress is Progress.DONE

        self.wait(done)
        assert self.story.script.outcome.text() == f"Step {number} of 11 did what it says."
        assert self.story.script.outcome.isVisible()

    def press_space(self, number: int) -> None:
        self.wait(self.story.next.isEnabled)
        self.qtbot.keyClick(self.story.table, Qt.Key.Key_Space)
        self.finish_step(number)

    def tick(self, name: str, row: int) -> None:
        view = self.pane(name).view
        rect = view.visualRect(view.model().index(row, 0))
        self.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box_in(rect).center().toPoint())

    def rename(self, name: str, row: int, text: str) -> None:
        view = self.pane(name).view
        view.setCurrentIndex(view.model().index(row, 0))
        self.qtbot.keyClick(view, Qt.Key.Key_F2)
        editor = view.viewport().findChild(QLineEdit)
        assert editor is not None
        editor.selectAll()
        self.qtbot.keyClicks(editor, text)
        self.qtbot.keyClick(editor, Qt.Key.Key_Return)

    def last_changes(self, name: str) -> list[str]:
        """What stands in the column “Last change”."""
        model = self.pane(name).model
        return [str(model.index(row).data(CHANGE_ROLE)) for row in range(model.rowCount())]

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key of the whole window."""
        self.window.activateWindow()
        self.qtbot.keyClick(self.window, key, modifiers)

    def things(self, name: str, kind: type[T]) -> list[T]:
        """What the timeline of both clients shows of `name` now, of one kind."""
        return [mark.thing for mark in self.marks(name, kind) if isinstance(mark.thing, kind)]

    def marks(self, name: str, kind: type) -> list[Mark]:
        """Where the timeline of both clients shows something of `name` now."""
        canvas = self.both.canvas
        canvas.grab()
        return [mark for mark in canvas.marks if mark.name == name and isinstance(mark.thing, kind)]

    def writes(self, name: str) -> list[str]:
        """The local writes in the timeline: `○ add Basil` was made offline and waits, `✓ tick Bread` is uploaded."""
        found = self.things(name, LocalTransaction)
        return [f"{'○' if it.offline else '●'}{'' if it.waits else '✓'} {it.words}" for it in found]

    @property
    def outlined(self) -> list[str]:
        return self.window.pointer.pointed_at
