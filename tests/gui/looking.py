"""What a person sees in the window, for tests."""

from typing import TypeVar

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QScrollBar, QWidget

from inspector.ui.panels.buckets.panel import BucketsPanel
from inspector.ui.panels.detail.panel import DetailPanel
from inspector.ui.panels.frame_bytes.panel import BytesPanel
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.panels.registry import PANELS
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window

Q = TypeVar("Q", bound=QObject)

BADGES = {entry.name for entry in PANELS if entry.has_badge}


def frames_of(window: Window) -> FramesPanel:
    panel = window.docks["frames"].panel
    assert isinstance(panel, FramesPanel)
    return panel


def buckets_of(window: Window) -> BucketsPanel:
    panel = window.docks["buckets"].panel
    assert isinstance(panel, BucketsPanel)
    return panel


def detail_of(window: Window) -> DetailPanel:
    panel = window.docks["detail"].panel
    assert isinstance(panel, DetailPanel)
    return panel


def bytes_of(window: Window) -> BytesPanel:
    panel = window.docks["bytes"].panel
    assert isinstance(panel, BytesPanel)
    return panel


def child(parent: QObject, kind: type[Q], name: str | None = None) -> Q:
    """The first widget of this kind, and of this name, in `parent`, which must be there."""
    found = parent.findChild(kind) if name is None else parent.findChild(kind, name)
    assert found is not None
    return found


def scroll_to(bar: QScrollBar, share: float) -> None:
    """To this share of the way, from 0 to 1."""
    bar.setValue(round(bar.maximum() * share))


def column_of(table: RowTable, title: str) -> int:
    return next(i for i, column in enumerate(table.row_model.columns) if column.title == title)


def text_at(table: RowTable, row: int, title: str) -> str:
    """The text of a cell, with its mark."""
    return str(table.row_model.index(row, column_of(table, title)).data(Qt.ItemDataRole.DisplayRole))


def rows_of(table: RowTable) -> list[list[str]]:
    """Every cell of a small table."""
    model = table.row_model
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def point_in(table: RowTable, row: int, title: str) -> QPoint:
    """The middle of a cell, in the viewport."""
    return table.visualRect(table.row_model.index(row, column_of(table, title))).center()


def colours_in(widget: QWidget) -> set[str]:
    """The colours that were painted, as `#rrggbb`."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = memoryview(image.constBits()).cast("B").cast("I")
    return {f"#{pixel & 0xFFFFFF:06x}" for pixel in set(pixels)}


def made_for_now(window: Window) -> list[bool]:
    """For each dock that has a tab: whether there is nothing left to do for it that nobody asks for."""
    docks = [dock for dock in window.docks.values() if not dock.isHidden()]
    return [dock.is_made or (dock.is_loaded and dock.objectName() not in BADGES) for dock in docks]
