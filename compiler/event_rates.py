"""Estimate how often a neuron's events occur, and how far their traces get.

In: a neuron model and what arrives at it. Out: the mean rate of each event, and what
a trace of it rarely exceeds. Nobody states such a rate: a plateau may last, so that
the rehearsal of some neurons says more than any assumption about single spikes.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..rules.expr import Name
from ..rules.neuron import SPIKE, Neuron
from .differing_neurons import constants_of
from .draft import Draft, TraceSteps
from .forecast_bits import Bits, Truths
from .forecast_neuron import arrivals, rehearse
from .forecast_signals import drawn_inputs, spike_trace

STEPS = 1000
NEURONS = 32
SEED = 3  # any: the same for all programs
RARELY = 0.999
"""The share of a trace's values that its estimated peak is above."""


def rehearsed_events(draft: Draft, group: str, neuron: Neuron) -> dict[str, Truths]:
    """Run some neurons at the assumed rate; give their events (steps, neurons)."""
    shape, bits = (STEPS, NEURONS), Bits(SEED)
    with np.errstate(all="ignore"):  # a branch that is not chosen may be no number
        names = {m.name for m in neuron.modulators}
        inputs = drawn_inputs(draft, neuron, names, bits, shape)
        inputs |= arrivals(draft, group, bits, shape)
        given = constants_of(draft.network.group(group))
        _, states = rehearse(neuron, inputs, shape, draft.dt_seconds, given)
    return {e.name: states[Name(e.name)] != 0.0 for e in neuron.events}


def rate_of_event(events: dict[str, Truths], kind: str) -> float | None:
    """Give the rate of a kind of event; None where a rehearsal says nothing of it."""
    raised = events.get(kind)
    return None if raised is None or not raised.any() else float(raised.mean())


def with_activity(trace: TraceSteps, events: dict[str, Truths]) -> TraceSteps:
    """Note rate and peak of a trace; nothing where no event came up."""
    raised = events.get(trace.event)
    if trace.event == SPIKE or raised is None or not raised.any():
        return trace
    kept, nearest = math.exp(-1.0 / trace.tau_steps), trace.pairing == "nearest"
    values = spike_trace(raised, kept, nearest=nearest)
    peak = max(1.0, float(np.quantile(values, RARELY)))
    return replace(trace, rate_per_step=float(raised.mean()), rarely_exceeds=peak)
