"""The steps as rows: what came of each, and its title."""

from inspector.ui.panels.story.player import Played, Progress
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Cell, Column, Mark
from inspector.ui.widgets.row_model import ListModel

_MARKS = {
    Progress.PLAYING: Mark("▸", Colour.ACCENT),
    Progress.DONE: Mark("✓", Colour.FINE),
    Progress.FAILED: Mark("✕", Colour.BROKEN),
}


class StepsModel(ListModel[Played]):
    """The steps in order."""

    def __init__(self) -> None:
        super().__init__((Column("Step", cell=self._title, stretch=True),))

    def key(self, record: Played) -> object:
        return record.step.name

    def _title(self, played: Played) -> Cell:
        number = next(i for i, other in enumerate(self.records, start=1) if other is played)
        mark = _MARKS.get(played.progress)
        tone = Colour.DIM if played.progress is Progress.TO_COME else Colour.TEXT
        return Cell(f"{number}  {played.step.title}", tone, mark, whole=played.step.title)
