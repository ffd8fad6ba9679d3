"""The line at the window's lower edge: the state, and the figures one glances at."""

import time
from collections import deque
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QStatusBar, QWidget

from inspector.analysis.state import Role
from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.demo.devices import Devices
from inspector.ui.demo.facts import demo_facts
from inspector.ui.feed import Feed
from inspector.ui.file_seal import FileSeal
from inspector.ui.fonts import bold_font, small_font
from inspector.ui.live_session import LiveSession
from inspector.ui.status_facts import StatusFacts, facts_of_then, status_facts
from inspector.ui.theme import ROLE_COLOURS, Colour, colour
from inspector.ui.widgets.tooltips import plain_tooltip

_HEIGHT = 25
_TICK_MS = 1000
_GAP = 24
_MARGIN = 10
_DOT = 8
_RATE_SECONDS = 2.0
_EXPLAINED = """service checkpoint: op id of the newest one that any client of the demo was told of.
checkpoint: op id of the newest one that the service announced; shown: of the one that the tables show.
operations: all that were downloaded, those superseded since included; rows shown: what is in the tables.
without a table: rows of types for which the app's schema has none.
recording: the frames in the capture, and the size of its file.
op/s: operations received a second, over the last two seconds; token: until the present one ends."""


class StatusLine(QStatusBar):
    """Painted by itself: what does not fit is left out from the end, never cut."""

    def __init__(
        self,
        feed: Feed,
        buckets: BucketLoader,
        devices: Devices,
        seal: FileSeal | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setSizeGripEnabled(False)
        self.setToolTip(plain_tooltip(self.tr(_EXPLAINED)))
        self.setFixedHeight(_HEIGHT)
        self._feed, self._buckets, self._devices, self._seal = feed, buckets, devices, seal
        self._received: deque[tuple[float, int]] = deque()
        self._receiver: LiveSession | None = None
        """Whose operations they are."""
        self.facts: StatusFacts | None = None
        self._mentioned = ""
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(self._update)
        clock.start()
        feed.situation_changed.connect(self._update)
        feed.database_changed.connect(self._update)
        buckets.changed.connect(self._update)
        devices.sessions_changed.connect(self._update)
        devices.situations_changed.connect(self._update)
        devices.story_changed.connect(self._update)
        if seal is not None:
            seal.changed.connect(self._update)
        self._update()

    @property
    def text(self) -> str:
        """All that it says, left to right."""
        if self.facts is None:
            return ""
        return "   ".join((*("".join(group) for group in self.facts.left), *self.facts.right))

    def mention(self, text: str) -> None:
        """Say this first from now on."""
        self._mentioned = text
        self._update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colour(Colour.HEADER))
        painter.fillRect(0, 0, self.width(), 1, colour(Colour.LINE))
        if self.facts is not None:
            self._paint_facts(painter, self.facts)
        painter.end()

    def _paint_facts(self, painter: QPainter, facts: StatusFacts) -> None:
        metrics = QFontMetricsF(small_font())
        baseline = (self.height() - metrics.height()) / 2 + metrics.ascent() + 0.5
        painter.setPen(colour(Colour.DIM))
        painter.setFont(small_font())
        right = self.width() - _MARGIN
        for text in reversed(facts.right):
            right -= int(metrics.horizontalAdvance(text))
            painter.drawText(right, int(baseline), text)
            right -= _GAP
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(ROLE_COLOURS[facts.role]))
        painter.drawEllipse(QRectF(_MARGIN, (self.height() - _DOT) / 2 + 0.5, _DOT, _DOT))
        x = float(_MARGIN + _DOT + 5)
        figures = QFontMetricsF(bold_font(small=True))
        for group in facts.left:
            widths = [(figures if i % 2 else metrics).horizontalAdvance(text) for i, text in enumerate(group)]
            if x + sum(widths) > right:
                return
            for i, (text, width) in enumerate(zip(group, widths, strict=True)):
                painter.setFont(bold_font(small=True) if i % 2 else small_font())
                painter.setPen(colour(Colour.TEXT if i % 2 else Colour.DIM))
                painter.drawText(int(x), int(baseline), text)
                x += width
            x += _GAP

    def _update(self) -> None:
        rate = self._rate()
        seal = self._seal.seal if self._seal is not None else None
        past = self._feed.files.past
        sessions, active = self._devices.sessions, self._feed.active
        if past is not None:
            facts = facts_of_then(past, self._feed.status, self._buckets.snapshot)
        else:
            facts = status_facts(self._feed.situation, self._buckets.snapshot, rate, time.time_ns(), seal)
            if len(sessions) > 1 and active is not None:
                statuses = [session.status for session in sessions]
                facts = demo_facts(statuses, active.source.client, self._devices.told, facts)
        if self._mentioned:
            facts = replace(facts, role=Role.BROKEN, left=(("", self._mentioned), *facts.left))
        if facts != self.facts:
            self.facts = facts
            self.setAccessibleName(self.text)
            hashed = "" if seal is None else seal.explained
            self.setToolTip(plain_tooltip(hashed or self.tr(_EXPLAINED)))
            self.update()

    def _rate(self) -> float:
        """Operations a second over the last two seconds."""
        receiver = self._feed.active
        status = None if receiver is None else receiver.status
        if status is None:
            self._received.clear()
            return 0.0
        now = time.monotonic()
        fewer = bool(self._received) and status.operations_received < self._received[-1][1]
        if fewer or receiver is not self._receiver:
            self._received.clear()
            self._receiver = receiver
        self._received.append((now, status.operations_received))
        while len(self._received) > 2 and now - self._received[1][0] > _RATE_SECONDS:
            self._received.popleft()
        begun, before = self._received[0]
        return (status.operations_received - before) / (now - begun) if now > begun else 0.0
