"""Paragraphs to read: a bold beginning, and names and values in the monospaced font."""

import re
from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy

from inspector.analysis.situations import unmarked
from inspector.ui.fonts import mono_font

_MARKED = re.compile(r"`([^`]*)`")


class Prose(QLabel):
    """Wraps, and can be selected. Its text is never taken for markup, but for the marks of `mono`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.plain = ""
        self._head = self._text = ""
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(1)  # the height of wrapped text is that for its width, not Qt's guess

    def say(self, text: str, head: str = "") -> None:
        """Show `text` after a bold `head`."""
        self._head, self._text = head, text
        self.plain = f"{head} {unmarked(text)}".strip()
        self.setAccessibleName(self.plain)
        self._tell()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._tell()

    def _tell(self) -> None:
        font = mono_font()
        style = f"font-family: '{font.family()}'; font-size: {font.pixelSize()}px"
        parts = _MARKED.split(self._text)
        said = [
            f'<span style="{style}">{_kept_together(part)}</span>' if at % 2 else escape(part)
            for at, part in enumerate(parts)
        ]
        head = f"<b>{escape(self._head)}</b> " if self._head else ""
        self.setText(f'<p style="line-height: 130%; margin: 0">{head}{"".join(said)}</p>')


def _kept_together(text: str) -> str:
    """Short names do not break over two lines."""
    return escape(text).replace(" ", "&nbsp;") if len(text) < 60 else escape(text)
