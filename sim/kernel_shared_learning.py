"""Source text of a learning phase whose changes belong to neurons, not to synapses.

For rules of kernel_shared_changes.py. What a row adds to the weight of a synapse is
computed once for each post neuron, what a column adds once for each pre neuron; a visit
is then a sum within the range. A row sends its weights on first. Synapses between two
neurons that both spiked, and all of them in the first phase, are computed one by one.
As in kernel_listed_learning.py a part of the work is the synapses onto the post neurons
[first, last).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..hardware.learning import Gate
from .kernel_expressions import INT32_HIGH, Ranged, variable
from .kernel_layout import COLUMN_LISTS, LISTS, learns_in_columns
from .kernel_learning_source import AbstractLearningSource, indented
from .kernel_loops import PLAIN, loop_of
from .kernel_passes import RowPass
from .kernel_shared_passes import NeuronPass, OnePass
from .kernel_synapse_source import SynapseSource

ONE_BY_ONE = INT32_HIGH
"""In place of the change of a post neuron that spiked."""

AHEAD = 4
"""Rows and columns that are asked for before they are visited."""

MOST = 1 << 30
"""No change is as large: a weight that it is added to keeps 32 bits."""


@dataclass(frozen=True)
class SharedLearningSource(AbstractLearningSource):
    """Writes the learning phase of one connection.

    threads
        Whether parts run side by side.
    """

    threads: bool = False

    def function(self, name: str) -> str:
        """Write the functions of a synapse and of a part, and that of the phase."""
        functions = (self._one(name), self._part(name), self._phase(name))
        return "\n\n\n".join("\n".join(lines) for lines in functions)

    def arrays(self) -> tuple[str, ...]:
        """List the arrays it takes, by the endings of their identifiers."""
        columns = COLUMN_LISTS if self._in_columns else ()
        marks = ("pre_times", "pre_marked", "post_times", "post_marked")
        fixed = (*marks, "restless", "on_the_way", *self._changes)
        return ("weights", *LISTS, *columns, *fixed, *self._histories)

    @property
    def _rows(self) -> RowPass:
        return self._plain_rows

    @cached_property
    def _in_columns(self) -> bool:
        return learns_in_columns(self.learning)

    @property
    def _changes(self) -> tuple[str, ...]:
        return ("change_of_post", *(["change_of_pre"] if self._in_columns else []))

    @cached_property
    def _histories(self) -> tuple[str, ...]:
        return tuple(f"{trace}_history" for trace in self._traces())

    @property
    def _parameters(self) -> str:
        return f"{', '.join(self.arrays())}, step, numbers, s"

    def _source(self, visit: NeuronPass | OnePass) -> SynapseSource:
        return SynapseSource(self.connection, self.profile, visit)

    def _one(self, name: str) -> Iterator[str]:
        """Write how a single synapse changes, with all of the rule."""
        visit = OnePass(self.learning, self.profile, self._storage, ())
        shared = ", ".join(["pres", "posts", "slack_w", *self._histories])
        yield PLAIN.decorator
        yield f"def {name}_one(weights, k, i, j, x0, y0, {shared}):"
        yield from indented(1, self._source(visit).lines(("w",)))

    def _calls_one(self, name: str) -> str:
        shared = ", ".join(["pres", "posts", "slack_w", *self._histories])
        gates = "pre_times[i] > 0", "post_times[j] > 0"
        x0, y0 = (f"np.int32(1 if {gate} else 0)" for gate in gates)
        return f"{name}_one(weights, k, i, j, {x0}, {y0}, {shared})"

    def _phase(self, name: str) -> Iterator[str]:
        """Write the phase of a step: what neurons share, then the parts."""
        yield loop_of(self.threads).decorator
        yield f"def {name}({self._parameters}, parts, pre_count, post_count, exponent):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from indented(1, self._random_sources())
        yield "    everything = restless[0] != 0"
        yield from indented(1, _asks_first("pre", ROWS, "starts"))
        if self._in_columns:
            yield from indented(1, _asks_first("post", COLUMNS, "column_starts"))
        yield "    clear_cells(on_the_way)"
        yield "    if pre_count > 0:"
        yield from indented(2, self._of_neurons("x0"))
        yield "        for m in range(post_count):"
        yield f"            change_of_post[np.uint32(post_marked[m])] = {ONE_BY_ONE}"
        if self._in_columns:
            yield "    if post_count > 0:"
            yield from indented(2, self._of_neurons("y0"))
            yield "        for m in range(pre_count):"
            yield "            change_of_pre[np.uint32(pre_marked[m])] = 0"
        yield f"    for part in {'prange' if self.threads else 'range'}(parts):"
        bounds = "bound(posts, part, parts), bound(posts, part + 1, parts)"
        work = "everything, pre_count, post_count, exponent"
        yield f"        {name}_part({self._parameters}, {work}, {bounds})"
        yield "    restless[0] = 0"

    def _of_neurons(self, gate: Gate) -> Iterator[str]:
        """Write what the visits of rows or columns add, for each neuron."""
        visit = NeuronPass(self.learning, self.profile, self._storage, (), gate)
        side, index, size = ("y", "j", "posts") if gate == "x0" else ("x", "i", "pres")
        for trace in (t for t in self._traces() if t.startswith(side)):
            yield f"{trace}_last = {trace}_history[{size}:2 * {size}]"
        yield f"for {index} in range({size}):"
        yield from indented(1, self._source(visit).change("w", MOST))

    def _part(self, name: str) -> Iterator[str]:
        work = "everything, pre_count, post_count, exponent, first, last"
        yield PLAIN.decorator
        yield f"def {name}_part({self._parameters}, {work}):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from indented(1, self._random_sources())
        yield from indented(1, self._row_loop(name))
        yield "    shift_narrow(on_the_way[first:last], exponent)"
        yield "    if everything:"
        yield from indented(2, self._everything(name))
        if self._in_columns:
            yield "    else:"
            yield from indented(2, self._column_loop())

    def _row_loop(self, name: str) -> Iterator[str]:
        """Write how rows send their weights on, and what is then added to them."""
        yield "for m in range(pre_count):"
        yield "    i = np.int64(pre_marked[m])"
        yield from indented(1, _asks_ahead("pre", ROWS, "starts"))
        yield "    start, stop = row_between(starts, post_of, i, first, last)"
        yield "    for k in range(np.uint64(start), np.uint64(stop)):"
        yield "        at = post_of[k]"
        yield "        weight = np.int32(weights[k])"
        yield "        on_the_way[at] += weight"
        yield "        if everything:"
        yield "            continue"
        yield "        change = change_of_post[at]"
        yield f"        if change == {ONE_BY_ONE}:"
        yield "            j = np.int64(at)"
        yield f"            {self._calls_one(name)}"
        yield "        else:"
        yield f"            weights[k] = {self._changed('change').text}"

    def _column_loop(self) -> Iterator[str]:
        """Write what is added to the columns; rows that were visited add 0."""
        yield "for m in range(post_count):"
        yield "    j = np.int64(post_marked[m])"
        yield "    if j < first or j >= last:"
        yield "        continue"
        yield from indented(1, _asks_ahead("post", COLUMNS, "column_starts"))
        yield "    start, stop = column_starts[j], column_starts[j + 1]"
        yield "    for c in range(np.uint64(start), np.uint64(stop)):"
        yield "        k = column_synapses[c]"
        yield "        weight = np.int32(weights[k])"
        changed = self._changed("change_of_pre[column_pres[c]]")
        yield f"        weights[k] = {changed.text}"

    def _everything(self, name: str) -> Iterator[str]:
        """Write the first phase, in which weights may be out of their range."""
        yield "for i in range(pres):"
        yield "    start, stop = row_between(starts, post_of, i, first, last)"
        yield "    for k in range(start, stop):"
        yield "        j = np.int64(post_of[k])"
        yield f"        {self._calls_one(name)}"

    def _changed(self, change: str) -> Ranged:
        """Write the new weight of a synapse to which a change is added."""
        visit = OnePass(self.learning, self.profile, self._storage, ())
        source = self._source(visit)
        return source.within(visit.old("w").plus(variable(change, -MOST, MOST)))


ROWS, COLUMNS = (
    {"post_of": 32, "weights": 64},
    {"column_synapses": 16, "column_pres": 32},
)
"""What a row or column reads, and how many elements there are at least to a line."""


def _asks(place: str, side: str, arrays: Mapping[str, int], starts: str) -> list[str]:
    """Write how the beginning of a row is asked for."""
    after = f"np.int64({side}_marked[{place}])"
    return [
        f"touch_begin({starts}, {ending}, {after}, {step})"
        for ending, step in arrays.items()
    ]


def _asks_ahead(side: str, arrays: Mapping[str, int], starts: str) -> Iterator[str]:
    """Write how memory is asked for: where a row lies, then its beginning."""
    yield f"if m + {2 * AHEAD} < {side}_count:"
    yield f"    touch({starts}, np.int64({side}_marked[m + {2 * AHEAD}]))"
    yield f"if m + {AHEAD} < {side}_count:"
    yield from indented(1, iter(_asks(f"m + {AHEAD}", side, arrays, starts)))


def _asks_first(side: str, arrays: Mapping[str, int], starts: str) -> Iterator[str]:
    """Write how the first rows are asked for."""
    yield f"for m in range(min({2 * AHEAD}, {side}_count)):"
    yield f"    touch({starts}, np.int64({side}_marked[m]))"
    yield f"for m in range(min({AHEAD}, {side}_count)):"
    yield from indented(1, iter(_asks("m", side, arrays, starts)))
