"""The panes of the demo's clients where there is little room, or large text."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.analysis.situations import Role, StateSentence
from inspector.ui.fonts import row_height
from inspector.ui.panels.clients.header import Header
from inspector.ui.panels.clients.list_model import SharedListModel
from inspector.ui.panels.clients.list_view import SharedListView, text_left
from inspector.ui.panels.clients.pending_list import PendingList
from inspector.ui.panels.clients.state_line import StateLine
from inspector.ui.theme import Appearance

LEAD = "Connecting to a-host-with-quite-a-long-name.example.com:41323."
THEN = "This is attempt 3. The next try is in 4 s."


@pytest.fixture
def line(qtbot: QtBot) -> StateLine:
    line = StateLine(lambda _: None)
    qtbot.addWidget(line)
    line.say(StateSentence(LEAD, THEN, Role.DATA))
    line.show()
    return line


def test_a_long_sentence_does_not_keep_the_window_from_being_narrow(line: StateLine) -> None:
    line.resize(1200, 60)
    QApplication.processEvents()
    assert line.lead.text() == LEAD
    assert line.minimumSizeHint().width() < 200
    line.resize(220, 60)
    QApplication.processEvents()
    assert line.lead.text().endswith("…")
    assert line.lead.accessibleName() == LEAD
    line.resize(1200, 60)
    QApplication.processEvents()
    assert line.lead.text() == LEAD


def test_what_waits_is_a_number_where_the_words_do_not_fit(qtbot: QtBot) -> None:
    header = Header("Bob")
    qtbot.addWidget(header)
    header.pending.set_text("■ 2 writes not uploaded", short="■ 2")
    header.show()
    header.resize(600, 34)
    QApplication.processEvents()
    assert header.pending.text() == "■ 2 writes not uploaded"
    header.resize(header.minimumSizeHint().width() + 20, 34)
    QApplication.processEvents()
    assert header.pending.text() == "■ 2"


def test_the_list_grows_with_the_text(qtbot: QtBot, appearance: Appearance) -> None:
    view = SharedListView(SharedListModel("Bob", lambda _: None), "list-bob")
    qtbot.addWidget(view)
    before, left = view.minimumSizeHint().height(), text_left()
    appearance.zoom_by(2)
    try:
        assert row_height() > 22
        assert view.minimumSizeHint().height() > before
        assert text_left() > left, "the box is larger, too"
    finally:
        appearance.zoom_by(0)
    assert view.minimumSizeHint().height() == before


def test_the_sentence_of_an_empty_queue_is_whole_in_a_narrow_pane(qtbot: QtBot) -> None:
    queue = PendingList("Bob")
    qtbot.addWidget(queue)
    queue.show()
    heights = []
    for width in (900, 300):
        queue.resize(width, queue.height())
        QApplication.processEvents()
        assert queue.note.height() + queue.note.y() <= queue.table.height()
        heights.append(queue.height())
    assert heights[0] < heights[1]
