"""The two fonts: the interface's for words, a monospaced one for ids, times, bytes and values; all in one zoom."""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

TEXT_SIZE = 13
MONO_SIZE = 12
SMALL_SIZE = 12
"""All in device-independent pixels, at 100 %."""

ROW_HEIGHT = 22
HEADER_HEIGHT = 24
"""In pixels at 100 %; `row_height` and `header_height` are what they are at present."""
PADDING = 8
"""Left and right of a cell, in pixels."""

_TEXT_FAMILIES = ("Inter",)
_MONO_FAMILIES = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono")

ZOOMS = (80, 90, 100, 110, 125, 150)
"""Percent. Larger text is a matter of the desktop's scaling: bars keep their heights here."""

_zoom = 100


def zoom() -> int:
    """The size of text, in percent."""
    return _zoom


def set_zoom(percent: int) -> None:
    """Let all fonts that are asked for from now on be of `percent` of their size."""
    global _zoom
    _zoom = percent
    for font in (text_font, bold_font, small_font, mono_font, mono_width):
        font.cache_clear()


def zoomed(pixels: int) -> int:
    """A size at 100 % as it is at present."""
    return round(pixels * _zoom / 100)


def row_height() -> int:
    """Of a table's row, in pixels."""
    return zoomed(ROW_HEIGHT)


def header_height() -> int:
    """Of a table's header, in pixels."""
    return zoomed(HEADER_HEIGHT)


@cache
def text_font() -> QFont:
    """For words: Inter where it is installed, else the platform's; figures all of one width."""
    present = _first_present(_TEXT_FAMILIES)
    font = QFont(present) if present else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(zoomed(TEXT_SIZE))
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
    font.setPixelSize(zoomed(SMALL_SIZE))
    return font


@cache
def mono_font() -> QFont:
    """For ids, times, bytes and values."""
    present = _first_present(_MONO_FAMILIES)
    font = QFont(present) if present else QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(zoomed(MONO_SIZE))
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
