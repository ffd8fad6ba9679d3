"""What most connections do without: uploads, files, certificates, the details of tokens that are signed here."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QToolButton, QWidget

from inspector.engine.connection_entry import ConnectionEntry, UploadKind
from inspector.ui.connection_dialog.lines import few_lines, one_line
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_box import ChoiceBox
from inspector.ui.widgets.path_field import PathField
from inspector.ui.widgets.tone import set_tone

_UPLOADS: tuple[UploadKind, ...] = ("hold", "backend", "command")
_NOTHING = ConnectionEntry()


class MoreFields(QObject):
    """Rows of a form behind one button, which says how many of them say something."""

    changed = Signal()

    def __init__(self, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._form = form
        self._signing = False
        self._with_writes = True
        self.toggle = QToolButton()
        self.toggle.setObjectName("moreFields")
        self.toggle.setCheckable(True)
        form.addRow("", self.toggle)
        self._rows: list[QWidget] = []
        self._make()
        self._add_rows()
        self._connect()
        self._tell()

    def entry_fields(self) -> dict[str, str | bool]:
        """The fields of a ConnectionEntry that stand here."""
        return {
            "uploads": _UPLOADS[self.uploads.currentIndex()],
            "upload_to": self.upload_to.text(),
            "checkpoint_requests": self.checkpoint_requests.isChecked(),
            "database": self.database.text(),
            "migrate_in_place": bool(self.database.text()) and self.migrate_in_place.isChecked(),
            "schema_file": self.schema.text(),
            "app_metadata": self.metadata.toPlainText(),
            "ca_file": self.ca_file.text(),
            "insecure": self.insecure.isChecked(),
            "key_id": self.key_id.text() if self._signing else "",
            "audience": self.audience.text() if self._signing else "",
            "lifetime": self.lifetime.text() if self._signing else "",
            "claims": self.claims.text() if self._signing else "",
        }

    def fill(self, entry: ConnectionEntry) -> None:
        """Put a connection into the fields; they are shown if one of them says something."""
        self.uploads.setCurrentIndex(_UPLOADS.index(entry.uploads))
        self.upload_to.setText(entry.upload_to)
        self.checkpoint_requests.setChecked(entry.checkpoint_requests)
        self.database.set_text(entry.database)
        self.migrate_in_place.setChecked(entry.migrate_in_place)
        self.schema.set_text(entry.schema_file)
        self.metadata.setPlainText(entry.app_metadata)
        self.ca_file.set_text(entry.ca_file)
        self.insecure.setChecked(entry.insecure)
        self.key_id.setText(entry.key_id)
        self.audience.setText(entry.audience)
        self.lifetime.setText(entry.lifetime)
        self.claims.setText(entry.claims)
        self.toggle.setChecked(self._said() > 0)
        self._tell()

    def sign_here(self, signing: bool) -> None:
        """Whether tokens are signed here, so that their details matter."""
        self._signing = signing
        self._tell()

    def leave_out_local_writes(self) -> None:
        """There are none, and the client database is a new one."""
        left_out = (self.uploads, self.upload_to, self.checkpoint_requests, self.database, self.migrate_in_place)
        self._rows = [field for field in self._rows if field not in left_out]
        for field in left_out:
            self._form.setRowVisible(field, False)
        self._with_writes = False
        self._tell()

    def _make(self) -> None:
        tr = self.tr
        self.uploads = ChoiceBox()
        self.uploads.setAccessibleName(tr("Local writes"))
        self.uploads.addItems([tr("Held here"), tr("Sent to a backend's address"), tr("Given to a command")])
        self.upload_to = one_line("uploadTo", tr("Upload to"))
        self.checkpoint_requests = QCheckBox(tr("Confirm uploads by checkpoint re&quests, not the legacy way"))
        self.database = PathField("clientDatabase", tr("Client database"), new_file=True)
        self.database.line.setPlaceholderText(tr("A new one, in a folder of its own"))
        self.migrate_in_place = QCheckBox(tr("Mi&grate one of an older version itself, not a copy of it"))
        self.migrate_in_place.setToolTip(
            tr("Its app has to know the newer version. Without, the file is left as it is.")
        )
        self.schema = PathField("schemaFile", tr("App's schema"))
        self.schema.line.setPlaceholderText(tr("Without it, columns are those seen in the data"))
        self.schema.setToolTip(tr('JSON as the app\'s SDK serialises its schema: {"tables": [{"name", "columns"}]}'))
        self.metadata = few_lines("appMetadata", tr("App metadata"), "app=shop\nversion=1.4")
        self.metadata.setToolTip(tr("Sent with each request, for the service's logs; one name=value a line"))
        self.ca_file = PathField("caFile", tr("Certificates"))
        self.ca_file.line.setPlaceholderText(tr("PEM, to trust besides the usual ones"))
        self.insecure = QCheckBox(tr("Accept an&y certificate"))
        self.warning = QLabel(
            tr(
                "▲ TLS certificates are not checked: whoever is between this machine and the service can read the"
                " token and change what is shown. The service's certificate above does without this."
            )
        )
        self.warning.setWordWrap(True)
        set_tone(self.warning, Colour.HELD)
        self.key_id = one_line("keyId", tr("Key id"), tr("kid; a JWK has its own"))
        self.audience = one_line("audience", tr("Audience"), tr("aud; the service's address, if nothing is given"))
        self.lifetime = one_line("lifetime", tr("Lifetime, s"), "3600")
        self.claims = one_line("claims", tr("Further claims"), '{"role": "editor"}', mono=True)

    def _add_rows(self) -> None:
        tr, form = self.tr, self._form
        self._signing_rows: list[QWidget] = [self.key_id, self.audience, self.lifetime, self.claims]
        for title, field in (
            (tr("Key id"), self.key_id),
            (tr("Audience"), self.audience),
            (tr("Lifetime, s"), self.lifetime),
            (tr("Further claims"), self.claims),
            (tr("&Local writes"), self.uploads),
            (tr("Upload to"), self.upload_to),
            ("", self.checkpoint_requests),
            (tr("Client data&base"), self.database),
            ("", self.migrate_in_place),
            (tr("App's sc&hema"), self.schema),
            (tr("App metadata"), self.metadata),
            (tr("Certificates"), self.ca_file),
            ("", self.insecure),
            ("", self.warning),
        ):
            form.addRow(title, field)
            if field not in self._signing_rows:
                self._rows.append(field)

    def _connect(self) -> None:
        self.toggle.toggled.connect(self._tell)
        self.uploads.currentIndexChanged.connect(self._changed)
        for check in (self.checkpoint_requests, self.migrate_in_place, self.insecure):
            check.toggled.connect(self._changed)
        for path in (self.database, self.schema, self.ca_file):
            path.changed.connect(self._changed)
        for line in (self.upload_to, self.key_id, self.audience, self.lifetime, self.claims):
            line.textChanged.connect(self._changed)
        self.metadata.textChanged.connect(self._changed)

    def _changed(self) -> None:
        self._tell()
        self.changed.emit()

    def _said(self) -> int:
        """How many fields are not as they are by themselves."""
        return sum(value != getattr(_NOTHING, name) for name, value in self.entry_fields().items())

    def _tell(self) -> None:
        shown, said, form = self.toggle.isChecked(), self._said(), self._form
        title = self.tr("▾ Fewer settings") if shown else self.tr("▸ More settings")
        self.toggle.setText(title if shown or not said else f"{title} · {said}")
        told = self.tr("the app's schema, certificates, metadata")
        self.toggle.setToolTip(
            self.tr("Uploads, the client database, {0}").format(told) if self._with_writes else told.capitalize()
        )
        for field in self._rows:
            form.setRowVisible(field, shown)
        for field in self._signing_rows:
            form.setRowVisible(field, shown and self._signing)
        writes = shown and self._with_writes
        form.setRowVisible(self.upload_to, writes and _UPLOADS[self.uploads.currentIndex()] != "hold")
        form.setRowVisible(self.migrate_in_place, writes and bool(self.database.text()))
        # What is given up is said even where its field is not seen.
        form.setRowVisible(self.warning, self.insecure.isChecked())
