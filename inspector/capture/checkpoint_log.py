"""The checkpoints of a capture: in windows, and the one of a frame, an op id, a moment or a request."""

from inspector.capture.opening import OpenedCapture
from inspector.capture.outcome import Outcome
from inspector.capture.rows import CheckpointLine, CheckpointRow, columns_of

_CHECKPOINTS = f"SELECT {columns_of(CheckpointRow)} FROM checkpoints"
_CHECKPOINT_LINES = f"""
SELECT (SELECT count(*) FROM checkpoint_buckets b WHERE b.checkpoint = c.id AND b.checksum IS NOT NULL),
  (SELECT count(*) FROM checkpoint_buckets b WHERE b.checkpoint = c.id AND b.checksum IS NULL),
  {columns_of(CheckpointRow)}
FROM checkpoints c WHERE id >= ? ORDER BY id LIMIT ?
"""
_CHECKPOINT_OF_FRAME = """
SELECT c.id FROM checkpoints c JOIN frames f ON f.id = ?
WHERE c.received_at <= f.received_at + 1000000000 AND c.connection = f.connection AND c.frame <= f.id
ORDER BY c.received_at DESC LIMIT 1
"""
_LAST_FRAME = "SELECT id FROM frames WHERE received_at <= ? ORDER BY received_at DESC, id DESC LIMIT 1"


class CheckpointLog:
    """For use from one thread; raises CaptureError when the file turns out to be damaged."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened

    def rows(self, after: int = 0, limit: int = 1_000) -> list[CheckpointRow]:
        """Up to `limit` checkpoints with ids above `after`, oldest first."""
        return self._opened.rows(CheckpointRow, f"{_CHECKPOINTS} WHERE id > ? ORDER BY id LIMIT ?", after, limit)

    def count(self) -> int:
        """How many checkpoints there are: their ids are 1 … count."""
        return int(self._opened.scalar("SELECT coalesce(max(id), 0) FROM checkpoints"))

    def lines(self, first: int, count: int) -> list[CheckpointLine]:
        """Up to `count` checkpoints from id `first` on, in order, with how many buckets each changes."""
        return [
            CheckpointLine(CheckpointRow(*values), buckets, removed)
            for buckets, removed, *values in self._opened.ask(_CHECKPOINT_LINES, first, count)
        ]

    def of_frame(self, frame: int) -> int | None:
        """The id of the checkpoint that was the target when a frame came."""
        found: int | None = self._opened.scalar(_CHECKPOINT_OF_FRAME, frame)
        return found

    def newest(self) -> CheckpointRow | None:
        """The newest checkpoint."""
        return self._opened.first(CheckpointRow, f"{_CHECKPOINTS} ORDER BY id DESC LIMIT 1")

    def with_op_id(self, op_id: int) -> CheckpointRow | None:
        """The newest checkpoint with this op id."""
        return self._opened.first(CheckpointRow, f"{_CHECKPOINTS} WHERE op_id = ? ORDER BY id DESC LIMIT 1", op_id)

    def before(self, at: int) -> CheckpointRow | None:
        """The newest checkpoint that had come by `at`."""
        return self.of_frames_up_to(self._opened.scalar(_LAST_FRAME, at) or 0)

    def of_frames_up_to(self, last: int) -> CheckpointRow | None:
        """The newest checkpoint that had come with the frames up to `last`."""
        return self._opened.first(CheckpointRow, f"{_CHECKPOINTS} WHERE frame <= ? ORDER BY id DESC LIMIT 1", last)

    def beside(self, moment: int | None, chosen: int | None, by: int) -> CheckpointRow | None:
        """The checkpoint before (-1) or after (1) a moment (None: now), counted from the chosen id if it is of then."""
        at = None if chosen is None else self._opened.first(CheckpointRow, f"{_CHECKPOINTS} WHERE id = ?", chosen)
        if moment is not None and at is not None and moment in (at.decided_at, at.received_at):
            return self._opened.first(CheckpointRow, f"{_CHECKPOINTS} WHERE id = ?", at.id + by)
        last = 2**63 - 1 if moment is None else moment
        if by < 0:
            decided = "coalesce(published_at, validated_at, data_done_at, received_at) < ?"
            return self._opened.first(CheckpointRow, f"{_CHECKPOINTS} WHERE {decided} ORDER BY id DESC LIMIT 1", last)
        return self._opened.first(CheckpointRow, f"{_CHECKPOINTS} WHERE received_at > ? ORDER BY id LIMIT 1", last)

    def shown_before(self, at: int) -> CheckpointRow | None:
        """The checkpoint that the tables showed at `at`, as far as the capture goes back."""
        return self._opened.first(
            CheckpointRow, f"{_CHECKPOINTS} WHERE published_at <= ? ORDER BY published_at DESC, id DESC LIMIT 1", at
        )

    def shown_from(self, checkpoint: int) -> CheckpointRow | None:
        """The first checkpoint from this id on that the tables came to show."""
        shown = f"published_at IS NOT NULL AND outcome = '{Outcome.APPLIED}'"
        return self._opened.first(
            CheckpointRow, f"{_CHECKPOINTS} WHERE id >= ? AND {shown} ORDER BY id LIMIT 1", checkpoint
        )

    def request_seen_at(self, request: int) -> int | None:
        """When a checkpoint first confirmed this checkpoint request."""
        sql = "SELECT received_at FROM checkpoints WHERE write_checkpoint = ? ORDER BY id LIMIT 1"
        found = self._opened.scalar(sql, request)
        return None if found is None else int(found)
