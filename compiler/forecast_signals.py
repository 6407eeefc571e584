"""Draw what synapses may hear: spikes of both sides, modulators, post quantities.

In: mean rates and the post neuron's model. Out: arrays (steps, synapses) of independent
synapses, each with a pre and a post neuron of its own. Spikes are Poisson. Only where a
rule reads a state of the neuron, the model itself has to say when it spikes: then it is
rehearsed. What is assumed is said in docs/error_budget.md.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.expr import Expr, Name, Quantity, walk
from ..rules.neuron import SPIKE, Neuron, OutputDecl
from ..rules.rule import LearningRule
from .array_expressions import Floats, over_steps
from .constants import with_numbers
from .differing_neurons import constants_of
from .draft import Draft, SynapseDraft
from .forecast_bits import Bits, Shape, Truths
from .forecast_neuron import arrivals, rehearse
from .modulator_bounds import modulator_bounds
from .scale_candidates import signed_range


@dataclass(frozen=True, eq=False)
class Signals:
    """What a sample of synapses hears; arrays (steps, synapses).

    ``values`` holds modulators as their ports receive them, and post quantities, in
    the rule's units and before they are rounded to be sent. ``post`` is the kind of
    event that the engine hears, ``events`` are all kinds by name, spikes among them.
    ``post_rate_per_step`` is what was assumed, or what came of a rehearsal.
    """

    pre: Truths
    post: Truths
    values: Mapping[Expr, Floats]
    events: Mapping[str, Truths]
    post_rate_per_step: float

    @property
    def shape(self) -> Shape:
        """Steps and synapses."""
        steps, synapses = self.pre.shape
        return steps, synapses


def draw_signals(
    draft: Draft, synapse: SynapseDraft, bits: Bits, shape: Shape
) -> Signals:
    """Draw the signals that a rule reads, at the rates that are assumed."""
    projection = draft.network.projection(synapse.projection)
    neuron = draft.network.group(projection.target).neuron
    assert neuron is not None  # an input does not learn
    assert projection.rule is not None  # it has a SynapseDraft
    pre = bits.spikes(draft.rate_per_step, shape)
    rate = draft.post_rate_per_step
    post = bits.spikes(rate, shape)
    read = _quantities(projection.rule)
    modulators = _modulators(draft, synapse, neuron, bits, shape)
    if not read:
        return Signals(pre, post, modulators, {SPIKE: post}, rate)
    known = {**modulators, **_own_traces(neuron, post, draft.dt_seconds)}
    if not all(_is_known(neuron, name, known) for name in read):
        inputs = modulators | arrivals(draft, projection.target, bits, shape)
        given = constants_of(draft.network.group(projection.target))
        post, states = rehearse(neuron, inputs, shape, draft.dt_seconds, given)
        known = {**inputs, **states}
        rate = float(post.mean())
    values = dict(modulators)
    for name in read:
        values[Quantity(name)] = _quantity(neuron, name, known, draft.dt_seconds, shape)
    kinds = [e.name for e in neuron.events if e.name in read]
    events = {SPIKE: post, **{kind: values[Quantity(kind)] != 0.0 for kind in kinds}}
    heard = events[synapse.event]
    rate = rate if synapse.event == SPIKE else float(heard.mean())
    return Signals(pre, heard, values, events, rate)


def _quantities(rule: LearningRule) -> list[str]:
    """Name the post quantities that a rule reads, itself or by a trace."""
    nodes = (n for u in rule.updates for n in walk(u.expr))
    read = {n.name for n in nodes if isinstance(n, Quantity)}
    read |= {t.quantity for t in rule.traces if t.source == "post" and t.quantity}
    return sorted(read)


def _modulators(
    draft: Draft, synapse: SynapseDraft, neuron: Neuron, bits: Bits, shape: Shape
) -> dict[Expr, Floats]:
    """Draw modulators evenly within their bounds, rounded as a port rounds them."""
    rule = draft.network.projection(synapse.projection).rule
    assert rule is not None
    names = {m.name for m in (*rule.modulators, *neuron.modulators)}
    return drawn_inputs(draft, neuron, names, bits, shape)


def drawn_inputs(
    draft: Draft, neuron: Neuron, names: Container[str], bits: Bits, shape: Shape
) -> dict[Expr, Floats]:
    """Draw the named modulators, and the noise of the neuron."""
    found: dict[Expr, Floats] = {}
    for name, (low, high) in modulator_bounds(draft.network).items():
        if name in names:
            scale = signed_range(draft.chip) / max(abs(low), abs(high))
            drawn = np.rint(bits.held(low, high, shape) * scale)
            found[Name(name)] = drawn / scale
    for noise in neuron.noises:
        draws = bits.words(shape) * 2.0**-32
        found[Name(noise.name)] = noise.low + (noise.high - noise.low) * draws
    return found


def _own_traces(
    neuron: Neuron, spikes: Truths, dt_seconds: float
) -> dict[Expr, Floats]:
    params = neuron.values_at(dt_seconds)
    of_spikes = (t for t in neuron.traces if t.source == SPIKE)
    taus = {t.name: evaluate(t.tau, params) / dt_seconds for t in of_spikes}
    return {
        Name(name): spike_trace(spikes, math.exp(-1.0 / tau))
        for name, tau in taus.items()
    }


def _output(neuron: Neuron, name: str) -> OutputDecl | None:
    return next((o for o in neuron.outputs if o.name == name), None)


def _is_known(neuron: Neuron, name: str, known: Mapping[Expr, Floats]) -> bool:
    """Tell whether spikes and modulators decide a quantity."""
    output = _output(neuron, name)
    if output is None:
        return Name(name) in known
    leaves = [n for n in walk(output.expr) if isinstance(n, Name)]
    own = {*neuron.param_values, "dt"}
    return all(n in known or n.name in own for n in leaves)


def _quantity(
    neuron: Neuron,
    name: str,
    known: Mapping[Expr, Floats],
    dt_seconds: float,
    shape: Shape,
) -> Floats:
    output = _output(neuron, name)
    if output is None:
        return known[Name(name)]
    expr = with_numbers(output.expr, neuron.values_at(dt_seconds))
    value = over_steps(expr, known)
    return np.broadcast_to(np.clip(value, output.low, output.high), shape)


def spike_trace(
    spikes: Truths, kept: float, *, nearest: bool = False, most: float = math.inf
) -> Floats:
    """Follow a trace that keeps the share ``kept`` in a step; a spike adds 1."""
    traces = spikes.astype(np.float64)
    join = np.maximum if nearest else np.add
    limited = most < math.inf
    for before, now in pairwise(traces):
        join(now, before * kept, out=now)
        if limited:
            np.minimum(now, most, out=now)
    return traces
