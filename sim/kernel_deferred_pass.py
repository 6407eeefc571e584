"""The loop in which post events that were put off reach the synapses of a row.

Each of them changes what it would have changed at its own step: the pre trace is that
of the step, replayed for the row, and so is the random number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from ..hardware.learning import Product, Target
from .kernel_expressions import Ranged, literal, variable
from .kernel_passes import ARRAYS, LOCALS, AbstractPass, local_of

TRACE = (0, 255)


@final
@dataclass(frozen=True)
class DeferredPass(AbstractPass):
    """Events of synapses in the row of pre neuron i, ``passed_lane`` steps after it."""

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
        return variable(f"{name}_lane[n]", *TRACE)

    def place(self) -> str:
        return "np.int64(j_lane[n]) * pres + i"

    def time(self) -> str:
        return "seen + np.int64(passed_lane[n])"

    def reads(self) -> Iterator[str]:
        for ending in self.storage:
            yield f"{local_of(ending)} = {ending}_lane[n]"

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        yield f"{ARRAYS[target]}_lane[n] = new"
