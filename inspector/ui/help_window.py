"""The help: the pages of `resources/docs`, rendered, beside the window."""

import re

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QTextBrowser, QWidget

from inspector.ui.docs import available_pages, page_text
from inspector.ui.theme import Colour, colour

_PAGES_WIDTH = 190
_ABOVE_HEADING, _BELOW, _BELOW_ITEM = 16, 7, 3
"""Pixels."""
_HEADING = re.compile(r"^(#+)\s+(.*)$", re.M)


class HelpWindow(QDialog):
    """Pages at the left, the page at the right; links between pages stay in here, others go to the browser."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("helpWindow")
        self.setWindowTitle(self.tr("Help"))
        self.page = ""
        self.pages = QListWidget()
        self.pages.setObjectName("helpPages")
        self.pages.setAccessibleName(self.tr("Pages"))
        self.pages.setFixedWidth(_PAGES_WIDTH)
        self.pages.setSpacing(4)
        self._names = [page.name for page in available_pages()]
        self.pages.addItems([self.tr(page.title) for page in available_pages()])
        self.text = QTextBrowser()
        self.text.setObjectName("helpText")
        self.text.setAccessibleName(self.tr("The page"))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages)
        layout.addWidget(self.text, 1)
        self.pages.currentRowChanged.connect(self._show_row)
        self.resize(920, 680)

    def open_page(self, name: str, heading: str = "") -> None:
        """Show a page, at `heading` where it has one that begins so."""
        self._show(name)
        self.show()
        self.raise_()
        if heading:
            self._go_to(heading)

    def _show_row(self, row: int) -> None:
        if 0 <= row < len(self._names) and self._names[row] != self.page:
            self._show(self._names[row])

    def _show(self, name: str) -> None:
        self.page = name
        document = self.text.document()
        document.setDocumentMargin(18)
        document.setDefaultStyleSheet(f"a {{ color: {colour(Colour.ACCENT).name()}; }}")
        document.setMarkdown(page_text(name), QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _space_out(document)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if name in self._names:
            self.pages.setCurrentRow(self._names.index(name))

    def _go_to(self, heading: str) -> None:
        wanted = next(
            (
                title
                for _, title in _HEADING.findall(page_text(self.page))
                if title.casefold().startswith(heading.casefold())
            ),
            heading,
        )
        block = self.text.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and block.text().startswith(wanted):
                cursor = QTextCursor(block)
                self.text.moveCursor(QTextCursor.MoveOperation.End)
                self.text.setTextCursor(cursor)
                self.text.ensureCursorVisible()
                return
            block = block.next()

    def _follow(self, link: QUrl) -> None:
        name = link.fileName().removesuffix(".md")
        if not link.scheme() and name in self._names:
            self._show(name)
        elif link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)


def _space_out(document: QTextDocument) -> None:
    """Markdown is laid out without room between its paragraphs."""
    block = document.begin()
    while block.isValid():
        shape = block.blockFormat()
        heading = shape.headingLevel()
        shape.setTopMargin(_ABOVE_HEADING if heading > 1 else 0)
        shape.setBottomMargin(_BELOW if heading or block.textList() is None else _BELOW_ITEM)
        QTextCursor(block).setBlockFormat(shape)
        block = block.next()
