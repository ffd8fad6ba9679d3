"""What a comparison came to, for who does not see the panel: as fields for a program, and as lines of text."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from inspector.analysis.comparison import BucketDifference, Comparison, RowDifference, StateDifference
from inspector.analysis.fresh.buckets import ExplainedBucket
from inspector.analysis.fresh.comparison import FreshComparison
from inspector.analysis.fresh.rows import ExplainedRow
from inspector.analysis.pseudonyms import Pseudonyms
from inspector.words import plural

_MOST_LINES = 50
_Row: TypeAlias = RowDifference | ExplainedRow
_Bucket: TypeAlias = BucketDifference | ExplainedBucket


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of the open client database, and with what: another file, or a fresh copy."""

    other: str
    result: Comparison | FreshComparison


def compared_fields(compared: Compared, names: Pseudonyms | None) -> dict[str, Any]:
    """All that is listed of it; with `names` without ids, values and parameters."""
    result = compared.result
    return {
        "with": compared.other if names is None else _kind(result),
        "sentence": result.sentence,
        "rows_compared": result.rows_compared,
        "rows_differ": result.rows_differ,
        "by_cause": {str(kind): count for kind, count in result.counts.items() if count},
        "rows": [_row(row, names) for row in result.rows],
        "buckets": [_bucket(bucket, names) for bucket in result.buckets],
        "state": [_state(fact, names) for fact in result.state],
    }


def compared_lines(compared: Compared) -> list[str]:
    """The sentence, and the first rows and buckets with why they differ; with ids and values."""
    result = compared.result
    told = [_row_words(row) for row in result.rows] + [_bucket_words(bucket) for bucket in result.buckets]
    lines = [f"Compared with {compared.other}", result.sentence, *(f"- {each}" for each in told[:_MOST_LINES])]
    if len(told) > _MOST_LINES:
        lines.append(f"{plural(len(told) - _MOST_LINES, 'more difference')} in comparison.json.")
    return lines


def _kind(result: Comparison | FreshComparison) -> str:
    return "a fresh copy" if isinstance(result, FreshComparison) else "another client database"


def _row(row: _Row, names: Pseudonyms | None) -> dict[str, Any]:
    difference = row.difference if isinstance(row, ExplainedRow) else row
    cause = {"cause": str(row.cause)} if isinstance(row, ExplainedRow) else {}
    told = {"type": difference.row_type, **cause, "side": str(difference.side)}
    if names is not None:
        return {
            **told,
            "id": names.of("id", difference.row_id),
            "columns": [name for name, _, _ in difference.columns],
        }
    why = {"why": row.why} if isinstance(row, ExplainedRow) else {}
    columns = {name: {"here": here, "there": there} for name, here, there in difference.columns}
    return {**told, **why, "id": difference.row_id, "columns": columns}


def _bucket(bucket: _Bucket, names: Pseudonyms | None) -> dict[str, str]:
    name = bucket.bucket if names is None else names.bucket(bucket.bucket)
    if isinstance(bucket, ExplainedBucket):
        why = {} if names is not None else {"why": bucket.why}
        return {"bucket": name, "cause": str(bucket.cause), **why, "here": bucket.here, "there": bucket.fresh}
    return {"bucket": name, "side": str(bucket.side), "here": bucket.here, "there": bucket.there}


def _state(fact: StateDifference, names: Pseudonyms | None) -> dict[str, str]:
    return {"what": fact.what} if names is not None else {"what": fact.what, "here": fact.here, "there": fact.there}


def _row_words(row: _Row) -> str:
    difference = row.difference if isinstance(row, ExplainedRow) else row
    columns = ", ".join(f"{name}: {here or 'null'} ≠ {there or 'null'}" for name, here, there in difference.columns)
    cause = f"{row.cause}: {row.why}" if isinstance(row, ExplainedRow) else str(difference.side)
    return f"{difference.row_type} / {difference.row_id}, {cause}{f' ({columns})' if columns else ''}"


def _bucket_words(bucket: _Bucket) -> str:
    if isinstance(bucket, ExplainedBucket):
        return f"{bucket.bucket}, {bucket.cause}: {bucket.why}"
    return f"{bucket.bucket}, {bucket.side}: {bucket.here or 'nothing'} here, {bucket.there or 'nothing'} there"
