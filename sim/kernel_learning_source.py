"""Source text of the compiled learning phase of a connection.

Products, sign mode and profile go in, a function comes out in which all products are
written out. It visits only synapses whose gate is open: rows of pre neurons that
spiked, columns of post neurons that did. For the others the phase changes nothing,
provided that their stored values are settled (see `restless`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import final

from ..hardware.learning import Learning, Product, Target
from ..hardware.profile import Profile
from ..hardware.program import Connection
from .interpreter_learning import EXPONENT_BASE, TARGETS
from .kernel_layout import (
    engine_traces,
    learns_in_columns,
    pure_columns,
    third_factor_slots,
)
from .kernel_loops import PLAIN
from .kernel_passes import ColumnPass, RowPass
from .kernel_quiet_source import QuietSource, is_often_quiet
from .kernel_storage import Storage, storage_of
from .kernel_synapse_source import SynapseSource
from .kernel_trace_source import ROUNDING_ROW
from .operations import FRACTION_BITS
from .randomness import ROUNDING_KIND
from .stored_form import stored_form


@dataclass(frozen=True)
class AbstractLearningSource(ABC):
    """What the learning phase of a connection needs, however its synapses lie."""

    connection: Connection
    profile: Profile

    @property
    def learning(self) -> Learning:
        """How the connection learns."""
        assert self.connection.learning is not None
        return self.connection.learning

    @property
    @abstractmethod
    def _rows(self) -> RowPass:
        """The loop over a row."""

    @property
    def _plain_rows(self) -> RowPass:
        """The loop over the post neurons themselves, without synapses."""
        return RowPass(self.learning, self.profile, self._storage, ())

    @cached_property
    def _storage(self) -> dict[str, Storage]:
        """Give the variables that the rule reads or writes."""
        found = storage_of(self.connection, self.profile)
        found.pop("axon_delays", None)
        return found

    def _traces(self) -> tuple[str, ...]:
        return engine_traces(self.learning) + third_factor_slots(self.learning)

    def _gated_by(self, gate: str) -> bool:
        return any(p.gate == gate for p in self.learning.products)

    @property
    def counts(self) -> str:
        """Name what a phase takes beside arrays: u, the step, and what spiked."""
        return "u, step, numbers, s, pre_count, post_count"

    def _active(self) -> str:
        """Write how many rows a phase visits."""
        return f"pres if everything else {'pre_count' if self._gated_by('x0') else '0'}"

    def _row_of(self, place: str) -> str:
        """Write which row is visited in a place: every one, or those of pre spikes."""
        return f"np.int64({place} if everything else pre_marked[{place}])"

    def _random_sources(self) -> Iterator[str]:
        """Write what the draws of a whole phase have in common."""
        learned = {p.target for p in self.learning.products}
        population = self.profile.randomness == "population"
        if population:
            yield f"fraction = np.int64(numbers[{ROUNDING_ROW}, s])"
        for target in (t for t in TARGETS if t in learned):
            form = stored_form(target, self.connection, self.profile)
            bits = EXPONENT_BASE + form.grid_bits
            drawn = f"(fraction >> {FRACTION_BITS - bits})"
            if population:
                yield f"slack_{target} = np.int32({(1 << bits) - 1} - {drawn})"
            else:
                yield f"{target}_key = numbers[{ROUNDING_KIND[target]}, 0]"

    @cached_property
    def _often_idle(self) -> tuple[Target, ...]:
        """List the targets that change only while a third factor or trace is not 0.

        A reward is: most phases find it 0 and leave the weights alone.
        """
        source = SynapseSource(self.connection, self.profile, self._plain_rows)
        products: dict[Target, list[Product]] = {}
        for product in self.learning.products:
            products.setdefault(product.target, []).append(product)
        return tuple(
            target
            for target, mine in products.items()
            if all(
                p.gate == "u" and any(True for _ in source.deciding_factors(p))
                for p in mine
            )
        )

    def _idleness(self) -> Iterator[str]:
        """Write whether targets that are often idle are so in this phase."""
        source = SynapseSource(self.connection, self.profile, self._plain_rows)
        yield "busy = restless[0]"
        for product in self.learning.products:
            if product.target not in self._often_idle:
                continue
            factors = list(source.deciding_factors(product))
            traces = {
                f.variable for f in product.factors if f.variable in ("y1", "y2", "y3")
            }
            for trace in sorted(traces & {*self._traces()}):
                yield f"{trace}_u_row = {self._plain_rows.last(trace)}"
            yield "if u != 0:"
            yield "    for j in range(posts):"
            conditions = " and ".join(f"{f.text} != 0" for f in factors)
            yield f"        busy |= 1 if {conditions} else 0"


@final
@dataclass(frozen=True)
class LearningSource(AbstractLearningSource):
    """Writes the learning phase of one connection."""

    def function(self, name: str) -> str:
        """Write the whole function."""
        return "\n".join(self._lines(name))

    def arrays(self) -> tuple[str, ...]:
        """List the arrays it takes, by the endings of their identifiers."""
        synapses = list(self._storage)
        if learns_in_columns(self.learning):
            synapses += [f"{ending}_column" for ending in self._storage]
        histories = [f"{trace}_history" for trace in self._traces()]
        products = [f"product{k}" for k in pure_columns(self.learning)]
        fixed = ("pre_times", "pre_marked", "post_times", "post_marked", "restless")
        return (*synapses, *fixed, *histories, *products)

    @cached_property
    def _rows(self) -> RowPass:
        known = pure_columns(self.learning)
        return RowPass(self.learning, self.profile, self._storage, known)

    @cached_property
    def _columns(self) -> ColumnPass:
        return ColumnPass(self.learning, self.profile, self._storage, ())

    @cached_property
    def _quiet(self) -> QuietSource | None:
        """Writer of phases in which most tags only decay; None: there are none."""
        connection, profile, idle = self.connection, self.profile, self._often_idle
        if not is_often_quiet(connection, profile, self._storage, idle):
            return None
        return QuietSource(connection, profile, self._storage, self._traces())

    def _lines(self, name: str) -> Iterator[str]:
        yield PLAIN.decorator
        yield f"def {name}({', '.join(self.arrays())}, {self.counts}):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from indented(1, self._random_sources())
        yield "    unsettled = 0"
        if self._often_idle:
            yield from indented(1, self._idleness())
        everything = "restless[0] != 0" + (" or u != 0" if self._gated_by("u") else "")
        if self._quiet is not None:
            yield from indented(1, self._quiet.decides())
            everything = f"not quiet and ({everything})"
        yield f"    everything = {everything}"
        yield f"    active = {self._active()}"
        yield from indented(1, self._pure_products())
        if self._quiet is not None:
            yield from indented(1, self._quiet.decays())
        yield from indented(1, self._row_loop())
        if learns_in_columns(self.learning):
            yield from indented(1, self._column_loop())
        yield "    restless[0] = unsettled"

    def _pure_products(self) -> Iterator[str]:
        if not (products := pure_columns(self.learning)):
            return
        visit = RowPass(self.learning, self.profile, self._storage, ())
        source = SynapseSource(self.connection, self.profile, visit)
        yield "if active > 0:"
        yield "    x0 = np.int32(1)"
        for trace in (t for t in self._traces() if t.startswith("y")):
            yield f"    {trace}_x0_row = {self._rows.last(trace)}"
        yield "    for j in range(posts):"
        yield "        y0 = np.int32(1 if post_times[j] > 0 else 0)"
        for k in products:
            product = self.learning.products[k]
            yield f"        product{k}[j] = {source.product(k, product).text}"

    def _row_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._rows)
        idle = self._often_idle
        learned = [t for t in TARGETS if t not in idle]
        if idle and not any(p.target in learned for p in self.learning.products):
            yield "active = active if busy != 0 else 0"
        yield "for n in range(active):"
        yield f"    i = {self._row_of('n')}"
        yield from indented(1, self._rows.shared_values())
        if not idle:
            yield "    for j in range(posts):"
            yield from indented(2, source.lines())
            return
        for condition, targets in (("if busy != 0:", TARGETS), ("else:", learned)):
            yield f"    {condition}"  # compiled apart: vectors have no branches
            yield "        for j in range(posts):"
            yield from indented(3, source.lines(targets))

    def _column_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._columns)
        quiet = " and not quiet" if self._quiet is not None else ""
        yield f"if not everything{quiet}:"
        yield from indented(1, self._columns.lanes())
        yield "    for n in range(post_count):"
        yield "        j = np.int64(post_marked[n])"
        yield from indented(2, self._columns.gathers())
        yield from indented(2, self._columns.shared_values())
        yield "        for i in range(pres):"
        yield from indented(3, source.lines())
        yield from indented(2, self._columns.scatters())


def indented(depth: int, lines: Iterator[str]) -> Iterator[str]:
    """Put lines into a block."""
    return ("    " * depth + line for line in lines)
