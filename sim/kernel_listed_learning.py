"""Source text of the compiled learning phase of a connection whose synapses are listed.

As kernel_learning_source.py, in parts: the function of a part changes the synapses onto
the post neurons [first, last), and another one lists what spiked and goes through the
parts, in threads where there is much to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .interpreter_learning import TARGETS
from .kernel_layout import COLUMN_LISTS, LISTS, learns_in_columns
from .kernel_learning_source import AbstractLearningSource, indented
from .kernel_listed_passes import ListedColumnPass, ListedRowPass
from .kernel_listed_visit import ListedVisit
from .kernel_loops import PLAIN, loop_of
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
        yield loop_of(self.threads).decorator
        yield f"def {name}({arrays}, {self.counts}, parts):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        everything = "restless[0] != 0" + (" or u != 0" if self._gated_by("u") else "")
        yield f"    everything = {everything}"
        yield f"    active = {self._active()}"
        yield from indented(1, self._idleness())
        learned = {p.target for p in self.learning.products}
        if self._often_idle and learned == set(self._often_idle):
            yield "    active = active if busy != 0 else 0"
        yield "    unsettled = 0"
        yield f"    for part in {'prange' if self.threads else 'range'}(parts):"
        shared = f"{self.counts}, everything, busy, active"
        bounds = "bound(posts, part, parts), bound(posts, part + 1, parts)"
        yield f"        unsettled += {name}_part({arrays}, {shared}, {bounds})"
        yield "    restless[0] = 1 if unsettled > 0 else 0"

    def _part(self, name: str) -> Iterator[str]:
        shared = f"{self.counts}, everything, busy, active, first, last"
        yield PLAIN.decorator
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
        visit = ListedVisit(source, self._rows)
        idle = self._often_idle
        learned = [t for t in TARGETS if t not in idle]
        yield "for m in range(active):"
        yield f"    i = {self._row_of('m')}"
        yield "    if m + 2 < active:"
        yield f"        after = {self._row_of('m + 2')}"
        for ending in ("post_of", *self._storage):
            yield f"        touch_row(starts, {ending}, after)"
        yield "    start, stop = row_between(starts, post_of, i, first, last)"
        yield from indented(1, self._rows.shared_values())
        if not idle:
            yield from indented(1, visit.lines(TARGETS))
            return
        for condition, targets in (("if busy != 0:", TARGETS), ("else:", learned)):
            yield f"    {condition}"
            yield from indented(2, visit.lines(targets))

    def _column_loop(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._columns)
        yield "for m in range(0 if everything else post_count):"
        yield "    j = np.int64(post_marked[m])"
        yield "    if j < first or j >= last:"
        yield "        continue"
        yield "    if m + 1 < post_count:"
        yield "        after = np.int64(post_marked[m + 1])"
        for ending in self._storage:
            lists = "column_starts, column_synapses"
            yield f"        touch_column({lists}, {ending}, after)"
        yield from indented(1, self._columns.shared_values())
        yield from indented(1, ListedVisit(source, self._columns).lines(TARGETS))
