"""What users say about frames: a mark, a comment. The only part of a capture that does not come from the wire."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct


class Annotation(Struct, frozen=True):
    """A frame that is marked, commented, or both."""

    marked: bool = False
    comment: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether it need not be kept."""
        return not self.marked and not self.comment


Annotations: TypeAlias = Mapping[int, Annotation]
"""By the frames' ids."""
