"""What every broken limit of a chip says: the value, the limit and who published it.

In: a chip's value and what exceeded it. Out: a diagnostic. The limits themselves are
the functions of learning_limits, synapse_limits and neuron_limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ..diagnostics import Diagnostic
from .chip import Chip, Value


@dataclass(frozen=True)
class LimitExceeded(Diagnostic):
    """A Program asks for more than a chip has. Subclasses say which limit it is."""

    note = "{chip} has {limit} (source: {source}; trust: {trust})"

    where: str
    value: str
    limit: str
    chip: str
    source: str
    trust: str


L = TypeVar("L", bound=LimitExceeded)


def exceeded(
    kind: type[L], where: str, value: object, chip: Chip, limit: Value[object]
) -> L:
    """Fill a diagnostic from the chip's own words about the limit."""
    return kind(
        where=where,
        value=str(value),
        limit=f"{describe(limit.value)} {limit.unit}".strip(),
        chip=chip.name,
        source=limit.source,
        trust=limit.trust,
    )


def describe(content: object) -> str:
    """Write a limit: ranges as ``-8 to 7``, choices as a list."""
    if isinstance(content, tuple):
        if len(content) == 2 and all(isinstance(n, int) for n in content):
            return f"{content[0]} to {content[1]}"
        return ", ".join(str(n) for n in content) or "none"
    return str(content)


def holds(limits: tuple[int, int], value: int) -> bool:
    """Tell whether a value lies in [low, high]."""
    return limits[0] <= value <= limits[1]
