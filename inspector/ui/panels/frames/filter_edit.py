"""The line that a filter is written in: says at once whether it can be understood, and offers what may come next."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QListView, QToolButton, QWidget

from inspector.capture.filter.completion import Offer, complete
from inspector.ui.fonts import mono_font
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone

_GLYPH_ROOM = 18
_OFFERS_SHOWN = 14


class FilterEdit(QLineEdit):
    """A line of text with a glyph before it, completion below it, and a history behind the arrow keys."""

    accepted = Signal()
    """Enter was pressed, and not to take what is offered."""
    changed = Signal()
    """By hand: typed, taken from what is offered, or from the history."""

    def __init__(
        self, values_of: Callable[[str], Sequence[str]], history: Callable[[], list[str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("filterEdit")
        self.setFont(mono_font())
        self.setTextMargins(_GLYPH_ROOM, 0, _GLYPH_ROOM, 0)
        self._values_of = values_of
        self._history = history
        self._place_in_history = -1
        self._begun = ""
        self._offers: list[Offer] = []
        self.glyph = QLabel(self)
        self.glyph.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.glyph.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clear_button = QToolButton(self)
        self.clear_button.setObjectName("clearFilter")
        self.clear_button.setText("×")
        self.clear_button.setAccessibleName(self.tr("Clear the filter"))
        self.clear_button.setToolTip(self.tr("Clear the filter (Esc)"))
        self.clear_button.setCursor(Qt.CursorShape.ArrowCursor)
        self.clear_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clear_button.clicked.connect(self.clear)
        self.clear_button.hide()
        self.textChanged.connect(lambda text: self.clear_button.setVisible(bool(text)))
        self._model = QStringListModel(self)
        self.completer_ = QCompleter(self._model, self)
        self.completer_.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer_.setMaxVisibleItems(_OFFERS_SHOWN)
        self.completer_.setWidget(self)
        self.popup = QListView()
        self.popup.setFont(mono_font())
        self.popup.setObjectName("filterOffers")
        self.completer_.setPopup(self.popup)
        self.popup.clicked.connect(lambda index: self.take_offer(index.row()))
        self.textEdited.connect(self._edited)

    def show_verdict(self, valid: bool | None) -> None:
        """None: there is nothing to judge."""
        glyph, tone = {None: ("", Colour.DIM), True: ("✓", Colour.FINE), False: ("✕", Colour.BROKEN)}[valid]
        self.glyph.setText(glyph)
        set_tone(self.glyph, tone)

    @property
    def offers(self) -> list[Offer]:
        """What is offered at the cursor."""
        return self._offers

    def offer(self) -> None:
        """Show what may stand at the cursor; nothing is shown where nothing is known."""
        self._offers = complete(self.text(), self.cursorPosition(), self._values_of)
        popup = self.popup
        if not self._offers or self._is_whole():
            popup.hide()
            return
        widest = max(len(offer.text) for offer in self._offers)
        self._model.setStringList([f"{offer.text:<{widest}}  {offer.explains}".rstrip() for offer in self._offers])
        rect = self.cursorRect()
        rect.setWidth(
            popup.sizeHintForColumn(0) + 2 * popup.frameWidth() + popup.verticalScrollBar().sizeHint().width()
        )
        self.completer_.complete(rect)

    def take_offer(self, number: int) -> None:
        """Put an offer in place of what was begun."""
        if not 0 <= number < len(self._offers):
            return
        offer, cursor = self._offers[number], self.cursorPosition()
        self.setText(f"{self.text()[: offer.start]}{offer.text} {self.text()[cursor:].lstrip()}")
        self.setCursorPosition(offer.start + len(offer.text) + 1)
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self.popup
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                chosen = popup.currentIndex().row() if popup.isVisible() else -1
                popup.hide()
                if chosen >= 0:
                    self.take_offer(chosen)
                else:
                    self.accepted.emit()
            case Qt.Key.Key_Space if event.modifiers() is Qt.KeyboardModifier.ControlModifier:
                self.offer()
            case Qt.Key.Key_Up | Qt.Key.Key_Down if not popup.isVisible():
                self._recall(1 if event.key() == Qt.Key.Key_Up else -1)
            case Qt.Key.Key_Escape if not popup.isVisible() and self.text():
                self.clear()
                self.changed.emit()
                self.accepted.emit()
            case _:
                super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab takes what is offered, as in an editor."""
        if forward and self.popup.isVisible():
            self.popup.hide()
            self.take_offer(max(0, self.popup.currentIndex().row()))
            return True
        return super().focusNextPrevChild(forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.glyph.setGeometry(4, 0, _GLYPH_ROOM, self.height())
        self.clear_button.setGeometry(self.width() - _GLYPH_ROOM - 4, 0, _GLYPH_ROOM, self.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.setFont(mono_font())

    def _edited(self) -> None:
        self._place_in_history = -1
        self.changed.emit()
        self.offer()

    def _is_whole(self) -> bool:
        """Whether the only offer is what stands there already."""
        only = self._offers[0]
        return len(self._offers) == 1 and self.text()[only.start : self.cursorPosition()] == only.text

    def _recall(self, step: int) -> None:
        known = self._history()
        place = min(max(self._place_in_history + step, -1), len(known) - 1)
        if place == self._place_in_history:
            return
        if self._place_in_history < 0:
            self._begun = self.text()
        self.setText(known[place] if place >= 0 else self._begun)
        self._place_in_history = place
        self.changed.emit()
