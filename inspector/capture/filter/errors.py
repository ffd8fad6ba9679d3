"""What is wrong with a filter, and where."""

from inspector.protocol.errors import InspectorError


class FilterError(InspectorError):
    """A filter that cannot be understood; `column` is where, from 1, and `length` how many characters it is about."""

    def __init__(self, what: str, *, why: str = "", next_step: str = "", column: int = 1, length: int = 1) -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.column = column
        self.length = length
