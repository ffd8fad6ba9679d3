"""The streams that a client database was subscribed to, as the connection dialog takes them."""

from inspector.store.reader import ClientDatabaseReader


def subscription_lines(reader: ClientDatabaseReader) -> tuple[str, ...]:
    """`list_todos{"list":"list-7"}` for each subscription of the app that had not run out at the last full sync.

    Default streams are left out: they come by themselves. Raises ReadError.
    """
    synced_at = reader.summary(fast=True).last_synced_at or 0
    return tuple(
        it.stream + ("" if it.parameters in ("null", "") else it.parameters)
        for it in reader.subscriptions()
        if it.ttl is not None and (it.expires_at is None or it.expires_at > synced_at)
    )
