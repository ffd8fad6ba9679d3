"""Plain text that gives way where there is little room."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from inspector.ui.widgets.tooltips import plain_tooltip

_NARROWEST = 40
_DOT = " · "


class ElidedLabel(QLabel):
    """Shows as much of its text as fits; the whole is in the tooltip, and is what a screen reader says."""

    fitted = Signal()
    """It may have another number of lines now."""

    def __init__(self, most_lines: int = 1) -> None:
        super().__init__()
        self.whole = ""
        self.short = ""
        self.lines = 1
        self.most_lines = most_lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(_NARROWEST)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str, short: str = "") -> None:
        """Show as much of `text` as there is room for, or `short` where it does not fit in one line."""
        self.whole = text
        self.short = short
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        lines: list[str] = []
        left = self.whole
        if self.short and self.fontMetrics().horizontalAdvance(left) > self.width():
            left = self.short
        while left and len(lines) < self.most_lines - 1:
            line = self._words_that_fit(left)
            lines.append(line)
            left = left[len(line) :].lstrip()
        if left:
            lines.append(self.fontMetrics().elidedText(left, Qt.TextElideMode.ElideRight, self.width()))
        shown = "\n".join(lines)
        self.lines = max(1, len(lines))
        self.setText(shown)
        self.setToolTip(plain_tooltip(self.whole) if " ".join(lines) != self.whole else "")
        self.fitted.emit()

    def _words_that_fit(self, text: str) -> str:
        """The most words of `text` that fit; of a list with dots between its parts, whole parts."""
        advance = self.fontMetrics().horizontalAdvance
        if advance(text) <= self.width():
            return text
        for gap in (_DOT, " "):
            end = text.rfind(gap)
            while end > 0:
                line = text[:end] + gap.rstrip()
                if advance(line) <= self.width():
                    return line
                end = text.rfind(gap, 0, end)
        return text
