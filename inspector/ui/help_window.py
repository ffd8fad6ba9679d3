"""The help: the pages of `resources/docs`, rendered, beside the window; found by contents, words and links."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QKeySequence,
    QShortcut,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.ui.docs.pages import available_pages, page_text
from inspector.ui.docs.search import headings, search
from inspector.ui.fonts import bold_font
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.tooltips import plain_tooltip

_CONTENTS_WIDTH = 270
_ABOVE_HEADING, _BELOW, _BELOW_ITEM = 16, 7, 3
"""Pixels."""
_CELL_PADDING = 4
_TYPING_MS = 150
_PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Place:
    """A page, and a heading or a word in it; empty: its beginning."""

    page: str
    within: str = ""


class HelpWindow(QDialog):
    """Contents or what was searched at the left, the page at the right; links to other programs go to the browser."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("helpWindow")
        self.setWindowTitle(self.tr("Help"))
        self._visited: list[Place] = []
        self._at = -1
        self._titles = {page.name: self.tr(page.title) for page in available_pages()}
        self.search = QLineEdit()
        self.search.setObjectName("helpSearch")
        self.search.setPlaceholderText(self.tr("Search the help"))
        self.search.setAccessibleName(self.tr("Search the help"))
        self.search.setClearButtonEnabled(True)
        self.back, self.forward = self._button("←", self.tr("Back")), self._button("→", self.tr("Forward"))
        self.pages = QListWidget()
        self.pages.setObjectName("helpPages")
        self.pages.setAccessibleName(self.tr("Contents"))
        self.pages.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = QTextBrowser()
        self.text.setObjectName("helpText")
        self.text.setAccessibleName(self.tr("The page"))
        self.text.setOpenLinks(False)
        self._lay_out()
        self._connect()
        self.resize(960, 700)

    @property
    def page(self) -> str:
        """The name of the page that is shown; empty before one is."""
        return self._visited[self._at].page if self._at >= 0 else ""

    def open_page(self, name: str, within: str = "") -> None:
        """Show a page, at the heading or the word `within` where it has one."""
        self._visit(Place(name, within))
        self.show()
        self.raise_()
        self.activateWindow()

    def _button(self, text: str, title: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(title)
        button.setAccessibleName(title)
        return button

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 8, 8, 8)
        for part in (self.back, self.forward, self.search):
            tools.addWidget(part)
        side = QWidget()
        side.setObjectName("helpSide")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(_CONTENTS_WIDTH)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addLayout(tools)
        left.addWidget(self.pages, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side)
        layout.addWidget(self.text, 1)

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._fill_contents)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.search.returnPressed.connect(self._open_first)
        self.pages.currentItemChanged.connect(self._choose)
        self.text.anchorClicked.connect(self._follow)
        self.back.clicked.connect(lambda: self._step(-1))
        self.forward.clicked.connect(lambda: self._step(1))
        for keys, steps in ((QKeySequence.StandardKey.Back, -1), (QKeySequence.StandardKey.Forward, 1)):
            QShortcut(QKeySequence(keys), self, lambda steps=steps: self._step(steps))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)

    # Where one is, and was

    def _visit(self, place: Place) -> None:
        if self._at < 0 or self._visited[self._at] != place:
            self._visited = [*self._visited[: self._at + 1], place]
            self._at = len(self._visited) - 1
        self._show()

    def _step(self, steps: int) -> None:
        if 0 <= self._at + steps < len(self._visited):
            self._at += steps
            self._show()

    def _show(self) -> None:
        place = self._visited[self._at]
        document = self.text.document()
        document.setDocumentMargin(18)
        document.setDefaultStyleSheet(f"a {{ color: {colour(Colour.ACCENT).name()}; }}")
        document.setMarkdown(page_text(place.page), QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _space_out(document)
        _rule_tables(document)
        self.text.setExtraSelections([])
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if place.within:
            self._go_to(place.within)
        self.back.setEnabled(self._at > 0)
        self.forward.setEnabled(self._at < len(self._visited) - 1)
        if not self.search.text().strip():
            self._fill_contents()

    def _go_to(self, within: str) -> None:
        found = _find(self.text.document(), within)
        if found is None:
            return
        cursor = QTextCursor(found)
        self.text.setTextCursor(cursor)
        # A page that was never on screen is laid out when it comes there.
        QTimer.singleShot(0, self, self._bring_up)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor
        mark.cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        mark.format.setBackground(colour(Colour.SELECTION))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        self.text.setExtraSelections([mark])

    def _bring_up(self) -> None:
        """Have the line of the cursor near the upper edge."""
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.value() + self.text.cursorRect().top() - _ABOVE_HEADING)

    # Contents, and what was searched

    def _fill_contents(self) -> None:
        """The pages, with the headings of the one that is shown; or what has the words that are searched."""
        self.pages.blockSignals(True)
        self.pages.clear()
        wanted = self.search.text().strip()
        if wanted:
            for hit in search(wanted):
                piece = hit.piece
                item = self._add(f"{piece.place}\n{self._titles[piece.page]}", Place(piece.page, piece.place))
                item.setToolTip(plain_tooltip(hit.snippet))
            if not self.pages.count():
                none = QListWidgetItem(self.tr("No page has these words."))
                none.setFlags(Qt.ItemFlag.NoItemFlags)
                self.pages.addItem(none)
        else:
            self._list_pages()
        self.pages.blockSignals(False)

    def _list_pages(self) -> None:
        here = self._visited[self._at] if self._at >= 0 else Place("")
        for name, title in self._titles.items():
            item = self._add(title, Place(name))
            if name == here.page:
                item.setFont(bold_font())
                self.pages.setCurrentItem(item)
                for heading in headings(name):
                    below = self._add(f"    {heading}", Place(name, heading))
                    if heading == here.within:
                        self.pages.setCurrentItem(below)

    def _add(self, text: str, place: Place) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setData(_PLACE, place)
        item.setToolTip(text.strip())
        self.pages.addItem(item)
        return item

    def _choose(self, item: QListWidgetItem | None) -> None:
        place = item.data(_PLACE) if item is not None else None
        if isinstance(place, Place):
            # Filling the list anew takes away the item that tells of the choice.
            QTimer.singleShot(0, self, lambda: self._visit(place))

    def _open_first(self) -> None:
        self._fill_contents()
        self.pages.setCurrentRow(0)

    def _follow(self, link: QUrl) -> None:
        name = link.fileName().removesuffix(".md")
        if not link.scheme() and name in self._titles:
            self._visit(Place(name, link.fragment().replace("-", " ")))
        elif link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)


def _find(document: QTextDocument, within: str) -> QTextBlock | None:
    """The heading that is called so or names it among others (`Data and SQL`), else the line that begins with it."""
    wanted = within.casefold()
    best: tuple[int, QTextBlock] | None = None
    block = document.begin()
    while block.isValid():
        text = block.text().casefold()
        heading = bool(block.blockFormat().headingLevel())
        parts = text.replace(" and ", ", ").split(", ")
        ranks = (heading and text == wanted, heading and wanted in parts, wanted in parts, text.startswith(wanted))
        rank = next((at for at, fits in enumerate(ranks) if fits), None)
        if rank is not None and (best is None or rank < best[0]):
            best = rank, block
        block = block.next()
    return best[1] if best is not None else None


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


def _rule_tables(document: QTextDocument) -> None:
    """Tables with thin lines in the window's colour, and room around them."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shape = frame.format()
            shape.setBorderBrush(colour(Colour.LINE))
            shape.setBorderCollapse(False)
            shape.setBorder(0)
            shape.setCellSpacing(0)
            shape.setCellPadding(_CELL_PADDING)
            shape.setTopMargin(_BELOW)
            shape.setBottomMargin(_BELOW)
            frame.setFormat(shape)
