"""The fault lab's panel on a real service: what is armed by hand strikes, and what strikes is shown."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from inspector.engine.control import StaticToken
from inspector.service.faults.catalogue import CATALOGUE
from inspector.ui.panels.faults.panel import FaultsPanel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.conftest import Connecting
from tests.gui.looking import text_at
from tests.running_service import ServiceUnderTest

pytestmark = pytest.mark.usefixtures("every_model_watched")

PATIENCE_MS = 20_000


@pytest.fixture
def window(qtbot: QtBot, service: ServiceUnderTest, connect: Connecting) -> Window:
    """A window on Alice's client, with the fault lab open."""
    window = connect(StaticToken(service.token("alice")))
    window.docks["faults"].show()
    window.docks["faults"].raise_()
    qtbot.waitUntil(lambda: faults_of(window).lab.isVisible(), timeout=PATIENCE_MS)
    return window


def faults_of(window: Window) -> FaultsPanel:
    panel = window.docks["faults"].panel
    assert isinstance(panel, FaultsPanel)
    return panel


def choose(panel: FaultsPanel, name: str) -> int:
    row = panel.model.row_of(name)
    assert row is not None
    panel.table.choose_row(row)
    return row


def test_all_faults_stand_in_their_groups(window: Window) -> None:
    panel = faults_of(window)
    titles = [text_at(panel.table, row, "Fault") for row in range(panel.model.row_count())]
    assert titles[:2] == ["Network", "Offline"]
    assert len(titles) == len(CATALOGUE) + 6
    panel.model.set_expanded(0, False)
    assert text_at(panel.table, 1, "Fault") == "HTTP answers"


def test_a_click_selects_the_row_also_where_the_form_that_it_opens_moves_the_rows(qtbot: QtBot, window: Window) -> None:
    window.perspectives.choose("demo")
    window.front.show("faults")
    panel = faults_of(window)
    qtbot.waitUntil(lambda: len(panel.table.rows_on_screen()) > 20, timeout=PATIENCE_MS)
    faults = {panel.model.row_of(fault.name) for fault in CATALOGUE}
    row = max(row for row in panel.table.rows_on_screen()[:-2] if row in faults)
    place = panel.table.visualRect(panel.model.index(row, 0)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.form.isVisible()
    assert panel.table.visualRect(panel.model.index(row, 0)).center() != place
    assert panel.table.currentIndex().row() == row
    assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [row]


def test_in_a_low_dock_the_chosen_fault_stands_beside_the_list(window: Window) -> None:
    panel = faults_of(window)
    choose(panel, "offline")
    for width, height, beside in ((560, 600, False), (560, 170, True), (400, 170, False), (700, 600, True)):
        panel.resize(width, height)
        QApplication.processEvents()
        assert (panel.form.x() > panel.table.geometry().right()) == beside, (width, height)
        orders = panel.form.until_off
        bottom = orders.mapTo(panel, orders.rect().bottomLeft()).y()
        assert bottom <= max(height, panel.minimumSizeHint().height()), "it is armed without scrolling"


def test_what_is_armed_by_hand_strikes_and_is_shown(qtbot: QtBot, window: Window, service: ServiceUnderTest) -> None:
    panel = faults_of(window)
    row = choose(panel, "wrong-bucket-checksum")
    assert panel.form.what.text().startswith("A checkpoint announces a bucket with a checksum")
    assert panel.form.once.text() == "Arm for the next frame"
    bucket = panel.form.inputs["bucket"]
    assert isinstance(bucket, QLineEdit)
    bucket.setText("all_notes")
    qtbot.mouseClick(panel.form.until_off, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: text_at(panel.table, row, "Armed") == "until off", timeout=PATIENCE_MS)
    assert text_at(panel.table, row, "Fault") == "▲ Wrong bucket checksum"
    service.patch("notes", "note-1", body="changed")
    qtbot.waitUntil(lambda: text_at(panel.table, row, "Strikes") not in ("", "0"), timeout=PATIENCE_MS)
    assert "all_notes" in panel.form.last.text()
    armed = "A fault is armed: wrong bucket checksum, struck"
    qtbot.waitUntil(lambda: armed in window.state_bar.accessibleName(), timeout=PATIENCE_MS)
    qtbot.mouseClick(panel.lift_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: text_at(panel.table, row, "Armed") == "", timeout=PATIENCE_MS)
    assert service.faults["wrong-bucket-checksum"]["armed"] is None


def test_parameters_times_and_user_go_with_the_order(qtbot: QtBot, window: Window, service: ServiceUnderTest) -> None:
    panel = faults_of(window)
    row = choose(panel, "cut-after-frames")
    frames = panel.form.inputs["frames"]
    assert isinstance(frames, QSpinBox)
    frames.setValue(5)
    panel.form.times.setValue(2)
    panel.form.whom.setCurrentIndex(panel.form.whom.findData("alice"))
    assert panel.form.several.text() == "Arm for 2 streams"
    qtbot.mouseClick(panel.form.several, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: text_at(panel.table, row, "Armed") == "next 2, alice", timeout=PATIENCE_MS)
    armed = service.faults["cut-after-frames"]["armed"]
    assert (armed["parameters"], armed["remaining"], armed["user"]) == ({"frames": 5}, 2, "alice")
    qtbot.mouseClick(panel.form.lift, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: text_at(panel.table, row, "Armed") == "", timeout=PATIENCE_MS)


def test_a_network_is_armed_with_one_button(qtbot: QtBot, window: Window, service: ServiceUnderTest) -> None:
    panel = faults_of(window)
    qtbot.mouseClick(panel.presets["lte"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: text_at(panel.table, 0, "Armed") == "2 armed", timeout=PATIENCE_MS)
    assert service.faults["bandwidth"]["armed"]["parameters"] == {"kbps": 12_000}


def test_without_the_embedded_service_it_says_why_and_how(open_window: Callable[[Source | None], Window]) -> None:
    panel = faults_of(open_window(None))
    assert not panel.lab.isVisible()
    assert panel.note.text().startswith("Faults are injected by the embedded service")
    assert "Start the demo" in panel.note.text()
