"""What a row of a panel is about, and which other panels show it."""

from dataclasses import dataclass

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

    def choose(self, selection: Selection) -> None:
        """Select all of them, and leave the rest as it is."""
        if self.bucket is not None:
            selection.choose_bucket(self.bucket)
        if self.checkpoint is not None:
            selection.choose_checkpoint(self.checkpoint)
        if self.frame is not None:
            selection.choose_frame(self.frame)
        if self.operation is not None:
            selection.choose_operation(self.operation)
        if self.row is not None:
            selection.choose_row(self.row)
        if self.moment is not None:
            selection.choose_moment(self.moment)

    def panels(self) -> list[str]:
        """The panels that show any of them, the one that one would look at first in front."""
        places = (
            (self.row, "row"),
            (self.bucket, "buckets"),
            (self.checkpoint, "checkpoints"),
            (self.frame, "frames"),
            (self.frame, "detail"),
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
    )
