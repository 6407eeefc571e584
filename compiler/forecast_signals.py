"""Draw what synapses may hear: spikes of both sides, modulators, post quantities.

In: mean rates and the post neuron's model. Out: arrays (steps, synapses) of independent
synapses, each with a pre and a post neuron of its own. What is assumed of a signal that
the compiler cannot know is said in docs/error_budget.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..rules.evaluate import evaluate
from ..rules.expr import Expr, Name, Quantity, children, walk
from ..rules.neuron import Neuron, OutputDecl
from .array_expressions import Floats, over_steps
from .constants import with_numbers
from .draft import Draft, SynapseDraft
from .legalise import modulator_bounds
from .scale_candidates import signed_range
from .sent_values import quantity_range

HOLD_STEPS = 10
"""A modulator keeps its value as long as that of a random stimulus does."""

Truths = npt.NDArray[np.bool_]
Shape = tuple[int, int]


class Bits:
    """Random integers that are the same on every machine and with every numpy.

    Only the raw words of PCG64 are used, whose stream numpy guarantees; floats are
    compared with, but never drawn.
    """

    def __init__(self, seed: int) -> None:
        self._words = np.random.PCG64(seed)

    def words(self, shape: tuple[int, ...]) -> npt.NDArray[np.uint32]:
        """Draw integers of 32 bits."""
        count = math.prod(shape)
        raw = self._words.random_raw((count + 1) // 2).astype("<u8")
        return raw.view("<u4")[:count].reshape(shape)

    def halves(self, shape: tuple[int, ...]) -> npt.NDArray[np.uint16]:
        """Draw integers of 16 bits."""
        count = math.prod(shape)
        raw = self._words.random_raw((count + 3) // 4).astype("<u8")
        return raw.view("<u2")[:count].reshape(shape)

    def spikes(self, rate_per_step: float, shape: Shape) -> Truths:
        """Draw spikes that are independent from step to step."""
        return self.words(shape) < np.uint64(round(rate_per_step * 2.0**32))

    def held(self, low: float, high: float, shape: Shape) -> Floats:
        """Draw values within [low, high], each held for some steps."""
        steps, synapses = shape
        draws = self.words((-(-steps // HOLD_STEPS), synapses)) * 2.0**-32
        values = low + (high - low) * draws
        return np.repeat(values, HOLD_STEPS, axis=0)[:steps]


@dataclass(frozen=True, eq=False)
class Signals:
    """What a sample of synapses hears; arrays (steps, synapses).

    ``values`` holds modulators as their ports receive them, and post quantities, in
    the rule's units and before they are rounded to be sent. ``guessed``: some are
    drawn from their range alone.
    """

    pre: Truths
    post: Truths
    values: Mapping[Expr, Floats]
    guessed: bool

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
    post = bits.spikes(draft.post_rate_per_step, shape)
    updates = projection.rule.updates
    read = {node for u in updates for node in walk(u.expr) if not children(node)}
    values = _modulators(draft, synapse, neuron, bits, shape)
    drawn = _NeuronValues(neuron, values, post, draft.dt_seconds, bits)
    quantities = sorted({n.name for n in read if isinstance(n, Quantity)})
    values |= {Quantity(name): drawn.quantity(name) for name in quantities}
    return Signals(pre, post, values, drawn.guessed)


def _modulators(
    draft: Draft, synapse: SynapseDraft, neuron: Neuron, bits: Bits, shape: Shape
) -> dict[Expr, Floats]:
    """Draw modulators evenly within their bounds, rounded as a port rounds them."""
    rule = draft.network.projection(synapse.projection).rule
    assert rule is not None
    names = {m.name for m in (*rule.modulators, *neuron.modulators)}
    found: dict[Expr, Floats] = {}
    for name, (low, high) in modulator_bounds(draft.network).items():
        if name in names:
            scale = signed_range(draft.chip) / max(abs(low), abs(high))
            drawn = np.rint(bits.held(low, high, shape) * scale)
            found[Name(name)] = drawn / scale
    return found


class _NeuronValues:
    """Quantities of a post neuron of which spikes and modulators are known."""

    def __init__(
        self,
        neuron: Neuron,
        modulators: Mapping[Expr, Floats],
        spikes: Truths,
        dt_seconds: float,
        bits: Bits,
    ) -> None:
        self.neuron = neuron
        self.spikes = spikes
        self.bits = bits
        self.guessed = False
        params = neuron.param_values
        taus = {t.name: evaluate(t.tau, params) / dt_seconds for t in neuron.traces}
        self.known = dict(modulators)
        for name, tau in taus.items():
            self.known[Name(name)] = spike_trace(spikes, math.exp(-1.0 / tau))

    def quantity(self, name: str) -> Floats:
        """Compute a quantity if spikes and modulators decide it, else draw it."""
        output = next((o for o in self.neuron.outputs if o.name == name), None)
        if output is not None and self._is_known(output):
            expr = with_numbers(output.expr, self.neuron.param_values)
            value = over_steps(expr, self.known)
            shape = self.spikes.shape
            return np.broadcast_to(np.clip(value, output.low, output.high), shape)
        if Name(name) in self.known:
            return self.known[Name(name)]
        self.guessed = True
        low, high = quantity_range(self.neuron, name)
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = -1.0, 1.0  # a function that is bounded itself reads it
        steps, synapses = self.spikes.shape
        return self.bits.held(low, high, (steps, synapses))

    def _is_known(self, output: OutputDecl) -> bool:
        params = self.neuron.param_values
        leaves = [n for n in walk(output.expr) if isinstance(n, (Name, Quantity))]
        return all(
            leaf in self.known or (isinstance(leaf, Name) and leaf.name in params)
            for leaf in leaves
        )


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
