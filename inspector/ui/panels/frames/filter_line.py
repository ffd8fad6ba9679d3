"""The filter line over the frames: the filter, what is wrong with it, how many frames it lets through."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from inspector.capture.filter import CompiledFilter, FilterError, compile_filter
from inspector.ui.panels.frames.filter_edit import FilterEdit
from inspector.ui.panels.frames.kept_filters import KeptFilters
from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone

_PAUSE_MS = 350
"""A filter is applied, or complained about, when nothing was typed for so long."""
_LONGEST_IN_MENU = 60
_HISTORY_IN_MENU = 8


class FilterLine(QWidget):
    """Turns what is typed into a condition. `condition` is None while no filter is in force."""

    condition_changed = Signal()
    stop_wanted = Signal()
    left = Signal()
    """The user is done with the line and wants to be in the list."""

    def __init__(
        self,
        settings: QSettings,
        values_of: Callable[[str], Sequence[str]],
        first_at: Callable[[], int | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("filterLine")
        self.kept = KeptFilters(settings)
        self._first_at = first_at
        self._written: CompiledFilter | None = None
        self._fill_more: Callable[[QMenu], None] = lambda _: None
        self.condition: CompiledFilter | None = None
        self.edit = FilterEdit(values_of, self.kept.history)
        self.switch, self.stop, self.saved = QToolButton(), QToolButton(), QToolButton()
        self.count, self.problem = QLabel(), ElidedLabel()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._apply_after_pause)
        self._name()
        self._lay_out()
        self.edit.changed.connect(self._judge)
        self.edit.textChanged.connect(self._noticed)
        self.edit.accepted.connect(self._accept)
        self.switch.toggled.connect(self._switched)
        self.switch.clicked.connect(self._begin_if_empty)
        self.stop.clicked.connect(self.stop_wanted)

    def add_menu(self, fill: Callable[[QMenu], None]) -> None:
        """Have `fill` add to the menu at the line's end, below the filters."""
        self._fill_more = fill

    def set_filter(self, text: str) -> None:
        """Put `text` in force, as if it were typed."""
        self.edit.setText(text)
        self._accept(stay=True)

    def add_condition(self, condition: str) -> None:
        """Ask for `condition` as well."""
        text = self.edit.text().strip()
        if self._written is None or not text:
            self.set_filter(condition)
            return
        first = f"({text})" if "or" in text.lower().split() or "||" in text else text
        self.set_filter(f"{first} and {condition}")

    def renew(self) -> None:
        """Another capture is shown: times of day mean other moments in it."""
        if self.edit.text().strip():
            self._judge()
            self._apply()

    def show_count(self, text: str, *, searching: bool) -> None:
        """How many frames are let through."""
        self.count.setText(text)
        self.count.setVisible(bool(text))
        self.stop.setVisible(searching)

    def _name(self) -> None:
        self.edit.setPlaceholderText(self.tr("kind == data and bucket ~ todos"))
        self.edit.setAccessibleName(self.tr("Filter of the frames"))
        self.edit.setToolTip(
            self.tr("A condition on fields, or a text in quotes. Ctrl+Space offers what may come next; ↑ recalls.")
        )
        self.switch.setObjectName("filterSwitch")
        self.switch.setText(self.tr("Filter"))
        self.switch.setCheckable(True)
        self.switch.setChecked(True)
        self.switch.setToolTip(self.tr("Switch the filter off for a moment, without losing it"))
        self.stop.setText(self.tr("Stop"))
        self.stop.setObjectName("choice")
        self.stop.setToolTip(self.tr("Look at no older frames; what was found stays"))
        self.stop.hide()
        self.saved.setText(self.tr("More ▾"))
        self.saved.setObjectName("choice")
        self.saved.setAccessibleName(self.tr("Saved filters, and what can be done with the frames"))
        self.saved.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.saved)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        self.saved.setMenu(menu)
        set_tone(self.count, Colour.DIM)
        set_tone(self.problem, Colour.BROKEN)
        self.problem.setObjectName("filterProblem")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.setSpacing(3)
        line = QHBoxLayout()
        line.setSpacing(8)
        for part in (self.switch, self.edit, self.count, self.stop, self.saved):
            line.addWidget(part, 1 if part is self.edit else 0)
        self.edit.setMinimumWidth(60)
        self.edit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout.addLayout(line)
        layout.addWidget(self.problem)
        self.problem.hide()
        self.count.hide()
        self.setFocusProxy(self.edit)

    # From text to condition

    def _noticed(self, text: str) -> None:
        if not text:  # the button in the line clears without typing
            self._judge()
            self._apply()

    def _judge(self) -> None:
        """Say at once whether the text is a filter; what is wrong with it is told after a pause."""
        self._read()
        self.edit.show_verdict(None if not self.edit.text().strip() else self._written is not None)
        if self._written is not None:
            self.problem.hide()
        self._pause.start()

    def _read(self) -> FilterError | None:
        self._written = None
        text = self.edit.text().strip()
        if not text:
            return None
        try:
            self._written = compile_filter(text, first_at=self._first_at())
        except FilterError as error:
            return error
        return None

    def _apply_after_pause(self) -> None:
        if self._written is None and self.edit.popup.isVisible():
            self._pause.start()  # what is offered lies over the place where the mistake is told
            return
        self.switch.setChecked(True)  # who writes a filter wants it
        self._apply()

    def _apply(self) -> None:
        self._pause.stop()
        error = self._read()
        self.edit.show_verdict(None if not self.edit.text().strip() else error is None)
        self.problem.set_text(str(error) if error is not None else "")
        self.problem.setVisible(error is not None)
        self._put_in_force()

    def _switched(self, on: bool) -> None:
        self.switch.setText(self.tr("Filter") if on else self.tr("Filter off"))
        self._put_in_force()

    def _begin_if_empty(self) -> None:
        """Nothing is there that could be switched off: a filter is to be written."""
        if not self.edit.text().strip():
            self.switch.setChecked(True)
            self.edit.setFocus()

    def _put_in_force(self) -> None:
        """What was in force stays while the text is no filter."""
        if not self.switch.isChecked():
            wanted = None
        elif self._written is None and self.edit.text().strip():
            return
        else:
            wanted = self._written
        if wanted != self.condition:
            self.condition = wanted
            self.condition_changed.emit()

    def _accept(self, *, stay: bool = False) -> None:
        self.switch.setChecked(True)
        self._apply()
        if self._written is not None:
            self.kept.used(self._written.text)
        if not stay and (self._written is not None or not self.edit.text()):
            self.left.emit()

    # What is kept

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        save = menu.addAction(self.tr("Save this filter…"), self._ask_for_name)
        save.setEnabled(self._written is not None)
        saved = self.kept.saved()
        if saved:
            _add_heading(menu, self.tr("Saved"))
            for name, text in saved.items():
                self._add_filter(menu, name, text)
            remove = menu.addMenu(self.tr("Remove"))
            for name in saved:
                remove.addAction(_shown(name), partial(self.kept.remove, name))
        if history := self.kept.history():
            _add_heading(menu, self.tr("Used last"))
            for text in history[:_HISTORY_IN_MENU]:
                self._add_filter(menu, text, text)
        self._fill_more(menu)

    def _add_filter(self, menu: QMenu, name: str, text: str) -> None:
        action = menu.addAction(_shown(name), lambda: self.set_filter(text))
        action.setToolTip(text)

    def _ask_for_name(self) -> None:
        text = self.edit.text().strip()
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Save the filter"))
        dialog.setLabelText(self.tr("Name of “{0}”").format(text))
        dialog.setOkButtonText(self.tr("Save"))
        dialog.textValueSelected.connect(lambda name: self.kept.save(name.strip().replace("\t", " ") or text, text))
        dialog.open()


def _add_heading(menu: QMenu, text: str) -> None:
    menu.addSeparator()
    menu.addAction(text).setEnabled(False)


def _shown(text: str) -> str:
    """As a menu shows it: not too long, ampersands as they are."""
    short = text if len(text) <= _LONGEST_IN_MENU else f"{text[:_LONGEST_IN_MENU]}…"
    return short.replace("&", "&&")
