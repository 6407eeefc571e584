"""Whether an energy may be called that of a chip: the lint of cost figures.

In: what a step costs. Out: a warning where a sum would leave out what nobody has
published, and would be read as the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .step_cost import Cost, StepCost


@dataclass(frozen=True)
class EnergyIsNotPublished(Diagnostic):
    """An energy was asked for that cannot be told from public numbers.

    Either no energy of the chip's operations is public (Loihi 2: only measurements of
    whole applications on boards are, and no ratio to Loihi 1), or its idle power is
    not. Static power is most of what a Loihi takes at 1 ms a step, so a dynamic energy
    alone says little about a device and invites wrong comparisons.
    """

    code = "L26"
    severity = "warning"
    title = "{chip}: {problem}"
    note = "{reason}"
    help = "{advice}"

    chip: str
    problem: str
    reason: str
    advice: str


def energy_claims(cost: StepCost, chip: str) -> Iterator[Diagnostic]:
    """Yield what keeps the energies of a step from being a chip's energy."""
    if cost.dynamic.energy_range is None:
        yield EnergyIsNotPublished(
            chip,
            "no energy of its operations is published",
            _reason(cost.parts[0]) if cost.parts else _reason(cost.dynamic),
            "measure a board, or describe the chip with numbers of your own",
        )
    elif cost.static.energy_range is None:
        yield EnergyIsNotPublished(
            chip,
            "its dynamic energy is not its energy: static power is unpublished",
            _reason(cost.static),
            "give `idle_power` in the chip file, or say that static power is left out",
        )


def _reason(cost: Cost) -> str:
    sources = dict.fromkeys(figure.energy_source for figure in cost.figures)
    return "; ".join(sources) or "its description has no table of energies"
