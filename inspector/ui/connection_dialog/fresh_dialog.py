"""Asks for a token of the user whose client database is open, to sync a fresh copy. Nothing of it is remembered."""

from msgspec.structs import replace
from PySide6.QtWidgets import QLabel, QWidget

from inspector.engine.connection_entry import ConnectionEntry
from inspector.ui.connection_dialog.dialog import ConnectionDialog
from inspector.ui.recent_connections import RecentConnections
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone


class FreshSyncDialog(ConnectionDialog):
    """The connection dialog without what a fresh copy has no use for: local writes, a database to go on with."""

    def __init__(self, parent: QWidget, recent: RecentConnections) -> None:
        super().__init__(parent, recent)
        self.setObjectName("freshSyncDialog")
        self.setWindowTitle(self.tr("Sync fresh as this user"))
        self._streams_of_file = ""
        self.connect_button.setText(self.tr("Sync a fresh &copy"))
        self.source_fields.keep_nothing()
        self.more.leave_out_local_writes()
        self.intro = QLabel()
        self.intro.setObjectName("freshIntro")
        self.intro.setWordWrap(True)
        set_tone(self.intro, Colour.DIM)
        self.form.insertRow(0, self.intro)

    def ask_for(self, name: str, streams: tuple[str, ...]) -> None:
        """Come up for the file of this name, which was subscribed to these streams."""
        self._streams_of_file = "\n".join(streams)
        self.intro.setText(
            self.tr(
                "With a token of the user of {0}, what the service has for them now is synced into a database of its"
                " own, and compared. The file is only read, nothing of it is uploaded, and the token is not stored."
            ).format(name)
        )
        self.streams.setPlainText(self._streams_of_file)
        self.ask()

    def entry(self) -> ConnectionEntry:
        return _fresh(super().entry())

    def fill(self, entry: ConnectionEntry) -> None:
        super().fill(replace(_fresh(entry), streams=self._streams_of_file or entry.streams))

    def _remember(self, entry: ConnectionEntry) -> None:
        """Not even whose file was looked into."""


def _fresh(entry: ConnectionEntry) -> ConnectionEntry:
    """A new database, and no place to upload to, whatever an earlier connection had."""
    return replace(entry, uploads="hold", upload_to="", checkpoint_requests=False, database="", migrate_in_place=False)
