"""The two fonts: the interface's for words, a monospaced one for ids, times, bytes and values."""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

TEXT_SIZE = 13
MONO_SIZE = 12
SMALL_SIZE = 12
"""All in device-independent pixels."""

ROW_HEIGHT = 22
HEADER_HEIGHT = 24
PADDING = 8
"""Left and right of a cell, in pixels."""

_TEXT_FAMILIES = ("Inter",)
_MONO_FAMILIES = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono")


@cache
def text_font() -> QFont:
    """For words: Inter where it is installed, else the platform's; figures all of one width."""
    present = _first_present(_TEXT_FAMILIES)
    font = QFont(present) if present else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(TEXT_SIZE)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@cache
def bold_font(*, small: bool = False) -> QFont:
    """For what is read first."""
    font = QFont(small_font() if small else text_font())
    font.setWeight(QFont.Weight.DemiBold)
    return font


@cache
def small_font() -> QFont:
    """For headers of columns and the status bar."""
    font = QFont(text_font())
    font.setPixelSize(SMALL_SIZE)
    return font


@cache
def mono_font() -> QFont:
    """For ids, times, bytes and values."""
    present = _first_present(_MONO_FAMILIES)
    font = QFont(present) if present else QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(MONO_SIZE)
    # Code ligatures turn == into one glyph; bytes are shown as they are.
    font.setFeature(QFont.Tag("calt"), 0)
    font.setFeature(QFont.Tag("liga"), 0)
    return font


@cache
def mono_width() -> float:
    """The advance of every character of the monospaced font, in pixels."""
    return QFontMetricsF(mono_font()).horizontalAdvance("0")


def _first_present(families: tuple[str, ...]) -> str:
    installed = set(QFontDatabase.families())
    return next((family for family in families if family in installed), "")
