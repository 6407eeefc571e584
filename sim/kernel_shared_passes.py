"""Where a phase finds values whose changes are computed once for each neuron.

The three ways in which kernel_shared_learning.py asks for the products of a rule: for a
neuron whose row or column is visited, and for a single synapse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from ..hardware.learning import Gate, Product, Target
from .kernel_expressions import INT32_HIGH, INT32_LOW, Ranged, literal, variable
from .kernel_layout import engine_traces
from .kernel_passes import ARRAYS, BIT, LOCALS, AbstractPass
from .trace_decay import TABLE_SIZE

SIDES = {"x": ("pres", "i"), "y": ("posts", "j")}


@dataclass(frozen=True)
class _LastPass(AbstractPass):
    """Traces as they are at the end of an epoch of one step."""

    def known(self, k: int) -> Ranged | None:
        return None

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        size, index = SIDES[name[0]]
        return variable(f"{name}_history[{size} + {index}]")


@final
@dataclass(frozen=True)
class NeuronPass(_LastPass):
    """What all synapses share whose ``gate`` opens, and the other one does not."""

    opened: Gate = "x0"

    def sees(self, product: Product) -> bool:
        return product.gate == self.opened

    def gate(self, name: str) -> Ranged:
        return literal(1 if name == self.opened else 0)

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        _, index = SIDES[name[0]]
        followed = name in engine_traces(self.learning)
        ends = (0, TABLE_SIZE - 1) if followed else (INT32_LOW, INT32_HIGH)
        return variable(f"{name}_last[{index}]", *ends)  # cut out for vectors

    def varies(self, text: str) -> bool:
        return "[" in text

    def reads(self) -> Iterator[str]:
        yield from ()

    def writes(self, target: Target) -> Iterator[str]:
        side = "post" if self.opened == "x0" else "pre"
        _, index = SIDES["y" if self.opened == "x0" else "x"]
        yield f"change_of_{side}[{index}] = change"


@final
@dataclass(frozen=True)
class OnePass(_LastPass):
    """A single synapse k from i to j, whatever spiked."""

    def sees(self, product: Product) -> bool:
        return True

    def gate(self, name: str) -> Ranged:
        return variable(name, *BIT)

    def varies(self, text: str) -> bool:
        return LOCALS["w"] in text

    def reads(self) -> Iterator[str]:
        yield f"{LOCALS['w']} = np.int32(weights[k])"

    def writes(self, target: Target) -> Iterator[str]:
        yield f"{ARRAYS[target]}[k] = new"
