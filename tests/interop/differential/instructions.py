"""What both clients are told and say, in words that can be compared."""

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

Instruction: TypeAlias = tuple[str, Any]
"""`request` with its body, `credentials` with when they are needed, `synced`, `close`, `error`, `refused` (a write)."""


@dataclass
class Clock:
    """The time for both, in µs since the Unix epoch."""

    now_us: int = 1_750_000_000_000_000


def compact(value: Any) -> str:
    """JSON as JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def endings(instructions: list[Instruction]) -> list[Instruction]:
    """Without the words of errors, which differ."""
    return [(kind, None) if kind in ("error", "refused") else (kind, what) for kind, what in instructions]
