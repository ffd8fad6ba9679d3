"""What a fault is: words for people, parameters, and where it strikes. Faults are data and a function each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from inspector.protocol.errors import InspectorError

Value: TypeAlias = int | str
Values: TypeAlias = Mapping[str, Value]


class FaultError(InspectorError):
    """A fault cannot be armed or lifted as asked."""


class Group(StrEnum):
    """Where in a picture of the connection a fault belongs."""

    NETWORK = "network"
    HTTP = "http"
    STREAM = "stream"
    DATA = "data"
    WRITES = "writes"
    PROXY = "proxy"


class Unit(StrEnum):
    """What is counted when a fault is armed for the next N."""

    FRAME = "frame"
    ANSWER = "answer"
    STREAM = "stream"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting of a fault. A number lies between `least` and `most`; a text is one of `choices` if there are any."""

    name: str
    title: str
    default: Value
    unit: str = ""
    least: int = 0
    most: int = 2**31 - 1
    choices: tuple[str, ...] = ()

    def checked(self, value: object) -> Value:
        """`value` as this parameter takes it, from text or a number; raises FaultError."""
        if isinstance(self.default, str):
            text = str(value)
            if self.choices and text not in self.choices:
                raise FaultError(f"“{text}” is no {self.title.lower()}.", next_step=f"Give {_or(self.choices)}.")
            return text
        try:
            number = int(str(value))
        except ValueError:
            raise FaultError(f"“{value}” is no {self.title.lower()}.", next_step="Give a whole number.") from None
        if not self.least <= number <= self.most:
            raise FaultError(
                f"{number} is out of range for {self.title.lower()}.",
                next_step=f"Give a number from {self.least} to {self.most}.",
            )
        return number


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can go wrong."""

    name: str
    title: str
    what: str
    """One sentence: what the service does."""
    expect: str
    """One sentence: what the client makes of it."""
    group: Group
    unit: Unit = Unit.FRAME
    parameters: tuple[Parameter, ...] = ()

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """All parameters, those not given with their defaults; raises FaultError."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise FaultError(
                    f"The fault “{self.title}” has no parameter “{name}”.",
                    next_step=f"It has {_and(tuple(known))}." if known else "It has none.",
                )
        return {
            parameter.name: parameter.checked(given.get(parameter.name, parameter.default))
            for parameter in self.parameters
        }


@dataclass(frozen=True, slots=True)
class Preset:
    """Several faults under one name, armed until off."""

    name: str
    title: str
    faults: Mapping[str, Values]


def _or(words: tuple[str, ...]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _and(words: tuple[str, ...]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
