"""The connection dialog. It stands beside the window: what is open goes on until “Connect” is pressed."""

import time
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector.analysis.facts import Fact
from inspector.analysis.situations import Role
from inspector.analysis.token_facts import token_facts
from inspector.engine import control
from inspector.engine.connection_entry import ConnectionEntry, PastedToken, recognise_token, start_of
from inspector.engine.connection_trial import Trial, TrialStep
from inspector.engine.session_files import SessionFiles, files_in, forget_if_empty, new_session_folder
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.connection_dialog.lines import few_lines, one_line
from inspector.ui.connection_dialog.more_fields import MoreFields
from inspector.ui.connection_dialog.recent_list import RecentList
from inspector.ui.connection_dialog.report import Report
from inspector.ui.connection_dialog.source_fields import SIGNING, SourceFields
from inspector.ui.fonts import zoom, zoomed
from inspector.ui.recent_connections import RecentConnections
from inspector.ui.widgets.problem_label import ProblemLabel

_NOWHERE = SessionFiles(Path("unused.db"), Path("unused.pscapture"))
_SIZE = (880, 640)
_ROOM_FOR_RECENT = 720
_BAR_ROOM, _SCREEN_MARGIN, _LOWEST = 12, 60, 360
"""Pixels."""


class ConnectionDialog(QDialog):
    """Asks for a connection; `chosen` carries what the engine is to be told."""

    chosen = Signal(object)
    """`control.Start`."""
    help_wanted = Signal()

    def __init__(self, parent: QWidget, recent: RecentConnections) -> None:
        super().__init__(parent)
        self.setObjectName("connectionDialog")
        self.setWindowTitle(self.tr("Connect to a PowerSync service"))
        self._recent = recent
        self._background = Background(self)
        self._guessed = ""
        self._trial: Trial | None = None
        self._zoom = 0
        """The size of text that it was made to fit, in percent."""
        self._make_fields()
        self._lay_out()
        self._connect()
        self._look_at_source()

    def ask(self) -> None:
        """Come up."""
        self.recent.show_newest()
        self._fit_to_zoom()
        self.source_fields.offer_clipboard()
        self.show()
        self.raise_()
        self.activateWindow()
        self.source.setFocus()

    def entry(self) -> ConnectionEntry:
        """What stands in the fields."""
        kind = self.source_fields.chosen
        return ConnectionEntry(
            endpoint=self.endpoint.text().strip(),
            kind=kind,
            source=self.source.text(),
            user=self.source_fields.user.text().strip() if kind in SIGNING else "",
            parameters=self.parameters.text(),
            streams=self.streams.toPlainText(),
            default_streams=self.default_streams.isChecked(),
            **self.more.entry_fields(),  # type: ignore[arg-type]
        )

    def fill(self, entry: ConnectionEntry) -> None:
        """Put a connection into the fields."""
        self.source_fields.fill(entry)
        self.endpoint.setText(entry.endpoint)
        self.parameters.setText(entry.parameters)
        self.streams.setPlainText(entry.streams)
        self.default_streams.setChecked(entry.default_streams)
        self.more.fill(entry)

    def test(self) -> None:
        """Try the connection without making it; while that is under way, stop it."""
        if self._trial is not None:
            self._forget_trial()
            self._look_at_source()
            return
        start = self._start(_NOWHERE)
        if start is None:
            return
        self.report.show_facts([Fact(self.tr("Test"), self.tr("is under way."))])
        self.problems.say([])
        self.test_button.setText(self.tr("Stop th&e test"))
        trial = self._trial = Trial(start)
        self._background.run(trial.run, lambda steps: self._tested(trial, steps))

    def connect_now(self) -> None:
        """Make the connection, in place of what is open."""
        entry = self.entry()
        if self._start(_NOWHERE) is None:
            return
        folder = new_session_folder(entry.endpoint)
        start = self._start(files_in(folder))
        if start is None:
            forget_if_empty(folder)
            return
        self._remember(entry)
        self.source.clear()
        self.hide()
        self.chosen.emit(start)

    def close_down(self) -> None:
        """End a test that is under way."""
        self._forget_trial()
        self._background.close()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowActivate:
            # The token may have been copied meanwhile, in another program.
            self.source_fields.offer_clipboard()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.recent.setVisible(event.size().width() >= _ROOM_FOR_RECENT)

    def _remember(self, entry: ConnectionEntry) -> None:
        self._recent.add(entry)
        keep = self.source_fields.keep
        if keep.isVisibleTo(self) and keep.isChecked():
            self._recent.keep_secret(entry, self._failed)

    def _make_fields(self) -> None:
        tr = self.tr
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.recent = RecentList(self._recent)
        self.source_fields = SourceFields(self.form, self)
        self.source = self.source_fields.source
        self.endpoint = one_line("endpoint", tr("Service"), "https://sync.example.com")
        self.parameters = one_line("parameters", tr("Parameters"), '{"project": "p1"}', mono=True)
        self.streams = few_lines("streams", tr("Streams"), 'list_todos{"list":"list-7"}')
        self.streams.setToolTip(tr("One subscription a line, with its parameters as a JSON object"))
        self.default_streams = QCheckBox(tr("Subscribe to the &default streams"))
        self.default_streams.setChecked(True)
        self.form.addRow(tr("&Service"), self.endpoint)
        self.form.addRow(tr("&Parameters"), self.parameters)
        self.form.addRow(tr("St&reams"), self.streams)
        self.form.addRow("", self.default_streams)
        self.more = MoreFields(self.form, self)
        self.report = Report(self)
        self.problems = ProblemLabel()

    def _lay_out(self) -> None:
        tr = self.tr
        holder = self._holder = QWidget()
        holder.setObjectName("connectionFields")
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, _BAR_ROOM, 0)
        column.addLayout(self.form)
        column.addStretch(1)
        scrolled = self._scrolled = QScrollArea()
        scrolled.setWidget(holder)
        scrolled.setWidgetResizable(True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QDialogButtonBox()
        buttons.addButton(tr("Help"), QDialogButtonBox.ButtonRole.HelpRole)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.test_button = buttons.addButton(tr("T&est"), QDialogButtonBox.ButtonRole.ActionRole)
        self.connect_button = buttons.addButton(tr("&Connect"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.connect_button.setDefault(True)
        buttons.accepted.connect(self.connect_now)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self._forget_trial)
        buttons.helpRequested.connect(self.help_wanted)
        QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), self, self.help_wanted.emit)
        fields = QVBoxLayout()
        fields.addWidget(scrolled, 3)
        fields.addWidget(self.problems)
        fields.addWidget(self.report.table, 2)
        fields.addWidget(buttons)
        layout = QHBoxLayout(self)
        layout.addWidget(self.recent)
        layout.addLayout(fields, 1)
        # The list of recent connections gives way before the fields do.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._fit_to_zoom()

    def _fit_to_zoom(self) -> None:
        """As large as its text asks for; how the user has sized it stays until the text is of another size."""
        if zoom() == self._zoom:
            return
        self._zoom = zoom()
        self.recent.fit_to_zoom()
        self._scrolled.setMinimumWidth(self._holder.minimumSizeHint().width())
        self.setMinimumSize(self._scrolled.minimumWidth() + 2 * _SCREEN_MARGIN // 3, _LOWEST)
        room = self.screen().availableGeometry().size() - QSize(_SCREEN_MARGIN, _SCREEN_MARGIN)
        self.resize(QSize(*map(zoomed, _SIZE)).boundedTo(room))

    def _connect(self) -> None:
        self.source_fields.changed.connect(self._look_at_source)
        self.endpoint.textChanged.connect(self._look_at_source)
        self.more.changed.connect(self._forget_trial)
        self.more.toggle.toggled.connect(self._show_more)
        self.test_button.clicked.connect(self.test)
        self.recent.chosen.connect(lambda entry: self._recent.with_secret(entry, self.fill))

    def _show_more(self, shown: bool) -> None:
        """What was asked for gets the room; the dialog grows as far as the screen lets it."""
        self.report.keep_small(shown)
        if shown:
            lacking = self._holder.sizeHint().height() - self._scrolled.height() - self.report.spare
            most = self.screen().availableGeometry().height() - _SCREEN_MARGIN
            self.resize(self.width(), max(self.height(), min(self.height() + max(0, lacking), most)))

    def _forget_trial(self) -> None:
        """What a test found is about other entries than those that stand here now."""
        self._end_trial()
        self.problems.say([])

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._trial.stop()
            self._trial = None
        self.test_button.setText(self.tr("T&est"))

    def _look_at_source(self) -> None:
        """A token is decoded as it is pasted; where it leads is filled in where nothing was entered."""
        self._forget_trial()
        self.more.sign_here(self.source_fields.chosen in SIGNING)
        if self._moved_to_its_place():
            return
        entry = self.entry()
        pasted = recognise_token(entry.source) if entry.kind != "command" else None
        if pasted is None:
            wrong = self.tr("This is no JSON web token yet: three parts between dots are expected.")
            ready = self.tr("What the token says, and what a test finds, appears here.")
            self.report.show_facts([], wrong if entry.kind == "token" and entry.source.strip() else ready)
        elif entry.kind != "token":
            self.source_fields.choose("token")
        else:
            self._take_token(pasted)

    def _moved_to_its_place(self) -> bool:
        """A token that was pasted as the address is one all the same."""
        misplaced = self.endpoint.text()
        if recognise_token(misplaced) is None:
            return False
        self.endpoint.clear()
        self.source_fields.choose("token")
        self.source.setText(misplaced.strip())
        return True

    def _take_token(self, pasted: PastedToken) -> None:
        if pasted.endpoint and self.endpoint.text().strip() in ("", self._guessed):
            self._guessed = pasted.endpoint
            if self.endpoint.text() != pasted.endpoint:
                self.endpoint.setText(pasted.endpoint)
                return
        facts = token_facts(pasted.decoded, time.time_ns(), self.endpoint.text().strip())
        if pasted.guessed_from and self.endpoint.text() == pasted.endpoint:
            origin = self.tr("guessed from the token's {0}").format(pasted.guessed_from)
            facts.insert(0, Fact(self.tr("Service"), origin, Role.HELD))
        self.report.show_facts(sorted(facts, key=lambda fact: fact.role is not Role.BROKEN))

    def _start(self, files: SessionFiles) -> control.Start | None:
        try:
            return start_of(self.entry(), files)
        except InspectorError as error:
            self._failed(error)
            return None

    def _failed(self, error: InspectorError) -> None:
        self._end_trial()
        self.problems.say([control.Problem(error.what, error.why, error.next_step)])

    def _tested(self, trial: Trial, steps: list[TrialStep]) -> None:
        if trial is not self._trial:
            return
        self._end_trial()
        self.report.show_trial(steps)
        self.problems.say([step.problem for step in steps if step.problem is not None])
