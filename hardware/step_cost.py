"""What a step costs, as plain data: parts, each with a figure from every publication.

costs.py fills it; reports and the command line show it. Dynamic, learning and static
energy stand apart, and a figure that nobody has published is None with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal[
    "simulated",  # before silicon: a lower bound
    "fitted",  # a model fitted to measurements of boards
    "measured",
    "vendor-stated",
    "extrapolated",  # beyond what its source says
    "unpublished",
]


@dataclass(frozen=True)
class Figure:
    """What one publication makes of a part; a source is the reason for a None."""

    table: str
    basis: Basis
    energy_pj: float | None
    time_ns: float | None
    energy_source: str
    time_source: str = ""


@dataclass(frozen=True)
class Cost:
    """One part of a mean step: how often it happens, and every publication's figure.

    The time of a part is that of the busiest core.
    """

    part: str
    count: float
    figures: tuple[Figure, ...]

    @property
    def energy_range(self) -> tuple[float, float] | None:
        """The lowest and the highest energy in pJ; None if there is none."""
        known = [f.energy_pj for f in self.figures if f.energy_pj is not None]
        return (min(known), max(known)) if known else None

    @property
    def time_range(self) -> tuple[float, float] | None:
        """The shortest and the longest time in ns; None if there is none."""
        known = [f.time_ns for f in self.figures if f.time_ns is not None]
        return (min(known), max(known)) if known else None


@dataclass(frozen=True)
class StepCost:
    """Energy and time of a mean step of a Program on its chip.

    activity
        Which spike rates it is for.
    dt_ns
        How long a step lasts in real time: what the static energy is for.
    parts
        What the dynamic sum is made of.
    dynamic
        Energy of spikes and neurons, without learning; how long a step takes.
    learning
        The same for learning, spread over the steps of an epoch; None: no rule.
    static
        Energy that the chips take in a step of dt whatever they do.
    """

    activity: str
    dt_ns: float
    chips: int
    cores: int
    parts: tuple[Cost, ...]
    dynamic: Cost
    static: Cost
    learning: Cost | None = None

    @property
    def sums(self) -> tuple[Cost, ...]:
        """The lines that belong together: dynamic, learning, static."""
        learning = () if self.learning is None else (self.learning,)
        return (self.dynamic, *learning, self.static)

    @property
    def energy_range(self) -> tuple[float, float] | None:
        """Everything together in pJ; None as soon as a part has no figure at all."""
        ranges = [cost.energy_range for cost in self.sums]
        known = [r for r in ranges if r is not None]
        if len(known) < len(ranges):
            return None
        return sum(low for low, _ in known), sum(high for _, high in known)
