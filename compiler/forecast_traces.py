"""Follow the traces of a sample of synapses, exactly and as the chip holds them.

In: spikes, and the traces and sent values of a rule with their scales. Out: for every
symbol its float64 values, and the integers that a product reads, with the errors of
both kinds of trace: an engine rounds its decay at random, a neuron what it sends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..hardware.chip import Chip
from ..hardware.formats import DECAY_ONE, effective_decay, tau_256
from ..rules.expr import PRE_VALUE, Before, Delay, Expr, Name, Spike
from .array_expressions import Floats, over_steps
from .draft import Draft, NeuronValue, SynapseDraft, TraceSteps
from .forecast_bits import Bits, Truths
from .forecast_signals import Signals, spike_trace


def exact_leaves(synapse: SynapseDraft, signals: Signals) -> dict[Expr, Floats]:
    """Give every leaf of the rule that is no state: docs/semantics.md section 2."""
    leaves = dict(replayed(synapse, signals))
    leaves[Delay()] = np.zeros(signals.shape)  # a rule that learns it is refused
    for value in synapse.values:
        if value.expr is not None:  # a part of a rule reads it by its symbol
            exact = over_steps(value.expr, leaves)
            leaves[Name(value.symbol)] = np.broadcast_to(exact, signals.shape)
    leaves[Name(PRE_VALUE)] = signals.pre.astype(np.float64)
    for side, spikes in (("pre", signals.pre), ("post", signals.post)):
        leaves[Spike(side)] = spikes.astype(np.float64)  # type: ignore[arg-type]
    for trace in synapse.traces:
        spikes, kept = _spikes(trace, signals), math.exp(-1.0 / trace.tau_steps)
        now = spike_trace(spikes, kept, nearest=trace.pairing == "nearest")
        if trace.carries is not None:
            now *= trace.carries  # taken as large as it gets
            leaves[Name(PRE_VALUE)] = signals.pre * trace.carries
        before = np.zeros_like(now)
        before[1:] = now[:-1] * kept
        leaves[Name(trace.name)], leaves[Before(trace.name)] = now, before
    return leaves


def replayed(synapse: SynapseDraft, signals: Signals) -> Mapping[Expr, Floats]:
    """Give quantities and modulators as an open loop has them: in the form sent."""
    values = dict(signals.values)
    for value in synapse.values:
        if value.is_leaf and value.expr is not None:
            scale = synapse.scales[value.symbol]
            fine = signals.values[value.expr]
            sent = _sent(fine, scale, synapse.signed_offset)
            values[value.expr] = sent / scale
    return values


def stored_values(
    draft: Draft, synapse: SynapseDraft, signals: Signals, bits: Bits
) -> dict[str, Floats]:
    """Give what a product reads of every trace and sent value, by symbol."""
    top = draft.chip.trace_max.value
    stored = {
        value.symbol: _stored_value(synapse, value, draft.chip, signals)
        for value in synapse.values
    }
    for trace in synapse.traces:
        if trace.name in synapse.slots and trace.name not in stored:
            carried = 1.0 if trace.carries is None else trace.carries
            impulse = int(synapse.scales[trace.name] * carried)
            stored[trace.name] = _engine_trace(
                trace, impulse, top, signals, bits, fine=synapse.finer_bits > 0
            )
    return stored


def _engine_trace(
    trace: TraceSteps,
    impulse: int,
    top: int,
    signals: Signals,
    bits: Bits,
    *,
    fine: bool,
) -> Floats:
    """Decay, rounded at random; add the impulse; stop at the largest value."""
    tau = trace.tau_steps if fine else tau_256(trace.tau_steps) / 256
    kept = math.exp(-1.0 / tau) if tau else 0.0  # semantics.md 6: no memory
    values = _spikes(trace, signals) * float(impulse)
    noise = bits.halves(signals.shape) * 2.0**-16
    decayed: Floats = np.zeros(values.shape[1])
    for now, random in zip(values, noise, strict=True):
        now += decayed
        np.minimum(now, top, out=now)
        np.multiply(now, kept, out=decayed)
        decayed += random
        np.floor(decayed, out=decayed)
    return values


def _stored_value(
    synapse: SynapseDraft, value: NeuronValue, chip: Chip, signals: Signals
) -> Floats:
    scale = synapse.scales[value.symbol]
    if value.kind == "constant":
        return np.full(signals.shape, float(value.level))
    if value.trace is not None:
        return _neuron_trace(value.trace, scale, chip, signals)
    assert value.expr is not None
    exact = over_steps(value.expr, signals.values)
    exact = np.broadcast_to(exact, signals.shape)
    return _sent(exact, scale, synapse.signed_offset)


def _neuron_trace(
    trace: TraceSteps, impulse: float, chip: Chip, signals: Signals
) -> Floats:
    """Follow a trace of the neuron itself: it decays in 1/4096 and is sent in 1."""
    decay = max(effective_decay(-math.expm1(-1.0 / trace.tau_steps)), 1)
    kept, nearest = 1.0 - decay / DECAY_ONE, trace.pairing == "nearest"
    if 1 << chip.decay_bits.value > DECAY_ONE:
        kept = math.exp(-1.0 / trace.tau_steps)
    spikes, most = _spikes(trace, signals), chip.trace_max.value / impulse
    exact = spike_trace(spikes, kept, nearest=nearest, most=most)
    sent: Floats = np.floor(exact * impulse + 0.5)
    return sent


def _sent(values: Floats, scale: float, offset: int) -> Floats:
    """Round a signed value to what fits beside the offset that it travels with."""
    whole = np.floor(values * scale + 0.5)
    sent: Floats = np.clip(whole, -offset, offset - 1)
    return sent


def _spikes(trace: TraceSteps, signals: Signals) -> Truths:
    return signals.pre if trace.source == "pre" else signals.events[trace.event]
