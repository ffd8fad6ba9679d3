"""What a step says: its text, where to look, and the sentences that came true."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from inspector.ui.panels.story.player import Played, Progress
from inspector.ui.theme import Colour
from inspector.ui.widgets.prose import Prose
from inspector.ui.widgets.tone import set_tone


class Script(QScrollArea):
    """One step to read."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("script")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title, self.text, self.look_at = _label("scriptTitle"), Prose("scriptText"), Prose("scriptLookAt")
        self.outcome = _label("scriptOutcome")
        self.told: list[QLabel] = []
        set_tone(self.title, Colour.TEXT, bold=True)
        set_tone(self.look_at, Colour.DIM)
        content = QWidget()
        content.setObjectName("scriptContent")
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(14, 12, 12, 12)
        self._layout.setSpacing(8)
        for label in (self.title, self.text, self.look_at):
            self._layout.addWidget(label)
        self._sentences = QVBoxLayout()
        self._sentences.setSpacing(3)
        self._layout.addLayout(self._sentences)
        self._layout.addWidget(self.outcome)
        self._layout.addStretch(1)
        self.setWidget(content)

    def show_step(self, played: Played, count: int) -> None:
        """Show one of `count` steps."""
        self.title.setText(f"{played.number} · {played.step.title}")
        self.text.say(played.step.text)
        self.look_at.say(self.tr("Look at: {0}").format(played.step.look_at))
        self._show_told(played.told)
        self.outcome.setVisible(played.progress in (Progress.DONE, Progress.FAILED))
        if played.progress is Progress.DONE:
            set_tone(self.outcome, Colour.FINE)
            self.outcome.setText(self.tr("Step {0} of {1} did what it says.").format(played.number, count))
        elif played.progress is Progress.FAILED:
            set_tone(self.outcome, Colour.BROKEN)
            self.outcome.setText(f"✕ {played.problem}")
        if played.told:
            # The labels have their places only once the layout has seen them.
            QTimer.singleShot(0, self._show_end)

    def _show_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _show_told(self, told: list[str]) -> None:
        while len(self.told) < len(told):
            label = _label("scriptSentence")
            set_tone(label, Colour.FINE)
            self.told.append(label)
            self._sentences.addWidget(label)
        for place, label in enumerate(self.told):
            label.setVisible(place < len(told))
            label.setText(f"✓ {told[place]}" if place < len(told) else "")


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
