"""The toolbar and the menu while several clients sync: what is about one of them gives way to what is about all."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton

from inspector.ui.demo.actions import DemoActions
from inspector.ui.demo.backend_mode import BackendMode
from inspector.ui.demo.devices import Devices


def _tr(text: str) -> str:
    return QCoreApplication.translate("DemoToolbar", text)


def add_demo_menu(bar: QMenuBar, actions: DemoActions, devices: Devices) -> None:
    """The menu of the demo before the last one, which is Help; there while there are two clients."""
    menu = QMenu(_tr("&Demo"), bar)
    bar.insertMenu(bar.actions()[-1], menu)
    menu.addActions([actions.next_step, actions.start_again])
    for client in actions.clients:
        menu.addSeparator()
        menu.addActions([client.show, client.network])
    menu.addSeparator()
    _fill_backend_menu(menu.addMenu(_tr("Backend")), actions)

    def follow() -> None:
        menu.menuAction().setVisible(len(devices.sessions) > 1)

    devices.sessions_changed.connect(follow)
    follow()


class DemoToolbar:
    """Has the toolbar follow the clients; `others` are its actions that are about one client."""

    def __init__(
        self, bar: QToolBar, actions: DemoActions, devices: Devices, backend: BackendMode, others: list[QAction]
    ) -> None:
        self._bar, self._actions, self._devices, self._backend = bar, actions, devices, backend
        self._others = others
        shown = bar.actions()
        self._after = shown[shown.index(others[-1]) + 1]
        self._button = _backend_button(actions)
        bar.insertAction(self._after, actions.start_again)
        self._backend_action = bar.insertWidget(self._after, self._button)
        devices.sessions_changed.connect(self._follow)
        backend.changed.connect(self._tell)
        self._follow()
        self._tell()

    def _follow(self) -> None:
        several = len(self._devices.sessions) > 1
        self._backend_action.setVisible(several)
        for action in self._others:
            if several:
                self._bar.removeAction(action)
            else:
                self._bar.insertAction(self._actions.start_again, action)

    def _tell(self) -> None:
        text = _tr("Backend: {0}").format(self._backend.words)
        self._button.setText(f"{text} ▾")
        self._button.setAccessibleName(text)
        self._button.setToolTip(
            self._backend.problem
            or _tr("What the app's backend does with uploads; each step of the story has it take the last write again")
        )


def _backend_button(actions: DemoActions) -> QToolButton:
    button = QToolButton()
    button.setObjectName("backendButton")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    _fill_backend_menu(button.menu(), actions)
    return button


def _fill_backend_menu(menu: QMenu, actions: DemoActions) -> None:
    menu.addActions([actions.last_write_wins, actions.refuse_conflicts])
    menu.addSeparator()
    menu.addActions([actions.fail, actions.answer_late])
