"""The table of bytes: a click on one selects the field that it belongs to, and pointing at it names the field."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent

from inspector.ui.fonts import PADDING, mono_width
from inspector.ui.panels.frame_bytes.models import BYTES, HEX_COLUMNS, OFFSET, TEXT, HexModel
from inspector.ui.widgets.row_table import RowTable


class HexTable(RowTable):
    """`explain` says what the byte at an offset is, for the tooltip."""

    byte_clicked = Signal(int)

    def __init__(self, model: HexModel, name: str, explain: Callable[[int], str]) -> None:
        super().__init__(model, name, header=False)
        self._hex, self._explain = model, explain

    def fill(self, width: int) -> None:
        """Show as many bytes a row as fit `width` pixels, in eights. Where not even eight do, the offsets go first.

        They are in the tooltips, too.
        """
        signs = (width - self.verticalScrollBar().sizeHint().width()) / mono_width()
        margin = (2 * PADDING + 2) / mono_width()
        beside_offset = signs - 3 * margin - max(len(HEX_COLUMNS[OFFSET].title), self._hex.digits)
        bare = beside_offset < 32 <= signs - 2 * margin
        self.header.show_columns({BYTES, TEXT} if bare else {OFFSET, BYTES, TEXT})
        # Each byte takes three signs with its space, and one more as text.
        self._hex.set_per_row(8 if bare else int(beside_offset / 4) // 8 * 8 or 4)
        self.fit_columns()

    def byte_at(self, point: QPoint) -> int | None:
        """The offset of the byte, or of its sign in the text, at a place in the viewport."""
        row, column = self.row_at(point.y()), self.header.logicalIndexAt(point.x())
        record = None if row is None else self._hex.record(row)
        if record is None or column not in (BYTES, TEXT):
            return None
        inside = point.x() - self.header.sectionViewportPosition(column) - PADDING
        sign = int(inside / mono_width()) if inside >= 0 else 0
        # Three signs a byte, and one more space in the middle of the row.
        half = record.per_row // 2
        byte = sign if column == TEXT else sign // 3 if sign < 3 * half else (sign - 1) // 3
        return record.offset + byte if byte < len(record.chunk) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Before what is followed with Alt.
        byte = self._hex.pointed = self.byte_at(event.position().toPoint())
        super().mousePressEvent(event)
        if byte is not None and event.button() is Qt.MouseButton.LeftButton:
            self.byte_clicked.emit(byte)

    def tooltip_at(self, point: QPoint) -> str:
        byte = self.byte_at(point)
        return self._explain(byte) if byte is not None else ""
