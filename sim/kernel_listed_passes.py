"""The loops in which a learning phase visits synapses that are listed.

A row of a pre neuron lies together and its post neurons are looked up; the synapses of
a post neuron are found one by one through an index by columns. What decides whether a
synapse changes at all is looked at first: most traces are 0, and a synapse whose
products are all 0 is settled (kernel_learning_source.py) and need not be touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from ..hardware.learning import Product, Target
from .kernel_expressions import Ranged, literal, variable
from .kernel_passes import (
    ARRAYS,
    BIT,
    LOCALS,
    AbstractPass,
    RowPass,
    local_of,
    traces_read,
)


@final
class ListedRowPass(RowPass):
    """Synapses [start, stop) of pre neuron i; k counts them, j is where one ends."""

    def shared_values(self) -> Iterator[str]:
        yield "pre_time = np.int64(pre_times[i])"
        yield "x0 = np.int32(1 if pre_time > 0 else 0)"
        for trace, gate in sorted(traces_read(self.learning)):
            yield from self._shared_trace(trace, gate)

    def finds(self) -> Iterator[str]:
        """Write where the synapse ends."""
        yield "j = np.int64(post_of[k])"
        yield "post_time = np.int64(post_times[j])"
        yield "y0 = np.int32(1 if post_time > 0 else 0)"

    def reads(self) -> Iterator[str]:
        for ending in self.storage:
            yield f"{local_of(ending)} = np.int32({ending}[k])"

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        yield f"{ARRAYS[target]}[k] = new"


@final
class ListedColumnPass(AbstractPass):
    """Synapses of post neuron j, but those of rows that are visited whole."""

    def sees(self, product: Product) -> bool:
        return product.gate == "y0"

    def gate(self, name: str) -> Ranged:
        if name == "y0":
            return literal(1)
        assert name == "x0", "a phase with u visits rows only"
        if self._rows_apart():
            return literal(0)
        return variable("np.int32(1 if pre_times[i] > 0 else 0)", *BIT)

    def known(self, k: int) -> Ranged | None:
        return None

    def varies(self, text: str) -> bool:
        return "[i]" in text or any(name in text for name in LOCALS.values())

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        if name.startswith("x"):
            return variable(f"{name}_{gate}_part[i]")
        return variable(f"{name}_{gate}")

    def shared_values(self) -> Iterator[str]:
        """Write what all synapses of the column share."""
        yield "post_time = np.int64(post_times[j])"
        for trace, gate in sorted(traces_read(self.learning)):
            if gate != "y0" or not self._has(trace):
                continue
            if trace.startswith("x"):
                part = "post_time * pres:(post_time + 1) * pres"
                yield f"{trace}_{gate}_part = {trace}_history[{part}]"
            else:
                yield f"{trace}_{gate} = {trace}_history[post_time * posts + j]"

    def finds(self) -> Iterator[str]:
        """Write where the synapse begins; rows that are visited whole are left out."""
        yield "i = np.int64(column_pres[n])"
        if self._rows_apart():
            yield "if pre_times[i] > 0:"
            yield "    continue"

    def _rows_apart(self) -> bool:
        return any(p.gate == "x0" for p in self.learning.products)

    def reads(self) -> Iterator[str]:
        yield "k = np.int64(column_synapses[n])"
        for ending in self.storage:
            yield f"{local_of(ending)} = np.int32({ending}[k])"

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        yield f"{ARRAYS[target]}[k] = new"
