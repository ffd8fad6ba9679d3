"""Whose doing a change is: lists and headers tell of those by hand as of those by program."""

from types import TracebackType


class ByProgram:
    """True in its `with` block, also in one within another: what changes there is not the user's doing."""

    def __init__(self) -> None:
        self._depth = 0

    def __bool__(self) -> bool:
        return self._depth > 0

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._depth -= 1
