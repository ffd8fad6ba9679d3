"""What the checksums panel says where a table is empty."""

from PySide6.QtCore import QCoreApplication

from inspector.analysis.state import NothingOpen, Opening, Unreadable
from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.feed import Feed
from inspector.ui.panels.checksums.checking import Checking


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChecksumsPanel", text)


def why_no_buckets(buckets: BucketLoader, feed: Feed) -> str:
    """Why no bucket is shown."""
    if buckets.problem:
        return buckets.problem
    match feed.situation:
        case NothingOpen():
            return _tr(
                "Each bucket's checksum appears here beside the announced one. Connect, start the demo, or open a file."
            )
        case Opening():
            return _tr("The file is being opened.")
        case Unreadable():
            return _tr("No checksums are shown, because the file cannot be opened.")
    if buckets.snapshot is None:
        return _tr("The buckets are being read.")
    return feed.files.no_database or _tr("No bucket is known yet.")


def why_no_history(bucket: str | None, feed: Feed) -> str:
    """Why nothing is known of what checkpoints said of a bucket."""
    if feed.files.capture is None:
        return _tr("A client database keeps the sums of now only. A capture has what each checkpoint announced.")
    if bucket is None:
        return _tr("Select a bucket to see what each checkpoint announced, and our verdict.")
    return _tr("No checkpoint of this capture names the bucket.")


def why_no_bad(checking: Checking, bucket: str | None) -> str:
    """Why no operation with a wrong checksum is shown."""
    if checking.running:
        return _tr("The operations are being checked.")
    checks = checking.checks.get(bucket or "")
    if checks is None:
        return _tr(
            "No client checks this: whether each operation has the checksum of its own content. "
            "“Check operations” does it for this bucket."
        )
    return checks.sentence
