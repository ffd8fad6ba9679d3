"""The colours of the window: one table, read by the palette, the style sheet and everything that paints itself.

A colour is asked for by what it means and never stands alone: a glyph or a word is always beside it.
"""

from enum import Enum, StrEnum

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from inspector.analysis.state import Role
from inspector.ui.fonts import ZOOMS, bold_font, mono_font, set_zoom, small_font, text_font, zoom
from inspector.ui.style_sheet import style_sheet

_SETTING, _ZOOM = "appearance/theme", "appearance/zoom"


class Colour(Enum):
    """What a colour means: as hex digits in the dark and in the light theme."""

    WINDOW = "14161a", "eceef1"
    PANEL = "1a1d22", "ffffff"
    HEADER = "20242a", "f4f5f7"
    LINE = "2b3038", "dfe2e7"
    TEXT = "d9dee6", "1d2430"
    DIM = "9aa3b0", "5f6877"
    FAINT = "5d6673", "9aa2ae"
    """Decoration only: too little contrast for text."""
    EDGE = "6a7380", "7f8793"
    """Borders of what one types into, ticks or chooses from: at least 3 : 1 against every ground."""
    ACCENT = "56b4e9", "0070b0"
    """Also the colour of data."""
    SELECTION = "1e384f", "e4f0fa"
    CHECKPOINT = "cc9fd0", "8e4b95"
    PARTIAL = "5fc9b4", "00796f"
    FINE = "3fb68b", "00784f"
    IDLE = "7b8492", "6b7380"
    HELD = "e69f00", "946000"
    BROKEN = "ff7352", "c23b14"
    FAULT = "f0e442", "7a6a00"


ROLE_COLOURS = {
    Role.IDLE: Colour.IDLE,
    Role.FINE: Colour.FINE,
    Role.DATA: Colour.ACCENT,
    Role.CHECKPOINT: Colour.CHECKPOINT,
    Role.PARTIAL: Colour.PARTIAL,
    Role.HELD: Colour.HELD,
    Role.BROKEN: Colour.BROKEN,
}
"""The colour of a state sentence."""


class Scheme(Enum):
    """A column of the table."""

    DARK = 0
    LIGHT = 1


class ThemeChoice(StrEnum):
    """What the user asks for; `system` follows the desktop, and is dark where the desktop does not say."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


def _colours_of(scheme: Scheme) -> dict[Colour, QColor]:
    return {role: QColor(f"#{role.value[scheme.value]}") for role in Colour}


_COLOURS = {scheme: _colours_of(scheme) for scheme in Scheme}
_in_force = Scheme.DARK


def colour(role: Colour) -> QColor:
    """The colour of `role` in the theme that is in force, as `QGuiApplication.palette()` is."""
    return _COLOURS[_in_force][role]


def current_scheme() -> Scheme:
    """The theme that is in force."""
    return _in_force


def _put_in_force(scheme: Scheme) -> None:
    global _in_force
    _in_force = scheme


def palette_of(scheme: Scheme) -> QPalette:
    """A whole palette: every role set, so that nothing of the platform's shines through."""
    colours = _COLOURS[scheme]
    palette = QPalette()
    for palette_role, role in (
        (QPalette.ColorRole.Window, Colour.PANEL),
        (QPalette.ColorRole.WindowText, Colour.TEXT),
        (QPalette.ColorRole.Base, Colour.PANEL),
        (QPalette.ColorRole.AlternateBase, Colour.HEADER),
        (QPalette.ColorRole.Text, Colour.TEXT),
        (QPalette.ColorRole.Button, Colour.HEADER),
        (QPalette.ColorRole.ButtonText, Colour.TEXT),
        (QPalette.ColorRole.BrightText, Colour.BROKEN),
        (QPalette.ColorRole.ToolTipBase, Colour.HEADER),
        (QPalette.ColorRole.ToolTipText, Colour.TEXT),
        (QPalette.ColorRole.PlaceholderText, Colour.DIM),
        (QPalette.ColorRole.Highlight, Colour.SELECTION),
        (QPalette.ColorRole.HighlightedText, Colour.TEXT),
        (QPalette.ColorRole.Link, Colour.ACCENT),
        (QPalette.ColorRole.LinkVisited, Colour.ACCENT),
        (QPalette.ColorRole.Accent, Colour.ACCENT),
        (QPalette.ColorRole.Light, Colour.LINE),
        (QPalette.ColorRole.Midlight, Colour.LINE),
        (QPalette.ColorRole.Mid, Colour.LINE),
        (QPalette.ColorRole.Dark, Colour.LINE),
        (QPalette.ColorRole.Shadow, Colour.WINDOW),
    ):
        palette.setColor(palette_role, colours[role])
    for palette_role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, palette_role, colours[Colour.FAINT])
    return palette


class Appearance(QObject):
    """The theme that is in force, and the user's choice, which is remembered."""

    changed = Signal()

    def __init__(self, application: QApplication, settings: QSettings, fixed: ThemeChoice | None = None) -> None:
        """`fixed` is put in force in place of what is remembered, and is not remembered itself."""
        super().__init__()
        self._application = application
        self._settings = settings
        self.scheme = Scheme.DARK
        remembered = str(settings.value(_SETTING, ThemeChoice.SYSTEM))
        known = ThemeChoice(remembered) if remembered in set(ThemeChoice) else ThemeChoice.SYSTEM
        self.choice = known if fixed is None else fixed
        if not application.styleSheet():  # an earlier appearance has put the style in force, too
            application.setStyle("Fusion")
        remembered_zoom = str(settings.value(_ZOOM, 100))
        set_zoom(int(remembered_zoom) if remembered_zoom.isdecimal() and int(remembered_zoom) in ZOOMS else 100)
        application.setFont(text_font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def choose(self, choice: ThemeChoice) -> None:
        """Put `choice` in force and remember it."""
        self.choice = choice
        self._settings.setValue(_SETTING, str(choice))
        self._apply()

    def zoom_by(self, steps: int) -> None:
        """Make all text larger or smaller by so many steps; 0 is back to 100 %. It is remembered."""
        at = ZOOMS.index(zoom())
        self._zoom_to(100 if steps == 0 else ZOOMS[min(max(0, at + steps), len(ZOOMS) - 1)])

    def _zoom_to(self, percent: int) -> None:
        if percent == zoom():
            return
        before = (mono_font(), small_font(), bold_font(), bold_font(small=True))
        set_zoom(percent)
        after = (mono_font(), small_font(), bold_font(), bold_font(small=True))
        self._settings.setValue(_ZOOM, percent)
        self._application.setFont(text_font())
        self._apply()
        for widget in self._application.allWidgets():
            if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
                own = widget.font()
                for old, new in zip(before, after, strict=True):
                    if own.key() == old.key():
                        widget.setFont(new)
                        break

    def _apply(self) -> None:
        self.scheme = self._chosen_scheme()
        _put_in_force(self.scheme)
        self._application.setPalette(palette_of(self.scheme))
        colours = {role.name: colour.name() for role, colour in _COLOURS[self.scheme].items()}
        sheet = style_sheet(colours, dark=self.scheme is Scheme.DARK)
        if sheet != self._application.styleSheet():  # the same one again would style every widget anew
            self._application.setStyleSheet(sheet)
        self.changed.emit()

    def _chosen_scheme(self) -> Scheme:
        if self.choice is not ThemeChoice.SYSTEM:
            return Scheme.DARK if self.choice is ThemeChoice.DARK else Scheme.LIGHT
        light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
        return Scheme.LIGHT if light else Scheme.DARK
