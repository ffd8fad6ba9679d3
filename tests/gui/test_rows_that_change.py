"""A list whose records change: what was chosen in it stays chosen, and nothing is chosen that nobody chose."""

import random
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from inspector.ui.widgets.columns import Column
from inspector.ui.widgets.copying import selected_rows
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

pytestmark = pytest.mark.usefixtures("every_model_watched")

NAME: Column[str] = Column("Name", str)


class Letters:
    """A table of letters, and what it has said of the current one."""

    def __init__(self, qtbot: QtBot, letters: Sequence[str]) -> None:
        self.model = ListModel((NAME,))
        self.table = RowTable(self.model, "letters")
        qtbot.addWidget(self.table)
        self.table.show()
        qtbot.waitUntil(lambda: bool(self.model.children()))
        self.model.show_records(list(letters))
        self.said: list[str | None] = []
        self.table.row_chosen.connect(lambda row: self.said.append(self.model.record(row)))

    @property
    def current(self) -> str | None:
        return self.model.record(self.table.currentIndex().row())

    @property
    def selected(self) -> list[str]:
        return [self.model.records[row] for row in selected_rows(self.table)]

    def select(self, letters: str) -> None:
        """All of them; the last is the current one."""
        flag = QItemSelectionModel.SelectionFlag
        for letter in letters:
            index = self.model.index(self.model.records.index(letter), 0)
            self.table.selectionModel().setCurrentIndex(index, flag.Select | flag.Rows)
        self.said.clear()


@pytest.mark.parametrize("after", ["abcd", "xaybzcd", "c", "dcba", "zcx", "bxca"])
def test_the_chosen_row_stays_chosen_wherever_it_stands_afterwards(qtbot: QtBot, after: str) -> None:
    letters = Letters(qtbot, "abcd")
    letters.table.choose_row(2)
    letters.said.clear()
    letters.model.show_records(list(after))
    assert letters.model.records == list(after)
    assert (letters.current, letters.selected) == ("c", ["c"])
    assert letters.said == []


def test_a_chosen_row_that_goes_leaves_its_place_to_none(qtbot: QtBot) -> None:
    letters = Letters(qtbot, "abcd")
    letters.select("ac")
    letters.model.show_records(list("abd"))
    assert letters.current is None
    assert letters.selected == ["a"], "the others that are selected stay so"
    assert letters.said == [None], "and its neighbour is not said to be chosen"


def test_rows_that_cannot_be_told_apart_are_shown_as_they_come(qtbot: QtBot) -> None:
    letters = Letters(qtbot, "aab")
    letters.model.show_records(list("bbaac"))
    assert letters.model.records == list("bbaac")


def test_any_change_keeps_what_stays_selected(qtbot: QtBot) -> None:
    rng = random.Random(7)
    letters = Letters(qtbot, "abcdef")
    for _ in range(150):
        before = letters.model.records
        letters.table.selectionModel().clear()
        letters.select("".join(rng.sample(before, rng.randint(0, len(before)))))
        chosen, current = set(letters.selected), letters.current
        after = rng.sample("abcdefghij", rng.randint(0, 10))
        letters.model.show_records(list(after))
        assert letters.model.records == after
        assert letters.selected == [letter for letter in after if letter in chosen]
        assert letters.current == (current if current in after else None)
