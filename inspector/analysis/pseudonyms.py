"""Numbers in place of what a user's data tells, for what leaves the machine without it."""

from dataclasses import dataclass, field

from inspector.protocol.buckets import parse_bucket_name


@dataclass
class Pseudonyms:
    """The same text has the same number wherever it stands."""

    known: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, kind: str, text: str) -> str:
        """`id-3` for the third id that is asked for."""
        number = self.known.setdefault((kind, text), sum(each == kind for each, _ in self.known) + 1)
        return f"{kind}-{number}"

    def parameters(self, parameters: str) -> str:
        """`parameters-2`; nothing where there are none."""
        return "" if parameters in ("", "[]", "null") else self.of("parameters", parameters)

    def bucket(self, name: str) -> str:
        """A bucket's name with its parameters numbered."""
        parsed = parse_bucket_name(name)
        version = "" if parsed.version is None else f"{parsed.version}#"
        return f"{version}{parsed.stream}[{self.parameters(parsed.parameters)}]"
