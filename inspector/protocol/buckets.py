"""A bucket's name, taken apart: `1#my_todos|0["list-1"]` is stream `my_todos` with parameters `["list-1"]`."""

import re
from dataclasses import dataclass

_NAME = re.compile(
    r"^(?:(?P<version>\d+)#)?(?P<stream>[^|\[]+)(?:\|(?P<variant>[^\[]*))?(?P<parameters>\[.*\])?$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class BucketName:
    """The parts of a bucket's name; `version` grows when the sync config is deployed anew."""

    full: str
    version: int | None
    stream: str
    variant: str
    """Which of the stream's queries the bucket is for; empty when the name does not tell."""
    parameters: str
    """JSON text of the evaluated parameters, `[]` when there are none, empty when the name has another form."""

    @property
    def short(self) -> str:
        """What people read: the stream and its parameters."""
        return f"{self.stream}{self.parameters}"


def parse_bucket_name(name: str) -> BucketName:
    """The parts of `name`; a name of another form is all stream."""
    match = _NAME.match(name)
    if match is None:
        return BucketName(name, None, name, "", "")
    version = match["version"]
    return BucketName(
        name, int(version) if version else None, match["stream"], match["variant"] or "", match["parameters"] or ""
    )
