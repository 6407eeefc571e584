"""The loops over a row whose post events were put off (kernel_deferral.py).

Lanes are side by side, an element for each synapse of the row or for some of them:
where a loop over them has no branch and no look-up it becomes vector instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final

from ..hardware.learning import Product, Target
from .kernel_expressions import Ranged, literal, variable
from .kernel_listed_passes import LanedRowPass
from .kernel_passes import ARRAYS, BIT, LOCALS, AbstractPass, local_of

TRACE = (0, 255)


@final
@dataclass(frozen=True)
class EventPass(AbstractPass):
    """An event of each synapse in lanes, ``passed`` steps after the last visit.

    It changes what it would have changed at its own step: the pre trace is that of the
    step, replayed for the row, and so is the random number.

    ending
        What the names of these lanes end with.
    """

    ending: str = "lane"

    def sees(self, product: Product) -> bool:
        return product.gate == "y0"

    def gate(self, name: str) -> Ranged:
        # a row in which the pre neuron spiked was visited in that step
        return literal(1 if name == "y0" else 0)

    def known(self, k: int) -> Ranged | None:
        return None

    def varies(self, text: str) -> bool:
        return "[n]" in text or any(name in text for name in LOCALS.values())

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        return variable(self.lane(name), *TRACE)

    def lane(self, name: str) -> str:
        """Name what a synapse has in a lane."""
        return f"{name}_{self.ending}[n]"

    def place(self) -> str:
        return f"np.int64({self.lane('j')}) * pres + i"

    def time(self) -> str:
        return f"seen + np.int64({self.lane('passed')})"

    def reads(self) -> Iterator[str]:
        for name in self.storage:
            yield f"{local_of(name)} = np.int32({self.lane(name)})"

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        yield f"{self.lane(ARRAYS[target])} = new"


@final
@dataclass(frozen=True)
class WholeRowPass(LanedRowPass):
    """The phase of the step itself, for every synapse of the row.

    filled
        Lanes that posts are looked up for, to the expressions that fill them.
    """

    filled: dict[str, str] = field(default_factory=dict)

    def gate(self, name: str) -> Ranged:
        if name != "y0":
            return super().gate(name)
        spiked = "spiked_in(events[place_in_history(at, word_now)], bit_now)"
        return variable(self._looked_up("y0", spiked), *BIT)

    def trace(self, name: str, gate: str) -> Ranged:
        value = super().trace(name, gate)
        if "[j]" not in value.text:
            return value
        found = value.text.replace("[j]", "[at]")
        return variable(self._looked_up(f"{name}_{gate}", found))

    def place(self) -> str:
        return "np.int64(j_lane[n]) * pres + i"

    def looks_up(self) -> Iterator[str]:
        """Write how the lanes of neuron ``at`` are filled."""
        for lane, expression in self.filled.items():
            yield f"{lane}[n] = {expression}"

    def _looked_up(self, name: str, expression: str) -> str:
        self.filled[f"{name}_lane"] = expression
        return f"{name}_lane[n]"
