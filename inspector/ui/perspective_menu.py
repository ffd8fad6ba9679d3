"""The menu of perspectives, and the questions that saving and deleting ask."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox, QWidget

from inspector.ui.actions import Actions, connect
from inspector.ui.perspectives import Perspectives


class PerspectiveMenu(QObject):
    """Fills menus with the perspectives, the present one marked."""

    def __init__(self, window: QWidget, perspectives: Perspectives, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._perspectives = perspectives
        self._actions = actions
        connect(actions.save_perspective, self._save_as)
        connect(actions.delete_perspective, self._delete)
        connect(actions.reset_layout, perspectives.reset)
        perspectives.changed.connect(self._name_actions)

    def attach(self, menu: QMenu) -> None:
        """Fill `menu` whenever it is about to be shown."""
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self._fill(menu)

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        group = QActionGroup(menu)
        own = self._perspectives.own()
        for name in self._perspectives.names():
            if own and name == own[0]:
                menu.addSeparator()
            # An ampersand in a name would become an underlined letter.
            action = menu.addAction(self._perspectives.title(name).replace("&", "&&"))
            action.setObjectName(f"perspective-{name}")
            action.setCheckable(True)
            action.setChecked(name == self._perspectives.current)
            group.addAction(action)
            action.triggered.connect(partial(self._choose, name))
        menu.addSeparator()
        menu.addActions([self._actions.save_perspective, self._actions.delete_perspective, self._actions.reset_layout])

    def _choose(self, name: str, _checked: bool = False) -> None:
        self._perspectives.choose(name)

    def _name_actions(self) -> None:
        title = self._perspectives.title(self._perspectives.current)
        own = self._perspectives.current in self._perspectives.own()
        self._actions.delete_perspective.setEnabled(own)
        self._actions.delete_perspective.setText(
            self.tr("Delete perspective “{0}”…").format(title) if own else self.tr("Delete perspective…")
        )
        self._actions.reset_layout.setText(self.tr("Reset layout of “{0}”").format(title))

    def _save_as(self) -> None:
        name = ""
        while True:
            name, agreed = QInputDialog.getText(
                self._window, self.tr("Save perspective"), self.tr("Name of the perspective:"), text=name
            )
            name = name.strip()
            if not agreed:
                return
            if self._perspectives.can_be_named(name):
                self._perspectives.save_as(name)
                return
            QMessageBox.information(
                self._window,
                self.tr("Another name is needed"),
                self.tr("“{0}” is the name of a built-in perspective.").format(name)
                if name
                else self.tr("A perspective needs a name."),
            )

    def _delete(self) -> None:
        name = self._perspectives.current
        question = self.tr("The layout saved as “{0}” is forgotten. Nothing else changes.").format(name)
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.tr("Delete perspective “{0}”").format(name), question)
        box.setParent(self._window, box.windowFlags())
        delete = box.addButton(self.tr("Delete “{0}”").format(name), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(self.tr("Keep it"), QMessageBox.ButtonRole.RejectRole))
        box.exec()
        if box.clickedButton() is delete:
            self._perspectives.delete(name)
        box.deleteLater()
