"""What the checks find while two real engines sync with a real service."""

from inspector.engine.control import ArmFault, Write
from inspector.service.groceries import ITEMS
from inspector.store.local_write import LocalWrite
from inspector.ui.docks.tab_painting import Badge
from inspector.ui.panels.findings.panel import FindingsPanel
from inspector.ui.theme import Colour
from tests.gui.demo import Demo

CHECKS_OF_BOTH_FILES = 40
MILK = str(ITEMS[0]["id"])


def test_a_demo_that_is_well_has_no_finding_and_an_altered_row_is_one(demo: Demo) -> None:
    window = demo.window
    panel = window.docks["findings"].panel
    assert isinstance(panel, FindingsPanel)
    demo.wait(lambda: len(window.findings.live.results) >= CHECKS_OF_BOTH_FILES)
    demo.wait(lambda: not window.findings.live.frames_left)
    assert panel.model.records == []
    assert "run while the session goes on" in panel.foot.text
    assert panel.note.text() == "Nothing is wrong, as far as the checks go."

    window.feed.send(ArmFault("altered-row", {"table": "todos", "row": MILK}, times=1, user="alice"))
    demo.wait(lambda: window.feed.status is not None and any(fault.armed for fault in window.feed.status.faults))
    bob = demo.pane("Bob").session
    bob.send(Write((LocalWrite("PATCH", "todos", MILK, {"completed": 1}),)))
    demo.wait(lambda: panel.model.records)
    (finding,) = panel.model.records
    assert finding.check == "operations/arrived-altered"
    demo.wait(lambda: panel.model.records[0].summary.startswith("While the fault “Altered row data” was injected."))
    (finding,) = panel.model.records
    assert panel.count == Badge(1, Colour.BROKEN)
    assert window.state_bar.lead.text().startswith("Up to date")

    alice = demo.pane("Alice").header.findings
    assert not alice.isVisible(), "its findings are those of the panel"
    window.feed.activate(bob)
    demo.wait(lambda: len(window.findings.live.results) >= CHECKS_OF_BOTH_FILES and not panel.model.records)
    demo.wait(alice.isVisible)
    assert alice.text() == "✕ 1 finding"
    assert "Alice: 1 operation of " in alice.toolTip()
    assert "· Alice: 1 finding" in panel.foot.text
    demo.click(alice)
    assert window.feed.active is demo.pane("Alice").session
    assert window.docks["findings"].isVisible()
    demo.wait(lambda: panel.model.records == [finding])
    assert not alice.isVisible()


def test_a_finding_of_the_client_that_is_not_shown_is_told_in_its_pane(demo: Demo) -> None:
    window = demo.window
    bob = demo.pane("Bob")
    demo.wait(lambda: bob.session.status is not None and bob.session.status.shown_checkpoint)
    assert window.feed.active is demo.pane("Alice").session
    window.feed.send(ArmFault("altered-row", {"table": "todos", "row": MILK}, times=1, user="bob"))
    demo.wait(lambda: window.feed.status is not None and any(fault.armed for fault in window.feed.status.faults))
    demo.tick("Alice", 0)
    demo.wait(bob.header.findings.isVisible)
    assert bob.header.findings.text() == "✕ 1 finding"
    assert bob.header.findings.accessibleName().startswith("✕ 1 finding. Bob: 1 operation of ")
    assert window.findings.report.findings == ()
