"""The line below the findings: how many checks ran, and links: to all of them, to stop them, to copy findings."""

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone

_ALL, _STOP, _AGAIN, _COPY = "all", "stop", "again", "copy"


class ChecksFoot(QFrame):
    """Words of our own and figures, with links behind them."""

    show_all = Signal()
    stop = Signal()
    again = Signal()
    copy = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("footNote")
        self.text = ""
        self._links: tuple[str, ...] = ()
        self._all_shown = False
        self.label = QLabel()
        self.label.setObjectName("checksRan")
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_tone(self.label, Colour.DIM)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 12, 7)
        layout.addWidget(self.label)
        self.label.linkActivated.connect(self._follow)

    def say(self, text: str, *, running: bool = False, again: bool = False, found: bool = False) -> None:
        """Say `text`, with a link to all checks and, while they run, one that stops them; empty hides the line."""
        self.text = text
        links = (_ALL, *((_AGAIN,) if again else ()), *((_COPY,) if found else ()))
        self._links = (_STOP,) if running else links
        self.setVisible(bool(text))
        self._tell()

    def set_all_shown(self, shown: bool) -> None:
        """All checks are shown in place of the findings, or no longer."""
        self._all_shown = shown
        self._tell()

    def _tell(self) -> None:
        words = {
            _ALL: self.tr("show findings") if self._all_shown else self.tr("show all"),
            _STOP: self.tr("stop"),
            _AGAIN: self.tr("run again"),
            _COPY: self.tr("copy for a ticket"),
        }
        links = (f'<a href="{name}">{escape(words[name])}</a>' for name in self._links)
        self.label.setText(" · ".join((escape(self.text), *links)))
        self.label.setAccessibleName(" · ".join((self.text, *(words[name] for name in self._links))))

    def _follow(self, name: str) -> None:
        {_ALL: self.show_all, _STOP: self.stop, _AGAIN: self.again, _COPY: self.copy}[name].emit()
