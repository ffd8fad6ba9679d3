"""What the client did between frames, as far as a capture tells: what it takes to replay one, beside the frames."""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from inspector.capture.opening import OpenedCapture
from inspector.capture.outcome import Outcome, UploadOutcome

_HELD_AT_FIRST = f"outcome = '{Outcome.APPLIED}' AND reason <> ''"
_SHOWN_LATE = f"SELECT published_at FROM checkpoints WHERE {_HELD_AT_FIRST} AND published_at > ? AND published_at <= ?"
_HELD_LINES = f"SELECT frame FROM checkpoints WHERE {_HELD_AT_FIRST} AND frame > ?"
_WRITTEN = "SELECT at, writes FROM local_writes WHERE at > ? AND at <= ?"
_LEFT_THE_QUEUE = f"""
SELECT ended_at, tx_id, outcome = '{UploadOutcome.DISCARDED}' FROM uploads
WHERE outcome IN ('{UploadOutcome.ACCEPTED}', '{UploadOutcome.DISCARDED}') AND ended_at > ? AND ended_at <= ?
"""
_LAST_FRAME = "SELECT id FROM frames WHERE received_at <= ? ORDER BY received_at DESC, id DESC LIMIT 1"
_SHOWN_AFTER = """
SELECT frame FROM checkpoints
WHERE id = (SELECT max(id) FROM checkpoints WHERE frame <= ?1)
  AND iif(reason = '', coalesce(published_at, validated_at), validated_at) > ?2
"""
_COMPLETED = "SELECT max(id) FROM frames WHERE id > ? AND id <= ? AND kind = 'checkpoint_complete'"
_BECAME = """
SELECT coalesce(published_at, validated_at, data_done_at,
  (SELECT received_at FROM frames f WHERE f.id >= c.frame AND f.connection = c.connection
    AND f.id < coalesce((SELECT n.frame FROM checkpoints n WHERE n.id = c.id + 1), f.id + 1)
    ORDER BY f.id DESC LIMIT 1))
FROM checkpoints c WHERE id = ?
"""


class ShownLate(Struct, frozen=True):
    """The checkpoint that was held is shown; `at` in ns since the Unix epoch, as in all acts."""

    at: int


class WrittenLocally(Struct, frozen=True):
    """A local transaction; `writes` is a JSON array of local writes, None where the capture does not hold them."""

    at: int
    writes: str | None


class LeftQueue(Struct, frozen=True):
    """A transaction left the upload queue, because the backend took it or because it was discarded."""

    at: int
    tx_id: int | None
    discarded: bool


ClientAct: TypeAlias = ShownLate | WrittenLocally | LeftQueue


class ClientActs:
    """Reads the acts of a capture."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened

    @property
    def has_local_writes(self) -> bool:
        """Whether local writes were recorded: captures before version 5 do not have them."""
        return bool(self._opened.ask("SELECT 1 FROM sqlite_schema WHERE name = 'local_writes'"))

    def between(self, after: int, until: int) -> list[ClientAct]:
        """What was done after `after`, up to `until`, in order of time."""
        acts: list[ClientAct] = [ShownLate(at) for (at,) in self._opened.ask(_SHOWN_LATE, after, until)]
        if self.has_local_writes:
            acts += [WrittenLocally(at, writes) for at, writes in self._opened.ask(_WRITTEN, after, until)]
            acts += [
                LeftQueue(at, tx_id, bool(discarded))
                for at, tx_id, discarded in self._opened.ask(_LEFT_THE_QUEUE, after, until)
            ]
        return sorted(acts, key=lambda act: act.at)

    def newest(self, until: int) -> int:
        """When the last act up to `until` was; 0 where there was none."""
        found = self._opened.ask(
            f"SELECT max(published_at) FROM checkpoints WHERE published_at <= ? AND {_HELD_AT_FIRST}", until
        )
        if self.has_local_writes:
            found += self._opened.ask("SELECT max(at) FROM local_writes WHERE at <= ?", until)
            found += self._opened.ask("SELECT max(ended_at) FROM uploads WHERE ended_at <= ?", until)
        return max((at for (at,) in found if at is not None), default=0)

    def unknown_writes(self, until: int) -> int:
        """How many local transactions there were up to `until` of which it is not known what they wrote."""
        if not self.has_local_writes:
            return 0
        sql = "SELECT count(*) FROM local_writes WHERE at <= ? AND writes IS NULL"
        return int(self._opened.ask(sql, until)[0][0])

    def held_at_first(self, after: int) -> Iterator[int]:
        """The first lines of checkpoints that were held and shown later, after a frame."""
        return (int(frame) for (frame,) in self._opened.ask(_HELD_LINES, after))

    def first_shown_in(self, connection: int) -> int | None:
        """When a connection, or one after it, showed its first checkpoint."""
        sql = "SELECT min(published_at) FROM checkpoints WHERE connection >= ?"
        found: int | None = self._opened.ask(sql, connection)[0][0]
        return found

    def last_frame(self, at: int) -> int:
        """The newest frame that the client was done with at `at`; 0 where there was none."""
        found = self._opened.ask(_LAST_FRAME, at)
        last = int(found[0][0]) if found else 0
        for (line,) in self._opened.ask(_SHOWN_AFTER, last, at):
            # Its line had come, and the client was still at work on it.
            ((completed,),) = self._opened.ask(_COMPLETED, line, last)
            last = last if completed is None else int(completed) - 1
        return last

    def became_at(self, checkpoint: int) -> int | None:
        """When it was decided what became of a checkpoint (by its id): shown at the latest."""
        found = self._opened.ask(_BECAME, checkpoint)
        return found[0][0] if found else None
