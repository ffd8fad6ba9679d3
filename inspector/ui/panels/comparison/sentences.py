"""What the comparison panel says at its foot and where nothing differs."""

from PySide6.QtCore import QCoreApplication

from inspector.analysis.comparison import MOST_ROWS, Comparison
from inspector.analysis.fresh.buckets import ExplainedBucket
from inspector.analysis.fresh.comparison import FreshComparison
from inspector.analysis.fresh.rows import ExplainedRow
from inspector.protocol.buckets import parse_bucket_name
from inspector.words import thousands


def _tr(text: str) -> str:
    return QCoreApplication.translate("Comparison", text)


def same_words() -> tuple[str, str, str]:
    """Of rows, buckets and state: that they do not differ."""
    return (
        _tr("The rows are the same in both databases."),
        _tr("The buckets are the same in both databases."),
        _tr("The state is the same in both databases."),
    )


def listed_words(result: Comparison | FreshComparison | None) -> str:
    """That not all rows that differ are listed; empty where they are."""
    if result is None or result.rows_differ <= len(result.rows):
        return ""
    if isinstance(result, Comparison):
        return _tr("The first {0} rows are listed.").format(thousands(MOST_ROWS))
    return _tr("Of each cause the first rows are listed, {0} in all.").format(thousands(len(result.rows)))


def explained_words(record: object) -> str:
    """A row or bucket of a fresh comparison with its cause, as a sentence; empty for what has none."""
    match record:
        case ExplainedRow(difference, cause, why):
            return f"{difference.row_type} / {difference.row_id}, {cause}: {why}."
        case ExplainedBucket(bucket, cause, why):
            return f"{parse_bucket_name(bucket).short}, {cause}: {why}."
    return ""
