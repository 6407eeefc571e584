"""What the registers of a rule's factors get wrong: noise, saturation, decay.

In: a trace, tag or sent value and its scale. Out: errors in proportion to its size.
Larger scales lose less to rounding, until a trace reaches its ceiling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..hardware.formats import DECAY_ONE, effective_decay
from .draft import Draft, NeuronValue, SynapseDraft, TagSteps, TraceSteps
from .predicted_error import UPDATES
from .typical import NO_DECAY_WINDOW, rate_of, size_of_tag

FloatGrid = npt.NDArray[np.float64]

STOCHASTIC = 0.25  # variance of one stochastic rounding, p * (1 - p), at worst
NEAREST = 1.0 / 12.0  # variance of rounding to the nearest integer
STEPS = 127
"""Impulses for which saturation is known: those of a 7-bit trace."""
UNCHANGED = 100.0
"""Updates for which a value of the neuron is taken as good as constant."""
RATES = {1.0: 0.75, 2.0: 0.25}
"""Multiples of the assumed rate, and how likely each is taken to be."""


@dataclass(frozen=True)
class FactorError:
    """Errors of one factor as a function of its scale.

    noise
        Variance of its mean over UPDATES evaluations, in stored units.
    size
        Its typical size in the rule's units.
    saturation
        Relative loss for scales of 1/127, 2/127, ... of the ceiling; empty where
        nothing saturates.
    area
        Ratio of the area under its decay to what was wanted.
    """

    noise: float
    size: float
    saturation: tuple[float, ...] = ()
    ceiling: int = 1
    area: float = 1.0

    def variance_at(self, scale: FloatGrid) -> FloatGrid:
        """Give the relative variance, what saturation cuts off included."""
        size: FloatGrid = np.maximum(np.abs(scale) * self.size, 1e-100)
        variance: FloatGrid = self.noise / size**2
        if self.saturation:
            share = scale / self.ceiling * len(self.saturation)
            index = np.clip(np.rint(share), 1, len(self.saturation)).astype(int) - 1
            variance = variance + np.array(self.saturation)[index] ** 2
        return variance


def factor_errors(draft: Draft, synapse: SynapseDraft) -> dict[str, FactorError]:
    """Give the errors of every trace, tag and signed value that has a register."""
    found: dict[str, FactorError] = {}
    for trace in synapse.traces:
        if trace.name in synapse.slots:
            found[trace.name] = _of_trace(draft, synapse, trace)
    for value in synapse.values:
        if value.kind == "signed":
            found[value.symbol] = _of_value(value)
    for tag in synapse.tags:
        found[tag.name] = _of_tag(draft, synapse, tag)
    return found


def is_sent(synapse: SynapseDraft, trace: TraceSteps) -> bool:
    """Tell whether the neuron keeps a trace: with third factors the post side's."""
    return synapse.third_factor and trace.source == "post"


def _of_trace(draft: Draft, synapse: SynapseDraft, trace: TraceSteps) -> FactorError:
    """Let roundings of an engine's trace pile up over tau / 2; updates share them."""
    rate, tau = rate_of(draft, trace), trace.tau_steps
    mean = max(rate * tau, 0.1) if trace.pairing == "all" else 0.5
    ceiling = draft.chip.trace_max.value
    losses = () if trace.pairing == "nearest" else cut_off(rate, tau)
    if is_sent(synapse, trace):
        return FactorError(NEAREST / UPDATES, mean, losses, ceiling, _area(tau))
    shared = 1.0 + 2.0 * rate * tau
    noise = STOCHASTIC * max(tau, 1.0) / 2.0 * shared / UPDATES
    return FactorError(noise, mean, losses, ceiling)


def _area(tau_steps: float) -> float:
    """Compare the area under a trace that decays in 1/4096 with the wanted one."""
    decay = -math.expm1(-1.0 / tau_steps)
    return decay * DECAY_ONE / max(effective_decay(decay), 1)


def _of_value(value: NeuronValue) -> FactorError:
    """Round a value anew whenever it has changed: UNCHANGED updates share an error."""
    typical = max(abs(value.low), abs(value.high), 1e-12) / 4
    return FactorError(NEAREST * UNCHANGED / UPDATES, typical)


def _of_tag(draft: Draft, synapse: SynapseDraft, tag: TagSteps) -> FactorError:
    memory = NO_DECAY_WINDOW if tag.tau_steps is None else tag.tau_steps
    memory = min(memory, UPDATES)
    noise = STOCHASTIC * memory / 2.0 * (1.0 + 2.0 * memory) / UPDATES
    largest = size_of_tag(draft, synapse, tag)
    return FactorError(noise, max(largest.mean, largest.peak / 8.0))


@lru_cache(maxsize=1024)
def cut_off(rate_per_step: float, tau_steps: float) -> tuple[float, ...]:
    """Give the share of a trace's mean that its ceiling cuts off.

    For impulses of 1/127, 2/127, ... of the ceiling.

    Campbell's theorem gives mean and variance of Poisson spikes; beyond them the trace
    is taken as normal. Neurons may be more active than assumed: RATES says how often.
    """
    return tuple(
        sum(
            weight * _excess(min(times * rate_per_step, 1.0) * tau_steps, STEPS / k)
            for times, weight in RATES.items()
        )
        for k in range(1, STEPS + 1)
    )


def _excess(mean: float, ceiling: float) -> float:
    """Give E[max(x - ceiling, 0)] / E[x] of a normal x, the latest spike included."""
    deviation, mean = math.sqrt(mean / 2.0), 1.0 + mean
    if deviation < 1e-9 * mean:
        return max(mean - ceiling, 0.0) / mean
    z = (ceiling - mean) / deviation
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    excess = density - z * math.erfc(z / math.sqrt(2.0)) / 2.0
    return min(max(deviation * excess / mean, 0.0), 1.0)
