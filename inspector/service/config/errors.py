"""What is wrong with a sync config, and where."""

from dataclasses import dataclass

from inspector.service.errors import ServiceError


class SyncConfigError(ServiceError):
    """The file is no sync config of ours; the sentence names file, line and construct."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the file, counted from 1."""

    file: str
    line: int

    def error(self, what: str, *, why: str = "", next_step: str = "") -> SyncConfigError:
        """`what` at this place."""
        return SyncConfigError(f"{self.file}, line {self.line}: {what}", why=why, next_step=next_step)
