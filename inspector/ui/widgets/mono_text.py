"""Text of data in the monospaced font: as it is, selectable, never markup."""

from PySide6.QtWidgets import QPlainTextEdit

from inspector.ui.fonts import mono_font


class MonoText(QPlainTextEdit):
    """Read-only unless told otherwise."""

    def __init__(self, name: str) -> None:
        super().__init__(readOnly=True)
        self.setObjectName(name)
        self.setFont(mono_font())
