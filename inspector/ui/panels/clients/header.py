"""The head of one client: whose it is, how it is connected, and the switch that takes its network away."""

from PySide6.QtGui import QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from inspector.analysis.finding_types import Finding
from inspector.analysis.situations import Role, unmarked
from inspector.engine import control
from inspector.ui.live_session import LiveSession
from inspector.ui.panels.findings.panel import GLYPHS
from inspector.ui.theme import ROLE_COLOURS, Colour, colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone
from inspector.ui.widgets.tooltips import plain_tooltip
from inspector.words import plural


class Header(QWidget):
    """The name, the connection in a word, what waits, and the switch."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("clientHeader")
        self._active = False
        self._show_key = ""
        self.name, self.phase, self.pending = QLabel(name), QLabel(), ElidedLabel()
        self.switch = QToolButton()
        self.switch.setObjectName(f"switch-{name.lower()}")
        self.switch.setProperty("small", True)
        self.findings = QToolButton()
        self.findings.setObjectName("clientFindings")
        self.findings.setProperty("small", True)
        self.findings.setAccessibleName(self.tr("Findings of {0}").format(name))
        self.findings.hide()
        set_tone(self.name, Colour.TEXT, bold=True)
        set_tone(self.phase, Colour.TEXT)
        set_tone(self.pending, Colour.HELD)
        for label in (self.name, self.phase):
            label.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(10)
        layout.addWidget(self.name)
        layout.addWidget(self.findings)
        layout.addWidget(self.pending, 1)
        layout.addWidget(self.phase)
        layout.addWidget(self.switch)

    def name_keys(self, show: str, switch: str) -> None:
        """The keys that do from everywhere what a click does here."""
        self._show_key = show
        self.switch.setToolTip(self.tr("Take the device's network away, or give it back ({0})").format(switch))

    def show_active(self, active: bool) -> None:
        self._active = active
        text = self.tr("The other panels show {0}") if active else self.tr("Click to show {0} in the other panels")
        keys = f" ({self._show_key})" if self._show_key and not active else ""
        self.setToolTip(f"{text.format(self.name.text())}{keys}")
        self.setAccessibleDescription(self.toolTip())
        set_tone(self.name, Colour.TEXT if active else Colour.DIM, bold=True)
        self.update()

    def tell(self, session: LiveSession) -> None:
        status = session.status
        gone = status is None
        offline = status is not None and status.phase == "offline"
        word, role, button = self._words(status)
        self.phase.setText(f"● {word}" if not offline and not gone else f"○ {word}")
        set_tone(self.phase, role)
        self.switch.setText(button)
        waiting = status.pending_writes if status is not None else 0
        if waiting:
            words = self.tr("{0} not uploaded").format(plural(waiting, self.tr("write")))
            self.pending.set_text(f"■ {words}", short=f"■ {waiting}")
        else:
            self.pending.set_text("")

    def tell_findings(self, findings: tuple[Finding, ...]) -> None:
        """What the checks found of this client while another one is shown, worst first; nothing hides the button."""
        self.findings.setVisible(bool(findings))
        if not findings:
            return
        worst = findings[0]
        role = worst.role if worst.role in GLYPHS else Role.IDLE
        self.findings.setText(f"{GLYPHS.get(role, '○')} {plural(len(findings), self.tr('finding'))}")
        told = self.tr("{0}: {1}. A click shows it.").format(self.name.text(), unmarked(worst.title))
        self.findings.setToolTip(plain_tooltip(told))
        self.findings.setAccessibleName(f"{self.findings.text()}. {told}")
        set_tone(self.findings, ROLE_COLOURS[role])

    def _words(self, status: control.Status | None) -> tuple[str, Colour, str]:
        tr = self.tr
        if status is None:
            return tr("engine stopped"), Colour.BROKEN, tr("Restart")
        match status.phase:
            case "offline":
                return tr("offline"), Colour.DIM, tr("Go online")
            case "connected":
                return tr("online"), Colour.FINE, tr("Go offline")
            case "connecting" | "idle":
                return tr("connecting"), Colour.DIM, tr("Go offline")
            case _:
                return tr("not connected"), Colour.BROKEN, tr("Go offline")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(Colour.PANEL if self._active else Colour.HEADER))
        if self._active:
            painter.fillRect(0, 0, self.width(), 2, colour(Colour.ACCENT))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour(Colour.LINE))
        painter.end()
