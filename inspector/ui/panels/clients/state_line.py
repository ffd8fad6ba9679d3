"""The state sentence of one client, with the buttons that help."""

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from inspector.analysis.state import Action, StateSentence
from inspector.ui.theme import ROLE_COLOURS, Colour, colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone

_EDGE = 3
_GAP = 8
_LINES, _MOST_LINES = 2, 3
_MARGINS = 30
_NARROWEST = 120
"""Pixels: what does not fit is in the tooltip, and two panes never keep the window from being narrow."""
_BESIDE = (Action.GO_ONLINE, Action.SHOW_WRITE)
"""What the pane has anyway: the network's switch in its head, and the writes that wait."""


class StateLine(QWidget):
    """The lead, and the rest beside it where it fits, else below it; the buttons are about this client."""

    wanted = Signal()
    """The shared actions are to be about this client, now."""

    def __init__(self, action_for: Callable[[Action], QAction | None]) -> None:
        super().__init__()
        self._action_for = action_for
        self.sentence: StateSentence | None = None
        self.text = ElidedLabel(_LINES)
        self.lead = _Lead()
        set_tone(self.lead, Colour.TEXT, bold=True)
        set_tone(self.text, Colour.TEXT)
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.addWidget(self.lead)
        self._words.addWidget(self.text, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 8, 6)
        layout.setSpacing(8)
        layout.addLayout(self._words, 1)
        layout.addLayout(self._buttons)
        self.text.fitted.connect(self._fit_height)

    def say(self, sentence: StateSentence) -> None:
        """Say it, and offer what it offers."""
        before, self.sentence = self.sentence, sentence
        if sentence == before:
            return
        self.lead.set_text(sentence.lead)
        # What there is something to be done about is read to the end.
        self.text.most_lines = _MOST_LINES if sentence.actions else _LINES
        self.text.set_text(sentence.then)
        self.setAccessibleName(f"{sentence.lead} {sentence.then}".strip())
        if before is None or sentence.actions != before.actions:
            self._offer(sentence.actions)
        self._arrange()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        lead, text = (label.fontMetrics().horizontalAdvance(words) for label, words in self._texts())
        beside = lead + text + _GAP < self.width() - self._buttons.sizeHint().width() - _MARGINS
        self._words.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._words.setSpacing(_GAP if beside else 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def _texts(self) -> tuple[tuple[QLabel, str], ...]:
        return (self.lead, self.lead.whole), (self.text, self.text.whole)

    def _fit_height(self) -> None:
        # The text is fitted while its layout is at work, which would leave its neighbours where they were.
        QTimer.singleShot(0, self, self.updateGeometry)

    def _offer(self, actions: tuple[Action, ...]) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for name in actions:
            action = self._action_for(name) if name not in _BESIDE else None
            if action is not None:
                self._buttons.addWidget(self._button(name, action))

    def _button(self, name: Action, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"state-{name}")
        button.setProperty("small", True)
        button.setText(action.iconText())
        button.setToolTip(action.toolTip())

        def carry_out() -> None:
            # An action is about the client that is shown; being shown may be what makes it possible.
            self.wanted.emit()
            action.trigger()

        button.clicked.connect(carry_out)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.sentence is not None:
            painter.fillRect(0, 0, _EDGE, self.height() - 1, colour(ROLE_COLOURS[self.sentence.role]))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour(Colour.LINE))
        painter.end()


class _Lead(ElidedLabel):
    """As wide as its text, and less where there is less room."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.whole) + 1, super().sizeHint().height())
