"""A row that goes on in the next line where it has no more room: it does not keep a panel from being narrow."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget, QWidgetItem

_SPACING = 6


class FlowRow(QWidget):
    """Widgets from left to right, then in the next line; as narrow as the widest of them.

    No layout: PySide may know an item of a layout written in Python by the address of one that has gone, and then the
    program ends in the middle of laying out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._widgets: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put `widget` behind the others."""
        self._widgets.append(widget)
        hidden = widget.isHidden() and widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
        widget.setParent(self)
        widget.setVisible(not hidden)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        least = QSize()
        for widget in self._widgets:
            least = least.expandedTo(QWidgetItem(widget).minimumSize())
        margins = self.contentsMargins()
        return least + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place(self.rect(), move=True)

    def showEvent(self, event: QShowEvent) -> None:
        self._place(self.rect(), move=True)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place(self.rect(), move=True)
        return super().event(event)

    def _place(self, rect: QRect, *, move: bool) -> int:
        """The height that the widgets take in the width of `rect`."""
        margins = self.contentsMargins()
        area = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        x, y, line = area.x(), area.y(), 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            size = QWidgetItem(widget).sizeHint()
            if line and x + size.width() > area.right() + 1:
                x, y, line = area.x(), y + line + _SPACING, 0
            if move:
                widget.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + _SPACING
            line = max(line, size.height())
        return y + line + margins.bottom() - rect.y()
