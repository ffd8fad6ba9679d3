"""The state sentence: what is going on, in words, and the actions that help. The first thing that one reads."""

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolBar, QToolButton, QWidget

from inspector.analysis.state import Action, PastMoment, Situation, StateSentence, describe, describe_past
from inspector.ui.theme import ROLE_COLOURS, Colour, colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone

_TICK_MS = 1000
_EDGE = 3
_HEIGHT = 39


class StateBar(QToolBar):
    """Shows `describe(situation)`, again each second because ages go on; of a past moment, `describe_past`."""

    def __init__(self, action_for: Callable[[Action], QAction | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stateBar")
        self.setMovable(False)
        self.setFixedHeight(_HEIGHT)
        self._action_for = action_for
        self._situation: Situation | None = None
        self._past: PastMoment | None = None
        self.sentence: StateSentence | None = None
        self.whose = QLabel()
        self.whose.setObjectName("stateWhose")
        self.whose.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.whose, Colour.DIM)
        self.lead, self.then = QLabel(), ElidedLabel(most_lines=3)
        self.lead.setObjectName("stateLead")
        self.then.setObjectName("stateThen")
        set_tone(self.lead, Colour.TEXT, bold=True)
        self.lead.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(10)
        content = QWidget()
        layout = QHBoxLayout(content)
        layout.setContentsMargins(12, 0, 10, 0)
        layout.setSpacing(12)
        layout.addWidget(self.whose)
        layout.addWidget(self.lead)
        layout.addWidget(self.then, 1)
        layout.addLayout(self._buttons)
        self.addWidget(content)
        self._content = layout
        self.say_whose("")
        self.then.fitted.connect(self._fit_height)
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._tell)
        self._clock.start()

    def show_situation(self, situation: Situation) -> None:
        """Say what the situation is."""
        self._situation = situation
        self._tell()

    def say_whose(self, whose: str) -> None:
        """Of several clients, whose state it is; empty where there is one only."""
        self.whose.setText(f"{whose}:" if whose else "")
        self.whose.setVisible(bool(whose))

    def show_past(self, past: PastMoment | None) -> None:
        """The user looks at a moment before now, or at now again."""
        self._past = past
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(Colour.PANEL))
        if self.sentence is not None:
            painter.fillRect(0, 0, _EDGE, self.height() - 1, colour(ROLE_COLOURS[self.sentence.role]))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour(Colour.LINE))
        painter.end()

    def _fit_height(self) -> None:
        extra = (self.then.lines - 1) * self.then.fontMetrics().lineSpacing()
        self.setFixedHeight(_HEIGHT + extra)
        # The text is fitted while its layout is at work, which would leave its neighbours where they were.
        QTimer.singleShot(0, self, self._lay_out_anew)

    def _lay_out_anew(self) -> None:
        self._content.invalidate()
        self._content.activate()

    def _tell(self) -> None:
        if self._situation is None:
            return
        now, past = time.time_ns(), self._past
        sentence = describe(self._situation, now) if past is None else describe_past(past, self._situation, now)
        before, self.sentence = self.sentence, sentence
        if sentence == before:
            return
        self.lead.setText(sentence.lead)
        self.then.set_text(sentence.then)
        self.setAccessibleName(f"{sentence.lead} {sentence.then}".strip())
        if before is None or sentence.actions != before.actions:
            self._offer(sentence.actions)
        self.update()

    def _offer(self, actions: tuple[Action, ...]) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for name in actions:
            action = self._action_for(name)
            if action is not None:
                button = QToolButton(self)
                button.setDefaultAction(action)
                button.setObjectName(f"state-{name}")
                self._buttons.addWidget(button)
