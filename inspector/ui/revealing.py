"""“Reveal in…” and Alt+click for the tables of all panels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QToolTip
from shiboken6 import isValid

from inspector.ui.docks.dock import Dock
from inspector.ui.feed import Feed
from inspector.ui.selection import Selection
from inspector.ui.things import Things, things_in
from inspector.ui.tracing import Tracing
from inspector.ui.widgets.row_table import RowTable
from inspector.words import thousands

_MOST_IN_MENU = 20


class Revealing(QObject):
    """Serves every row table in the docks: what its rows are about can be followed to the other panels."""

    explanation_wanted = Signal(str)
    """Of the panel with this title."""
    word_wanted = Signal(str)
    """What this word means is to be read."""

    def __init__(self, docks: Mapping[str, Dock], feed: Feed, selection: Selection, parent: QObject) -> None:
        super().__init__(parent)
        self._docks = docks
        self.tracing = Tracing(feed, self)
        self._selection = selection
        for name, dock in docks.items():
            dock.made.connect(partial(self._serve, name))

    def places(self, table: RowTable, row: int, own: str) -> tuple[Things, list[str]]:
        """What `row` is about, and the panels besides `own` that show it."""
        record = table.row_model.record(row)
        things = Things() if record is None else table.row_model.things(record)
        if things == Things() and (several := self.several(table, row)):
            things = several[0][1]
        if things == Things() and table.currentIndex().row() == row:
            # A model that does not say: choosing its row has selected what it is about.
            things = things_in(self._selection)
        panels = (*things.panels(), *self.tracing.panels(things))
        return things, [name for name in panels if name in self._docks and name != own]

    def several(self, table: RowTable, row: int) -> list[tuple[str, Things]]:
        """Things of one kind that `row` is about, by what they are called."""
        record = table.row_model.record(row)
        return [] if record is None else table.row_model.several(record)

    def _serve(self, name: str) -> None:
        panel = self._docks[name].panel
        for table in panel.findChildren(RowTable):
            _Follower(self, table, name)
        # Panels that make tables later tell of them.
        if hasattr(panel, "table_made"):
            panel.table_made.connect(lambda table: _Follower(self, table, name))

    def title(self, panel: str) -> str:
        """What the panel is called."""
        return self._docks[panel].title

    def leave(self) -> None:
        """A row is about to be followed: one wants to come back to where it was chosen."""
        self._selection.left.emit()

    def reveal(self, things: Things, panel: str) -> None:
        """Select `things` and show them there. Only the timeline is about moments: others stay at the present one."""
        self.leave()
        if panel in self.tracing.panels(things):
            self.tracing.trace(things, panel, lambda found: self._reveal_traced(found, panel))
        else:
            self._reveal(things, panel)

    def _reveal_traced(self, found: Sequence[Things], panel: str) -> None:
        if len(found) > 1:
            self._ask_which(found, panel)
        elif found:
            self._reveal(found[0], panel)
        else:
            QToolTip.showText(QCursor.pos(), self.why_nothing(panel))

    def why_nothing(self, panel: str) -> str:
        """Why `panel` has nothing to show of something that was looked up."""
        rows_unknown = self.tr("Which rows it wrote is not recorded.")
        return {
            "frames": self.tr("No frame of this recording has brought it."),
            "buckets": self.tr("No bucket of this client database holds it."),
            "uploads": self.tr("No local write of it waits, and no upload of it is recorded."),
            "row": rows_unknown,
            "data": rows_unknown,
        }[panel]

    def offer_where_found(self, action: QAction, things: Things, panel: str) -> None:
        """Enable `action` once it is known that `panel` has something to show; of most rows there is no upload."""
        action.setEnabled(False)
        action.setToolTip(self.tr("It is being looked up."))

        def tell(found: bool) -> None:
            if isValid(action):
                action.setEnabled(found)
                action.setToolTip("" if found else self.why_nothing(panel))

        self.tracing.look_whether(things, panel, tell)

    def _ask_which(self, found: Sequence[Things], panel: str) -> None:
        """Several rows can be shown there, one at a time."""
        menu = QMenu(self._docks[panel])
        menu.setObjectName("whichRow")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in found[:_MOST_IN_MENU]:
            title = f"{one.row.type} / {one.row.id}" if one.row is not None else ""
            menu.addAction(title.replace("&", "&&"), partial(self._reveal, one, panel))
        if len(found) > _MOST_IN_MENU:
            left_out = thousands(len(found) - _MOST_IN_MENU)
            menu.addAction(self.tr("{0} more are in Uploads").format(left_out)).setEnabled(False)
        menu.popup(QCursor.pos())

    def _reveal(self, things: Things, panel: str) -> None:
        if panel == "uploads" and things.happening is None:
            self._selection.choose_happening(None)  # a row's write is meant, and no attempt that was looked at before
        (things if panel == "timeline" else replace(things, moment=None)).choose(self._selection)
        self._selection.reveal(panel)


class _Follower(QObject):
    """One table in the panel `panel`."""

    def __init__(self, revealing: Revealing, table: RowTable, panel: str) -> None:
        super().__init__(table)
        self._revealing, self._table, self._panel = revealing, table, panel
        table.menu_wanted.connect(self._extend)
        table.about_to_follow.connect(revealing.leave)
        table.header.word_wanted.connect(revealing.word_wanted)
        table.header.explanation_wanted.connect(lambda: revealing.explanation_wanted.emit(revealing.title(panel)))
        self._generic = table.receivers("2row_followed(int)") == 0
        """Panels that know better where a row leads follow it themselves."""
        if self._generic:
            table.row_followed.connect(self._follow)

    def _extend(self, menu: QMenu, row: int, _column: int) -> None:
        things, panels = self._revealing.places(self._table, row, self._panel)
        if not panels:
            return
        menu.addSeparator()
        within = menu.addMenu(self.tr("Reveal in"))
        within.setToolTipsVisible(True)
        for number, panel in enumerate(panels):
            action = within.addAction(self._revealing.title(panel))
            action.setObjectName(f"reveal-{panel}")
            if number == 0 and self._generic:
                action.setText(f"{action.text()}\tAlt+{self.tr('click')}")
            action.triggered.connect(lambda _=False, panel=panel: self._revealing.reveal(things, panel))
            if panel == "uploads" and panel in self._revealing.tracing.panels(things):
                self._revealing.offer_where_found(action, things, panel)
        several = self._revealing.several(self._table, row)
        if len(several) > 1:
            each = menu.addMenu(self.tr("Reveal bucket"))
            for title, one in several[:_MOST_IN_MENU]:
                action = each.addAction(title.replace("&", "&&"))
                action.triggered.connect(lambda _=False, one=one: self._revealing.reveal(one, one.panels()[0]))
            if len(several) > _MOST_IN_MENU:
                left_out = thousands(len(several) - _MOST_IN_MENU)
                each.addAction(self.tr("{0} more are in Buckets").format(left_out)).setEnabled(False)

    def _follow(self, row: int) -> None:
        things, panels = self._revealing.places(self._table, row, self._panel)
        if panels:
            self._revealing.reveal(things, panels[0])
