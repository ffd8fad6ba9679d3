"""Stream subscriptions in `ps_stream_subscriptions` (protocol §6).

A row with a `ttl` is an explicit subscription; one without is a default stream that a checkpoint named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import apsw
import msgspec

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.request import RequestedSubscription, StreamsRequest
from inspector.store.query import rows


@dataclass(frozen=True, slots=True)
class RequestedStreams:
    """A request's streams, and the ids of the subscriptions in the order in which the request has them."""

    request: StreamsRequest
    subscription_ids: tuple[int, ...]


def requested_streams(connection: apsw.Connection, include_defaults: bool, now_us: int) -> RequestedStreams:
    """Drop expired subscriptions, then what to ask for; inside the caller's transaction."""
    connection.execute(
        "DELETE FROM ps_stream_subscriptions WHERE expires_at < ? OR (ttl IS NULL AND NOT active)", (now_us,)
    )
    explicit = rows(
        connection,
        "SELECT id, stream_name, local_params, local_priority FROM ps_stream_subscriptions WHERE ttl IS NOT NULL",
    )
    subscriptions = tuple(
        RequestedSubscription(name, msgspec.json.decode(parameters), priority)
        for _, name, parameters, priority in explicit
    )
    return RequestedStreams(StreamsRequest(include_defaults, subscriptions), tuple(found[0] for found in explicit))


def adopt_streams(
    connection: apsw.Connection, target: TargetCheckpoint, subscription_ids: tuple[int, ...]
) -> Mapping[int, int | None]:
    """Make the table agree with the checkpoint's streams; inside the caller's transaction.

    Gives, by subscription id, the lowest priority (highest number) of the buckets that it brings, None when it
    brings none.
    """
    streams = {stream.name: stream for stream in target.streams}
    explicit: dict[int, bool] = {}
    names: dict[str, list[int]] = {}
    for row_id, name, is_explicit in rows(
        connection, "SELECT id, stream_name, ttl IS NOT NULL FROM ps_stream_subscriptions ORDER BY id"
    ):
        stream = streams.get(name)
        if stream is None and not is_explicit:
            connection.execute("DELETE FROM ps_stream_subscriptions WHERE id = ?", (row_id,))
            continue
        connection.execute(
            "UPDATE ps_stream_subscriptions SET active = ?, is_default = ? WHERE id = ?",
            (stream is not None, stream is not None and stream.is_default, row_id),
        )
        explicit[row_id] = bool(is_explicit)
        names.setdefault(name, []).append(row_id)
    for stream in target.streams:
        if stream.is_default and stream.name not in names:
            connection.execute(
                "INSERT INTO ps_stream_subscriptions(stream_name, active, is_default) VALUES (?, TRUE, TRUE)",
                (stream.name,),
            )
            names[stream.name] = [connection.last_insert_rowid()]
            explicit[names[stream.name][0]] = False
    return _priorities(target, subscription_ids, explicit, names)


def stamp_synced(
    connection: apsw.Connection, priorities: Mapping[int, int | None], priority: int | None, now_us: int
) -> None:
    """Note the sync in the subscriptions that it covers; None covers all."""
    covered = (
        row_id
        for row_id, lowest in priorities.items()
        if priority is None or (lowest is not None and lowest <= priority)
    )
    connection.executemany(
        "UPDATE ps_stream_subscriptions SET last_synced_at = ? WHERE id = ?", ((now_us, row_id) for row_id in covered)
    )


def _priorities(
    target: TargetCheckpoint,
    subscription_ids: tuple[int, ...],
    explicit: Mapping[int, bool],
    names: Mapping[str, list[int]],
) -> dict[int, int | None]:
    default_ids = [
        next((row_id for row_id in names.get(stream.name, ()) if not explicit[row_id]), None)
        for stream in target.streams
    ]
    lowest: dict[int, int | None] = dict.fromkeys(explicit)
    for bucket in target.buckets.values():
        for reason in bucket.subscriptions or ():
            row_id = (
                _at(default_ids, reason.default) if reason.default is not None else _at(subscription_ids, reason.sub)
            )
            if row_id is not None and row_id in lowest:
                lowest[row_id] = max(lowest[row_id] or 0, bucket.effective_priority)
    return lowest


def _at(ids: Sequence[int | None], index: int | None) -> int | None:
    return ids[index] if index is not None and 0 <= index < len(ids) else None
