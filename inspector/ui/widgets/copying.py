"""Rows to the clipboard: tab-separated, whole texts, in the order of the columns on screen."""

from PySide6.QtGui import QGuiApplication

from inspector.ui.widgets.row_view import RowView

MOST_ROWS = 50_000
"""More than that is an export, and would hold the window up."""


def selected_rows(table: RowView) -> list[int]:
    """The selected rows in order, at most MOST_ROWS of them."""
    rows: list[int] = []
    selection = table.selectionModel().selection()
    spans = sorted((span.top(), span.bottom()) for span in (selection.at(i) for i in range(selection.count())))
    for top, bottom in spans:
        rows.extend(range(top, min(bottom + 1, top + MOST_ROWS - len(rows))))
    return sorted(set(rows))


def rows_as_text(table: RowView, rows: list[int]) -> str:
    """`rows` as lines of tab-separated cells, as they are read in full."""
    columns = [
        column
        for visual in range(table.header.count())
        if not table.header.isSectionHidden(column := table.header.logicalIndex(visual))
    ]
    lines = ("\t".join(table.row_model.copied(row, column) for column in columns) for row in rows)
    return "\n".join(lines)


def copy_rows(table: RowView) -> None:
    """Put the selected rows on the clipboard; nothing selected leaves it as it was."""
    if rows := selected_rows(table):
        QGuiApplication.clipboard().setText(rows_as_text(table, rows))


def copy_cell(table: RowView, row: int, column: int) -> None:
    """Put one cell's whole text on the clipboard."""
    QGuiApplication.clipboard().setText(table.row_model.copied(row, column))
