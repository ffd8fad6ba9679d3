"""The connections that were made last. Secrets are not among the settings: the system's keyring has them, or nobody."""

from collections.abc import Callable
from hashlib import sha256

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QSettings

from inspector.engine.connection_entry import SECRET_KINDS, ConnectionEntry, recognise_token
from inspector.engine.endpoint import host_of
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background

_SETTING = "connections/recent"
_KEPT = 10
_SERVICE = "powersync-inspector"
_decoder = msgspec.json.Decoder(list[ConnectionEntry])


class NoKeyring(InspectorError):
    """The system's keyring does not take or give a secret."""


class RecentConnections(QObject):
    """Newest first. A keyring may ask its user and take its time, so it is spoken to off the window's thread."""

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._background = Background(self)

    def entries(self) -> list[ConnectionEntry]:
        """As they were entered, without secrets."""
        try:
            return _decoder.decode(str(self._settings.value(_SETTING) or "[]"))
        except msgspec.MsgspecError:
            return []

    def add(self, entry: ConnectionEntry) -> None:
        """A connection is being made."""
        public = _public(entry)
        known = [other for other in self.entries() if _key(other) != _key(public)]
        self._write([public, *known][:_KEPT])

    def forget(self, entry: ConnectionEntry) -> None:
        """Take it out of the list, and its secret out of the keyring."""
        self._write([other for other in self.entries() if _key(other) != _key(entry)])
        self._background.run(lambda: _delete(_key(entry)), lambda _: None)

    def keep_secret(self, entry: ConnectionEntry, failed: Callable[[InspectorError], None]) -> None:
        """Give the entry's secret to the system's keyring."""
        key, secret = _key(_public(entry)), entry.source
        self._background.run(lambda: _store(key, secret), lambda _: None, failed)

    def with_secret(self, entry: ConnectionEntry, done: Callable[[ConnectionEntry], None]) -> None:
        """The entry with its secret, where the keyring has it."""
        if entry.kind not in SECRET_KINDS:
            done(entry)
            return
        self._background.run(lambda: _fetch(_key(entry)), lambda secret: done(replace(entry, source=secret)))

    def close(self) -> None:
        """Wait for the keyring."""
        self._background.close()

    def _write(self, entries: list[ConnectionEntry]) -> None:
        self._settings.setValue(_SETTING, msgspec.json.encode(entries).decode())


def title_of(entry: ConnectionEntry) -> str:
    """How a list calls it."""
    where = host_of(entry.endpoint) or "address with the token"
    return f"{where} · {entry.user}" if entry.user else where


def _public(entry: ConnectionEntry) -> ConnectionEntry:
    """Without secrets; a token leaves the name of its user."""
    user = entry.user
    if entry.kind == "token" and (pasted := recognise_token(entry.source)) is not None:
        user = str(pasted.decoded.claims.get("sub") or "")
    return replace(
        entry,
        source="" if entry.kind in SECRET_KINDS else entry.source,
        user=user,
        upload_to="" if entry.uploads == "command" else entry.upload_to,
    )


def _key(entry: ConnectionEntry) -> str:
    identity = (entry.endpoint, entry.kind, entry.source, entry.user)
    return sha256(msgspec.json.encode(identity)).hexdigest()[:24]


def _store(key: str, secret: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_SERVICE, key, secret)
    except (KeyringError, OSError) as error:
        raise NoKeyring(
            "The token was not kept.",
            why="This system has no keyring that takes it.",
            next_step="The connection works without; next time the token has to be given again.",
        ) from error


def _fetch(key: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, key) or ""
    except (KeyringError, OSError):
        return ""


def _delete(key: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_password(_SERVICE, key) is not None:
            keyring.delete_password(_SERVICE, key)
    except (KeyringError, OSError):
        return
