"""The actions of the demo with two clients; what they do is connected by whoever does it."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

_CLIENTS = 2


@dataclass(frozen=True, slots=True)
class ClientActions:
    """Of one client; `DemoCommands` gives them its name."""

    show: QAction
    network: QAction


class DemoActions:
    """Can be done while two clients sync."""

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self.next_step = self._action("storyNextStep", _tr("Play the next step"), "F8")
        self.next_step.setToolTip(_tr("Play the story's next step; Space does so in the panel Story"))
        self.start_again = self._action("startAgain", _tr("Start again"))
        self.start_again.setToolTip(
            _tr("Begin the story anew: its first step puts the list, the backend and both devices back")
        )
        self.clients = tuple(self._client(number) for number in range(1, _CLIENTS + 1))
        self.last_write_wins = self._choice(
            "backendLastWriteWins", _tr("Last write wins: what arrives last stands, column by column")
        )
        self.refuse_conflicts = self._choice(
            "backendRefusesConflicts",
            _tr("Conflicts are refused (409): a write to a column that another device changed stays in its queue"),
        )
        modes = QActionGroup(parent)
        for mode in (self.last_write_wins, self.refuse_conflicts):
            modes.addAction(mode)
        self.fail = self._choice("backendFails", _tr("Everything fails (500): nothing is taken, devices try again"))
        self.answer_late = self._choice("backendAnswersLate", _tr("Answers come after 3 s"))

    @property
    def backend(self) -> tuple[QAction, ...]:
        """How the app's backend takes uploads; the first two exclude each other."""
        return self.last_write_wins, self.refuse_conflicts, self.fail, self.answer_late

    @property
    def all(self) -> tuple[QAction, ...]:
        """Every one of them."""
        clients = (action for client in self.clients for action in (client.show, client.network))
        return self.next_step, self.start_again, *clients, *self.backend

    def _client(self, number: int) -> ClientActions:
        network = self._action(f"switchClient{number}", "", f"Ctrl+Shift+{number}")
        network.setToolTip(_tr("Take the device's network away, or give it back"))
        return ClientActions(self._action(f"showClient{number}", "", f"Ctrl+{number}"), network)

    def _choice(self, name: str, title: str) -> QAction:
        action = self._action(name, title)
        action.setCheckable(True)
        return action

    def _action(self, name: str, title: str, shortcut: str = "") -> QAction:
        action = QAction(title, self._parent)
        action.setObjectName(name)
        action.setIconText(title)
        action.setVisible(False)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        return action


def _tr(text: str) -> str:
    return QCoreApplication.translate("DemoActions", text)
