"""The menu bar and the toolbar, filled from the shared actions."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QMenuBar, QSizePolicy, QToolBar, QToolButton, QWidget

from inspector.ui.actions import Actions
from inspector.ui.perspective_menu import PerspectiveMenu
from inspector.ui.perspectives import Perspectives
from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone

_SEARCH_WIDTH = 270
"""Pixels, where there is room."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menus", text)


def fill_menu_bar(
    bar: QMenuBar,
    actions: Actions,
    panels: Iterable[QAction],
    go_to: Iterable[QAction],
    recent: Callable[[], list[Path]],
    open_recent: Callable[[Path], None],
    perspectives: PerspectiveMenu,
) -> None:
    """File, View, Go, Connection, Help. `panels` show and hide, `go_to` bring to the front."""
    file = bar.addMenu(_tr("&File"))
    file.addActions([actions.new_connection, actions.open_file])
    _add_recent(file, recent, open_recent)
    file.addAction(actions.reopen)
    _add_groups(
        file,
        [actions.start_demo],
        [actions.load_schema, actions.open_folder],
        [actions.compare_with, actions.sync_fresh, actions.export_bundle],
        [actions.close_source, actions.quit],
    )
    _fill_view(bar.addMenu(_tr("&View")), actions, panels, perspectives)
    _add_groups(
        bar.addMenu(_tr("&Go")),
        [actions.command_palette, actions.back, actions.forward],
        [actions.previous_checkpoint, actions.next_checkpoint],
        [actions.show_then, actions.stop_rebuilding, actions.back_to_now],
        [actions.show_findings, actions.show_bucket],
        list(go_to),
    )
    _fill_connection(bar.addMenu(_tr("&Connection")), actions)
    _fill_help(bar.addMenu(_tr("&Help")), actions)


def _fill_view(view: QMenu, actions: Actions, panels: Iterable[QAction], perspectives: PerspectiveMenu) -> None:
    perspectives.attach(view.addMenu(_tr("Perspective")))
    view.addMenu(_tr("Shown panels")).addActions(list(panels))
    view.addSeparator()
    view.addAction(actions.pause_view)
    _add_groups(
        view.addMenu(_tr("Frames")),
        [actions.filter_frames, actions.go_to_frame],
        [actions.mark_frame, actions.comment_frame, actions.next_mark],
        [actions.copy_json, actions.copy_curl, actions.copy_curl_with_token, actions.export_frames],
        [actions.show_happenings, actions.colour_rules],
    )
    view.addSeparator()
    view.addMenu(_tr("Theme")).addActions(list(actions.themes.values()))
    view.addActions([actions.zoom_in, actions.zoom_out, actions.zoom_reset])


def _fill_connection(connection: QMenu, actions: Actions) -> None:
    _add_groups(
        connection,
        [actions.new_connection],
        [actions.connect_now, actions.disconnect_now],
        [actions.go_offline, actions.go_online],
        [actions.upload_now, actions.hold_uploads],
        [
            actions.subscribe,
            actions.change_parameters,
            actions.refresh_token,
            actions.restart_engine,
            actions.restart_service,
        ],
        [actions.show_write, actions.retry_upload, actions.discard_writes],
    )


def _fill_help(menu: QMenu, actions: Actions) -> None:
    _add_groups(
        menu,
        [
            actions.help_here,
            actions.what_is_this,
            actions.help,
            actions.help_connect,
            actions.help_filter,
            actions.help_words,
            actions.help_changes,
        ],
        [actions.copy_report, actions.about],
    )


def _add_groups(menu: QMenu, *groups: Sequence[QAction]) -> None:
    """Each group apart from the one before it by a line."""
    for number, group in enumerate(groups):
        if number:
            menu.addSeparator()
        menu.addActions(group)


def fill_toolbar(bar: QToolBar, actions: Actions, chip: QWidget, perspective: QWidget) -> QToolBar:
    """The source, what one does with it, and at the right end where the panels stand.

    The first two are in a bar of their own, which is returned: where room is short it is its buttons that go behind an
    arrow, and not what finds them.
    """
    source = QToolBar()
    source.setObjectName("sourceTools")
    source.setMovable(False)
    source.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    source.addWidget(chip)
    source.addAction(actions.new_connection)
    source.addActions([actions.compare_with, actions.sync_fresh, actions.export_bundle])
    source.addActions([actions.go_offline, actions.go_online, actions.pause_view])
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    source.addWidget(spacer)
    if (layout := bar.layout()) is not None:  # the inner one has margins; the sheet is read when the style changes
        layout.setContentsMargins(0, 0, 0, 0)
    bar.addWidget(source)
    bar.addWidget(perspective)
    bar.addWidget(_search_box(actions.command_palette))
    edge = QWidget()
    edge.setFixedWidth(1)
    bar.addWidget(edge)
    return source


class _Shrinking(QToolButton):
    """As wide as a place to type in, and narrower where its bar is short of room."""

    def sizeHint(self) -> QSize:
        return QSize(_SEARCH_WIDTH, 28)


def _search_box(palette: QAction) -> QToolButton:
    """Looks like a place to type in, and opens one."""
    box = _Shrinking()
    box.setObjectName("searchBox")
    box.setAccessibleName(palette.text())
    box.setToolTip(palette.toolTip())
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    layout = QHBoxLayout(box)
    layout.setContentsMargins(10, 0, 5, 0)
    words, keys = ElidedLabel(), QLabel(palette.shortcut().toString())
    words.set_text(_tr("Search or run a command"))
    keys.setObjectName("keys")
    set_tone(words, Colour.DIM)
    layout.addWidget(words, 1)
    layout.addWidget(keys)
    keys.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    box.setFixedHeight(28)
    # With large text the bar needs room: then it is its keys that stay, and not a sliver behind an arrow.
    box.setMinimumWidth(keys.sizeHint().width() + 60)
    box.setMaximumWidth(_SEARCH_WIDTH)
    box.clicked.connect(palette.trigger)
    return box


def perspective_button(perspectives: Perspectives, menu: PerspectiveMenu) -> QToolButton:
    """Says which perspective is in force, and offers the others."""
    button = QToolButton()
    button.setObjectName("perspectiveButton")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolTip(_tr("Perspective: where the panels stand"))
    button.setMenu(QMenu(button))
    menu.attach(button.menu())

    def tell() -> None:
        title = perspectives.title(perspectives.current)
        button.setText(f"{title} ▾".replace("&", "&&"))
        button.setAccessibleName(_tr("Perspective {0}").format(title))

    perspectives.changed.connect(tell)
    tell()
    return button


def _add_recent(file: QMenu, recent: Callable[[], list[Path]], open_recent: Callable[[Path], None]) -> None:
    menu = file.addMenu(_tr("Open recent"))

    def fill() -> None:
        menu.clear()
        paths = recent()
        times = Counter(path.name for path in paths)
        for path in paths:
            name = path.name if times[path.name] == 1 else _tr("{0} in {1}").format(path.name, path.parent.name)
            # An ampersand in a name would become an underlined letter.
            action = menu.addAction(name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: open_recent(path))
        if menu.isEmpty():
            menu.addAction(_tr("No file was opened yet")).setEnabled(False)

    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(fill)
