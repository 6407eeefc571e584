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

from .interpreter_learning import TARGETS
from .kernel_deferral import LONGEST_WAIT, PERIOD, WORD_STEPS, replayed_traces
from .kernel_deferred_pass import DeferredPass
from .kernel_layout import LISTS
from .kernel_learning_source import AbstractLearningSource, indented
from .kernel_listed_passes import ListedRowPass
from .kernel_listed_visit import ListedVisit
from .kernel_passes import ARRAYS
from .kernel_storage import Storage
from .kernel_synapse_source import SynapseSource
from .kernel_trace_source import decayed
from .randomness import DECAY_KIND
from .trace_decay import decay_bits

SPREAD = "on_the_way[at] += x0 * np.int32(weights[k])"


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
    def _rows(self) -> ListedRowPass:
        return ListedRowPass(self.learning, self.profile, self._storage, ())

    @cached_property
    def _late_storage(self) -> dict[str, Storage]:
        """Give the variables that a post event reads or writes."""
        mine = ("weights", "exists_w")
        return {k: v for k, v in self._storage.items() if k in mine}

    def _parameters(self) -> str:
        factors = [f"{trace}_factor" for trace in self._replayed]
        return ", ".join([*self.arrays(), *factors, "step", "numbers", "parts"])

    def _phase(self, name: str) -> Iterator[str]:
        """Write the phase of a step: lists, parts, and what was visited."""
        yield "@njit(parallel=True)" if self.threads else "@njit"
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
        yield "@njit(parallel=True)" if self.threads else "@njit"
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
        body = [*self._row()]
        yield "@njit"
        work = "active, rows, exponent, first, last"
        yield f"def {name}_part({self._parameters()}, {work}):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from indented(1, self._random_sources())
        for trace in self._replayed:
            yield f"    {trace}_key = numbers[{DECAY_KIND[trace]}, 0]"
            yield f"    {trace}_past = np.empty({LONGEST_WAIT + 1}, np.int32)"
        yield "    restless_now = restless[0] != 0"
        named = ("k", "j", "passed", *self._storage, *self._replayed)
        lanes = {f"{n}_lane": "" for n in named} | self._rows.lanes.filled
        for lane in lanes:
            yield f"    {lane} = np.empty(longest[0], np.int32)"
        yield "    early_lane = np.empty(longest[0], np.int64)"
        yield "    late_lane = np.empty(longest[0], np.int64)"
        yield "    for m in range(rows):"
        yield from indented(2, iter(body))
        yield "    shift_narrow(on_the_way[first:last], exponent)"

    def _row(self) -> Iterator[str]:
        source = SynapseSource(self.connection, self.profile, self._rows)
        yield from self._asks()
        yield "i = np.int64(pre_marked[m])"
        yield "start, stop = row_between(starts, post_of, i, first, last)"
        yield "if start == stop:"
        yield "    continue"
        yield from self._replay()
        yield from self._settles_row()
        yield "if m >= active:"
        yield "    continue"
        yield from self._rows.shared_values()
        yield from ListedVisit(source, self._rows, SPREAD).lines(TARGETS)

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

    def _replay(self) -> Iterator[str]:
        """Write how the traces of the row go on from its last visit, until 0."""
        yield "until = step - 1 if m < active else step"
        yield "seen = visited[i]"
        yield "moment = seen"
        for trace in self._replayed:
            yield f"{trace}_now = np.int64({trace}_visited[i])"
        running = " | ".join(f"{trace}_now" for trace in self._replayed)
        yield f"while moment < until and ({running}) != 0:"
        yield "    moment += 1"
        for trace in self._replayed:
            bits = decay_bits(self.profile)
            drawn = f"element_bits({trace}_key, moment, i, {bits})"
            value = decayed(self.profile, f"{trace}_now", f"{trace}_factor", drawn)
            yield f"    {trace}_now = {value}"
            yield f"    {trace}_past[moment - seen] = {trace}_now"

    def _settles_row(self) -> Iterator[str]:
        """Write how events of the steps (seen, moment] reach the row.

        Two words of steps at a time, from the first one on: each is cut out of two
        neighbours of the history.
        """
        visit = DeferredPass(self.learning, self.profile, self._late_storage, ())
        source = SynapseSource(self.connection, self.profile, visit)
        yield "begin = seen + 1"
        yield "while begin <= moment:"
        yield f"    word = np.uint64(begin // {WORD_STEPS})"
        yield f"    shift = np.uint64(begin % {WORD_STEPS})"
        yield "    early_bits = bits_up_to(moment, begin)"
        yield f"    late_bits = bits_up_to(moment, begin + {WORD_STEPS})"
        yield "    left = np.uint64(0)"
        yield "    for k in range(start, stop):"
        yield "        j = np.uint64(post_of[k])"
        yield "        first_word = events[place_in_history(j, word)]"
        yield "        next_word = events[place_in_history(j, word + np.uint64(1))]"
        yield "        last_word = events[place_in_history(j, word + np.uint64(2))]"
        yield "        early = cut_out(first_word, next_word, shift) & early_bits"
        yield "        late = cut_out(next_word, last_word, shift) & late_bits"
        yield "        k_lane[left] = k"
        yield "        early_lane[left] = early"
        yield "        late_lane[left] = late"
        yield "        left += np.uint64((early | late) != 0)"
        yield "    while left > 0:"
        yield "        size = np.int64(left)"
        yield "        for n in range(size):"
        yield "            k = np.uint32(k_lane[n])"
        yield "            early, late = early_lane[n], late_lane[n]"
        yield "            is_early = early != 0"
        yield "            bits = early if is_early else late"
        yield f"            passed = begin - seen + (0 if is_early else {WORD_STEPS})"
        yield "            passed += lowest_bit(bits)"
        yield "            bits &= bits - 1"
        yield "            early_lane[n] = bits if is_early else 0"
        yield "            late_lane[n] = late if is_early else bits"
        yield "            passed_lane[n] = passed"
        yield "            j_lane[n] = post_of[k]"
        for trace in self._replayed:
            yield f"            {trace}_lane[n] = {trace}_past[passed]"
        for ending in self._late_storage:
            yield f"            {ending}_lane[n] = {ending}[k]"
        yield "        for n in range(size):"
        yield from indented(3, source.lines(("w",)))
        yield "        left = np.uint64(0)"
        yield "        for n in range(size):"
        yield f"            {ARRAYS['w']}[np.uint32(k_lane[n])] = {ARRAYS['w']}_lane[n]"
        yield "            early, late = early_lane[n], late_lane[n]"
        yield "            k_lane[left] = k_lane[n]"
        yield "            early_lane[left] = early"
        yield "            late_lane[left] = late"
        yield "            left += np.uint64((early | late) != 0)"
        yield f"    begin += {2 * WORD_STEPS}"
