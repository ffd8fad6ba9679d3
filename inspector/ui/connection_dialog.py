"""The connection dialog. It stands beside the window: what is open goes on until “Connect” is pressed."""

import asyncio
import time
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector.analysis.connection_facts import Fact, token_facts
from inspector.analysis.situations import Role
from inspector.engine import control
from inspector.engine.connection_entry import (
    SECRET_KINDS,
    ConnectionEntry,
    SourceKind,
    UploadKind,
    recognise_token,
    start_of,
)
from inspector.engine.connection_trial import TrialStep, try_connection
from inspector.engine.session_files import SessionFiles, files_in, forget_if_empty, new_session_folder
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.fonts import mono_font
from inspector.ui.panels.connection.panel import FactsModel
from inspector.ui.recent_connections import RecentConnections, title_of
from inspector.ui.widgets.columns import Cell, Column
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.problem_label import ProblemLabel
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_NOWHERE = SessionFiles(Path("unused.db"), Path("unused.pscapture"))
_KINDS: tuple[SourceKind, ...] = ("token", "file", "command", "endpoint", "key", "secret")
_UPLOADS: tuple[UploadKind, ...] = ("hold", "backend", "command")
_RECENT: tuple[Column[ConnectionEntry], ...] = (
    Column("Recent connections", cell=lambda it: Cell(title_of(it)), stretch=True),
)


class _RecentModel(ListModel[ConnectionEntry]):
    """Connections that were made before."""


class ConnectionDialog(QDialog):
    """Asks for a connection; `chosen` carries what the engine is to be told."""

    chosen = Signal(object)
    """`control.Start`."""

    def __init__(self, parent: QWidget, recent: RecentConnections) -> None:
        super().__init__(parent)
        self.setObjectName("connectionDialog")
        self.setWindowTitle(self.tr("Connect to a PowerSync service"))
        self._recent = recent
        self._background = Background(self)
        self._guessed = ""
        self._make_fields()
        self._lay_out()
        self._connect()
        self._show_kind()

    def ask(self) -> None:
        """Come up."""
        self._recent_model.show_records(self._recent.entries())
        self.note.say("" if self._recent_model.row_count() else self.tr("Connections that you make appear here."))
        on_clipboard = recognise_token(QGuiApplication.clipboard().text())
        self.use_clipboard.setVisible(on_clipboard is not None and not self.source.text())
        if on_clipboard is not None:
            user = str(on_clipboard.decoded.claims.get("sub") or self.tr("nobody"))
            self.use_clipboard.setText(self.tr("Use the token on the clipboard, for {0}").format(user))
        self.show()
        self.raise_()
        self.activateWindow()
        self.source.setFocus()

    def entry(self) -> ConnectionEntry:
        """What stands in the fields."""
        return ConnectionEntry(
            endpoint=self.endpoint.text().strip(),
            kind=_KINDS[self.kind.currentIndex()],
            source=self.source.text(),
            user=self.user.text().strip() if self.user.isVisibleTo(self) else "",
            parameters=self.parameters.text(),
            streams=self.streams.toPlainText(),
            default_streams=self.default_streams.isChecked(),
            uploads=_UPLOADS[self.uploads.currentIndex()],
            upload_to=self.upload_to.text(),
            checkpoint_requests=self.checkpoint_requests.isChecked(),
        )

    def fill(self, entry: ConnectionEntry) -> None:
        """Put a connection into the fields."""
        self.kind.setCurrentIndex(_KINDS.index(entry.kind))
        self.source.setText(entry.source)
        self.endpoint.setText(entry.endpoint)
        self.user.setText(entry.user if entry.kind in ("key", "secret") else "")
        self.parameters.setText(entry.parameters)
        self.streams.setPlainText(entry.streams)
        self.default_streams.setChecked(entry.default_streams)
        self.uploads.setCurrentIndex(_UPLOADS.index(entry.uploads))
        self.upload_to.setText(entry.upload_to)
        self.checkpoint_requests.setChecked(entry.checkpoint_requests)

    def test(self) -> None:
        """Try the connection without making it."""
        start = self._start(_NOWHERE)
        if start is None:
            return
        self._tell([Fact(self.tr("Test"), self.tr("is under way."))])
        self.test_button.setEnabled(False)
        self._background.run(lambda: asyncio.run(try_connection(start)), self._tested, self._failed)

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
        self._recent.add(entry)
        if self.keep.isVisibleTo(self) and self.keep.isChecked():
            self._recent.keep_secret(entry, self._failed)
        self.source.clear()
        self.hide()
        self.chosen.emit(start)

    def close_down(self) -> None:
        """Wait for a test that is under way."""
        self._background.close()

    def _make_fields(self) -> None:
        tr = self.tr
        self._recent_model = _RecentModel(_RECENT, self)
        self.recent_table = RowTable(self._recent_model, "recentConnections", parent=self)
        self.recent_table.setAccessibleName(tr("Recent connections"))
        self.note = EmptyNote(self.recent_table)
        self.kind, self.uploads = QComboBox(), QComboBox()
        self.kind.addItems(
            [
                tr("A token"),
                tr("A file that holds a token"),
                tr("A command that prints a token"),
                tr("A web address that answers with a token"),
                tr("A private key, to sign tokens here"),
                tr("A shared secret, to sign tokens here"),
            ]
        )
        self.uploads.addItems([tr("Held here"), tr("Sent to a backend's address"), tr("Given to a command")])
        self.endpoint, self.source, self.user, self.parameters, self.upload_to = (QLineEdit() for _ in range(5))
        self.endpoint.setPlaceholderText("https://sync.example.com")
        self.parameters.setPlaceholderText('{"project": "p1"}')
        self.source_label = QLabel()
        self.source_label.setBuddy(self.source)
        self.browse = QPushButton(tr("Choose a file…"))
        self.use_clipboard = QPushButton()
        self.streams = QPlainTextEdit()
        self.streams.setPlaceholderText('list_todos{"list":"list-7"}')
        self.streams.setFixedHeight(52)
        self.streams.setTabChangesFocus(True)
        for field in (self.parameters, self.streams):
            field.setFont(mono_font())
        self.default_streams = QCheckBox(tr("Subscribe to the default streams"))
        self.default_streams.setChecked(True)
        self.checkpoint_requests = QCheckBox(tr("Confirm uploads by checkpoint requests, not the legacy way"))
        self.keep = QCheckBox(tr("Keep it in the system's keyring; otherwise it is not stored"))
        self.facts_model = FactsModel(self)
        self.facts = RowTable(self.facts_model, "tokenFacts", header=False, parent=self)
        self.facts.setAccessibleName(tr("What the token says, and what the test found"))
        self.facts_note = EmptyNote(self.facts, top=0)
        self.problems = ProblemLabel()

    def _lay_out(self) -> None:
        tr = self.tr
        source = QHBoxLayout()
        source.addWidget(self.source, 1)
        source.addWidget(self.browse)
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.addRow(tr("Credentials &from"), self.kind)
        self.form.addRow(self.source_label, source)
        self.form.addRow("", self.use_clipboard)
        self.form.addRow("", self.keep)
        self.form.addRow(tr("&User"), self.user)
        self.form.addRow(tr("&Service"), self.endpoint)
        self.form.addRow(tr("&Parameters"), self.parameters)
        self.form.addRow(tr("St&reams"), self.streams)
        self.form.addRow("", self.default_streams)
        self.form.addRow(tr("&Local writes"), self.uploads)
        self.form.addRow(tr("Upload t&o"), self.upload_to)
        self.form.addRow("", self.checkpoint_requests)
        buttons = QDialogButtonBox()
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.test_button = buttons.addButton(tr("Test"), QDialogButtonBox.ButtonRole.ActionRole)
        self.connect_button = buttons.addButton(tr("Connect"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.connect_button.setDefault(True)
        buttons.accepted.connect(self.connect_now)
        buttons.rejected.connect(self.reject)
        fields = QVBoxLayout()
        fields.addLayout(self.form)
        fields.addWidget(self.problems)
        fields.addWidget(self.facts, 1)
        fields.addWidget(buttons)
        layout = QHBoxLayout(self)
        self.recent_table.setFixedWidth(220)
        layout.addWidget(self.recent_table)
        layout.addLayout(fields, 1)
        self.resize(860, 640)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.uploads.currentIndexChanged.connect(self._show_kind)
        self.source.textChanged.connect(self._look_at_source)
        self.endpoint.textChanged.connect(self._look_at_source)
        self.browse.clicked.connect(self._choose_file)
        self.use_clipboard.clicked.connect(self._use_clipboard)
        self.test_button.clicked.connect(self.test)
        self.recent_table.row_chosen.connect(self._take_recent)

    def _show_kind(self) -> None:
        kind = _KINDS[self.kind.currentIndex()]
        titles = {
            "token": self.tr("&Token"),
            "file": self.tr("&File"),
            "command": self.tr("&Command"),
            "endpoint": self.tr("&Address"),
            "key": self.tr("&Key file"),
            "secret": self.tr("&Secret file"),
        }
        self.source_label.setText(titles[kind])
        self.source.setAccessibleName(titles[kind].replace("&", ""))
        self.source.setEchoMode(QLineEdit.EchoMode.Password if kind == "token" else QLineEdit.EchoMode.Normal)
        self.browse.setVisible(kind in ("file", "key", "secret"))
        self.form.setRowVisible(self.keep, kind in SECRET_KINDS)
        self.form.setRowVisible(self.user, kind in ("key", "secret"))
        self.form.setRowVisible(self.use_clipboard, kind == "token" and not self.use_clipboard.isHidden())
        self.form.setRowVisible(self.upload_to, _UPLOADS[self.uploads.currentIndex()] != "hold")
        self._look_at_source()

    def _look_at_source(self) -> None:
        """A token is decoded as it is pasted; where it leads is filled in where nothing was entered."""
        self.problems.say([])
        entry = self.entry()
        pasted = recognise_token(entry.source) if entry.kind != "command" else None
        if pasted is None:
            wrong = self.tr("This is no JSON web token yet: three parts between dots are expected.")
            ready = self.tr("What the token says, and what a test finds, appears here.")
            self._tell([], wrong if entry.kind == "token" and entry.source.strip() else ready)
            return
        if entry.kind != "token":
            self.kind.setCurrentIndex(_KINDS.index("token"))
            return
        if pasted.endpoint and self.endpoint.text().strip() in ("", self._guessed):
            self._guessed = pasted.endpoint
            if self.endpoint.text() != pasted.endpoint:
                self.endpoint.setText(pasted.endpoint)
                return
        facts = token_facts(pasted.decoded, time.time_ns(), self.endpoint.text().strip())
        if pasted.guessed_from and self.endpoint.text() == pasted.endpoint:
            origin = self.tr("guessed from the token's {0}").format(pasted.guessed_from)
            facts.insert(0, Fact(self.tr("Service"), origin, Role.HELD))
        wrong_first = sorted(facts, key=lambda fact: fact.role is not Role.BROKEN)
        self._tell(wrong_first)

    def _take_recent(self, row: int) -> None:
        entry = self._recent_model.record(row) if row >= 0 else None
        if entry is not None:
            self._recent.with_secret(entry, self.fill)

    def _use_clipboard(self) -> None:
        self.use_clipboard.hide()
        self.source.setText(QGuiApplication.clipboard().text().strip())

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file"))
        if name:
            self.source.setText(name)

    def _start(self, files: SessionFiles) -> control.Start | None:
        try:
            return start_of(self.entry(), files)
        except InspectorError as error:
            self._failed(error)
            return None

    def _failed(self, error: InspectorError) -> None:
        self.test_button.setEnabled(True)
        self.problems.say([control.Problem(error.what, error.why, error.next_step)])

    def _tested(self, steps: list[TrialStep]) -> None:
        self.test_button.setEnabled(True)
        facts = []
        for step in steps:
            said = step.said if step.problem is None else f"{step.problem.what} {step.problem.why}".strip()
            role = Role.FINE if step.problem is None else Role.HELD if step.doubt else Role.BROKEN
            facts.append(Fact(step.title, said, role, str(step.problem) if step.problem is not None else ""))
        self._tell(facts)
        self.problems.say([step.problem for step in steps if step.problem is not None])

    def _tell(self, facts: list[Fact], note: str = "") -> None:
        self.facts_model.show_records([])
        self.facts_model.show_records(facts)
        self.facts_note.say("" if facts else note)
        self.facts.fit_columns()
