"""The traces of a connection's learning engine, within an epoch and at its end.

docs/semantics.md section 6. Spikes and graded values of each step go in; at the end
of an epoch the history of every trace comes out, from which products choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..hardware.profile import Profile
from ..hardware.program import Learning, TraceProgram
from ..hardware.variables import Y_SLOTS
from .operations import Integers, add_impulse
from .randomness import AbstractNumbers
from .trace_decay import third_factor_decay, trace_decay

NOTHING = TraceProgram(impulse=0, tau_256=0)  # of a trace that nobody configured

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

    def hear_pre(self, spikes: Integers, step: int) -> None:
        """Note the pre spikes of a step."""
        names = tuple(n for n in self.traces if n.startswith("x"))
        self._hear(spikes, self.pre_time, names, step)

    def hear_post(self, spikes: Integers, step: int) -> None:
        """Note the post spikes of a step, if the rule asks for them at all."""
        if not self.learning.uses_post_event:
            return
        third = bool(self.learning.third_factors)
        names = () if third else tuple(n for n in self.traces if n.startswith("y"))
        self._hear(spikes, self.post_time, names, step)

    def hear_third_factors(self, sent: Mapping[str, Integers]) -> None:
        """Take over the graded values that the post neurons send in this step."""
        for slot, output in self.learning.third_factors.items():
            self.traces[slot] = sent[output]

    def _hear(
        self, spikes: Integers, times: Integers, names: tuple[str, ...], step: int
    ) -> None:
        again = (spikes != 0) & (times > 0)
        for name in names:
            r = self.numbers.repeated_impulse(
                name, step, spikes.size, self.profile.impulse_random_bits
            )
            raised = _with_impulse(self.traces[name], self._program(name), r)
            self.traces[name] = np.where(again, raised, self.traces[name])
        times[spikes != 0] = (step - 1) % self.learning.epoch_steps + 1

    def histories(self, step: int) -> Histories:
        """Follow every trace through the epoch that ends with this step."""
        return {
            name: self._third_factor_history(name, step)
            if name in Y_SLOTS and self.learning.third_factors
            else self._trace_history(name, step)
            for name in ("x1", "x2", *Y_SLOTS)
        }

    def start_epoch(self, histories: Histories) -> None:
        """Keep the last values of the traces and forget the spike times."""
        for name in self.traces:
            if name not in self.learning.third_factors:
                self.traces[name] = histories[name][-1]
        self.pre_time[:] = 0
        self.post_time[:] = 0

    def _trace_history(self, name: str, step: int) -> Integers:
        program = self._program(name)
        decayed = trace_decay(self.profile, program.tau_256)
        epoch, times = self.learning.epoch_steps, self._times(name)
        history = [self._now(name)]
        for k in range(1, epoch + 1):
            moment = step - epoch + k
            r = self.numbers.decay(name, step, moment, times.size, decayed.bits)
            value = decayed(history[-1], r)
            r = self.numbers.impulse(
                name, step, moment, times.size, self.profile.impulse_random_bits
            )
            raised = _with_impulse(value, program, r)
            history.append(np.where(times == k, raised, value))
        return np.stack(history)

    def _third_factor_history(self, name: str, step: int) -> Integers:
        decayed = third_factor_decay(self.profile)
        epoch, times = self.learning.epoch_steps, self._times(name)
        history = [self._now(name)]
        for k in range(1, epoch + 1):
            value = history[-1]
            if decayed is not None:
                moment = step - epoch + k
                r = self.numbers.decay(name, step, moment, times.size, decayed.bits)
                value = decayed(value, r)
            if self.profile.clip_third_factor_on_event:
                clipped = _with_impulse(value, NOTHING, np.zeros_like(value))
                value = np.where(times == k, clipped, value)
            history.append(value)
        return np.stack(history)

    def _program(self, name: str) -> TraceProgram:
        return self.learning.traces.get(name, NOTHING)

    def _times(self, name: str) -> Integers:
        return self.pre_time if name.startswith("x") else self.post_time

    def _now(self, name: str) -> Integers:
        return self.traces.get(name, np.zeros_like(self._times(name)))


def _with_impulse(value: Integers, program: TraceProgram, r: Integers) -> Integers:
    return add_impulse(value, program.impulse, program.impulse_fraction_256, r)


def initial_engine(
    learning: Learning,
    profile: Profile,
    numbers: AbstractNumbers,
    shape: tuple[int, int],
) -> TraceEngine:
    """Give the engine before the first step: all traces are 0."""
    post, pre = shape
    pre_time, post_time = np.zeros(pre, np.int64), np.zeros(post, np.int64)
    used = [n for n in ("x1", "x2") if n in learning.traces]
    slots = learning.third_factors or learning.traces
    used += [n for n in Y_SLOTS if n in slots]
    traces = {n: np.zeros(pre if n[0] == "x" else post, np.int64) for n in used}
    return TraceEngine(learning, profile, numbers, pre_time, post_time, traces)
