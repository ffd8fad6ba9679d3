"""What a panel says that shows the present while the others show the data of a past moment."""

from inspector.ui.feed import Feed
from inspector.ui.theme import Colour
from inspector.ui.widgets.foot_note import FootNote
from inspector.words import clock


class NowNote(FootNote):
    """Hidden unless somebody looks at the data of then; `why` is a sentence."""

    def __init__(self, feed: Feed, why: str) -> None:
        super().__init__("nowNote")
        self._feed, self._why = feed, why
        feed.files_changed.connect(self._tell)
        feed.database_changed.connect(self._tell)
        self._tell()

    def _tell(self) -> None:
        past = self._feed.files.past
        text = self.tr("This panel shows now, not {0}.").format(clock(past.at)) if past is not None else ""
        self.say(f"{text} {self._why}" if text else "", Colour.CHECKPOINT)
