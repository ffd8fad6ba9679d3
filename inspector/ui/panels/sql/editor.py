"""The console's editor: colours, completion, history by keys, and where an error is."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from pygments.lexers.sql import SqlLexer
from pygments.token import Comment, Keyword, Literal, Name, Number, Punctuation, String, _TokenType
from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QTextEdit

from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.mono_text import MonoText

_KEYWORDS = """
SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET JOIN LEFT INNER CROSS ON USING UNION ALL EXCEPT
INTERSECT WITH RECURSIVE AS AND OR NOT NULL IS IN LIKE GLOB BETWEEN EXISTS CASE WHEN THEN ELSE END
DISTINCT DESC ASC CAST OVER PARTITION FILTER VALUES EXPLAIN PRAGMA COLLATE ESCAPE MATERIALIZED count sum
min max avg total group_concat length octet_length substr instr lower upper replace typeof coalesce
ifnull iif abs round datetime date strftime unixepoch json_extract json_each json_object json_valid
json_group_array printf hex quote row_number
"""
_LEAST_LETTERS = 2
_LEAST_HEIGHT = 48
"""Pixels: two lines and a bit."""
_WORD = re.compile(r"[\w.$]+$")
_COLOURS: tuple[tuple[_TokenType, Colour], ...] = (
    (Comment, Colour.DIM),
    (Keyword, Colour.ACCENT),
    (Name.Builtin, Colour.ACCENT),
    (Name.Function, Colour.ACCENT),
    (String, Colour.FINE),
    (Literal.String, Colour.FINE),
    (Number, Colour.CHECKPOINT),
    (Punctuation, Colour.DIM),
)


def _is_part(kind: _TokenType, of: _TokenType) -> bool:
    """Whether a kind of token is `of`, or a kind of it."""
    return kind[: len(of)] == of


class _Highlighter(QSyntaxHighlighter):
    """Colours of SQL, a line at a time."""

    @cached_property
    def _lexer(self) -> SqlLexer:
        # Its expressions are compiled when the first one is made, which takes longer than the panel does.
        return SqlLexer(ensurenl=False, stripnl=False)

    def highlightBlock(self, text: str) -> None:
        if not text:
            return
        for start, kind, part in self._lexer.get_tokens_unprocessed(text):
            role = next((role for token, role in _COLOURS if _is_part(kind, token)), None)
            if role is not None:
                form = QTextCharFormat()
                form.setForeground(colour(role))
                self.setFormat(start, len(part), form)


class SqlEditor(MonoText):
    """Ctrl+Enter runs; Alt+Up and Alt+Down go through what was run before; Ctrl+Space completes,
    and Enter or Tab takes what is offered first."""

    run_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("sqlEditor")
        self.setReadOnly(False)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setPlaceholderText(self.tr("SELECT * FROM ps_buckets   ·   Ctrl+Enter runs it, Ctrl+Space completes"))
        self.setAccessibleName(self.tr("SQL"))
        self._highlighter = _Highlighter(self.document())
        self._tables: Mapping[str, Sequence[str]] = {}
        self._words = QStringListModel(self)
        self.completer = QCompleter(self._words, self)
        self._popup = QListView()
        self._popup.setObjectName("completions")
        self.completer.setPopup(self._popup)
        self.completer.setWidget(self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.activated.connect(self._complete)
        self.history: list[str] = []
        """What was run, oldest first."""
        self._place: int | None = None
        self.textChanged.connect(lambda: self.setExtraSelections([]))
        self.set_tables({})

    @property
    def statement(self) -> str:
        """What is to be run: the selection, else everything."""
        selected = self.textCursor().selectedText().replace("\u2029", "\n")
        return selected if selected.strip() else self.toPlainText()

    def set_tables(self, tables: Mapping[str, Sequence[str]]) -> None:
        """What can be completed besides SQL's own words."""
        self._tables = tables

    def remember(self, sql: str) -> None:
        """It was run."""
        if sql.strip() and (not self.history or self.history[-1] != sql):
            self.history.append(sql)
        self._place = None

    def mark_error(self, position: int) -> None:
        """Underline what stands at `position` of the statement, and go there."""
        start = self.textCursor().selectionStart() if self.textCursor().hasSelection() else 0
        cursor = QTextCursor(self.document())
        last = max(0, self.document().characterCount() - 1)
        cursor.setPosition(min(start + position, last))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfWord, QTextCursor.MoveMode.KeepAnchor)
        if not cursor.hasSelection():
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor
        mark.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        mark.format.setUnderlineColor(colour(Colour.BROKEN))
        mark.format.setForeground(colour(Colour.BROKEN))
        self.setExtraSelections([mark])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._highlighter.rehighlight()

    def event(self, event: QEvent) -> bool:
        offers = event.type() is QEvent.Type.ShortcutOverride and self._popup.isVisible()
        if offers and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # it is for the list of completions, and for what runs the next time
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter, modifiers = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter), event.modifiers()
        if enter and modifiers & Qt.KeyboardModifier.ControlModifier:
            self._popup.hide()
            self.run_wanted.emit()
            return
        if self._popup.isVisible() and (enter or event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab)):
            event.ignore()  # the list of completions takes it
            return
        if modifiers & Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go_through_history(-1 if event.key() == Qt.Key.Key_Up else 1)
            return
        asked = event.key() == Qt.Key.Key_Space and modifiers & Qt.KeyboardModifier.ControlModifier
        if not asked:
            super().keyPressEvent(event)
        typed = bool(event.text()) and event.text().isprintable() and not event.text().isspace()
        if asked or typed or event.key() == Qt.Key.Key_Backspace:
            self._offer(least=0 if asked else _LEAST_LETTERS)

    def completions(self, before: str) -> tuple[str, list[str]]:
        """What was begun at the end of `before`, and how it may go on."""
        found = _WORD.search(before)
        begun = found[0] if found else ""
        table, dot, part = begun.rpartition(".")
        if dot:
            columns = next((each for name, each in self._tables.items() if name.lower() == table.lower()), ())
            return part, sorted(columns)
        known = {column for each in self._tables.values() for column in each}
        return begun, [*sorted(self._tables), *sorted(known - set(self._tables)), *_KEYWORDS.split()]

    def _offer(self, least: int) -> None:
        cursor = self.textCursor()
        begun, words = self.completions(cursor.block().text()[: cursor.positionInBlock()])
        dotted = cursor.block().text()[: cursor.positionInBlock()].endswith(".")
        matching = [word for word in words if word.lower().startswith(begun.lower()) and word != begun]
        if not matching or (len(begun) < least and not dotted):
            self._popup.hide()
            return
        self._words.setStringList(matching)
        self.completer.setCompletionPrefix(begun)
        area = self.cursorRect()
        area.setWidth(self._popup.sizeHintForColumn(0) + self._popup.verticalScrollBar().sizeHint().width() + 16)
        self.completer.complete(area)
        # Enter and Tab take the first one, unless what is typed is a word by itself: that may be all that was meant.
        whole = any(word.lower() == begun.lower() for word in words)
        first = self.completer.completionModel().index(0, 0)
        self._popup.setCurrentIndex(QModelIndex() if whole else first)

    def _complete(self, word: str) -> None:
        cursor = self.textCursor()
        begun, _ = self.completions(cursor.block().text()[: cursor.positionInBlock()])
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(begun))
        cursor.insertText(word if re.fullmatch(r"[A-Za-z_]\w*", word) else f'"{word}"')
        self.setTextCursor(cursor)

    def _go_through_history(self, step: int) -> None:
        if not self.history:
            return
        place = len(self.history) if self._place is None else self._place
        self._place = min(max(0, place + step), len(self.history) - 1)
        self.setPlainText(self.history[self._place])
        self.moveCursor(QTextCursor.MoveOperation.End)
