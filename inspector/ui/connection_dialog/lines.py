"""Lines to type into, made in one way."""

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from inspector.ui.fonts import mono_font

_FEW_LINES_HEIGHT = 52


def one_line(name: str, title: str, example: str = "", *, mono: bool = False) -> QLineEdit:
    """A line with a faint example in it; `title` is what a screen reader says."""
    line = QLineEdit()
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setPlaceholderText(example)
    if mono:
        line.setFont(mono_font())
    return line


def few_lines(name: str, title: str, example: str) -> QPlainTextEdit:
    """Room for some short lines; Tab leaves it."""
    lines = QPlainTextEdit()
    lines.setObjectName(name)
    lines.setAccessibleName(title)
    lines.setPlaceholderText(example)
    lines.setFont(mono_font())
    lines.setFixedHeight(_FEW_LINES_HEIGHT)
    lines.setTabChangesFocus(True)
    return lines
