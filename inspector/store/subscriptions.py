"""Stream subscriptions in `ps_stream_subscriptions` (protocol §6).

A row with a `ttl` is an explicit subscription; one without is a default stream that a checkpoint named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import msgspec

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.request import RequestedSubscription, StreamsRequest
from inspector.store.query import rows

DEFAULT_TTL_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class StreamKey:
    """What makes a subscription: a stream, and its parameters as JSON text, `null` for none."""

    stream: str
    parameters: str

    @classmethod
    def of(cls, stream: str, parameters: Mapping[str, Any] | None) -> "StreamKey":
        """The key of a stream with these parameters; their order counts, as for the official clients."""
        return cls(stream, msgspec.json.encode(parameters).decode())


@dataclass(frozen=True, slots=True)
class RequestedStreams:
    """A request's streams, and the ids of the subscriptions in the order in which the request has them."""

    request: StreamsRequest
    subscription_ids: tuple[int, ...]


def subscribe(connection: apsw.Connection, key: StreamKey, ttl: int | None, priority: int | None, now_us: int) -> None:
    """Make an explicit subscription that lives for `ttl` s (None: one day), or renew it.

    The priority of one that is there can only become higher (a lower number), and only where it has one.
    """
    seconds = DEFAULT_TTL_SECONDS if ttl is None else ttl
    connection.execute(
        """
        INSERT INTO ps_stream_subscriptions(stream_name, local_priority, local_params, ttl, expires_at)
          VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET
          local_priority = min(coalesce(?2, local_priority), local_priority), ttl = ?4, expires_at = ?5
        """,
        (key.stream, priority, key.parameters, seconds, now_us + seconds * 1_000_000),
    )


def unsubscribe(connection: apsw.Connection, key: StreamKey) -> None:
    """End an explicit subscription; the row goes once no checkpoint names the stream."""
    connection.execute(
        "UPDATE ps_stream_subscriptions SET ttl = NULL WHERE stream_name = ? AND local_params = ?",
        (key.stream, key.parameters),
    )


def renew(connection: apsw.Connection, keys: Iterable[StreamKey], now_us: int) -> None:
    """Let explicit subscriptions live for their whole time to live from now on."""
    connection.executemany(
        "UPDATE ps_stream_subscriptions SET expires_at = ?1 + ttl * 1000000"
        " WHERE stream_name = ?2 AND local_params = ?3 AND ttl IS NOT NULL",
        ((now_us, key.stream, key.parameters) for key in keys),
    )


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
    ended: list[tuple[int]] = []
    for row_id, name, is_explicit in rows(
        connection, "SELECT id, stream_name, ttl IS NOT NULL FROM ps_stream_subscriptions ORDER BY id"
    ):
        stream = streams.get(name)
        if stream is None and not is_explicit:
            ended.append((row_id,))
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
                "INSERT INTO ps_stream_subscriptions(stream_name, active, is_default) VALUES (?, TRUE, ?)",
                (stream.name, streams[stream.name].is_default),
            )
            names[stream.name] = [connection.last_insert_rowid()]
            explicit[names[stream.name][0]] = False
    connection.executemany("DELETE FROM ps_stream_subscriptions WHERE id = ?", ended)
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
    # Of streams with one name the last counts, as for the official clients.
    last = {stream.name: index for index, stream in enumerate(target.streams)}
    default_ids = [
        next((row_id for row_id in names.get(stream.name, ()) if not explicit[row_id]), None)
        if stream.is_default and last[stream.name] == index
        else None
        for index, stream in enumerate(target.streams)
    ]
    lowest: dict[int, int | None] = dict.fromkeys(explicit)
    for bucket in target.buckets.values():
        for reason in bucket.subscriptions:
            row_id = (
                _at(default_ids, reason.default) if reason.default is not None else _at(subscription_ids, reason.sub)
            )
            if row_id is not None and row_id in lowest:
                lowest[row_id] = max(lowest[row_id] or 0, bucket.effective_priority)
    return lowest


def _at(ids: Sequence[int | None], index: int | None) -> int | None:
    return ids[index] if index is not None and 0 <= index < len(ids) else None
