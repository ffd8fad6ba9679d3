"""The root of our errors: each says what happened, why, and what to do next."""


class InspectorError(Exception):
    """A failure that a person is told about.

    `what` is a whole sentence with the subject first; `why` gives the cause and `next_step` what helps, each a
    whole sentence or empty. `str()` joins the three.
    """

    def __init__(self, what: str, *, why: str = "", next_step: str = "") -> None:
        self.what = what
        self.why = why
        self.next_step = next_step
        super().__init__(what)

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.next_step) if part)


class ProtocolError(InspectorError):
    """The service sent something that the protocol does not allow (protocol §2)."""
