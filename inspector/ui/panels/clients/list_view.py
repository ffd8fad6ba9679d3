"""The shared list on screen: a box to tick, a text to edit, and what is not uploaded yet."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen, QShortcut
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inspector.ui.fonts import PADDING, row_height, small_font, text_font, zoomed
from inspector.ui.panels.clients.list_model import CHANGE_ROLE, NOTE_ROLE, SharedListModel
from inspector.ui.theme import Colour, colour

_BOX = 13
"""Pixels at 100 %."""
_LEFT = 12
_GAP = 10
_LEAST_ROWS = 2
"""There is room for what an empty list says."""
Index = QModelIndex | QPersistentModelIndex


def text_left() -> int:
    """Where the texts begin, right of the boxes, in pixels."""
    return _LEFT + zoomed(_BOX) + _GAP


def _item_height() -> int:
    return row_height() + 2


class _ItemDelegate(QStyledItemDelegate):
    """A box, the text, and a note at the right end."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(text_left(), _item_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colour(Colour.SELECTION))
        _paint_box(painter, box_in(rect), ticked=index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked)
        note, change = str(index.data(NOTE_ROLE) or ""), str(index.data(CHANGE_ROLE) or "")
        room = rect.adjusted(text_left(), 0, -PADDING - 2, 0)
        last = f"■ {note}" if note else change
        if last:
            painter.setFont(small_font())
            painter.setPen(colour(Colour.HELD if note else Colour.DIM))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, last)
            room.setRight(room.right() - QFontMetrics(small_font()).horizontalAdvance(last) - _GAP)
        painter.setFont(text_font())
        description = str(index.data())
        painter.setPen(colour(Colour.TEXT if description else Colour.DIM))
        shown = description or self.tr("(no description)")
        text = QFontMetrics(text_font()).elidedText(shown, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click on the box, or Space, ticks."""
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            if event.position().x() >= option.rect.left() + text_left():
                return False
            if event.type() is QEvent.Type.MouseButtonRelease:
                model.setData(index, None, Qt.ItemDataRole.CheckStateRole)
            return True
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            return model.setData(index, None, Qt.ItemDataRole.CheckStateRole)
        return False

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(text_left() - PADDING, 0, -PADDING, 0))


def box_in(row: QRect) -> QRectF:
    """Where the box of a row stands."""
    size = zoomed(_BOX)
    return QRectF(row.left() + _LEFT + 0.5, row.top() + (row.height() - size) // 2 + 0.5, size, size)


def _paint_box(painter: QPainter, box: QRectF, *, ticked: bool) -> None:
    painter.setPen(colour(Colour.ACCENT if ticked else Colour.DIM))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    if ticked:
        painter.setPen(QPen(colour(Colour.ACCENT), 1.8))
        points = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.28))
        painter.drawPolyline([QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in points])


class SharedListView(QListView):
    """A click on a box or Space ticks, F2 or a double click edits, Delete deletes."""

    def __init__(self, model: SharedListModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.list_model = model
        self.setModel(model)
        self.setItemDelegate(_ItemDelegate(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self.updateGeometry)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self, context=Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: model.delete(self.currentIndex().row()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its items: what follows them stands directly below."""
        rows = max(self.list_model.rowCount(), _LEAST_ROWS)
        return QSize(super().sizeHint().width(), rows * _item_height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _LEAST_ROWS * _item_height())
