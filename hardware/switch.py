"""A switch of a numerics profile: what it decides, who decides it how, and why.

Where public sources about the chip disagree, lahar does not choose silently: each
disagreement is a switch, and each value of it says who computes so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

SwitchValue: TypeAlias = str | int | None
"""True and False count as integers; their texts are ``yes`` and ``no``."""

Trust = Literal["high", "medium", "low", "ours"]


@dataclass(frozen=True)
class Meaning:
    """What a value of a switch does, and which public implementations do so."""

    value: SwitchValue
    what: str
    who: str


@dataclass(frozen=True)
class Reason:
    """Why a profile has its value.

    trust
        ``high``: measured, or sources agree, or it is the very code that the profile
        stands for; ``medium``: one source; ``low``: a source that others contradict;
        ``ours``: nothing is published, and this is lahar's documented choice.
    """

    source: str
    trust: Trust


@dataclass(frozen=True)
class Switch:
    """One field of a Profile.

    meanings
        The values that somebody computes with.
    reasons
        Profile name to why it has its value.
    others
        Integers (lowest, highest) that are possible too; None: no others.
    """

    name: str
    what: str
    meanings: tuple[Meaning, ...]
    reasons: Mapping[str, Reason]
    others: tuple[int, int] | None = None

    def parse(self, text: str) -> SwitchValue:
        """Read a value from its text; ValueError if the switch cannot have it."""
        for meaning in self.meanings:
            if text == value_text(meaning.value):
                return meaning.value
        if self.others is not None:
            number = int(text)
            if self.others[0] <= number <= self.others[1]:
                return number
        raise ValueError(text)

    def possible(self) -> str:
        """List the values in words."""
        named = ", ".join(f"`{value_text(m.value)}`" for m in self.meanings)
        if self.others is None:
            return named
        return f"{named}, or an integer of {self.others[0]} to {self.others[1]}"


def value_text(value: SwitchValue) -> str:
    """Write a value as a variant of a profile names it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
