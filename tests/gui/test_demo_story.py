"""The demo from end to end: a real service and two real engines, driven by mouse and keyboard through the story."""

import os
import signal
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QToolBar, QToolButton

from inspector.analysis.devices.gate import ClosedGate
from inspector.capture.timeline_rows import OfflineSpan
from inspector.cli.demo import NAMES
from inspector.ui.panels.clients.panel import ClientsPanel
from inspector.ui.panels.story.panel import StoryPanel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.demo import Demo
from tests.gui.looking import child


def test_the_story_is_played_by_mouse_and_keyboard(demo: Demo) -> None:
    story, window = demo.story, demo.window
    assert window.perspectives.current == "demo"
    assert story.next.text() == "Start: first sync"
    assert not story.back.isEnabled()

    demo.click(story.next)
    demo.finish_step(1)
    assert story.next.text() == "Next: a live change"
    assert demo.outlined == ["buckets", "frames"]
    assert "✓ Alice is up to date." in [label.text() for label in story.script.told]
    frames = window.docks["frames"]
    assert not frames.visibleRegion().isEmpty()

    demo.press_space(2)
    demo.wait(lambda: demo.shows("Bob", "☐ Milk", "☑ Bread", "☐ Tomatoes"))
    assert window.feed.active is demo.pane("Bob").session

    demo.press_space(3)
    bob = demo.pane("Bob")
    demo.wait(lambda: bob.state.lead.text() == "Offline, working locally.")
    assert bob.header.phase.text() == "○ offline"
    assert bob.header.switch.text() == "Go online"
    assert window.state_bar.lead.text() == "Offline, working locally."

    demo.press_space(4)
    demo.wait(lambda: demo.shows("Bob", "☐ Oat milk, not uploaded", "☑ Bread", "☐ Tomatoes", "☐ Basil, not uploaded"))
    assert bob.header.pending.text() == "■ 2 writes not uploaded"
    assert demo.shows("Alice", "☐ Milk", "☑ Bread", "☐ Tomatoes")
    assert demo.outlined == ["both", "uploads"]
    demo.wait(lambda: window.docks["uploads"].count == 2)
    demo.wait(lambda: demo.writes("Bob") == ["○ rename Milk to Oat milk", "○ add Basil"])
    assert demo.writes("Alice") == ["●✓ tick Bread"]
    (offline,) = demo.things("Bob", OfflineSpan)
    assert offline.ended_at is None
    (closed,) = demo.things("Bob", ClosedGate)
    assert closed.opened_at is None
    assert closed.words == "closed until both writes are confirmed"
    assert "Bob has been offline for" in demo.both.canvas.accessibleDescription()
    assert not demo.things("Alice", OfflineSpan)

    demo.press_space(5)
    demo.wait(lambda: demo.shows("Alice", "☐ Whole milk", "☑ Bread", "☐ Tomatoes"))
    assert window.feed.active is demo.pane("Alice").session

    demo.press_space(6)
    both = ("☐ Oat milk", "☑ Bread", "☐ Tomatoes", "☐ Basil")
    demo.wait(lambda: demo.shows("Alice", *both) and demo.shows("Bob", *both))
    demo.wait(lambda: bob.header.pending.text() == "")
    demo.wait(lambda: demo.writes("Bob") == ["○✓ rename Milk to Oat milk", "○✓ add Basil"])
    demo.wait(lambda: all(gate.opened_at is not None for gate in demo.things("Bob", ClosedGate)))
    assert demo.things("Bob", OfflineSpan)[0].ended_at is not None

    demo.press_space(7)
    both = ("☐ Oat milk", "☑ Bread", "☑ Tomatoes", "☐ Basil")
    demo.wait(lambda: demo.shows("Alice", *both) and demo.shows("Bob", *both))

    assert window.selection.bucket is not None
    assert window.selection.bucket.endswith('my_todos|0["groceries"]')

    demo.press_space(8)
    demo.press_space(9)
    demo.wait(lambda: demo.rows("Bob")[-2:] == ["☑ Basil, not uploaded", "☐ , not uploaded"])
    demo.wait(lambda: "A to-do needs a description" in bob.state.text.whole)
    assert demo.rows("Alice")[-1] == "☐ Basil"

    demo.press_space(10)
    demo.wait(lambda: demo.rows("Bob")[-1] == "☑ Basil" == demo.rows("Alice")[-1])

    demo.press_space(11)
    assert story.next.text() == "The end"
    assert not story.next.isEnabled()
    told = [label.text() for label in story.script.told if label.isVisible()]
    assert any(text.startswith("✓ It downloaded") for text in told)

    demo.click(story.back)
    assert story.script.title.text() == "10 · Bob gives the write up"
    toolbar = window.findChild(QToolBar, "sourceTools")
    assert toolbar is not None
    again = toolbar.widgetForAction(window.actions_.demo.start_again)
    demo.click(again)
    assert story.next.text() == "Start: first sync"
    assert demo.outlined == []
    demo.press_space(1)
    demo.wait(lambda: all(demo.shows(name, "☐ Milk", "☐ Bread", "☐ Tomatoes") for name in NAMES))


def test_each_client_is_an_app_of_its_own_also_while_the_service_is_gone(demo: Demo) -> None:
    alice, bob = demo.pane("Alice"), demo.pane("Bob")
    assert demo.window.feed.active is alice.session
    demo.click(bob.header.switch)
    demo.wait(lambda: bob.header.phase.text() == "○ offline")
    assert demo.window.feed.active is bob.session
    assert alice.header.phase.text() == "● online"

    demo.tick("Bob", 1)
    demo.wait(lambda: demo.shows("Bob", "☐ Milk", "☑ Bread, not uploaded", "☐ Tomatoes"))
    demo.qtbot.keyClicks(bob.entry, "Coffee")
    demo.qtbot.keyClick(bob.entry, Qt.Key.Key_Return)
    demo.wait(lambda: demo.rows("Bob")[-1] == "☐ Coffee, not uploaded")
    assert bob.entry.text() == ""
    demo.rename("Bob", 2, "Cherry tomatoes")
    demo.wait(lambda: demo.rows("Bob")[2] == "☐ Cherry tomatoes, not uploaded")
    demo.wait(lambda: bob.header.pending.text() == "■ 3 writes not uploaded")
    assert demo.shows("Alice", "☐ Milk", "☐ Bread", "☐ Tomatoes")

    demo.qtbot.mouseClick(alice.header, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert demo.window.feed.active is alice.session
    demo.click(bob.header.switch)
    both = ("☐ Milk", "☑ Bread", "☐ Cherry tomatoes", "☐ Coffee")
    demo.wait(lambda: demo.shows("Alice", *both) and demo.shows("Bob", *both))

    view = alice.view
    coffee = view.model().index(3, 0)
    demo.wait(lambda: view.viewport().rect().contains(view.visualRect(coffee)))
    demo.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(coffee).center())
    demo.wait(view.hasFocus)
    demo.qtbot.keyClick(view, Qt.Key.Key_Space)
    demo.wait(lambda: demo.rows("Bob")[-1] == "☑ Coffee")
    assert view.hasFocus()
    demo.qtbot.keyClick(view, Qt.Key.Key_Delete)
    demo.wait(lambda: len(demo.rows("Bob")) == 3)

    os.kill(demo.service.process_id, signal.SIGKILL)
    demo.wait(lambda: demo.window.state_bar.lead.text() == "The demo's service stopped.")
    assert "signal 9" in demo.window.state_bar.then.whole
    assert demo.pane("Bob").state.lead.text() == "The demo's service stopped."
    demo.tick("Bob", 0)
    demo.wait(lambda: demo.rows("Bob")[0] == "☑ Milk, not uploaded")
    demo.wait(lambda: "1 local write waits for it." in demo.pane("Bob").state.text.whole)

    assert not demo.window.state_bar.isVisible()
    restart = demo.pane("Bob").state.findChild(QToolButton, "state-restart_service")
    assert restart is not None
    demo.click(restart)
    rest = ("☑ Milk", "☑ Bread", "☐ Cherry tomatoes")
    demo.wait(lambda: demo.shows("Alice", *rest) and demo.shows("Bob", *rest))
    demo.wait(lambda: demo.window.state_bar.lead.text().startswith("Up to date"))
    assert not demo.window.actions_.restart_service.isVisible()


def test_without_two_clients_the_panels_say_how_to_get_them(open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    window.perspectives.choose("demo")
    story, clients = window.docks["story"].panel, window.docks["clients"].panel
    assert isinstance(story, StoryPanel)
    assert isinstance(clients, ClientsPanel)
    assert story.note.text() == "The story plays on the demo's two clients. Start the demo."
    assert not child(story, QPushButton, "storyNext").isVisible()
    assert clients.note.text() == "The demo's clients stand here side by side. Start the demo."
