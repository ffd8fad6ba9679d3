"""The buckets that one stream request leads to, and why (protocol §2, §6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inspector.service.errors import too_many_buckets
from inspector.service.options import DEFAULT_MOST_BUCKETS
from inspector.service.source import SourceDatabase
from inspector.service.stream_request import IncomingRequest
from inspector.service.sync_config import Requester, Stream, StreamFailure, StreamQuery, SyncConfig
from inspector.service.tokens import Claims
from inspector.service.wire import Reason, StreamEntry, StreamErrorEntry


@dataclass(frozen=True, slots=True)
class SelectedBucket:
    """A bucket of this client."""

    priority: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Demand:
    """A stream asked for: by default (`index` None) or by the request's subscription `index`."""

    stream: Stream
    requester: Requester
    index: int | None = None
    override_priority: int | None = None


class BucketSelection:
    """Evaluates the streams for one user and request, as often as the tables that they look up change."""

    def __init__(
        self,
        config: SyncConfig,
        source: SourceDatabase,
        claims: Claims,
        request: IncomingRequest,
        most_buckets: int = DEFAULT_MOST_BUCKETS,
    ) -> None:
        self._config = config
        self._most_buckets = most_buckets
        self._errors: dict[str, list[StreamErrorEntry]] = {}
        self._demands = tuple(_demands(config, source, claims, request))
        self.looks_up = frozenset(
            table for demand in self._demands for query in demand.stream.queries for table in query.looks_up
        )
        """Source tables whose changes may change the outcome."""

    @property
    def streams(self) -> tuple[StreamEntry, ...]:
        """The subscribed streams with the errors of the last `resolve`; what no stream is called is left out."""
        asked = {demand.stream.name for demand in self._demands}
        return tuple(
            StreamEntry(stream.name, stream.auto_subscribe, tuple(self._errors.get(stream.name, ())))
            for stream in self._config.streams
            if stream.name in asked
        )

    def resolve(self) -> Mapping[str, SelectedBucket]:
        """All buckets by name, in the order in which the real service has them in a checkpoint.

        Raises Refusal for too many.
        """
        self._errors = {}
        priorities: dict[str, int] = {}
        overrides: dict[str, int] = {}
        reasons: dict[str, dict[Reason, None]] = {}
        for demand, query in self._in_order():
            for name in self._names(demand, query):
                priorities.setdefault(name, demand.stream.priority)
                reasons.setdefault(name, {})[self._reason(demand)] = None
                if demand.override_priority is not None:
                    overrides[name] = min(demand.override_priority, overrides.get(name, demand.override_priority))
        if len(priorities) > self._most_buckets:
            raise too_many_buckets(len(priorities), self._most_buckets)
        return {
            name: SelectedBucket(overrides.get(name, priority), tuple(reasons[name]))
            for name, priority in priorities.items()
        }

    def _in_order(self) -> Iterator[tuple[_Demand, StreamQuery]]:
        """Defaults that need no look-up, then those that do, then explicit subscriptions."""
        pairs = [(demand, query) for demand in self._demands for query in demand.stream.queries]
        return iter(sorted(pairs, key=lambda pair: (pair[0].index is not None, bool(pair[1].looks_up))))

    def _names(self, demand: _Demand, query: StreamQuery) -> list[str]:
        try:
            return [
                self._config.bucket_name(query.source, parameters) for parameters in query.buckets_for(demand.requester)
            ]
        except StreamFailure as failure:
            error = StreamErrorEntry("default" if demand.index is None else demand.index, str(failure))
            self._errors.setdefault(demand.stream.name, []).append(error)
            return []

    def _reason(self, demand: _Demand) -> Reason:
        if demand.index is not None:
            return Reason(sub=demand.index)
        asked = [entry.name for entry in self.streams]
        return Reason(default=asked.index(demand.stream.name))


def _demands(config: SyncConfig, source: SourceDatabase, claims: Claims, request: IncomingRequest) -> Iterator[_Demand]:
    def requester(parameters: Mapping[str, object]) -> Requester:
        return Requester(claims.user_id, claims.parameters, request.parameters, parameters, source.query)

    by_name = {stream.name: stream for stream in config.streams}
    if request.include_defaults:
        for stream in config.streams:
            if stream.auto_subscribe:
                yield _Demand(stream, requester({}))
    for index, subscription in enumerate(request.subscriptions):
        if wanted := by_name.get(subscription.stream):
            yield _Demand(wanted, requester(subscription.parameters), index, subscription.override_priority)
