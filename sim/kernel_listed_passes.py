"""The loops in which a learning phase visits synapses that are listed.

A row of a pre neuron lies together and its post neurons are looked up; the synapses of
a post neuron are found one by one through an index by columns. Either way what belongs
to a synapse is gathered first into lanes, side by side, then changed by a plain loop
and put back: only the lanes are read in the order of memory. Synapses whose products
are all 0 are settled (kernel_learning_source.py) and get no place in the lanes, and
most traces are 0 most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Lanes:
    """What is looked up for each synapse: a lane to the expression that fills it."""

    filled: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, expression: str) -> str:
        """Give the element of a lane; the expression is asked once for a synapse."""
        self.filled[f"{name}_lane"] = expression
        return f"{name}_lane[n]"

    def gathers(self) -> Iterator[str]:
        """Write how the lanes get their next element."""
        for lane, expression in self.filled.items():
            now = lane.replace("_lane", "_now")
            yield f"{now} = {expression}"
            yield f"{lane}[n] = {now}"


class LanedRowPass(RowPass):
    """Synapses of pre neuron i in lanes that n counts."""

    def varies(self, text: str) -> bool:
        return "[n]" in text or any(name in text for name in LOCALS.values())

    def shared_values(self) -> Iterator[str]:
        yield "pre_time = np.int64(pre_times[i])"
        yield "x0 = np.int32(1 if pre_time > 0 else 0)"
        for trace, gate in sorted(traces_read(self.learning)):
            yield from self._shared_trace(trace, gate)

    def reads(self) -> Iterator[str]:
        yield from _reads(self)

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        yield f"{ARRAYS[target]}_lane[n] = new"


@final
@dataclass(frozen=True)
class ListedRowPass(LanedRowPass):
    """Synapses [start, stop) of pre neuron i; k counts them, j is where one ends."""

    lanes: Lanes = field(default_factory=Lanes)

    def gate(self, name: str) -> Ranged:
        if name != "y0":
            return super().gate(name)
        return variable(self.lanes.of("y0", "1 if post_times[at] > 0 else 0"), *BIT)

    def trace(self, name: str, gate: str) -> Ranged:
        value = super().trace(name, gate)
        if "[j]" not in value.text and "post_time" not in value.text:
            return value
        found = value.text.replace("post_time ", "np.int64(post_times[at]) ")
        found = found.replace("[j]", "[at]")
        return variable(self.lanes.of(f"{name}_{gate}", found))

    def place(self) -> str:
        return f"np.int64({self.lanes.of('j', 'j')}) * pres + i"

    def finds(self) -> Iterator[str]:
        """Write the loop over the synapses, and which neuron each joins."""
        yield "for k in range(start, stop):"
        yield "    j = np.int64(post_of[k])"
        # what has no sign cannot count from the end of an array, so nobody asks
        yield "    at = np.uint32(j)"
        yield "    k_lane[n] = k"

    def condition(self) -> str:
        """Write what a synapse needs to be visited here at all."""
        return ""


@final
@dataclass(frozen=True)
class ListedColumnPass(AbstractPass):
    """Synapses of post neuron j, but those of rows that are visited whole."""

    lanes: Lanes = field(default_factory=Lanes)

    def sees(self, product: Product) -> bool:
        return product.gate == "y0"

    def gate(self, name: str) -> Ranged:
        if name == "y0":
            return literal(1)
        assert name == "x0", "a phase with u visits rows only"
        if self._rows_apart():
            return literal(0)
        return variable(self.lanes.of("x0", "1 if pre_times[i] > 0 else 0"), *BIT)

    def known(self, k: int) -> Ranged | None:
        return None

    def varies(self, text: str) -> bool:
        return "[n]" in text or any(name in text for name in LOCALS.values())

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        if name.startswith("x"):
            found = f"{name}_{gate}_part[i]"
            return variable(self.lanes.of(f"{name}_{gate}", found))
        return variable(f"{name}_{gate}")

    def place(self) -> str:
        return f"j * pres + np.int64({self.lanes.of('i', 'i')})"

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
        """Write the loop over the synapses, and which neuron each comes from."""
        yield "for c in range(column_starts[j], column_starts[j + 1]):"
        yield "    i = np.int64(column_pres[c])"
        yield "    k_lane[n] = column_synapses[c]"

    def condition(self) -> str:
        """Write what a synapse needs to be visited here at all."""
        return "(pre_times[i] == 0)" if self._rows_apart() else ""

    def reads(self) -> Iterator[str]:
        yield from _reads(self)

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        yield f"{ARRAYS[target]}_lane[n] = new"

    def _rows_apart(self) -> bool:
        return any(p.gate == "x0" for p in self.learning.products)


def _reads(visit: AbstractPass) -> Iterator[str]:
    for ending in visit.storage:
        yield f"{local_of(ending)} = np.int32({ending}_lane[n])"
