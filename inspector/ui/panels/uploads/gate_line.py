"""The line below the lists: what the gate waits for, in a sentence that grows older by itself."""

import time

from inspector.analysis.gate import GateFacts, gate_sentence
from inspector.analysis.state import CaptureFile
from inspector.ui.feed import Feed
from inspector.ui.panels.uploads.view import UploadsView
from inspector.ui.theme import Colour
from inspector.ui.widgets.foot_note import FootNote


class GateLine(FootNote):
    """Empty where there is no gate."""

    def __init__(self, feed: Feed) -> None:
        super().__init__("gateSentence")
        self._feed = feed

    def tell(self, view: UploadsView | None) -> None:
        """Say what the files and the engine know of the gate now."""
        facts = self._facts(view) if view is not None else None
        if facts is None:
            self.say("")
            return
        closed = facts.pending_writes or (facts.target or 0) > (facts.seen or 0)
        self.say(gate_sentence(facts, time.time_ns()), Colour.HELD if closed else Colour.DIM)

    def _facts(self, view: UploadsView) -> GateFacts | None:
        if view.gate is None or isinstance(self._feed.situation, CaptureFile):
            return None  # the database that a capture's frames make has no local writes and no gate
        status, writes = self._feed.status, view.queue.writes
        return GateFacts(
            pending_writes=view.queue.entries,
            target=view.gate.target,
            seen=view.gate.seen,
            closed_at=writes[0].written_at if writes else None,
            asked_at=status.waiting_since if status is not None else None,
            seen_at=view.seen_at,
            held=status is not None and status.uploads == "held",
            nowhere=status is not None and status.nowhere_to_upload,
        )
