"""A bucket of a client database beside the fresh one: the same, behind it, or not what a sound client can have."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from inspector.analysis.comparison import bucket_words
from inspector.analysis.pending_writes import fields_of
from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import BucketRow, Operation
from inspector.words import plural

_PAGE = 2_000


class BucketCause(StrEnum):
    """Why a bucket is not the same; the first is explained by nothing."""

    DAMAGED = "does not match"
    AHEAD = "ahead of the service"
    BEHIND = "behind"
    NOT_SHOWN = "not shown yet"
    NO_LONGER_SENT = "no longer sent"
    NEVER_DOWNLOADED = "never downloaded"

    @property
    def explained(self) -> bool:
        """Whether a sound client can be in this state."""
        return self is not BucketCause.DAMAGED


@dataclass(frozen=True, slots=True)
class ExplainedBucket:
    """A bucket that is not the same, with the cause of that; `why` is a sentence without its full stop."""

    bucket: str
    cause: BucketCause
    why: str
    here: str
    fresh: str


@dataclass(slots=True)
class _Tally:
    """Operations that are not in both: sent since the file's last, lacking before that, other, and only here."""

    newer: int = 0
    lost: int = 0
    altered: int = 0
    only_here: int = 0


def explain_buckets(
    here: ClientDatabaseReader, fresh: ClientDatabaseReader, go_on: Callable[[], bool]
) -> Iterator[ExplainedBucket]:
    """All buckets that are not the same, by name; stops when `go_on` says so. Raises ReadError."""
    own, other = ({it.name: it for it in reader.buckets()} for reader in (here, fresh))
    newest = max((bucket.last_op for bucket in own.values()), default=0)
    for name in sorted(own.keys() | other.keys()):
        if not go_on():
            return
        one, two = own.get(name), other.get(name)
        if one is None or two is None:
            cause, why = _only_one(one)
        else:
            found = _cause(here, fresh, one, two, newest, go_on)
            if found is None:
                continue
            cause, why = found
        sums = one is not None and two is not None and one.last_op == two.last_op
        yield ExplainedBucket(name, cause, why, bucket_words(one, sums), bucket_words(two, sums))


def _only_one(here: BucketRow | None) -> tuple[BucketCause, str]:
    if here is None:
        return BucketCause.NEVER_DOWNLOADED, "the service sends it now; this file has never had it"
    return (
        BucketCause.NO_LONGER_SENT,
        "the service does not send it to this user now: other streams or parameters, or no access any more",
    )


def _cause(
    here: ClientDatabaseReader,
    fresh: ClientDatabaseReader,
    one: BucketRow,
    two: BucketRow,
    newest: int,
    go_on: Callable[[], bool],
) -> tuple[BucketCause, str] | None:
    try:
        sums = here.own_sums(one.name)
    except ReadError:
        return BucketCause.DAMAGED, "not all of its operations can be read: pages of the file are damaged"
    if one.checksum == two.checksum and sums.agree:
        if here.operations(one.name, one.last_applied_op, 1):
            held = f"operations after {one.last_applied_op} are downloaded and not shown"
            return BucketCause.NOT_SHOWN, held
        return None
    if one.last_op > two.last_op:
        return BucketCause.AHEAD, f"the service is at {two.last_op}: it may have been set up anew since"
    behind = two.last_op > one.last_op
    tally = _compare(here, fresh, one, go_on)
    wrong = [f"{plural(tally.lost, 'operation')} lost"] if tally.lost else []
    wrong += [f"{plural(tally.altered, 'operation')} altered"] if tally.altered else []
    wrong += (
        [f"{plural(tally.only_here, 'operation')} that the service has not"] if tally.only_here and not behind else []
    )
    wrong += [] if sums.agree else ["its stored checksum is not that of its operations"]
    if not wrong and not behind:
        wrong = ["its operations are the service's, its stored checksum is not"]
    if wrong:
        return BucketCause.DAMAGED, f"{', '.join(wrong)}, up to operation {one.last_op}"
    others = f", while other buckets of this file end at {newest}" if one.last_op < newest else ""
    changed = [f"{plural(tally.newer, 'newer operation')}"] if tally.newer else []
    changed += [f"{plural(tally.only_here, 'operation')} replaced or removed"] if tally.only_here else []
    told = " and ".join(changed) or "operations that left no row"
    return BucketCause.BEHIND, f"{told} since {one.last_op}{others}"


def _compare(
    here: ClientDatabaseReader, fresh: ClientDatabaseReader, bucket: BucketRow, go_on: Callable[[], bool]
) -> _Tally:
    """Both buckets' operations by their op ids, merged."""
    tally = _Tally()
    own, other = _operations(here, bucket.name, go_on), _operations(fresh, bucket.name, go_on)
    one, two = next(own, None), next(other, None)
    while one is not None or two is not None:
        if two is None or (one is not None and one.op_id < two.op_id):
            tally.only_here += 1
            one = next(own, None)
        elif one is None or two.op_id < one.op_id:
            if two.op_id > bucket.last_op:
                tally.newer += 1
            else:
                tally.lost += 1
            two = next(other, None)
        else:
            tally.altered += one.checksum != two.checksum or _other_data(one, two)
            one, two = next(own, None), next(other, None)
    return tally


def _other_data(one: Operation, two: Operation) -> bool:
    return one.data != two.data and fields_of(one.data) != fields_of(two.data)


def _operations(reader: ClientDatabaseReader, bucket: str, go_on: Callable[[], bool]) -> Iterator[Operation]:
    """The PUTs that are in force."""
    after = 0
    while go_on() and (page := reader.operations(bucket, after, _PAGE)):
        yield from (each for each in page if each.op == "PUT" and not each.superseded)
        after = page[-1].op_id
