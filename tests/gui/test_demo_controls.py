"""What the demo offers beside its story: keys for both clients, the backend's way with conflicts, the lanes' marks."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton

from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.capture.rows import UploadRow
from tests.gui.demo import Demo
from tests.gui.looking import rows_of


def test_a_conflict_is_refused_when_the_backend_is_told_to_and_taken_when_it_is_not(demo: Demo) -> None:
    window, bob = demo.window, demo.pane("Bob")
    actions, button = window.actions_.demo, window.findChild(QToolButton, "backendButton")
    assert button is not None
    demo.wait(lambda: button.text() == "Backend: last write wins ▾")
    actions.refuse_conflicts.trigger()
    demo.wait(lambda: button.text() == "Backend: refuses conflicts ▾")

    demo.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    demo.wait(lambda: bob.header.phase.text() == "○ offline")
    assert window.status_line.text.startswith("2 clients · 1 offline   service checkpoint ")
    demo.rename("Bob", 0, "Oat milk")
    demo.rename("Alice", 0, "Whole milk")
    demo.wait(lambda: demo.rows("Alice")[0] == "☐ Whole milk" and demo.rows("Bob")[0] == "☐ Oat milk, not uploaded")
    demo.wait(lambda: demo.last_changes("Alice")[0].startswith("you, "))

    actions.clients[1].network.trigger()
    demo.wait(lambda: [row.status for row in demo.things("Bob", UploadRow)][:1] == [409])
    tx, op, row, change = rows_of(bob.uploads.table)[0]
    assert (tx, op, row, change) == ("1", "PATCH", "todos / groceries-1", 'description: "Milk" → "Oat milk"')
    assert bob.uploads.heading.count == 1
    assert demo.pane("Alice").uploads.heading.count == 0
    demo.wait(lambda: "409" in bob.state.text.whole or "changed by somebody else" in bob.state.text.whole)
    retry = bob.state.findChild(QToolButton, "state-retry_upload")
    assert retry is not None
    demo.wait(retry.isVisible)

    actions.last_write_wins.trigger()
    demo.wait(lambda: button.text() == "Backend: last write wins ▾")
    demo.click(retry)
    demo.wait(lambda: demo.rows("Alice")[0] == demo.rows("Bob")[0] == "☐ Oat milk")
    demo.wait(lambda: demo.last_changes("Alice")[0].startswith("Bob, "))
    assert demo.last_changes("Bob")[0].startswith("you, ")
    assert demo.last_changes("Bob")[1] == ""


def test_keys_and_marks_choose_the_client_that_the_other_panels_show(demo: Demo) -> None:
    window, canvas = demo.window, demo.both.canvas
    demo.tick("Alice", 1)
    demo.wait(lambda: demo.writes("Alice") == ["●✓ tick Bread"])
    demo.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.feed.active is demo.pane("Bob").session
    demo.wait(lambda: "Bob: Streaming" in window.status_line.text)
    assert window.status_line.facts is not None
    rate = int(window.status_line.facts.right[0].removesuffix(" op/s"))
    assert rate < 5, "what Bob received beyond Alice is nothing that came just now"
    assert window.docks["uploads"].whose == "Bob"
    assert window.docks["both"].whose == ""
    assert not window.state_bar.isVisible()

    (mark,) = demo.marks("Alice", LocalTransaction)
    place = QPoint(round(mark.area.center().x()), round(mark.area.center().y()))
    assert canvas.tooltip_at(mark.area.center()).startswith("Alice: tick Bread\n")
    demo.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert window.feed.active is demo.pane("Alice").session
    assert window.selection.moment == mark.at
    assert window.selection.row is not None
    assert window.selection.row.id == "groceries-2"
    demo.wait(lambda: window.state_bar.isVisible() and window.state_bar.lead.text().startswith("You are looking at"))
    assert window.state_bar.whose.text() == "Alice:"
    demo.qtbot.keyClick(canvas, Qt.Key.Key_P)
    before = window.selection.moment
    assert before is not None
    assert before < mark.at
    demo.qtbot.keyClick(canvas, Qt.Key.Key_N)
    assert window.selection.moment == mark.at
    demo.qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    demo.wait(lambda: not window.state_bar.isVisible())

    window.actions_.demo.refuse_conflicts.trigger()
    demo.wait(lambda: window.demo.backend.words == "refuses conflicts")
    demo.press(Qt.Key.Key_F8)
    demo.finish_step(1)
    demo.wait(lambda: window.demo.backend.words == "last write wins")
    assert window.status_line.text.endswith("step 1 of 11 did what it says ✓")
    assert all(len(history.renewed_at) == 1 for history in canvas.snapshot.histories.values())
