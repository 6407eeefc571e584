"""What the compiler did, as plain data: terms, roundings, lints, utilisation.

Passes only append; nobody formats a number in a pass. The command line, the HTML
report and tests read it from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .core_use import CoreUse
from .step_cost import StepCost

TermStatus = Literal["exact", "approximated", "neuron-side", "host-assisted", "refused"]


@dataclass(frozen=True)
class TermReport:
    """What became of one term of an update."""

    connection: str
    target: str  # "w", "tag", ...
    term: str  # the term as the user wrote it, in text form
    status: TermStatus
    how: str  # "x0 * y1 * -3 * 2^-2", "computed by the neuron as y2"
    relative_error: float = 0.0
    where: str = ""  # file:line


@dataclass(frozen=True)
class Rounding:
    """A number that changed on its way to the chip."""

    parameter: str
    wanted: float
    got: float
    where: str = ""

    @property
    def relative_error(self) -> float:
        """(got - wanted) / wanted; infinite when zero became something."""
        if self.wanted == self.got:
            return 0.0
        return (self.got - self.wanted) / self.wanted if self.wanted else float("inf")


@dataclass(frozen=True)
class Finding:
    """A lint or note: code, severity, the rendered message."""

    code: str
    severity: Literal["warning", "note"]
    message: str
    where: str = ""


@dataclass(frozen=True)
class Usage:
    """How much of a chip's resource is taken; limit None means unverified."""

    resource: str
    used: float
    limit: float | None
    unit: str = ""
    source: str = ""

    @property
    def status(self) -> Literal["ok", "over", "unverified"]:
        """Never "ok" without a published limit."""
        if self.limit is None:
            return "unverified"
        return "ok" if self.used <= self.limit else "over"


@dataclass(frozen=True)
class RegisterRange:
    """What a register of a neuron has to hold, beside what it can.

    ``low`` to ``high`` at the assumed rate (arrivals within 4 standard deviations),
    ``worst_low`` to ``worst_high`` if every input spikes in every step.
    """

    population: str
    register: str
    kind: Literal["arrivals", "state", "output"]
    low: int
    high: int
    worst_low: int
    worst_high: int
    limit_low: int
    limit_high: int
    bounded: bool = True

    @property
    def status(self) -> Literal["fits", "fits at this rate", "may leave", "unknown"]:
        """Tell whether it fits: always, at the assumed rate only, or not even so.

        These are bounds, so what "may leave" need not (lints L02 to L04 know a run that
        does). "unknown": the register feeds itself in a way that nothing bounds.
        """
        if not self.bounded:
            return "unknown"
        if self.low < self.limit_low or self.high > self.limit_high:
            return "may leave"
        inside = self.limit_low <= self.worst_low and self.worst_high <= self.limit_high
        return "fits" if inside else "fits at this rate"


@dataclass(frozen=True)
class NeuronWork:
    """What each neuron of a population does in every step, spike or not.

    ``operations`` of its program, of which some look a table up or draw a random
    number; ``table_entries`` is what the core has to hold for all its neurons.
    """

    population: str
    operations: int
    lookups: int
    draws: int
    table_entries: int


@dataclass(frozen=True)
class Stage:
    """The rule as text after one pass, for reading and for --print-after."""

    name: str
    text: str


@dataclass(frozen=True)
class Report:
    """The sum of all logs of a compilation.

    ``cores`` is the floor plan, ``cost`` what a step takes at the assumed rate,
    ``registers`` what the neurons' registers have to hold, and ``neurons`` what their
    programs do in a step.
    """

    terms: tuple[TermReport, ...] = ()
    roundings: tuple[Rounding, ...] = ()
    findings: tuple[Finding, ...] = ()
    usage: tuple[Usage, ...] = ()
    stages: tuple[Stage, ...] = field(default=())
    cores: tuple[CoreUse, ...] = ()
    cost: StepCost | None = None
    registers: tuple[RegisterRange, ...] = ()
    neurons: tuple[NeuronWork, ...] = ()
