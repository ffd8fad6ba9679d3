"""What an empty panel says: what would be here, and how to get it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from inspector.ui.fonts import HEADER_HEIGHT, zoomed
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone

_MARGIN = 12
_TOP = 10


class EmptyNote(QLabel):
    """A sentence over the upper edge of `parent`, below a header; without text it is not there."""

    def __init__(self, parent: QWidget, *, top: int = HEADER_HEIGHT) -> None:
        super().__init__(parent)
        self._room = parent
        self._top = top
        self.setObjectName("emptyNote")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        set_tone(self, Colour.DIM)
        parent.installEventFilter(self)

    def say(self, text: str) -> None:
        """Show `text`; empty hides the note."""
        if text == self.text():  # panels say what holds again at every change
            return
        self.setText(text)
        self.setVisible(bool(text))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._place()

    def _place(self) -> None:
        if not self.text():
            return
        width = max(0, self._room.width() - 2 * _MARGIN)
        self.setContentsMargins(0, 0, 0, 0)
        height, top = self.heightForWidth(width), zoomed(self._top) + _TOP
        covers = self._top > 0 and top + height > self._room.height()
        self.setAutoFillBackground(covers)
        if covers:  # of a low list the header tells less than the note
            self.setContentsMargins(_MARGIN, _TOP // 2, _MARGIN, 0)
            self.setGeometry(self._room.rect())
            self.raise_()
        else:
            self.setGeometry(_MARGIN, top, width, height)
