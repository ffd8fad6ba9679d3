"""The context menu of a row table: what the mouse does in its header can be done here by key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt
from PySide6.QtWidgets import QMenu

from inspector.ui.widgets.row_view import RowView


def _tr(text: str) -> str:
    return QCoreApplication.translate("RowMenu", text)


def begin_row_menu(
    menu: QMenu, table: RowView, index: QModelIndex, copy_cell: Callable[[int, int], None] | None
) -> None:
    """What each table offers of the cell at `index`, which `copy_cell` copies; an invalid one is beside the rows."""
    menu.addActions(table.actions())
    if index.isValid() and copy_cell is not None:
        title = table.row_model.columns[index.column()].title
        menu.addAction(_tr("Copy “{0}”").format(title), partial(copy_cell, index.row(), index.column()))


def end_row_menu(menu: QMenu, table: RowView) -> None:
    """How the table stands: its order, where it can be sorted, and its columns."""
    header = table.header
    if not table.property("headed"):
        return
    menu.addSeparator()
    if header.sortable:
        _fill_order(menu.addMenu(_tr("Sort by")), table)
    header.fill_choice(menu.addMenu(_tr("Columns")))


def _fill_order(menu: QMenu, table: RowView) -> None:
    """Choosing one is a click on its header: again turns the order round, and once more ends it."""
    header = table.header
    menu.setObjectName("sortBy")
    chosen = header.sortIndicatorSection() if header.isSortIndicatorShown() else -1
    arrow = "▼" if header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder else "▲"
    for column in header.shown_columns():
        if column not in header.sortable:
            continue
        title = table.row_model.columns[column].title
        action = menu.addAction(f"{title} {arrow}" if column == chosen else title)
        action.setCheckable(True)
        action.setChecked(column == chosen)
        action.triggered.connect(partial(_click, table, column))


def _click(table: RowView, column: int, _checked: bool = False) -> None:
    table.header.sectionClicked.emit(column)
