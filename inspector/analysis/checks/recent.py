"""What checks of a capture look at: all that a file has, and of a session that goes on what is recent."""

from collections.abc import Callable, Iterator

from inspector.analysis.finding_types import Find, Finding, Material, capture_of
from inspector.analysis.situations import Live
from inspector.capture.rows import CheckpointRow, ConnectionRow, UploadRow

AT_ONCE_S = 0.03
"""Processor time after which a check that goes through all of a client database waits for its next turn."""
_MOST = 100_000
_CONNECTIONS, _CHECKPOINTS, _UPLOADS = 200, 1_000, 500
"""So many are recent: a session of days is looked at again and again."""


def connections(material: Material) -> list[ConnectionRow]:
    """The connections, oldest first."""
    return capture_of(material).connections(_CONNECTIONS if _goes_on(material) else _MOST)


def checkpoints(material: Material) -> list[CheckpointRow]:
    """The checkpoints, oldest first."""
    log = capture_of(material).checkpoints
    return log.rows(max(0, log.count() - _CHECKPOINTS)) if _goes_on(material) else log.rows(limit=_MOST)


def uploads(material: Material) -> list[UploadRow]:
    """The attempts to upload, oldest first."""
    log = capture_of(material).uploads
    return log.newest(_UPLOADS)[::-1] if _goes_on(material) else log.rows(limit=_MOST)


def once(follow: Callable[[], Find]) -> Find:
    """The `find` of a check that remembers, for a file that is looked at once."""

    def find(material: Material) -> Iterator[Finding]:
        yield from follow()(material)

    return find


def _goes_on(material: Material) -> bool:
    return isinstance(material.situation, Live)
