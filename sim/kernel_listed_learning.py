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
from .kernel_passes import ARRAYS
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
        marks = ("pre_times", "pre_marked", "post_times", "post_marked")
        fixed = (*marks, "restless", "longest")
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
        yield "    restless_now = restless[0] != 0"
        yield "    unsettled = 0"
        body = [*self._row_loop()]
        if learns_in_columns(self.learning):
            body += self._column_loop()
        lanes = {**self._rows.lanes.filled, **self._columns.lanes.filled}
        for lane in ("k_lane", *(f"{ending}_lane" for ending in self._storage), *lanes):
            yield f"    {lane} = np.empty(longest[0], np.int32)"
        yield from indented(1, iter(body))
        yield "    return unsettled"

    def _row_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._rows)
        idle = self._often_idle
        learned = [t for t in TARGETS if t not in idle]
        yield "for m in range(active):"
        yield "    i = np.int64(pre_marked[m])"
        yield "    if m + 2 < active:"
        yield "        after = np.int64(pre_marked[m + 2])"
        for ending in ("post_of", *self._storage):
            yield f"        touch_row(starts, {ending}, after)"
        yield "    start, stop = row_between(starts, post_of, i, first, last)"
        yield from indented(1, self._rows.shared_values())
        if not idle:
            yield from indented(1, self._visit(source, TARGETS))
            return
        for condition, targets in (("if busy != 0:", TARGETS), ("else:", learned)):
            yield f"    {condition}"
            yield from indented(2, self._visit(source, targets))

    def _column_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._columns)
        yield "for m in range(0 if everything else marked):"
        yield "    j = np.int64(post_marked[m])"
        yield "    if j < first or j >= last:"
        yield "        continue"
        yield "    if m + 1 < marked:"
        yield "        after = np.int64(post_marked[m + 1])"
        for ending in self._storage:
            lists = "column_starts, column_synapses"
            yield f"        touch_column({lists}, {ending}, after)"
        yield from indented(1, self._columns.shared_values())
        yield from indented(1, self._visit(source, TARGETS))

    def _visit(self, source: SynapseSource, targets: Sequence[Target]) -> Iterator[str]:
        """Write how synapses are gathered, changed and put back."""
        visit = source.visit
        assert isinstance(visit, (ListedRowPass, ListedColumnPass))
        lines = [*source.lines(targets)]
        needs = self._needs(source, targets)
        seen = {p.target for p in self.learning.products if visit.sees(p)}
        yield "n = 0"
        yield from visit.finds()
        yield from indented(1, visit.lanes.gathers())
        # a sum has no branch that could be foretold wrongly
        yield f"    n += np.int64({needs})" if needs else "    n += 1"
        yield "size = n"
        yield "for n in range(size):"
        for ending in self._storage:
            yield f"    {ending}_lane[n] = {ending}[np.int64(k_lane[n])]"
        yield "for n in range(size):"
        yield from indented(1, iter(lines))
        yield "for n in range(size):"
        yield "    k = np.int64(k_lane[n])"
        for target in (t for t in targets if t in seen):
            yield f"    {ARRAYS[target]}[k] = {ARRAYS[target]}_lane[n]"

    def _needs(self, source: SynapseSource, targets: Sequence[Target]) -> str:
        """Write when a synapse may change; nothing if that needs its own variables."""
        visit = source.visit
        assert isinstance(visit, (ListedRowPass, ListedColumnPass))
        seen = [
            p for p in self.learning.products if p.target in targets and visit.sees(p)
        ]
        tests = [self._may_be_nonzero(source, p) for p in seen]
        moves = " | ".join(dict.fromkeys(tests)) if all(tests) else ""
        if moves:
            moves = f"restless_now | {moves}"
        always = visit.condition()
        return f"{always} & ({moves})" if always and moves else always or moves

    def _may_be_nonzero(self, source: SynapseSource, product: Product) -> str:
        """Write that none of the factors that neurons decide is 0."""
        factors = [
            source.unclipped(f, product)
            for f in product.factors
            if f.variable not in ("w", "t", "d", "c") and not f.sign
        ]
        gate = source.visit.gate(product.gate)
        tests = [f"({f.text} != 0)" for f in (gate, *factors) if f.low <= 0 <= f.high]
        found = f"({' & '.join(tests)})" if tests else ""
        return found.replace("_lane[n]", "_now")
