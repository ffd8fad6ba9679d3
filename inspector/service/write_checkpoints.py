"""Write checkpoints and checkpoint requests: one number for each user and client (protocol §1, §5)."""

from typing import Protocol

import apsw

from inspector.service.feed import Change, ChangeFeed, ClientKey


class Acknowledged(Protocol):
    """What a stream knows of its client's number."""

    def current(self, client: ClientKey) -> int | None:
        """The number that the stream is to carry, if the client ever asked for one."""
        ...


class WriteCheckpoints:
    """Every number given is at once acknowledged: the source tables are replicated in the transaction that writes."""

    def __init__(self, connection: apsw.Connection, feed: ChangeFeed) -> None:
        self._connection = connection
        self._feed = feed

    def current(self, client: ClientKey) -> int | None:
        """The number that streams of this client carry, if it ever asked for one."""
        found: int | None = self._connection.execute(
            "SELECT value FROM sync_write_checkpoint WHERE user_id = ? AND client_id = ?", client
        ).get
        return found

    def create(self, client: ClientKey) -> int:
        """The legacy form: the next number."""
        return self._store(client, (self.current(client) or 0) + 1)

    def request(self, client: ClientKey, request_id: int) -> int:
        """The client's own number, or the one that it had when that is larger."""
        return self._store(client, max(self.current(client) or 0, request_id))

    def _store(self, client: ClientKey, value: int) -> int:
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO sync_write_checkpoint VALUES(?, ?, ?)", (*client, value))
        self._feed.announce(Change(acknowledged=frozenset({client})))
        return value
