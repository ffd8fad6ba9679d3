"""What a panel says that shows the present, or a recording's end, while others show the data of a past moment."""

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
        if past is None:
            self.say("")
            return
        live = self._feed.status is not None
        text = self.tr("This panel shows now, not {0}.") if live else self.tr("This panel shows the end, not {0}.")
        self.say(f"{text.format(clock(past.at))} {self._why}", Colour.CHECKPOINT)
