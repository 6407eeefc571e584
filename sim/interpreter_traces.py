"""The traces of a connection's learning engine, within an epoch and at its end.

docs/semantics.md section 6. Spikes and graded values of each step go in; at the end
of an epoch the history of every trace comes out, from which products choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..hardware.learning import GradedSpikes, Learning, TraceProgram
from ..hardware.profile import Profile
from ..hardware.variables import Y_SLOTS
from .graded_spikes import receive_payload
from .operations import Integers
from .randomness import AbstractNumbers
from .trace_decay import steps_of_a_decay, third_factor_decay, trace_decay

NOTHING = TraceProgram(impulse=0, tau_256=0)  # of a trace that nobody configured

Truths = npt.NDArray[np.bool_]
MomentOfTrace = Callable[[str, Integers, Truths, int, int], Integers]

Histories = Mapping[str, Integers]
"""Trace to its values (epoch + 1, neurons); row k is the k-th step of the epoch."""


@dataclass
class TraceEngine:
    """Times of last spikes and traces of a connection; changed in place."""

    learning: Learning
    profile: Profile
    numbers: AbstractNumbers
    pre_time: Integers
    post_time: Integers
    traces: dict[str, Integers]

    def hear_pre(self, values: Integers, step: int) -> None:
        """Note the pre spikes of a step, and what they carry if they are graded."""
        names = [n for n in self.traces if n.startswith("x")]
        if self.learning.graded_spikes != GradedSpikes.REGULAR:
            names.remove("x1")
            self.traces["x1"], values = receive_payload(
                self.learning.graded_spikes, self.traces["x1"], values
            )
        self._hear(values != 0, self.pre_time, names, step)

    def hear_post(self, events: Integers, step: int) -> None:
        """Note the post spikes of a step, if they reach the engine at all."""
        if not self.learning.uses_post_event:
            return
        third = bool(self.learning.third_factors)
        names = [] if third else [n for n in self.traces if n.startswith("y")]
        self._hear(events != 0, self.post_time, names, step)

    def hear_third_factors(self, sent: Mapping[str, Integers]) -> None:
        """Take over what the post neurons send to each slot in this step."""
        self.traces.update(sent)

    def _hear(
        self, spiked: Truths, times: Integers, names: list[str], step: int
    ) -> None:
        if self.profile.repeated_spike == "impulse":
            self._repeat(spiked & (times > 0), names, step)
        times[spiked] = (step - 1) % self.learning.epoch_steps + 1

    def _repeat(self, again: Truths, names: list[str], step: int) -> None:
        """Add the impulses of spikes that are not the first of the epoch."""
        bits = self.profile.impulse_random_bits
        for name in names:
            r = self.numbers.repeated_impulse(name, step, again.size, bits)
            raised = self._with_impulse(self.traces[name], self._program(name), r)
            self.traces[name] = np.where(again, raised, self.traces[name])

    def histories(self, step: int) -> Histories:
        """Follow every trace through the epoch that ends with this step."""
        return {
            name: self._history(
                name,
                step,
                self._third_factor_moment
                if name in Y_SLOTS and self.learning.third_factors
                else self._trace_moment,
            )
            for name in ("x1", "x2", *Y_SLOTS)
        }

    def start_epoch(self, histories: Histories) -> None:
        """Keep the last values of the traces and forget the spike times.

        What the post neuron sends is kept as it was sent, and an engine that hears no
        post spikes keeps its y traces as they were.
        """
        for name in self.traces:
            if name.startswith("x") or self._follows_post_traces():
                self.traces[name] = histories[name][-1]
        self.pre_time[:] = 0
        self.post_time[:] = 0

    def _follows_post_traces(self) -> bool:
        return self.learning.uses_post_event and not self.learning.third_factors

    def _history(self, name: str, step: int, moment: MomentOfTrace) -> Integers:
        """Give the values of a trace after 0, 1, ... steps of the epoch."""
        epoch, times = self.learning.epoch_steps, self._times(name)
        now = self._now(name)
        if self.profile.trace_decay_period == "epoch":
            end = moment(name, now, times > 0, step, step)
            return np.stack([now] + [end] * epoch)
        history = [now]
        for k in range(1, epoch + 1):
            at = step - epoch + k
            history.append(moment(name, history[-1], times == k, at, step))
        return np.stack(history)

    def _trace_moment(
        self, name: str, value: Integers, spiked: Truths, at: int, step: int
    ) -> Integers:
        """Let a trace decay, and add the impulse of a spike."""
        program = self._program(name)
        decayed = trace_decay(self.profile, program.tau_steps, self._decay_steps())
        r = self.numbers.decay(name, step, at, value.size, decayed.bits)
        if self.profile.impulse_rounding == "with decay":
            raised = np.clip(
                decayed.with_impulse(program)(value, r),
                0,
                self.profile.widths.trace_max,
            )
            return np.where(spiked, raised, decayed(value, r))
        value = decayed(value, r)
        bits = self.profile.impulse_random_bits
        r = self.numbers.impulse(name, step, at, value.size, bits)
        return np.where(spiked, self._with_impulse(value, program, r), value)

    def _third_factor_moment(
        self, name: str, value: Integers, spiked: Truths, at: int, step: int
    ) -> Integers:
        """Let what the neuron sent decay; an event may clip it."""
        decayed = third_factor_decay(self.profile, self._decay_steps())
        if decayed is not None:
            r = self.numbers.decay(name, step, at, value.size, decayed.bits)
            value = decayed(value, r)
        if self.profile.clip_third_factor_on_event:
            clipped = self._with_impulse(value, NOTHING, np.zeros_like(value))
            value = np.where(spiked, clipped, value)
        return value

    def _with_impulse(
        self, value: Integers, program: TraceProgram, r: Integers
    ) -> Integers:
        """Do what add_impulse of operations.py does, for traces of any width."""
        raised = value + program.impulse + (r < program.impulse_fraction_256)
        return np.clip(raised, 0, self.profile.widths.trace_max)

    def _decay_steps(self) -> int:
        return steps_of_a_decay(self.profile, self.learning.epoch_steps)

    def _program(self, name: str) -> TraceProgram:
        return self.learning.traces.get(name, NOTHING)

    def _times(self, name: str) -> Integers:
        return self.pre_time if name.startswith("x") else self.post_time

    def _now(self, name: str) -> Integers:
        return self.traces.get(name, np.zeros_like(self._times(name)))


def initial_engine(
    learning: Learning,
    profile: Profile,
    numbers: AbstractNumbers,
    shape: tuple[int, int],
) -> TraceEngine:
    """Give the engine before the first step: all traces are 0."""
    regular = learning.graded_spikes == GradedSpikes.REGULAR
    assert regular or "x1" in learning.traces, "payloads go to x1"
    post, pre = shape
    pre_time, post_time = np.zeros(pre, np.int64), np.zeros(post, np.int64)
    used = [n for n in ("x1", "x2") if n in learning.traces]
    slots = learning.third_factors or learning.traces
    used += [n for n in Y_SLOTS if n in slots]
    traces = {n: np.zeros(pre if n[0] == "x" else post, np.int64) for n in used}
    return TraceEngine(learning, profile, numbers, pre_time, post_time, traces)
