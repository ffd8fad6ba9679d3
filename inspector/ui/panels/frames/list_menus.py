"""The menus of the frames panel: the one beside the filter, and the one of a row."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from inspector.ui.actions import Actions
from inspector.ui.panels.frames.conditions import condition_of, negated
from inspector.ui.panels.frames.filter_line import FilterLine
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.tools import FrameTools
from inspector.ui.widgets.row_table import RowTable


class ListMenus(QObject):
    """Fills both; conditions of a row's menu are added to `line`."""

    def __init__(
        self, actions: Actions, table: RowTable, model: FramesModel, line: FilterLine, tools: FrameTools
    ) -> None:
        super().__init__(table)
        self._actions, self._model, self._line, self._tools = actions, model, line, tools
        line.add_menu(self._fill_menu)
        table.menu_wanted.connect(self._offer_conditions)

    def _fill_menu(self, menu: QMenu) -> None:
        actions = self._actions
        menu.addSeparator()
        menu.addActions([actions.go_to_frame, actions.mark_frame, actions.comment_frame, actions.next_mark])
        menu.addSeparator()
        menu.addAction(actions.show_happenings)
        self._tools.fill_menu(menu)
        menu.addAction(actions.colour_rules)
        menu.addSeparator()
        menu.addAction(actions.export_frames)

    def _offer_conditions(self, menu: QMenu, row: int, column: int) -> None:
        shown = self._model.record(row)
        actions = self._actions
        menu.setToolTipsVisible(True)
        menu.addActions([actions.copy_json, actions.copy_curl, actions.copy_curl_with_token])
        menu.addSeparator()
        menu.addActions([actions.mark_frame, actions.comment_frame])
        condition = condition_of(self._model.columns[column].title, shown.frame) if shown is not None else ""
        if condition:
            menu.addSeparator()
            menu.addAction(self.tr("Filter by this value"), lambda: self._line.add_condition(condition))
            menu.addAction(self.tr("Not this value"), lambda: self._line.add_condition(negated(condition)))
