"""The help: every panel is explained, pages are found, links lead on."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from inspector.ui.docs.glossary import explained, meaning_of, word_for
from inspector.ui.docs.pages import available_pages, docs_folder, page_text
from inspector.ui.docs.search import about_panel, search
from inspector.ui.panels.registry import PANELS
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.looking import column_of


def test_every_panel_is_explained_under_its_own_name() -> None:
    headings = " ".join(re.findall(r"^## (.*)$", page_text("panels"), re.M))
    missing = [entry.title for entry in PANELS if entry.title not in headings]
    assert not missing


def test_pages_are_there_and_links_between_them_lead_somewhere() -> None:
    names = {page.name for page in available_pages()}
    assert {"panels", "words", "changelog"} <= names
    folder = docs_folder()
    assert folder is not None
    for name in names:
        for link in re.findall(r"\]\((\w+)\.md\)", page_text(name)):
            assert (folder / f"{link}.md").is_file()


def test_the_menu_opens_pages_and_links_stay_inside(
    qtbot: QtBot, open_window: Callable[[Source | None], Window]
) -> None:
    window = open_window(None)
    window.actions_.help.trigger()
    assert window.help.isVisible()
    assert not window.help.isModal()
    assert "How to read the panels" in window.help.text.toPlainText()
    window.help._follow(QUrl("words.md"))
    assert window.help.page == "words"
    assert "oplog" in window.help.text.toPlainText()
    window.help.pages.setCurrentRow(0)
    qtbot.waitUntil(lambda: window.help.page == "panels")
    window.docks["buckets"].panel.table.setFocus()  # type: ignore[attr-defined]
    window.actions_.help_here.trigger()
    assert window.help.text.textCursor().block().text() == "Buckets"
    window.docks["frames"].panel.table.header.explanation_wanted.emit()  # type: ignore[attr-defined]
    assert window.help.text.textCursor().block().text() == "Frames"
    assert "not part of this installation" in page_text("nothing")


def test_pictures_of_the_panels_are_there_and_stay_out_of_the_help() -> None:
    folder = docs_folder()
    assert folder is not None
    pictures = re.findall(r"\]\((\S+\.png)\)", (folder / "panels.md").read_text(encoding="utf-8"))
    assert len(pictures) >= 15
    assert [name for name in pictures if not (folder / name).is_file()] == []
    assert ".png" not in page_text("panels")


def test_the_words_are_found_with_their_meanings() -> None:
    assert (
        meaning_of("bucket")
        == "A named set of rows that several clients share; the unit in which data are sent and checked."
    )
    assert meaning_of("add part").startswith("Of a bucket's checksum")
    assert meaning_of("subscription") == "A client's wish for one, with parameters."
    assert [word_for(title) for title in ("Buckets", "Op id", "Ops", "Write cp", "Took")] == [
        "bucket", "op id", "operation", "write checkpoint", "",
    ]  # fmt: skip
    assert "Bucket: a named set of rows" in explained("Bucket", "Which one.")
    assert explained("Took", "How long.") == "How long."


def test_every_panel_has_a_sentence_for_its_tab() -> None:
    assert [entry.title for entry in PANELS if len(about_panel(entry.title)) < 20] == []


def test_words_are_searched_in_all_pages_and_what_is_called_so_comes_first() -> None:
    first = search("subkey")[0]
    assert (first.piece.page, first.piece.place) == ("words", "subkey")
    assert any(hit.piece.page == "filter" for hit in search("bucket data"))
    assert search("xylophone") == []
    assert search("  ") == []


def place_of(window: Window) -> tuple[str, str]:
    return window.help.page, window.help.text.textCursor().block().text()


def test_the_help_is_searched_and_goes_back(qtbot: QtBot, open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    window.actions_.help.trigger()
    help_window = window.help
    assert not help_window.back.isEnabled()
    help_window.search.setText("write checkpoint")
    help_window.search.returnPressed.emit()
    qtbot.waitUntil(lambda: place_of(window) == ("words", "write checkpoint"))
    help_window.search.clear()
    qtbot.waitUntil(lambda: help_window.pages.count() >= 6)
    help_window.back.click()
    assert help_window.page == "panels"
    contents = [help_window.pages.item(row).text().strip() for row in range(help_window.pages.count())]
    assert "Checksums" in contents
    help_window.forward.click()
    assert help_window.page == "words"
    help_window.search.setText("xyzzy")
    qtbot.waitUntil(lambda: "No page" in help_window.pages.item(0).text())


def test_what_is_under_the_pointer_is_explained(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    window.selection.reveal("buckets")
    table = window.docks["buckets"].panel.table  # type: ignore[attr-defined]
    column = column_of(table, "Operations")
    x = table.header.sectionViewportPosition(column) + 4
    assert "Operation: one entry of a bucket's history" in table.header.tooltip_at(QPoint(x, 4))
    assert window.what_is_this.explain(table.header.viewport(), QPoint(x, 4))
    assert place_of(window) == ("words", "operation")
    window.what_is_this.explain(table.viewport(), QPoint(2, table.viewport().height() - 2))
    assert window.help.page == "words"
    assert window.what_is_this.explain(window.docks["detail"].panel, QPoint(1, 1))
    assert place_of(window) == ("panels", "Detail and Bytes")
    assert "every frame" not in window.docks["detail"].tooltip()
    assert "The selected frame" in window.docks["detail"].tooltip()
    table.setFocus()
    window.actions_.help_here.trigger()
    assert place_of(window) == ("panels", "Buckets")


def test_what_is_this_from_the_menu_explains_what_is_clicked_next(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    menu = next(menu for menu in window.menuBar().findChildren(QMenu) if window.actions_.what_is_this in menu.actions())
    for key in (Qt.Key.Key_Escape, None):
        menu.popup(window.mapToGlobal(QPoint(300, 20)))
        menu.setActiveAction(window.actions_.what_is_this)
        qtbot.keyClick(menu, Qt.Key.Key_Return)
        assert window.what_is_this.pointing
        if key is not None:
            qtbot.keyClick(window, key)
            assert not window.what_is_this.pointing
    timeline = window.docks["timeline"].panel.canvas  # type: ignore[attr-defined]
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(300, 60))
    assert not window.what_is_this.pointing
    assert window.selection.moment is None
    assert place_of(window) == ("panels", "Timeline")


def test_the_palette_finds_words_and_the_dialog_its_page(
    qtbot: QtBot, open_window: Callable[[Source | None], Window]
) -> None:
    window = open_window(None)
    window.palette_.ask()
    assert not any(entry.place == "Help › Words" for entry in window.palette_.model.records)
    window.palette_.line.setText("what is subkey")
    assert window.palette_.model.records[0].title == "What is “subkey”?"
    window.palette_.run_chosen()
    assert place_of(window) == ("words", "subkey")
    window.actions_.new_connection.trigger()
    window.connecting.dialog.help_wanted.emit()
    assert window.help.page == "connect"
    window.connecting.dialog.reject()
