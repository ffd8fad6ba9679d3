"""Values as they are written in a filter: numbers with units, times of day, rows."""

import re
from datetime import date, datetime, timedelta

from inspector.capture.filter.errors import FilterError
from inspector.capture.filter.fields import Field, FieldType
from inspector.capture.filter.syntax import Word
from inspector.words import NS, local_time

_LARGEST = 2**63 - 1
_NUMBER = re.compile(r"-?\d{1,19}")
_AMOUNT = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)", re.I)
_SECONDS = {"": NS, "s": NS, "ms": NS // 1000, "us": NS // 1_000_000, "min": 60 * NS, "h": 3600 * NS}
_BYTES = {"": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "kib": 1 << 10, "mib": 1 << 20}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](.+?))?(Z)?")


def number_of(field: Field, word: Word, first_at: int | None) -> int:
    """The value of `word` as the column of `field` counts: ns, bytes, or as it is; raises FilterError."""
    match field.type:
        case FieldType.TIME:
            return time_of(word, first_at)
        case FieldType.SECONDS:
            return _amount(field, word, _SECONDS)
        case FieldType.BYTES:
            return _amount(field, word, _BYTES)
        case _:
            if _NUMBER.fullmatch(word.text) and abs(int(word.text)) <= _LARGEST:
                return int(word.text)
            raise not_a_value(field, word)


def time_of(word: Word, first_at: int | None) -> int:
    """Local time as ns since the epoch; a time without a day is the first such time after the capture began.

    `first_at` is when the first frame came; without one it is today. Raises FilterError.
    """
    begun = local_time(first_at) if first_at is not None else datetime.now().astimezone()
    if (clock := _CLOCK.fullmatch(word.text)) is not None:
        at = _at_clock(begun.date(), clock, word)
        # A capture that began at 23:50 has 00:05 on its second day; one that is asked for a little before it
        # began means that, and not the next day.
        if first_at is not None and at < first_at and begun.hour - int(clock[1]) > 12:
            at = _at_clock(begun.date() + timedelta(days=1), clock, word)
        return at
    if (moment := _MOMENT.fullmatch(word.text)) is not None:
        day, rest, utc = moment.groups()
        clock = _CLOCK.fullmatch(rest or "00:00")
        if clock is not None:
            try:
                return _at_clock(date.fromisoformat(day), clock, word, utc=bool(utc))
            except ValueError:
                pass
    raise FilterError(
        f"“{word.text}” is no time.",
        next_step="Write it as 14:03, 14:03:38.2 or 2026-11-23T14:03:38.",
        column=word.column,
        length=word.length,
    )


def _at_clock(day: date, clock: re.Match[str], word: Word, *, utc: bool = False) -> int:
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    try:
        at = datetime(day.year, day.month, day.day, hour, minute, second)
    except ValueError as error:
        raise FilterError(
            f"There is no time {word.text}.",
            next_step="Write it as 14:03 or 14:03:38.2.",
            column=word.column,
            length=word.length,
        ) from error
    fraction = int((clock[4] or "").ljust(9, "0"))
    seconds = (at - datetime(1970, 1, 1)).total_seconds() if utc else at.timestamp()
    return int(seconds) * NS + fraction


def row_of(field: Field, word: Word) -> tuple[str, str]:
    """Table and id of `todos/42`; ids may contain slashes, tables not. Raises FilterError."""
    table, slash, row_id = word.text.partition("/")
    if not slash or not table:
        raise not_a_value(field, word)
    return table, row_id


def _amount(field: Field, word: Word, units: dict[str, int]) -> int:
    found = _AMOUNT.fullmatch(word.text)
    if found is None or found[2].lower() not in units:
        raise not_a_value(field, word)
    return min(max(round(float(found[1]) * units[found[2].lower()]), -_LARGEST), _LARGEST)


def not_a_value(field: Field, word: Word) -> FilterError:
    """`word` is nothing that `field` can be compared with."""
    return FilterError(
        f"“{word.text}” is no value of {field.name}.",
        why=f"At column {word.column} {field.type.value} is expected.",
        column=word.column,
        length=word.length,
    )
