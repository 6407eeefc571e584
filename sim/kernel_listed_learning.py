"""Source text of the compiled learning phase of a connection whose synapses are listed.

As kernel_learning_source.py, in parts: the function of a part changes the synapses onto
the post neurons [first, last), and another one lists what spiked and goes through the
parts, in threads where there is much to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..hardware.learning import Product, Target
from .interpreter_learning import TARGETS
from .kernel_layout import COLUMN_LISTS, LISTS, learns_in_columns
from .kernel_learning_source import AbstractLearningSource, indented
from .kernel_listed_passes import ListedColumnPass, ListedRowPass
from .kernel_synapse_source import SynapseSource

@dataclass(frozen=True)
class ListedLearningSource(AbstractLearningSource):
    """Writes the learning phase of one connection.

    threads
        Whether parts run side by side.
    """

    threads: bool = False

    def function(self, name: str) -> str:
        """Write the function of a part, and the one that goes through the parts."""
        return "\n".join([*self._part(name), "", "", *self._whole(name)])

    def arrays(self) -> tuple[str, ...]:
        """List the arrays it takes, by the endings of their identifiers."""
        histories = [f"{trace}_history" for trace in self._traces()]
        fixed = ("pre_times", "pre_marked", "post_times", "post_marked", "restless")
        columns = COLUMN_LISTS if learns_in_columns(self.learning) else ()
        return (*self._storage, *LISTS, *columns, *fixed, *histories)

    @cached_property
    def _rows(self) -> ListedRowPass:
        return ListedRowPass(self.learning, self.profile, self._storage, ())

    @cached_property
    def _columns(self) -> ListedColumnPass:
        return ListedColumnPass(self.learning, self.profile, self._storage, ())

    def _whole(self, name: str) -> Iterator[str]:
        arrays = ", ".join(self.arrays())
        yield "@njit(parallel=True)" if self.threads else "@njit"
        yield f"def {name}({arrays}, u, step, numbers, s, parts):"
        yield "    posts = post_times.size"
        yield "    marked = list_marked(post_times, post_marked)"
        everything = "restless[0] != 0" + (" or u != 0" if self._gated_by("u") else "")
        yield f"    everything = {everything}"
        yield "    if everything:"
        yield "        active = list_all(pre_marked)"
        yield "    else:"
        listed = "list_marked(pre_times, pre_marked)" if self._gated_by("x0") else "0"
        yield f"        active = {listed}"
        yield from indented(1, self._idleness())
        learned = {p.target for p in self.learning.products}
        if self._often_idle and learned == set(self._often_idle):
            yield "    active = active if busy != 0 else 0"
        yield "    unsettled = 0"
        yield f"    for part in {'prange' if self.threads else 'range'}(parts):"
        shared = "u, step, numbers, s, everything, busy, active, marked"
        bounds = "bound(posts, part, parts), bound(posts, part + 1, parts)"
        yield f"        unsettled += {name}_part({arrays}, {shared}, {bounds})"
        yield "    restless[0] = 1 if unsettled > 0 else 0"

    def _part(self, name: str) -> Iterator[str]:
        shared = "u, step, numbers, s, everything, busy, active, marked, first, last"
        yield "@njit"
        yield f"def {name}_part({', '.join(self.arrays())}, {shared}):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from indented(1, self._random_sources())
        yield "    unsettled = 0"
        yield from indented(1, self._row_loop())
        if learns_in_columns(self.learning):
            yield from indented(1, self._column_loop())
        yield "    return unsettled"

    def _row_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._rows)
        idle = self._often_idle
        learned = [t for t in TARGETS if t not in idle]
        yield "for m in range(active):"
        yield "    i = np.int64(pre_marked[m])"
        yield "    start, stop = row_between(starts, post_of, i, first, last)"
        yield from indented(1, self._rows.shared_values())
        if not idle:
            yield "    for k in range(start, stop):"
            yield from indented(2, self._visit(source, TARGETS))
            return
        for condition, targets in (("if busy != 0:", TARGETS), ("else:", learned)):
            yield f"    {condition}"
            yield "        for k in range(start, stop):"
            yield from indented(3, self._visit(source, targets))

    def _column_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._columns)
        yield "for m in range(0 if everything else marked):"
        yield "    j = np.int64(post_marked[m])"
        yield "    if j < first or j >= last:"
        yield "        continue"
        yield from indented(1, self._columns.shared_values())
        yield "    for n in range(column_starts[j], column_starts[j + 1]):"
        yield from indented(2, self._visit(source, TARGETS))

    def _visit(self, source: SynapseSource, targets: Sequence[Target]) -> Iterator[str]:
        """Write the update of a synapse, less what finds that nothing changes it."""
        yield from source.visit.finds()
        quiet = self._quiet(source, targets)
        if quiet:
            yield f"if {quiet} and restless[0] == 0:"
            yield "    continue"
        yield from source.lines(targets)

    def _quiet(self, source: SynapseSource, targets: Sequence[Target]) -> str:
        """Write that all products are 0; nothing if only the synapse's own can tell."""
        seen = [
            p
            for p in self.learning.products
            if p.target in targets and source.visit.sees(p)
        ]
        tests = [self._zero(source, p) for p in seen]
        if not all(tests):
            return ""
        return " and ".join(dict.fromkeys(tests))

    def _zero(self, source: SynapseSource, product: Product) -> str:
        """Write that one of the factors that neurons decide is 0."""
        factors = [
            source.factor(f, product)
            for f in product.factors
            if f.variable not in ("w", "t", "d", "c") and not f.sign
        ]
        gate = source.visit.gate(product.gate)
        tests = [f"{f.text} == 0" for f in (gate, *factors) if f.low <= 0 <= f.high]
        return f"({' or '.join(tests)})" if tests else ""
