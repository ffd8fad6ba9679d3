"""The steps as rows: what came of each, and its title."""

from inspector.ui.panels.story.player import Played, Progress
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Align, Cell, Column, Mark
from inspector.ui.widgets.row_model import ListModel

_MARKS = {
    Progress.PLAYING: Mark("▸", Colour.ACCENT),
    Progress.DONE: Mark("✓", Colour.FINE),
    Progress.FAILED: Mark("✕", Colour.BROKEN),
}


def _state(played: Played) -> Cell:
    mark = _MARKS.get(played.progress)
    return Cell(mark.glyph, mark.colour) if mark is not None else Cell(str(played.number), Colour.DIM)


def _title(played: Played) -> Cell:
    return Cell(played.step.title, Colour.DIM if played.progress is Progress.TO_COME else Colour.TEXT)


COLUMNS: tuple[Column[Played], ...] = (
    Column("State", cell=_state, align=Align.RIGHT, width=3),
    Column("Step", cell=_title, stretch=True),
)


class StepsModel(ListModel[Played]):
    """The steps in order."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)

    def key(self, record: Played) -> object:
        return record.step.name
