"""What the area below the list says of the selected bucket. No Qt."""

from dataclasses import dataclass

from inspector.ui.bucket_state import Bucket, Check
from inspector.ui.panels.buckets.columns import hex_digits
from inspector.words import byte_size, plural, thousands


@dataclass(frozen=True, slots=True)
class AboutBucket:
    """The bucket's name, sentences about it, and its checksums in one line, which `broken` colours."""

    title: str
    sentences: str
    checksums: str
    broken: bool = False


def about_bucket(bucket: Bucket) -> AboutBucket:
    """What there is to say of `bucket`, as far as the files tell it."""
    sentences = " ".join(part for part in (_state(bucket), _cost(bucket), _content(bucket), _reason(bucket)) if part)
    return AboutBucket(bucket.name.short, sentences, _checksums(bucket), bucket.check is Check.MISMATCH)


def _state(bucket: Bucket) -> str:
    match bucket.check:
        case Check.MISMATCH:
            times = f" {plural(bucket.failures.count, 'time')}" if bucket.failures.count else ""
            return f"It did not match its checksum{times}."
        case Check.DOWNLOADING:
            total = bucket.expected.count if bucket.expected is not None else None
            if total is None or bucket.downloaded is None:
                return "Not all of it is downloaded."
            return f"{thousands(bucket.downloaded)} of {plural(total, 'operation')} are downloaded."
        case Check.EMPTY:
            return "It has no operations: its stream finds no rows for these parameters."
        case Check.VALID | Check.NOT_KNOWN:
            return _behind(bucket)


def _behind(bucket: Bucket) -> str:
    local = bucket.local
    if local is None:
        return ""
    if local.last_applied_op >= local.last_op:
        return f"Operations up to {local.last_op} are downloaded and shown."
    return f"Operations up to {local.last_op} are downloaded, and shown up to {local.last_applied_op}."


def _cost(bucket: Bucket) -> str:
    ratio, size = bucket.operations_a_row, bucket.local.downloaded_size if bucket.local is not None else None
    if ratio is None:
        return ""
    saved = f" about {byte_size(int(size * (1 - 1 / ratio)))} of" if size else ""
    return f"{ratio:.1f} operations a row: compacting would save{saved} the first sync."


def _content(bucket: Bucket) -> str:
    local = bucket.local
    if local is None or not local.row_types:
        return ""
    types = ", ".join(local.row_types[:4]) + (" and more" if len(local.row_types) > 4 else "")
    if local.data_bytes is None:
        return f"It holds {types}."
    return f"It holds {types}, {byte_size(local.data_bytes)} of row data."


def _reason(bucket: Bucket) -> str:
    """Why it is here, where that is more than a default stream."""
    asked = [why for why in bucket.brought_by if why != "default"]
    return f"It is here for the subscription {' and '.join(asked)}." if asked else ""


def _ours(bucket: Bucket) -> str:
    if bucket.our_checksum is not None:
        return hex_digits(bucket.our_checksum)
    return "not counted yet" if bucket.has_database else "not known"


def _checksums(bucket: Bucket) -> str:
    expected, ours = bucket.expected_checksum, bucket.our_checksum
    our_text = _ours(bucket)
    if expected is None:
        return f"ours {our_text} · expected is not in a file"
    if ours is None:
        return f"expected {hex_digits(expected)} · ours {our_text}"
    return f"expected {hex_digits(expected)} {'=' if expected == ours else '≠'} ours {our_text}"
