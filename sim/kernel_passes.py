"""The two loops in which a learning phase visits synapses, and where values are there.

A row is the synapses of a pre neuron, a column those of a post neuron. In a row all
that belongs to the pre neuron is a scalar and what belongs to posts lies in arrays; in
a column it is the other way round. Either way the inner loop has no branch and a plain
index, so that it is compiled to vector instructions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

from ..hardware.learning import Learning, Product, Target
from ..hardware.profile import Profile
from .kernel_expressions import INT32_HIGH, INT32_LOW, Ranged, literal, variable
from .kernel_layout import engine_traces, third_factor_slots
from .kernel_storage import WORD_BITS, Storage

LOCALS = {"w": "weight", "t": "tag", "d": "delay"}
ARRAYS = {"w": "weights", "t": "tags", "d": "delays"}
BIT = (0, 1)


@dataclass(frozen=True)
class AbstractPass(ABC):
    """Where the update of a synapse finds what it reads, and puts what it writes.

    storage
        How the variables lie, by the ending of their identifiers.
    known_products
        Products that were computed for all posts before.
    """

    learning: Learning
    profile: Profile
    storage: Mapping[str, Storage]
    known_products: tuple[int, ...]

    @abstractmethod
    def sees(self, product: Product) -> bool:
        """Tell whether a product can be other than 0 here."""

    @abstractmethod
    def gate(self, name: str) -> Ranged:
        """Give x0, y0 or u."""

    @abstractmethod
    def trace(self, name: str, gate: str) -> Ranged:
        """Give a trace at the gate's moment of the epoch."""

    @abstractmethod
    def known(self, k: int) -> Ranged | None:
        """Give a product that was computed before, less its gate."""

    @abstractmethod
    def varies(self, text: str) -> bool:
        """Tell whether an expression differs between the synapses of the loop."""

    def time(self) -> str:
        """Write the step in which it happens, in which random numbers are counted."""
        return "step"

    def place(self) -> str:
        """Write which place (post, pre) it is, in which random numbers are counted."""
        return "np.int64(j) * pres + i"

    @abstractmethod
    def reads(self) -> Iterator[str]:
        """Write how the old variables of the synapse become locals."""

    @abstractmethod
    def writes(self, target: Target) -> Iterator[str]:
        """Write how ``new`` is stored."""

    def old(self, target: str) -> Ranged:
        """Give a variable as the phase found it."""
        low, high = self.storage[ARRAYS[target]].range
        return variable(LOCALS[target], low, high)

    def slack(self, target: Target, bits: int) -> Ranged:
        """Give 2**bits - 1 less a random number of so many bits."""
        most = (1 << bits) - 1
        if self.profile.randomness == "population":
            return variable(f"slack_{target}", 0, most)
        drawn = f"element_bits({target}_key, {self.time()}, {self.place()}, {bits})"
        return Ranged(f"({most} - {drawn})", 0, most).narrow()

    def _has(self, trace: str) -> bool:
        known = engine_traces(self.learning) + third_factor_slots(self.learning)
        return trace in known

    def _keeps_missing(self, target: Target) -> Iterator[str]:
        if f"exists_{target}" in self.storage:
            yield f"new = new if has_{target} != 0 else {LOCALS[target]}"


class RowPass(AbstractPass):
    """All synapses of pre neuron i; the loop is over the posts j."""

    def sees(self, product: Product) -> bool:
        return True

    def gate(self, name: str) -> Ranged:
        return variable(name, *BIT)

    def known(self, k: int) -> Ranged | None:
        if k not in self.known_products:
            return None
        return variable(f"product{k}[j]", INT32_LOW, INT32_HIGH)

    def varies(self, text: str) -> bool:
        mine = ("[j]", "post_time", "weight", "tag", "delay", "y0")
        return any(part in text for part in mine)

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        shared = self.moment(gate) is not None
        if name.startswith("x"):
            own = f"{name}_history[post_time * pres + i]"
            return variable(f"{name}_{gate}" if shared else own)
        own = f"{name}_history[post_time * posts + np.int64(j)]"
        return variable(f"{name}_{gate}_row[j]" if shared else own)

    def moment(self, gate: str) -> str | None:
        """Give the gate's moment of the epoch, if a whole row shares it."""
        epoch = self.learning.epoch_steps
        if gate == "u" or epoch == 1:
            return str(epoch)
        return "pre_time" if gate == "x0" else None

    def last(self, trace: str) -> str:
        """Write the end of the epoch of a trace of the posts."""
        epoch = self.learning.epoch_steps
        return f"{trace}_history[{epoch} * posts:{epoch + 1} * posts]"

    def shared_values(self) -> Iterator[str]:
        """Write what all synapses of the row share: numbers, and parts of arrays."""
        yield "pre_time = np.int64(pre_times[i])"
        yield "x0 = np.int32(1 if pre_time > 0 else 0)"
        for ending, storage in self.storage.items():
            yield f"{ending}_row = {ending}{_row_of(storage)}"
            if storage.packed > 1:
                yield f"{ending}_bit = {storage.bits} * (i % {storage.packed}) & 31"
                mask = (1 << storage.bits) - 1
                yield f"{ending}_keep = np.int32(~({mask} << {ending}_bit))"
                yield f"{ending}_unit = np.int32(1 << {ending}_bit)"
        for trace, gate in sorted(traces_read(self.learning)):
            yield from self._shared_trace(trace, gate)

    def reads(self) -> Iterator[str]:
        yield "post_time = np.int64(post_times[j])"
        yield "y0 = np.int32(1 if post_time > 0 else 0)"
        for ending, storage in self.storage.items():
            name = local_of(ending)
            if storage.packed == 1:
                yield f"{name} = np.int32({ending}_row[j])"
                continue
            yield f"{ending}_word = {ending}_row[j]"
            moved = f"np.int32({ending}_word >> {ending}_bit)"
            if storage.bits < WORD_BITS // 2:
                yield f"{name} = np.int32({moved} & {(1 << storage.bits) - 1})"
            else:
                sign = 1 << (storage.bits - 1)
                low = f"np.int32({moved} & {(1 << storage.bits) - 1})"
                yield f"{name} = np.int32(np.int32({low} ^ {sign}) - {sign})"

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        ending = ARRAYS[target]
        storage = self.storage[ending]
        if storage.packed == 1:
            yield f"{ending}_row[j] = new"
            return
        mask = (1 << storage.bits) - 1
        yield f"kept = np.int32({ending}_word & {ending}_keep)"
        yield f"put = np.int32(np.int64(new & {mask}) * {ending}_unit)"
        yield f"{ending}_row[j] = np.int32(kept | put)"

    def _shared_trace(self, trace: str, gate: str) -> Iterator[str]:
        moment = self.moment(gate)
        if moment is None or not self._has(trace):
            return
        if trace.startswith("x"):
            yield f"{trace}_{gate} = {trace}_history[{moment} * pres + i]"
        else:
            row = f"{moment} * posts:({moment} + 1) * posts"
            yield f"{trace}_{gate}_row = {trace}_history[{row}]"


@final
class ColumnPass(AbstractPass):
    """All synapses of post neuron j but those of rows that are visited whole."""

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
        pre = name.startswith("x")
        return variable(f"{name}_{gate}_part[i]" if pre else f"{name}_{gate}")

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

    def lanes(self) -> Iterator[str]:
        """Write how columns that were gathered look element by element."""
        for ending, storage in self.storage.items():
            view = ".view(np.uint8)" if storage.bits == 8 else ".view(np.int16)"
            view = view if storage.packed > 1 else ""
            yield f"{ending}_lane = {ending}_column{view}"

    def gathers(self) -> Iterator[str]:
        """Write how a column is gathered."""
        for ending in self.storage:
            yield f"gather_column({ending}, j, posts, {ending}_column)"

    def scatters(self) -> Iterator[str]:
        """Write how what was learned of a column goes back."""
        learned = {p.target for p in self.learning.products if self.sees(p)}
        for target in sorted(learned):
            yield f"scatter_column({ARRAYS[target]}_column, j, posts, {ARRAYS[target]})"

    def reads(self) -> Iterator[str]:
        for ending in self.storage:
            yield f"{local_of(ending)} = np.int32({ending}_lane[i])"

    def writes(self, target: Target) -> Iterator[str]:
        yield from self._keeps_missing(target)
        if self._rows_apart():
            yield f"new = {LOCALS[target]} if pre_times[i] > 0 else new"
        yield f"{ARRAYS[target]}_lane[i] = new"

    def _rows_apart(self) -> bool:
        return any(p.gate == "x0" for p in self.learning.products)


def local_of(ending: str) -> str:
    """Name the local that holds a variable of the synapse."""
    return next(
        (LOCALS[v] for v, array in ARRAYS.items() if array == ending),
        ending.replace("exists", "has"),
    )


def _row_of(storage: Storage) -> str:
    if storage.packed == 1:
        return "[i * posts:(i + 1) * posts]"
    return f"[i // {storage.packed} * posts:(i // {storage.packed} + 1) * posts]"


def traces_read(learning: Learning) -> set[tuple[str, str]]:
    """List the traces that products read, each with the gate it is read under."""
    return {
        (factor.variable, product.gate)
        for product in learning.products
        for factor in product.factors
        if factor.variable[0] in "xy" and factor.variable[1] != "0"
    }
