"""How the newest connection ended, below the frames: the list itself tells it where the next one begins."""

from PySide6.QtWidgets import QWidget

from inspector.capture.rows import ConnectionRow
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.readers import Readers
from inspector.ui.times import clock
from inspector.ui.widgets.foot_note import FootNote


class LastEnd(FootNote):
    """Hidden while the newest connection is open, and where the capture does not say that it ended."""

    def __init__(self, context: PanelContext, panel: QWidget) -> None:
        super().__init__("lastEnd")
        self.query: LiveQuery[ConnectionRow | None] = LiveQuery(context.feed, panel, lambda: _last)
        self.query.changed.connect(self._tell)
        context.feed.files_changed.connect(lambda: self.say(""))
        self.say("")

    def _tell(self) -> None:
        last = self.query.result
        if last is None or last.ended_at is None:
            self.say("")
            return
        ended = self.tr("Connection {0} ended at {1}").format(last.id, clock(last.ended_at))
        self.say(f"{ended}: {last.end_reason}" if last.end_reason else f"{ended}.")


def _last(readers: Readers) -> ConnectionRow | None:
    return None if readers.capture is None else readers.capture.last_connection()
