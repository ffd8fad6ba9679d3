"""What a row of a panel is about, and which other panels show it."""

from dataclasses import dataclass

from inspector.capture.happenings import HappeningKind, source_of
from inspector.ui.selection import OperationKey, RowKey, Selection


@dataclass(frozen=True, slots=True)
class Things:
    """One of each kind at most, as `Selection` has them; None where a row is about no such thing."""

    frame: int | None = None
    bucket: str | None = None
    operation: OperationKey | None = None
    row: RowKey | None = None
    checkpoint: int | None = None
    moment: int | None = None
    happening: int | None = None

    def choose(self, selection: Selection) -> None:
        """Select all of them, and leave the rest as it is."""
        if self.bucket is not None:
            selection.choose_bucket(self.bucket)
        if self.checkpoint is not None:
            selection.choose_checkpoint(self.checkpoint)
        if self.frame is not None:
            selection.choose_frame(self.frame)
        elif self.happening is not None:
            selection.choose_happening(self.happening)
        if self.operation is not None:
            selection.choose_operation(self.operation)
        if self.row is not None:
            selection.choose_row(self.row)
        if self.moment is not None:
            selection.choose_moment(self.moment)

    def restore(self, selection: Selection) -> None:
        """Select all of them, and nothing else."""
        selection.choose_frame(self.frame)
        selection.choose_happening(self.happening)
        # An operation brings its bucket along, but another bucket may have been chosen after it.
        selection.choose_operation(self.operation)
        selection.choose_bucket(self.bucket)
        selection.choose_row(self.row)
        selection.choose_checkpoint(self.checkpoint)
        selection.choose_moment(self.moment)

    def same_kinds_as(self, other: "Things") -> bool:
        """Whether it has things of the same kinds, whichever they are."""
        return all((mine is None) is (its is None) for mine, its in self._beside(other))

    def has_all_of(self, other: "Things") -> bool:
        """Whether it is `other`, perhaps with more to it."""
        return all(its is None or mine == its for mine, its in self._beside(other))

    def _beside(self, other: "Things") -> list[tuple[object, object]]:
        return [(getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__]

    def over(self, other: "Things") -> "Things":
        """These, and of the kinds that it has none of, those of `other`."""
        return Things(*(its if mine is None else mine for mine, its in self._beside(other)))  # type: ignore[arg-type]

    def panels(self) -> list[str]:
        """The panels that show any of them, the one that one would look at first in front."""
        kind = None if self.happening is None else source_of(self.happening)[0]
        places = (
            (self.row, "row"),
            (kind is HappeningKind.UPLOAD or None, "uploads"),
            (kind is HappeningKind.EVENT or None, "events"),
            (self.bucket, "buckets"),
            (self.checkpoint, "checkpoints"),
            (self.frame or self.happening, "frames"),
            (self.frame or self.happening, "detail"),
            (self.bucket, "checksums"),
            (self.row, "data"),
            (self.frame, "bytes"),
            (self.moment, "timeline"),
        )
        return [panel for thing, panel in places if thing is not None]


def things_in(selection: Selection) -> Things:
    """All that is selected."""
    return Things(
        selection.frame,
        selection.bucket,
        selection.operation,
        selection.row,
        selection.checkpoint,
        selection.moment,
        selection.happening,
    )
