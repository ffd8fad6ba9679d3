"""Where tokens come from: the kind of source, and the one line that it needs."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QPushButton

from inspector.engine.connection_entry import (
    SECRET_KINDS,
    ConnectionEntry,
    PastedToken,
    SourceKind,
    recognise_token,
)
from inspector.ui.widgets.choice_box import ChoiceBox
from inspector.ui.widgets.path_field import PathField

KINDS: tuple[SourceKind, ...] = ("token", "file", "command", "endpoint", "key", "secret")
SIGNING: tuple[SourceKind, ...] = ("key", "secret")


class SourceFields(QObject):
    """Rows of a form. A token on the clipboard is offered, never taken unasked."""

    changed = Signal()

    def __init__(self, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        tr = self.tr
        self._form = form
        self._on_clipboard: PastedToken | None = None
        self._may_keep = True
        self.kind = ChoiceBox()
        self.kind.setAccessibleName(tr("Credentials from"))
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
        self.path = PathField("tokenSource", tr("Token"))
        self.source: QLineEdit = self.path.line
        self.label = QLabel()
        self.label.setBuddy(self.source)
        self.use_clipboard = QPushButton()
        self.use_clipboard.setAutoDefault(False)
        self.keep = QCheckBox(tr("&Keep it in the system's keyring; otherwise it is not stored"))
        self.user = QLineEdit()
        self.user.setAccessibleName(tr("User"))
        form.addRow(tr("Credentials &from"), self.kind)
        form.addRow(self.label, self.path)
        form.addRow("", self.use_clipboard)
        form.addRow("", self.keep)
        form.addRow(tr("&User"), self.user)
        self.kind.currentIndexChanged.connect(self.show_kind)
        self.source.textChanged.connect(lambda _: self.changed.emit())
        self.use_clipboard.clicked.connect(self._take_clipboard)
        self.show_kind()

    @property
    def chosen(self) -> SourceKind:
        """The kind of source."""
        return KINDS[self.kind.currentIndex()]

    def choose(self, kind: SourceKind) -> None:
        """Have this kind of source."""
        self.kind.setCurrentIndex(KINDS.index(kind))

    def fill(self, entry: ConnectionEntry) -> None:
        """Put a connection into the fields."""
        self.choose(entry.kind)
        self.source.setText(entry.source)
        self.user.setText(entry.user if entry.kind in SIGNING else "")

    def keep_nothing(self) -> None:
        """Do not offer to keep a secret."""
        self._may_keep = False
        self.keep.setChecked(False)
        self.show_kind()

    def offer_clipboard(self) -> None:
        """Say whose token the clipboard has, if it has one and none was entered yet."""
        clipboard = QGuiApplication.clipboard().text()
        self._on_clipboard = None if self.source.text() else recognise_token(clipboard)
        if self._on_clipboard is not None:
            user = str(self._on_clipboard.decoded.claims.get("sub") or self.tr("nobody"))
            self.use_clipboard.setText(self.tr("Use the token on the clipboard, for {0}").format(user))
        self._form.setRowVisible(self.use_clipboard, self._on_clipboard is not None)

    def show_kind(self) -> None:
        """Show what the kind of source needs."""
        kind = self.chosen
        titles = {
            "token": self.tr("&Token"),
            "file": self.tr("F&ile of the token"),
            "command": self.tr("C&ommand"),
            "endpoint": self.tr("&Address"),
            "key": self.tr("Key f&ile"),
            "secret": self.tr("Secret f&ile"),
        }
        self.label.setText(titles[kind])
        self.source.setAccessibleName(titles[kind].replace("&", ""))
        self.source.setEchoMode(QLineEdit.EchoMode.Password if kind == "token" else QLineEdit.EchoMode.Normal)
        self.source.setPlaceholderText(
            {
                "token": self.tr("Paste a JSON web token, or the answer of a credentials endpoint"),
                "endpoint": "https://app.example.com/api/credentials",
            }.get(kind, "")
        )
        self.path.browse.setVisible(kind in ("file", *SIGNING))
        self._form.setRowVisible(self.keep, kind in SECRET_KINDS and self._may_keep)
        self._form.setRowVisible(self.user, kind in SIGNING)
        self._form.setRowVisible(self.use_clipboard, self._on_clipboard is not None)
        self.changed.emit()

    def _take_clipboard(self) -> None:
        self._on_clipboard = None
        self.choose("token")
        self.source.setText(QGuiApplication.clipboard().text().strip())
        self.show_kind()
        self.source.setFocus()
