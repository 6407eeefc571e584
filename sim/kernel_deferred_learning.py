"""Source text of a learning phase that puts post events off (kernel_deferral.py).

A row is settled, sends its weights on and learns in one visit, when its pre neuron
spikes. Rows that waited for long are settled besides; all of them are, by a function of
their own, when somebody wants to see the weights. As in kernel_listed_learning.py a
part of the work is the synapses onto the post neurons [first, last).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .kernel_deferral import PERIOD, replayed_traces
from .kernel_deferred_pass import WholeRowPass
from .kernel_deferred_row import DeferredRow
from .kernel_layout import LISTS
from .kernel_learning_source import AbstractLearningSource, indented
from .kernel_loops import PLAIN, loop_of


@dataclass(frozen=True)
class DeferredLearningSource(AbstractLearningSource):
    """Writes the learning phase of one connection, and the function that settles it.

    threads
        Whether parts run side by side.
    """

    threads: bool = False

    def function(self, name: str) -> str:
        """Write the function of a part, and those that go through the parts."""
        functions = (self._part(name), self._phase(name), self._settle(name))
        return "\n\n\n".join("\n".join(lines) for lines in functions)

    def arrays(self) -> tuple[str, ...]:
        """List the arrays it takes, by the endings of their identifiers."""
        histories = [f"{trace}_history" for trace in self._traces()]
        visited = [f"{trace}_visited" for trace in self._replayed]
        marks = ("pre_times", "pre_marked", "post_times", "post_marked")
        fixed = (*marks, "restless", "longest", "on_the_way", "events", "visited")
        return (*self._storage, *LISTS, *fixed, *visited, *histories)

    def factors(self) -> tuple[str, ...]:
        """Name the traces whose factor of decay it takes, after the arrays."""
        return self._replayed

    @cached_property
    def _replayed(self) -> tuple[str, ...]:
        return replayed_traces(self.learning)

    @cached_property
    def _rows(self) -> WholeRowPass:
        return WholeRowPass(self.learning, self.profile, self._storage, ())

    def _parameters(self) -> str:
        factors = [f"{trace}_factor" for trace in self._replayed]
        return ", ".join([*self.arrays(), *factors, "step", "numbers", "parts"])

    def _phase(self, name: str) -> Iterator[str]:
        """Write the phase of a step: lists, parts, and what was visited."""
        yield loop_of(self.threads).decorator
        yield f"def {name}({self._parameters()}, pre_count, post_count, exponent):"
        yield "    pres = pre_times.size"
        yield "    everything = restless[0] != 0"
        yield "    clear_cells(on_the_way)"
        yield "    note_events(post_marked, post_count, events, step)"
        yield "    active = list_all(pre_marked) if everything else pre_count"
        yield "    rows = active"
        yield f"    turn = step % {PERIOD}"
        yield "    if not everything:"
        ends = f"turn * pres // {PERIOD}, (turn + 1) * pres // {PERIOD}"
        yield f"        for i in range({ends}):"
        yield f"            if step - visited[i] > {PERIOD} and pre_times[i] == 0:"
        yield f"                if {self._waits()}:"
        yield "                    pre_marked[rows] = i"
        yield "                    rows += 1"
        yield from self._parts(name, "active, rows, exponent")
        yield from self._notes_visits()
        yield "    restless[0] = 0"

    def _settle(self, name: str) -> Iterator[str]:
        """Write the function that settles every row."""
        yield loop_of(self.threads).decorator
        yield f"def {name}_settle({self._parameters()}):"
        yield "    pres = pre_times.size"
        yield "    rows = 0"
        yield "    for i in range(pres):"
        yield f"        if visited[i] < step and {self._waits()}:"
        yield "            pre_marked[rows] = i"
        yield "            rows += 1"
        yield from self._parts(name, "0, rows, np.int64(0)")
        yield from self._notes_visits()

    def _notes_visits(self) -> Iterator[str]:
        yield "    for m in range(rows):"
        yield "        i = np.int64(pre_marked[m])"
        yield "        visited[i] = step"
        for trace in self._replayed:
            yield f"        {trace}_visited[i] = {trace}_history[pres + i]"

    def _waits(self) -> str:
        """Write whether post events may have changed what row i holds."""
        traces = " | ".join(f"{trace}_visited[i]" for trace in self._replayed)
        return f"({traces}) != 0"

    def _parts(self, name: str, work: str) -> Iterator[str]:
        yield "    posts = post_times.size"
        yield f"    for part in {'prange' if self.threads else 'range'}(parts):"
        bounds = "bound(posts, part, parts), bound(posts, part + 1, parts)"
        yield f"        {name}_part({self._parameters()}, {work}, {bounds})"

    def _part(self, name: str) -> Iterator[str]:
        """Write how a part goes through rows; from ``active`` on they only settle."""
        row = DeferredRow(self.connection, self.profile, self._rows, self._replayed)
        body = [*row.lines()]
        yield PLAIN.decorator
        work = "active, rows, exponent, first, last"
        yield f"def {name}_part({self._parameters()}, {work}):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from indented(1, self._random_sources())
        yield from indented(1, row.before())
        yield "    for m in range(rows):"
        yield from indented(2, self._asks())
        yield from indented(2, iter(body))
        yield "    shift_narrow(on_the_way[first:last], exponent)"

    def _asks(self) -> Iterator[str]:
        """Write how memory is asked for: each thing when what leads to it is there."""
        yield "if m + 8 < rows:"
        yield "    after = np.int64(pre_marked[m + 8])"
        visited = [f"{trace}_visited" for trace in self._replayed]
        for ending in ("starts", "visited", *visited):
            yield f"    touch({ending}, after)"
        for trace in self._traces():
            if trace.startswith("x"):
                yield f"    touch({trace}_history, pres + after)"
        yield "if m + 3 < rows:"
        yield "    after = np.int64(pre_marked[m + 3])"
        for ending in ("post_of", *self._storage):
            yield f"    touch_row(starts, {ending}, after)"
        yield "if m + 1 < rows:"
        yield "    after = np.int64(pre_marked[m + 1])"
        yield "    start, stop = row_between(starts, post_of, after, first, last)"
        yield "    touch_histories(post_of, start, stop, events)"
