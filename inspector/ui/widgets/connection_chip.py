"""What the window is showing, at the left end of the toolbar: a dot, a name, and who."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.analysis.state import Role
from inspector.ui.feed import Feed
from inspector.ui.fonts import bold_font, text_font, zoomed
from inspector.ui.sources import FileSource, LiveSource
from inspector.ui.status_facts import status_facts
from inspector.ui.theme import ROLE_COLOURS, Colour, colour
from inspector.ui.widgets.tooltips import plain_tooltip

_HEIGHT = 27
_DOT = 8
_PADDING = 10
_GAP = 6
_LEAST_NAME = 90
"""Pixels of a long name that stay where the bar is short of room."""


@dataclass(frozen=True, slots=True)
class ChipText:
    """The name in bold, and what is said of it."""

    name: str
    remark: str


def chip_text(feed: Feed) -> ChipText:
    """How the source is named."""
    source = feed.source
    if source is None:
        return ChipText("No source", "")
    if isinstance(source, FileSource):
        return ChipText(source.path.name, "file, read-only")
    if source.demo:
        client = source.client if len(feed.sessions) == 1 else ""
        return ChipText(source.title, client or "on this machine, made-up data")
    told = feed.active.told if feed.active is not None else None
    user = told.user_id if told is not None else ""
    return ChipText(source.title or urlsplit(_endpoint(feed, source)).netloc or "A connection", user)


def title_text(feed: Feed) -> str:
    """How the window is named: by the file, or by the service and the user, for there may be a window for each."""
    text = chip_text(feed)
    is_of_a_user = isinstance(feed.source, LiveSource) and not feed.source.demo and text.remark
    return f"{text.name} · {text.remark}" if is_of_a_user else text.name


def _endpoint(feed: Feed, source: LiveSource) -> str:
    """The service's address; it may have come with the token alone."""
    told = feed.active.told if feed.active is not None else None
    return (told.endpoint if told is not None else "") or source.start.endpoint


class ConnectionChip(QWidget):
    """Follows the feed."""

    def __init__(self, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("connectionChip")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._feed = feed
        self.text = chip_text(feed)
        feed.situation_changed.connect(self._update)
        feed.source_changed.connect(self._update)
        self._update()

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(bold_font()).horizontalAdvance(self.text.name)
        if self.text.remark:
            width += _GAP + QFontMetricsF(text_font()).horizontalAdvance(self.text.remark)
        return QSize(int(width) + 2 * _PADDING + _DOT + _GAP + 2, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """What is said of the source goes first, then the end of a long name: both are in the tooltip."""
        name = QFontMetricsF(bold_font()).horizontalAdvance(self.text.name)
        return QSize(int(min(name, zoomed(_LEAST_NAME))) + 2 * _PADDING + _DOT + _GAP + 2, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour(Colour.LINE))
        painter.setBrush(colour(Colour.PANEL))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        shade = colour(ROLE_COLOURS[self._role()])
        painter.setPen(shade)
        painter.setBrush(shade)
        painter.drawEllipse(QRectF(_PADDING, (self.height() - _DOT) / 2, _DOT, _DOT))
        metrics = QFontMetricsF(bold_font())
        x = _PADDING + _DOT + _GAP
        baseline = round((self.height() - metrics.height()) / 2 + metrics.ascent())
        painter.setFont(bold_font())
        painter.setPen(colour(Colour.TEXT))
        shown = self.shown
        painter.drawText(QPointF(x, baseline), shown.name)
        painter.setFont(text_font())
        painter.setPen(colour(Colour.DIM))
        painter.drawText(QPointF(x + metrics.horizontalAdvance(shown.name) + _GAP, baseline), shown.remark)
        painter.end()

    @property
    def shown(self) -> ChipText:
        """The part of the text that there is room for."""
        room = self.width() - 2 * _PADDING - _DOT - _GAP
        name = _elided(QFontMetricsF(bold_font()), self.text.name, room)
        room -= int(QFontMetricsF(bold_font()).horizontalAdvance(name)) + _GAP
        remark = _elided(QFontMetricsF(text_font()), self.text.remark, room) if name == self.text.name else ""
        return ChipText(name, "" if remark == "…" else remark)

    def _role(self) -> Role:
        """Of the source; where several clients sync, of the service: fine where any of them is connected."""
        statuses = [session.status for session in self._feed.sessions]
        if len(statuses) > 1 and any(status is not None and status.phase == "connected" for status in statuses):
            return Role.FINE
        return status_facts(self._feed.situation, None, 0, 0).role

    def _update(self) -> None:
        self.text = chip_text(self._feed)
        whole = f"{self.text.name} {self.text.remark}".strip()
        self.setAccessibleName(whole)
        self.setToolTip(plain_tooltip("\n".join(dict.fromkeys((whole, self._endpoint())))))
        self.updateGeometry()
        self.update()

    def _endpoint(self) -> str:
        source = self._feed.source
        if source is None:
            return ""
        return source.path.name if isinstance(source, FileSource) else _endpoint(self._feed, source)


def _elided(metrics: QFontMetricsF, text: str, room: float) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))
