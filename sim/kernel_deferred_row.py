"""Source text of a visit to a row whose post events were put off.

A row lies together, and so do its lanes (kernel_deferred_pass.py). All of its synapses
have their first event at once, which most of them have and which changes nothing where
there was none; the few that had more are picked out. Then the row sends its weights on
and learns what the step itself changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..hardware.profile import Profile
from ..hardware.program import Connection
from .kernel_deferral import LONGEST_WAIT, WORD_STEPS
from .kernel_deferred_pass import EventPass, WholeRowPass
from .kernel_learning_source import indented
from .kernel_passes import ARRAYS
from .kernel_storage import Storage
from .kernel_synapse_source import SynapseSource
from .kernel_trace_source import decayed
from .randomness import DECAY_KIND
from .trace_decay import decay_bits


@dataclass(frozen=True)
class DeferredRow:
    """Writes the visit to row i of a connection.

    phase
        The phase of the step itself.
    replayed
        Pre traces that post events read.
    """

    connection: Connection
    profile: Profile
    phase: WholeRowPass
    replayed: tuple[str, ...]

    def before(self) -> Iterator[str]:
        """Write what all rows share: lanes, and where the step is in a history."""
        yield f"word_now = np.uint64(step // {WORD_STEPS})"
        yield f"bit_now = np.uint64(step % {WORD_STEPS})"
        for trace in self.replayed:
            yield f"{trace}_key = numbers[{DECAY_KIND[trace]}, 0]"
            yield f"{trace}_past = np.zeros({LONGEST_WAIT + 1}, np.int32)"
        seen = ("passed", *self.replayed)
        lanes = {f"{name}_lane" for name in seen} | {*self.phase.filled}
        late = ("n", "j", *seen, *self._read_by_events)
        lanes |= {f"{name}_late" for name in late}
        for lane in sorted(lanes):
            yield f"{lane} = np.empty(longest[0], np.int32)"
        for ending in ("lane", "late"):
            for word in ("early", "late"):
                yield f"{word}_{ending} = np.empty(longest[0], np.int64)"

    def lines(self) -> Iterator[str]:
        """Write the visit; from ``active`` on rows are only settled."""
        yield "i = np.int64(pre_marked[m])"
        yield "start, stop = row_between(starts, post_of, i, first, last)"
        yield "if start == stop:"
        yield "    continue"
        yield "size = stop - start"
        yield "j_lane = post_of[start:stop]"
        for name in self.phase.storage:
            yield f"{name}_lane = {name}[start:stop]"
        yield from self._replay()
        yield from self._settles()
        yield "if m >= active:"
        yield "    continue"
        yield from self._sends_and_learns()

    @cached_property
    def _read_by_events(self) -> dict[str, Storage]:
        """Give the variables that a post event reads or writes."""
        mine = ("weights", "exists_w")
        return {k: v for k, v in self.phase.storage.items() if k in mine}

    def _event(self, ending: str) -> Iterator[str]:
        """Write how an event changes each synapse of some lanes."""
        mine = self.phase.learning, self.profile, self._read_by_events, ()
        visit = EventPass(*mine, ending=ending)
        return SynapseSource(self.connection, self.profile, visit).lines(("w",))

    def _replay(self) -> Iterator[str]:
        """Write how the traces of the row go on from its last visit, until 0."""
        yield "until = step - 1 if m < active else step"
        yield "seen = visited[i]"
        yield "moment = seen"
        for trace in self.replayed:
            yield f"{trace}_now = np.int64({trace}_visited[i])"
        running = " | ".join(f"{trace}_now" for trace in self.replayed)
        yield f"while moment < until and ({running}) != 0:"
        yield "    moment += 1"
        for trace in self.replayed:
            bits = decay_bits(self.profile)
            drawn = f"element_bits({trace}_key, moment, i, {bits})"
            value = decayed(self.profile, f"{trace}_now", f"{trace}_factor", drawn)
            yield f"    {trace}_now = {value}"
            yield f"    {trace}_past[moment - seen] = {trace}_now"

    def _settles(self) -> Iterator[str]:
        """Write how events of the steps (seen, moment] reach the row.

        Two words of steps at a time, from the first one on: each is cut out of two
        neighbours of the history.
        """
        yield "begin = seen + 1"
        yield "while begin <= moment:"
        yield f"    word = np.uint64(begin // {WORD_STEPS})"
        yield f"    shift = np.uint64(begin % {WORD_STEPS})"
        yield "    early_bits = bits_up_to(moment, begin)"
        yield f"    late_bits = bits_up_to(moment, begin + {WORD_STEPS})"
        yield from indented(1, self._first_events())
        yield from indented(1, self._later_events())
        yield f"    begin += {2 * WORD_STEPS}"

    def _first_events(self) -> Iterator[str]:
        """Write the first event of each synapse; past[0] is 0, and changes nothing."""
        yield "for n in range(size):"
        yield "    j = np.uint64(j_lane[n])"
        yield "    first_word = events[place_in_history(j, word)]"
        yield "    next_word = events[place_in_history(j, word + np.uint64(1))]"
        yield "    last_word = events[place_in_history(j, word + np.uint64(2))]"
        yield "    early = cut_out(first_word, next_word, shift) & early_bits"
        yield "    late = cut_out(next_word, last_word, shift) & late_bits"
        yield from indented(1, self._next_bit("lane"))
        yield "    passed = passed if bits != 0 else 0"
        yield "    passed_lane[n] = passed"
        for trace in self.replayed:
            yield f"    {trace}_lane[n] = {trace}_past[np.uint64(passed)]"
        yield "for n in range(size):"
        yield from indented(1, self._event("lane"))

    def _next_bit(self, ending: str) -> Iterator[str]:
        """Write which bit of ``early`` or else ``late`` is next, and what is left."""
        yield "is_early = early != 0"
        yield "bits = early if is_early else late"
        yield f"passed = begin - seen + (0 if is_early else {WORD_STEPS})"
        yield "passed += lowest_bit(bits)"
        yield f"early_{ending}[n] = early & (early - 1)"
        yield f"late_{ending}[n] = late if is_early else late & (late - 1)"

    def _later_events(self) -> Iterator[str]:
        """Write the other events, one of each synapse at a time."""
        yield "left = np.uint64(0)"
        yield "for n in range(size):"
        yield "    n_late[left] = n"
        yield from indented(1, self._keeps_place("lane"))
        yield "while left > 0:"
        yield "    more = np.int64(left)"
        yield "    for n in range(more):"
        yield "        k = np.uint32(n_late[n])"
        yield "        early, late = early_late[n], late_late[n]"
        yield from indented(2, self._next_bit("late"))
        yield "        passed_late[n] = passed"
        yield "        j_late[n] = j_lane[k]"
        for trace in self.replayed:
            yield f"        {trace}_late[n] = {trace}_past[np.uint64(passed)]"
        for name in self._read_by_events:
            yield f"        {name}_late[n] = {name}_lane[k]"
        yield "    for n in range(more):"
        yield from indented(2, self._event("late"))
        yield "    left = np.uint64(0)"
        yield "    for n in range(more):"
        weights = ARRAYS["w"]
        yield f"        {weights}_lane[np.uint32(n_late[n])] = {weights}_late[n]"
        yield "        n_late[left] = n_late[n]"
        yield from indented(2, self._keeps_place("late"))

    def _keeps_place(self, ending: str) -> Iterator[str]:
        """Write how a synapse keeps its place in the lanes while bits are left."""
        yield f"early, late = early_{ending}[n], late_{ending}[n]"
        yield "early_late[left] = early"
        yield "late_late[left] = late"
        # a sum has no branch that could be foretold wrongly
        yield "left += np.uint64((early | late) != 0)"

    def _sends_and_learns(self) -> Iterator[str]:
        """Write how weights are sent on as they were, and what the step changes."""
        source = SynapseSource(self.connection, self.profile, self.phase)
        changes = [*source.lines()]
        yield from self.phase.shared_values()
        yield "for n in range(size):"
        yield "    at = np.uint64(j_lane[n])"
        yield "    on_the_way[at] += x0 * np.int32(weights_lane[n])"
        yield from indented(1, self.phase.looks_up())
        yield "for n in range(size):"
        yield from indented(1, iter(changes))
