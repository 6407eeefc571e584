"""The smallest network that shows a rule: inputs, all to all, onto spiking neurons.

In: a rule alone. Out: a Network whose neurons fire at a moderate rate when the inputs
do, so that every term of the rule has something to work on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic, require_no_errors
from ..rules.check import NotATimeStep, check_neuron, check_rule
from ..rules.evaluate import evaluate
from ..rules.expr import Quantity, walk
from ..rules.library import NEURONS
from ..rules.network import Group, Network, Projection
from ..rules.neuron import Neuron
from ..rules.rule import LearningRule

DRIVE = 0.9
"""Threshold over mean membrane: just below, so that fluctuations pace the spikes."""


@dataclass(frozen=True)
class SizeOutOfRange(Diagnostic):
    """A group of the demonstration network needs at least one neuron.

    The numbers after --pre and --post are the sizes of the network that shows a
    rule.
    """

    code = "R250"
    title = "{side} = {size} is not a number of neurons"
    help = "use at least 1"

    side: str
    size: int


@dataclass(frozen=True)
class NeuronHasNoPort(Diagnostic):
    """A rule is shown on a synapse, and this neuron has no port for one.

    The demonstration network joins inputs with the first port of the neuron model.
    """

    code = "R251"
    title = "`{neuron}` has no port, so no synapse can end at it"
    help = "add a Port to `{neuron}`, such as `current = Port()`, and use it in a drive"

    neuron: str


@dataclass(frozen=True)
class RateOutOfRange(Diagnostic):
    """The mean rate of the inputs is a positive number of hertz.

    Impulses and tags get their scale from it, and the demonstration its thresholds.
    """

    code = "R252"
    title = "{rate_hz} Hz is not a mean rate"
    help = "give the rate that the inputs will have, for example rate=20*lahar.Hz"

    rate_hz: float


def rate_problems(rate_hz: float) -> list[Diagnostic]:
    """Check a mean rate."""
    fine = math.isfinite(rate_hz) and rate_hz > 0
    return [] if fine else [RateOutOfRange(rate_hz)]


def network_of_rule(
    rule: LearningRule,
    *,
    dt_seconds: float,
    pre: int = 100,
    post: int = 20,
    neuron: Neuron | None = None,
    rate_hz: float = 20.0,
    seed: int = 0,
) -> Network:
    """Build inputs ``pre``, neurons ``post`` and the plastic projection ``synapse``.

    Initial weights are uniform in the middle half of the bounds. Without a neuron the
    first library model that has what the rule reads is taken, LIF if it reads nothing.

    Raises
    ------
    LaharError
        R250 for a size below 1, R251, R252, and what is wrong with rule and neuron.

    """
    chosen = neuron if neuron is not None else neuron_for(rule)
    sizes = (("pre", pre), ("post", post))
    found: list[Diagnostic] = [SizeOutOfRange(side, n) for side, n in sizes if n < 1]
    if not (math.isfinite(dt_seconds) and dt_seconds > 0):
        found.append(NotATimeStep(rule.name, dt_seconds))
    if not chosen.ports:
        found.append(NeuronHasNoPort(chosen.name, span=chosen.span))
    found += [*rate_problems(rate_hz), *check_rule(rule), *check_neuron(chosen)]
    require_no_errors(found)
    low, high = (evaluate(b, rule.param_values) for b in rule.bounds)
    quarter = (high - low) / 4
    rng = np.random.default_rng(seed)
    weights = rng.uniform(low + quarter, high - quarter, size=(post, pre))
    arrivals = pre * rate_hz * dt_seconds  # spikes in a step
    mean, spread = arrivals * (low + high) / 2, quarter * math.sqrt(arrivals / 3)
    chosen = _paced(chosen, rule, mean, spread, dt_seconds)
    groups = (Group("pre", pre), Group("post", post, chosen))
    projection = Projection(
        "synapse", "pre", "post", weights, chosen.ports[0].name, rule, rule.span
    )
    return Network(rule.name, groups, (projection,), dt_seconds)


def neuron_for(rule: LearningRule) -> Neuron:
    """Choose the first library neuron that has every quantity the rule reads."""
    wanted = {
        node.name
        for update in rule.updates
        for node in walk(update.expr)
        if isinstance(node, Quantity)
    }
    for neuron in NEURONS.values():
        if wanted <= set(neuron.quantities):
            return neuron
    return NEURONS["lif"]


def _paced(
    neuron: Neuron, rule: LearningRule, mean: float, spread: float, dt_seconds: float
) -> Neuron:
    """Set threshold (and bias, if the synapses inhibit) for a moderate rate.

    ``mean`` and ``spread`` are those of the current in a step. Models without these
    parameters keep what their author chose.
    """
    names = neuron.param_values
    if "threshold" not in names:
        return neuron
    gain = 1.0
    for name in ("tau", "tau_u", "tau_v"):
        if name in names:
            gain *= max(names[name] / dt_seconds, 1.0)
    if rule.polarity == "inhibitory" and "bias" in names:
        # The bias alone would fire the neuron; inhibition takes half of it away.
        membrane = names.get("tau", names.get("tau_v", dt_seconds)) / dt_seconds
        bias = 2.0 * mean * gain / membrane
        threshold = DRIVE * (bias * membrane - mean * gain)
        return neuron.with_params(threshold=threshold, bias=bias)
    if rule.polarity == "mixed":
        # Mixed weights cancel on average, and fluctuations pace the neuron: those of
        # a leaky sum are spread * sqrt(gain / 2).
        return neuron.with_params(threshold=DRIVE * spread * math.sqrt(gain / 2))
    return neuron.with_params(threshold=DRIVE * mean * gain)
