"""The window: assembles panels, bars and docks. It owns no data, and no behaviour but its own opening and closing."""

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QChildEvent, QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QToolBar

from inspector.ui.actions import Actions, connect
from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.bundle_commands import BundleCommands
from inspector.ui.commands import Commands
from inspector.ui.connecting import Connecting
from inspector.ui.demo.commands import DemoCommands
from inspector.ui.demo.devices import Devices
from inspector.ui.demo.toolbar import DemoToolbar, add_demo_menu
from inspector.ui.docks.dock import Dock
from inspector.ui.docks.dock_pointer import DockPointer
from inspector.ui.docks.floating import Floating
from inspector.ui.docks.front import Front, dock_around
from inspector.ui.docks.keyboard import give_menu_key, go_on
from inspector.ui.docks.layout import restore_geometry, save_geometry
from inspector.ui.docks.tab_bars import TabBars
from inspector.ui.dropped_files import DroppedFiles
from inspector.ui.engine_process import ENGINE_COMMAND
from inspector.ui.feed import Feed
from inspector.ui.file_seal import FileSeal
from inspector.ui.findings_loader import FindingsLoader
from inspector.ui.frame.loader import FrameLoader
from inspector.ui.icon import window_icon
from inspector.ui.menus import fill_menu_bar, fill_toolbar, perspective_button
from inspector.ui.mnemonics import give_mnemonics
from inspector.ui.on_screen import in_sight
from inspector.ui.palette_entries import Offers
from inspector.ui.panel_docks import PanelDocks
from inspector.ui.panel_keys import go_to_actions
from inspector.ui.panels.context import PanelContext, Shared
from inspector.ui.past_data import PastDataLoader
from inspector.ui.past_moment import PastMomentLoader
from inspector.ui.perspective_menu import PerspectiveMenu
from inspector.ui.perspectives import Perspectives
from inspector.ui.recent_files import RecentFiles
from inspector.ui.revealing import Revealing
from inspector.ui.selection import Selection
from inspector.ui.selection_history import SelectionHistory
from inspector.ui.several_clients import SeveralClients
from inspector.ui.sources import Files, FileSource, Source
from inspector.ui.theme import Appearance
from inspector.ui.what_is_this import WhatIsThis
from inspector.ui.widgets.command_palette import CommandPalette
from inspector.ui.widgets.connection_chip import ConnectionChip, title_text
from inspector.ui.widgets.state_bar import StateBar
from inspector.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from inspector.ui.help_window import HelpWindow

_HEADED = ("clients",)
"""Panels with headings of their own: a title above them would say nothing more."""


class Window(QMainWindow):
    """One window on one source, where and as large as the last one was if that is `remembered`."""

    loaded = Signal()
    """All is imported and made that nobody asks for, and the user is at nothing just now; told once."""

    def __init__(
        self,
        settings: QSettings,
        appearance: Appearance,
        *,
        size: tuple[int, int] = (1440, 900),
        remembered: bool = True,
        engine_command: Sequence[str] = ENGINE_COMMAND,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(self.tr("PowerSync Inspector"))
        self.setWindowIcon(window_icon())
        self.resize(*size)
        self._settings = settings
        self.feed = Feed(engine_command, self)
        self.selection = Selection(self)
        self.feed.files_changed.connect(self._forget_selection)
        self.frame = FrameLoader(self.feed, self.selection, self)
        self.buckets = BucketLoader(self.feed, self)
        self.findings = FindingsLoader(self.feed, self.buckets, self)
        self.past_data = PastDataLoader(self.feed, self.selection, self)
        self.past = PastMomentLoader(self.feed, self.selection, self.past_data, self)
        self.devices = Devices(self.feed, self)
        self.actions_ = Actions(self)
        self.recent = RecentFiles(settings)
        self.shared = Shared()
        context = PanelContext(
            self.feed,
            self.selection,
            self.frame,
            self.buckets,
            self.findings,
            self.actions_,
            settings,
            self.devices,
            self.shared,
        )
        self._panel_docks = PanelDocks(self, context)
        self._panel_docks.making.rested.connect(self.loaded)
        self.docks = self._panel_docks.by_name
        self.front = Front(self, self.docks)
        self.commands = Commands(self, self.feed, self.selection, self.past_data, self.actions_, appearance)
        self.commands.source_wanted.connect(self.open)
        if remembered:
            restore_geometry(self, settings)
        self._assemble()
        self.selection.reveal_wanted.connect(self.front.show)
        self.selection.pointed_at.connect(self._point_at)
        self.feed.source_changed.connect(self._tell_title)
        self.feed.situation_changed.connect(self._tell_title)

    def open(self, source: Source) -> None:
        """Show `source`."""
        if isinstance(source, FileSource) and source.path.is_file():
            self.recent.add(source.path)
        self.feed.open(source)

    def _tell_title(self) -> None:
        title = title_text(self.feed)
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def settle(self) -> None:
        """A dock that shares its place has a tab, and needs no title bar as well."""
        for dock in self.docks.values():
            beside = [other for other in self.tabifiedDockWidgets(dock) if not other.isHidden()]
            dock.show_title_bar(dock.isFloating() or not (beside or dock.objectName() in _HEADED))
        self._sweep.start()

    def shut_down(self) -> None:
        """Let go of files, threads and processes; nothing runs any more when this returns."""
        self._panel_docks.shut_down()
        self.frame.close()
        self.buckets.close()
        self.past.close()
        self.past_data.close()
        self.feed.shut_down()
        self.connecting.close_down()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._focus_home()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.perspectives.save()
        save_geometry(self, self._settings)
        self._panel_docks.save()
        # The engine may take a moment to end its stream; nobody needs to watch.
        self.hide()
        self.shut_down()
        super().closeEvent(event)

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        # Every other event first asks for a wrapper of its child, and a hundred of them are made for nothing.
        if event.type() is QEvent.Type.ChildPolished and isinstance(child := event.child(), QTabBar):
            self._tab_bars.adopt(child)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return (self.isVisible() and go_on(self, forward=forward)) or super().focusNextPrevChild(forward)

    def _focus_home(self) -> None:
        home = self.docks[self.perspectives.home]
        if home.is_made:
            self._focus(home)
        else:
            home.made.connect(partial(self._focus, home))

    def _focus(self, home: Dock) -> None:
        """Qt gives the keyboard to the first button that there is, before there is any panel."""
        at_work = dock_around(self.focusWidget())
        still_home = home is self.docks[self.perspectives.home]
        if still_home and in_sight(home) and not (at_work is not None and in_sight(at_work)):
            home.take_focus()

    def _assemble(self) -> None:
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._tab_bars = TabBars(self.docks.values(), self)
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self.settle)
        # After Qt has laid the docks out, which takes another turn of the event loop.
        self._sweep = QTimer(self, singleShot=True, interval=100)
        self._sweep.timeout.connect(lambda: self._tab_bars.hide_stale(self))
        for dock in self.docks.values():
            dock.rearranged.connect(self._settle.start)

        self.perspectives = Perspectives(self, self.docks, self._panel_docks.making, self.feed, self._settings)
        self.perspectives.arranged.connect(self.settle)
        Floating(self, self.docks.values(), lambda: self.docks[self.perspectives.host])
        self.perspectives.arranged.connect(self._focus_home)
        self._add_menus_and_tools()
        self._add_state_and_status()
        self.pointer = DockPointer(self)
        DroppedFiles(self, self.commands.open_path, self.commands.session.load_schema)
        self._navigate()
        give_menu_key(self)
        self.perspectives.put_up()

    def _add_menus_and_tools(self) -> None:
        perspective_menu = PerspectiveMenu(self, self.perspectives, self.actions_)
        fill_menu_bar(
            self.menuBar(),
            self.actions_,
            [dock.toggleViewAction() for dock in self.docks.values()],
            go_to_actions(self.docks, self.front, self),
            self.recent.paths,
            self.commands.open_path,
            perspective_menu,
        )
        tools = QToolBar(self)
        tools.setObjectName("mainToolBar")
        tools.setMovable(False)
        perspective = perspective_button(self.perspectives, perspective_menu)
        source_tools = fill_toolbar(tools, self.actions_, ConnectionChip(self.feed), perspective)
        self.demo = DemoCommands(self.feed, self.devices, self.actions_.demo, self)
        add_demo_menu(self.menuBar(), self.actions_.demo, self.devices)
        give_mnemonics(self.menuBar())
        shared = self.actions_
        about_one = [shared.new_connection, shared.go_offline, shared.go_online, shared.pause_view]
        self._demo_toolbar = DemoToolbar(source_tools, shared.demo, self.devices, self.demo.backend, about_one)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, tools)
        self.addToolBarBreak()

    def _add_state_and_status(self) -> None:
        self.state_bar = StateBar(self.commands.offered)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.state_bar)
        self.feed.situation_changed.connect(lambda: self.state_bar.show_situation(self.feed.situation))
        self.state_bar.show_situation(self.feed.situation)
        self.past.changed.connect(lambda: self.state_bar.show_past(self.past.past))
        SeveralClients(self.feed, self.devices, self.past, self.docks, self.state_bar, self)
        self.seal = FileSeal(self.feed, self.findings, self)
        self.bundles = BundleCommands(self, self.feed, self.findings, self.seal, self.shared, self.actions_)
        self.status_line = StatusLine(self.feed, self.buckets, self.devices, self.seal)
        self.setStatusBar(self.status_line)

    def _point_at(self, panels: tuple[str, ...]) -> None:
        wanted = [self.docks[name] for name in panels if name in self.docks]
        self.pointer.point_at(wanted)

    def _navigate(self) -> None:
        """Back and forward, the palette, and following things from panel to panel."""
        self.history = SelectionHistory(self.feed, self.selection, self.findings, self.front, self)
        actions, history = self.actions_, self.history
        connect(actions.back, history.back)
        connect(actions.forward, history.forward)

        def enable() -> None:
            actions.back.setEnabled(history.can_go_back)
            actions.forward.setEnabled(history.can_go_forward)

        history.changed.connect(enable)
        enable()
        offers = Offers(
            self.menuBar(),
            self.feed,
            self.buckets,
            self.selection,
            lambda word: self.help.open_page("words", word),
            self.docks,
        )
        self.palette_ = CommandPalette(self, offers)
        connect(actions.command_palette, self.palette_.ask)
        self.connecting = Connecting(self, actions, self._settings)
        self.connecting.source_wanted.connect(self.open)
        connect(actions.help, lambda: self.help.open_page("panels"))
        connect(actions.help_words, lambda: self.help.open_page("words"))
        connect(actions.help_connect, lambda: self.help.open_page("connect"))
        self.connecting.help_wanted.connect(lambda: self.help.open_page("connect"))
        connect(actions.help_filter, lambda: self.help.open_page("filter"))
        connect(actions.help_changes, lambda: self.help.open_page("changelog"))
        self.what_is_this = WhatIsThis(self.docks, lambda page, within: self.help.open_page(page, within), self)
        self.what_is_this.watch(self.menuBar())
        connect(actions.help_here, self.what_is_this.explain_panel)
        connect(actions.what_is_this, self.what_is_this.ask)
        self.revealing = Revealing(self.docks, self.feed, self.selection, self)
        self.revealing.explanation_wanted.connect(lambda title: self.help.open_page("panels", title))
        self.revealing.word_wanted.connect(lambda word: self.help.open_page("words", word))

    @cached_property
    def help(self) -> "HelpWindow":
        """Made when it is first asked for."""
        from inspector.ui.help_window import HelpWindow

        return HelpWindow(self)

    def _forget_selection(self) -> None:
        """Nothing of one source is selected in the next; clients of the same service share their rows."""
        if self.feed.files == Files():
            self.selection.clear()
