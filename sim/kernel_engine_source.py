"""Source text of the learning engines of a step: marks, traces, learning phases.

A Program, a profile and a writer of networks go in, statements of a compiled step come
out; docs/semantics.md sections 6 and 7. How phases look inside is written elsewhere
(kernel_learning_source.py and its like).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..hardware.learning import GradedSpikes, Learning
from ..hardware.profile import Profile
from ..hardware.program import Connection, Program
from .kernel_collected import Collected, int64
from .kernel_deferral import defers
from .kernel_deferred_learning import DeferredLearningSource
from .kernel_graded_source import GradedSource
from .kernel_layout import (
    engine_traces,
    follows_spikes,
    has_own_list,
    third_factor_slots,
    times_are,
)
from .kernel_learning_source import LearningSource
from .kernel_listed_learning import ListedLearningSource
from .kernel_network_source import NetworkSource
from .kernel_shared_changes import shares_changes
from .kernel_shared_learning import SharedLearningSource
from .kernel_trace_source import (
    POPULATION_ROWS,
    REPEATED_IMPULSE_ROW,
    factor_of_decay,
    steps_in_place,
    third_factor_constant,
)
from .randomness import DECAY_KIND, IMPULSE_KIND
from .trace_decay import BinaryDecay, TableDecay, steps_of_a_decay, trace_decay


@dataclass
class EngineSource:
    """Writes statements of one engine after the other.

    settling
        Statements that bring synapses up to date of which changes are put off.
    """

    program: Program
    profile: Profile
    network: NetworkSource
    kept: Collected
    threads: bool
    settling: list[str] = field(default_factory=list)
    learning_connections: int = 0

    def engine(self, c: int, connection: Connection) -> Iterator[str]:
        """Write what the engine of a connection does in a step."""
        learning = connection.learning
        assert learning is not None
        epoch, number = learning.epoch_steps, self.learning_connections
        self.learning_connections += 1
        bases = {
            trace: self._trace_constants(learning, trace)
            for trace in engine_traces(learning)
        }
        yield f"moment = (step - 1) % {epoch} + 1"
        values = self.network.heard(c, connection)
        yield from self._heard(c, learning, number, bases, "x", values)
        events = self.network.post_events(connection)
        if learning.uses_post_event and events is not None:
            yield from self._heard(c, learning, number, bases, "y", events)
        yield from self.network.third_factors(c, connection, learning)
        phase = self._phase(c, connection, learning, number, bases)
        if epoch == 1:
            yield from phase
            return
        yield f"if step % {epoch} == 0:"
        yield from (f"    {line}" for line in phase)

    def _trace_constants(self, learning: Learning, trace: str) -> tuple[int, int]:
        """Store a trace's numbers; give their place and the row of its tables."""
        program, row = learning.traces[trace], len(self.kept.tables)
        steps = steps_of_a_decay(self.profile, learning.epoch_steps)
        decay = trace_decay(self.profile, program.tau_steps, steps)
        factor = 0
        match decay:
            case TableDecay():
                raised = decay.with_impulse(program)
                self.kept.tables.append((raised.floors, raised.thresholds))
                self.kept.factors.append(float(decay.exact[1]))
            case BinaryDecay(factor=factor):
                pass
        base = self.kept.constant(program.impulse, program.impulse_fraction_256, factor)
        return base, row

    def _heard(
        self,
        c: int,
        learning: Learning,
        number: int,
        bases: dict[str, tuple[int, int]],
        side: str,
        spikes: str,
    ) -> Iterator[str]:
        times = f"c{c}_{'pre' if side == 'x' else 'post'}_times"
        if self._bound(c, times):
            return
        repeats = learning.epoch_steps > 1 and self.profile.repeated_spike == "impulse"
        if side == "x" and learning.graded_spikes != GradedSpikes.REGULAR:
            yield self._heard_graded(c, learning, number, bases, spikes, repeats)
            return
        for trace, (base, _) in bases.items():
            if trace.startswith(side) and repeats:
                impulse = f"constants[{base}], constants[{base + 1}]"
                heard = f"{spikes}, {times}, c{c}_{trace}, {impulse}"
                yield self._repeated(trace, heard, number)
        yield f"mark_spikes({spikes}, {times}, moment)"

    def _heard_graded(
        self,
        c: int,
        learning: Learning,
        number: int,
        bases: dict[str, tuple[int, int]],
        spikes: str,
        repeats: bool,
    ) -> str:
        payloads = self.program.connections[c].message_bits > 0
        source = GradedSource(
            learning.graded_spikes, self.profile, payloads, repeats and "x2" in bases
        )
        name = self.kept.function(source.function(), "payloads")
        base, _ = bases.get("x2", (0, 0))
        arguments = source.arguments(c, base, number, IMPULSE_KIND["x2"])
        return f"{name}({spikes}, {arguments})"

    def _repeated(self, trace: str, heard: str, number: int) -> str:
        if self.profile.randomness == "population":
            drawn = f"np.int64(random[{number}, {REPEATED_IMPULSE_ROW}, s])"
            r = drawn if trace.startswith("y") else "np.int64(0)"
            return f"repeat_impulse({heard}, {r})"
        key = f"random[{number}, {IMPULSE_KIND[trace]}, 0]"
        bits = self.profile.impulse_random_bits
        return f"repeat_impulse_each({heard}, {key}, step, {int64(bits)})"

    def _phase(
        self,
        c: int,
        connection: Connection,
        learning: Learning,
        number: int,
        bases: dict[str, tuple[int, int]],
    ) -> Iterator[str]:
        epoch = learning.epoch_steps
        yield f"numbers = random[{number}]"
        for side in ("pre", "post"):
            yield f"{side}_count = {self._spiked(c, connection, side)}"
        for trace, (base, row) in bases.items():
            yield self._trace(c, learning, trace, base, row)
        for slot in third_factor_slots(learning):
            steps = steps_of_a_decay(self.profile, epoch)
            factor = third_factor_constant(self.profile, steps)
            yield (
                f"third_factor_history({_trace_arrays(c, slot)},"
                f" c{c}_{slot}_history, {factor!r},"
                f" {int64(epoch)}, step, numbers, {self._row(slot, 'decay')}, s)"
            )
        if defers(connection, self.profile):
            yield from self._deferred(c, connection, number, bases)
            return
        if shares_changes(connection, self.profile):
            yield from self._shared(c, connection)
            return
        source: LearningSource | ListedLearningSource
        numbers = "step, numbers, s, pre_count, post_count"
        if connection.pairs is None:
            source = LearningSource(connection, self.profile)
        else:
            source = ListedLearningSource(connection, self.profile, self.threads)
            numbers += ", parts"
        name = self.kept.function(source.function("FUNCTION"), "learn")
        arrays = ", ".join(f"c{c}_{ending}" for ending in source.arrays())
        yield f"{name}({arrays}, {_decimated(learning)}, {numbers})"
        yield from self._cleared(c)

    def _spiked(self, c: int, connection: Connection, side: str) -> str:
        """Write how the neurons of a side that spiked are listed, and counted."""
        p, marked = times_are(self.program, connection, side), f"c{c}_{side}_marked"
        if p is None:
            return f"list_active(c{c}_{side}_times, {marked})"
        if has_own_list(self.program, self.profile, connection, side):
            return f"copy_list(p{p}_listed, p{p}_count, {marked})"
        return f"p{p}_count"

    def _shared(self, c: int, connection: Connection) -> Iterator[str]:
        """Write a phase whose changes are computed once for each neuron."""
        source = SharedLearningSource(connection, self.profile, self.threads)
        name = self.kept.function(source.function("FUNCTION"), "learn")
        arrays = ", ".join(f"c{c}_{ending}" for ending in source.arrays())
        exponent = f"constants[{self.kept.constant(connection.weight_exponent)}]"
        counts = f"pre_count, post_count, {exponent}"
        yield f"{name}({arrays}, step, numbers, s, parts, {counts})"
        yield from self._cleared(c)

    def _cleared(self, c: int) -> Iterator[str]:
        for times in (f"c{c}_pre_times", f"c{c}_post_times"):
            if not self._bound(c, times):
                yield f"clear_cells({times})"

    def _bound(self, c: int, times: str) -> bool:
        """Tell whether the times of an epoch are the spikes of its only step."""
        side = "pre" if times.endswith("pre_times") else "post"
        return times_are(self.program, self.program.connections[c], side) is not None

    def _trace(
        self, c: int, learning: Learning, trace: str, base: int, row: int
    ) -> str:
        """Write how a trace goes through an epoch."""
        side = "pre" if trace.startswith("x") else "post"
        listed = f"c{c}_{side}_marked, {side}_count"
        rows = f"{self._row(trace, 'decay')}, {self._row(trace, 'impulse')}"
        name, numbers = f"c{c}_{trace}", f"step, numbers, {rows}, s"
        constants = f"constants, {int64(base)}"
        in_place = steps_in_place(self.profile) and follows_spikes(learning, trace)
        if in_place and learning.epoch_steps == 1:
            found = f"{name}, {listed}, {constants}, factors, {int64(row)}"
            return f"trace_step({found}, {numbers})"
        times, epoch = f"c{c}_{side}_times", int64(learning.epoch_steps)
        found = f"{name}, {times}, {listed}, {name}_history, {constants}"
        tables = f"tables, factors, {int64(row)}, {epoch}"
        return f"trace_history({found}, {tables}, {numbers})"

    def _deferred(
        self,
        c: int,
        connection: Connection,
        number: int,
        bases: dict[str, tuple[int, int]],
    ) -> Iterator[str]:
        """Write a phase that puts post events off, and note how to settle it."""
        source = DeferredLearningSource(connection, self.profile, self.threads)
        name = self.kept.function(source.function("FUNCTION"), "learn")
        given = [f"c{c}_{ending}" for ending in source.arrays()]
        for trace in source.factors():
            base, row = bases[trace]
            given.append(factor_of_decay(self.profile, int64(base), int64(row)))
        shared = f"{', '.join(given)}, step, random[{number}], parts"
        exponent = f"constants[{self.kept.constant(connection.weight_exponent)}]"
        yield f"{name}({shared}, pre_count, post_count, {exponent})"
        yield from self._cleared(c)
        self.settling.append(f"{name}_settle({shared})")

    def _row(self, trace: str, what: str) -> str:
        if self.profile.randomness == "population":
            return int64(POPULATION_ROWS[f"{trace[0]} {what}"])
        return int64((DECAY_KIND if what == "decay" else IMPULSE_KIND)[trace])


def _trace_arrays(c: int, trace: str) -> str:
    times = "pre_times" if trace.startswith("x") else "post_times"
    return f"c{c}_{trace}, c{c}_{times}"


def _decimated(learning: Learning) -> str:
    if learning.decimate_exponent is None:
        return "0"
    period: int = 1 << learning.decimate_exponent
    return f"1 if (step // {learning.epoch_steps}) % {period} == 0 else 0"
