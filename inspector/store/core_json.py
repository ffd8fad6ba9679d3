"""JSON as the native core of the official clients reads and writes it, so that what we store is the same to the byte.

Its numbers are those of serde_json without `float_roundtrip`: of some doubles the last digit changes.
"""

import json
import re
from math import isinf
from typing import Any

import msgspec

_PLAIN_INTEGERS = range(-(2**63), 2**64)
_LARGEST_SIGNIFICAND = 2**64 - 1
_MOST_DIGITS = len(str(_LARGEST_SIGNIFICAND))
_LARGEST_POWER = 308
_POSITIVE_EXPONENT = re.compile(rb'"(?:[^"\\]|\\.)*"|(?<=[0-9])e(?=[0-9])')


def as_core_writes(value: Any) -> str:
    """A JSON value as text: `1e+17` where others write `1e17`."""
    text = msgspec.json.encode(value)
    if b"e" in text:
        text = _POSITIVE_EXPONENT.sub(lambda found: b"e+" if found[0] == b"e" else found[0], text)
    return text.decode()


def as_core_reads(text: str | bytes) -> Any:
    """JSON text as values, the fields of objects in order of name; raises ValueError."""
    return json.loads(text, parse_int=_integer, parse_float=double, object_pairs_hook=_sorted)


def double(number: str) -> float:
    """A JSON number as a double; raises ValueError where none is large enough."""
    mantissa, _, power = number.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    counted = digits[:_MOST_DIGITS]
    if int(counted or "0") > _LARGEST_SIGNIFICAND:
        counted = counted[:-1]
    value = _scaled(int(counted or "0"), int(power or 0) - len(fraction) + len(digits) - len(counted))
    if isinf(value):
        raise ValueError(f"{number} is out of range")
    return -value if number.startswith("-") else value


def _scaled(significand: int, exponent: int) -> float:
    value = float(significand)
    while value and exponent < -_LARGEST_POWER:
        value /= 1e308
        exponent += _LARGEST_POWER
    if exponent > _LARGEST_POWER:
        return value and float("inf")
    return value * float(f"1e{exponent}") if exponent >= 0 else value / float(f"1e{-exponent}")


def _integer(digits: str) -> int | float:
    value = int(digits)
    return double(digits) if value not in _PLAIN_INTEGERS or digits == "-0" else value


def _sorted(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(sorted(dict(fields).items()))
