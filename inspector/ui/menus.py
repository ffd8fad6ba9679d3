"""The menu bar and the toolbar, filled from the shared actions."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QSizePolicy, QToolBar, QToolButton, QWidget

from inspector.ui.actions import Actions


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menus", text)


def fill_menu_bar(
    bar: QMenuBar,
    actions: Actions,
    panels: Iterable[QAction],
    recent: Callable[[], list[Path]],
    open_recent: Callable[[Path], None],
) -> None:
    """File, View, Connection, Help."""
    file = bar.addMenu(_tr("&File"))
    file.addAction(actions.open_file)
    _add_recent(file, recent, open_recent)
    file.addAction(actions.start_demo)
    file.addSeparator()
    file.addAction(actions.close_source)
    file.addAction(actions.quit)

    view = bar.addMenu(_tr("&View"))
    view.addActions(list(panels))
    view.addSeparator()
    view.addAction(actions.pause_view)
    view.addSeparator()
    theme = view.addMenu(_tr("Theme"))
    theme.addActions(list(actions.themes.values()))
    view.addAction(actions.reset_layout)

    connection = bar.addMenu(_tr("&Connection"))
    connection.addActions([actions.connect_now, actions.disconnect_now])
    connection.addSeparator()
    connection.addActions([actions.go_offline, actions.go_online])
    connection.addSeparator()
    connection.addActions([actions.refresh_token, actions.restart_engine])

    bar.addMenu(_tr("&Help")).addAction(actions.about)


def fill_toolbar(bar: QToolBar, actions: Actions, chip: QWidget) -> None:
    """The source, what one does with it, and at the right end the window's look."""
    bar.addWidget(chip)
    bar.addActions([actions.go_offline, actions.go_online, actions.pause_view])
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    look = QToolButton()
    look.setObjectName("lookButton")
    look.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    look.setText(_tr("Layout ▾"))
    look.setAccessibleName(_tr("Theme and layout"))
    menu = QMenu(look)
    menu.addActions(list(actions.themes.values()))
    menu.addSeparator()
    menu.addAction(actions.reset_layout)
    look.setMenu(menu)
    bar.addWidget(look)


def _add_recent(file: QMenu, recent: Callable[[], list[Path]], open_recent: Callable[[Path], None]) -> None:
    menu = file.addMenu(_tr("Open recent"))

    def fill() -> None:
        menu.clear()
        for path in recent():
            # An ampersand in a name would become an underlined letter.
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: open_recent(path))
        if menu.isEmpty():
            menu.addAction(_tr("No file was opened yet")).setEnabled(False)

    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(fill)
