"""That the tests of the window notice a list that says one thing to its views and does another."""

import pytest
from PySide6.QtCore import QModelIndex, qInstallMessageHandler
from pytestqt.logging import _QtMessageCapture
from pytestqt.qtbot import QtBot

from inspector.ui.widgets.columns import Column
from inspector.ui.widgets.row_model import ListModel

pytestmark = pytest.mark.usefixtures("every_model_watched")

NAME: Column[str] = Column("Name", str)


class Forgetful(ListModel[str]):
    """Announces a row and does not add it."""

    def promise(self) -> None:
        self.beginInsertRows(QModelIndex(), 0, 0)
        self.endInsertRows()


def test_a_model_that_breaks_its_word_is_noticed(qtbot: QtBot, qtlog: _QtMessageCapture) -> None:
    said: list[str] = []
    model = Forgetful((NAME,))
    with qtlog.disabled():
        before = qInstallMessageHandler(lambda _, context, text: said.append(f"{context.category} {text}"))
        qtbot.waitUntil(lambda: bool(model.children()))
        model.promise()
        qInstallMessageHandler(before)

    assert any("qt.modeltest FAIL" in line for line in said)


def test_a_model_that_keeps_its_word_is_left_alone(qtbot: QtBot) -> None:
    model = ListModel((NAME,))
    qtbot.waitUntil(lambda: bool(model.children()))
    model.show_records(["a", "b"])
    model.show_records(["b", "c", "d"])

    assert model.row_count() == 3
