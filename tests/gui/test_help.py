"""The help: every panel is explained, pages are found, links lead on."""

import re
from collections.abc import Callable

from PySide6.QtCore import QUrl

from inspector.ui.docs import available_pages, docs_folder, page_text
from inspector.ui.panels.registry import PANELS
from inspector.ui.sources import Source
from inspector.ui.window import Window


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


def test_the_menu_opens_pages_and_links_stay_inside(open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    window.actions_.help.trigger()
    assert window.help.isVisible()
    assert not window.help.isModal()
    assert "How to read the panels" in window.help.text.toPlainText()
    window.help._follow(QUrl("words.md"))
    assert window.help.page == "words"
    assert "oplog" in window.help.text.toPlainText()
    window.help.pages.setCurrentRow(0)
    assert window.help.page == "panels"
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
