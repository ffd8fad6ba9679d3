"""Colour rules: frames that meet a filter are tinted. The first rule that a frame meets counts."""

from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QSettings

from inspector.capture.filter import CompiledFilter, FilterError, compile_filter
from inspector.ui.theme import Colour

_SETTING = "frames/colour-rules"

COLOURS = {
    Colour.BROKEN: "red",
    Colour.HELD: "orange",
    Colour.FAULT: "yellow",
    Colour.FINE: "green",
    Colour.PARTIAL: "teal",
    Colour.ACCENT: "blue",
    Colour.CHECKPOINT: "violet",
    Colour.IDLE: "grey",
}
"""The colours that a rule may have, and what people call them."""


class ColourRule(msgspec.Struct, frozen=True):
    """A name, a filter, the name of a colour in the table; one that is switched off is kept."""

    name: str
    filter: str
    colour: str = Colour.ACCENT.name
    enabled: bool = True

    @property
    def tint(self) -> Colour:
        """The colour; blue where the table has none of that name."""
        return next((colour for colour in COLOURS if colour.name == self.colour), Colour.ACCENT)


DEFAULT_RULES = (
    ColourRule("Errors", "error", Colour.BROKEN.name),
    ColourRule("Held by uploads", "held", Colour.HELD.name),
    ColourRule("Marked", "marked", Colour.ACCENT.name),
)


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule that is in force, ready to be asked."""

    rule: ColourRule
    condition: CompiledFilter


def load_rules(settings: QSettings) -> list[ColourRule]:
    """The user's rules, or those that come with the program."""
    try:
        return msgspec.json.decode(str(settings.value(_SETTING)), type=list[ColourRule])
    except msgspec.MsgspecError:
        return list(DEFAULT_RULES)


def save_rules(settings: QSettings, rules: list[ColourRule]) -> None:
    """Remember these."""
    settings.setValue(_SETTING, msgspec.json.encode(rules).decode())


def active_rules(rules: list[ColourRule], first_at: int | None) -> list[ActiveRule]:
    """Those that are switched on and can be understood."""
    active = []
    for rule in rules:
        try:
            if rule.enabled:
                active.append(ActiveRule(rule, compile_filter(rule.filter, first_at=first_at)))
        except FilterError:
            continue
    return active
