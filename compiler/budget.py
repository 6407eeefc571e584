"""Predict the error of learned weights against the float reference, open loop.

In: quantised rules. Out: a Budget for each, plain data: what the sample of a forecast
(forecast.py) says of the assumed rates and number of steps, and what a verdict scales
to the steps and updates of a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

import numpy as np

from ..hardware.budget import Budget
from .draft import Draft, SplitRule, SynapseDraft
from .error_bounds import error_bounds, mean_step
from .forecast import Forecast, forecast

DIGITS = 6
"""Significant digits: the last bits of a sum of floats differ between machines."""
INTERVAL = (0.025, 0.975)
ENOUGH_UPDATES = 1000
"""Of all synapses of a sample together; fewer say little about one update."""
ROUNDING_LSB = 1.0
"""What a verdict allows for roundings that do not add up."""


def forecasts_of(draft: Draft) -> dict[str, Forecast]:
    """Follow a sample of the synapses of every projection that learns.

    Projections that are alike but for their weights share one, so a network of many
    layers takes no longer than its rules.
    """
    numbers = {name: n for split in draft.splits for n, name in enumerate(split.parts)}
    found: dict[str, Forecast] = {}
    for synapse in draft.synapses:
        name = synapse.projection
        if name in found:
            continue
        if name in numbers:
            start = draft.network.projection(name).weights
            found[name] = forecast(draft, synapse, start, numbers[name])
            continue
        alike = [s for s in draft.synapses if _are_alike(draft, s, synapse)]
        alike = [s for s in alike if s.projection not in numbers]
        weights = [draft.network.projection(s.projection).weights for s in alike]
        flat = [w.ravel() for w in weights]
        pooled = flat[0] if len(flat) == 1 else np.concatenate(flat)
        sample = forecast(draft, synapse, pooled)
        found |= {s.projection: sample for s in alike}
    return found


def budgets_of(draft: Draft, samples: Mapping[str, Forecast]) -> tuple[Budget, ...]:
    """Predict the error of every weight that a rule of the user means.

    That of a rule in parts is a sum, in the unit of the sum.
    """
    parts = {name for split in draft.splits for name in split.parts}
    whole = [
        _predicted(draft, error_bounds(draft, s), samples[s.projection])
        for s in draft.synapses
        if s.projection not in parts
    ]
    return (*whole, *(budget_of_sum(draft, split, samples) for split in draft.splits))


def _are_alike(draft: Draft, one: SynapseDraft, other: SynapseDraft) -> bool:
    if replace(one, projection=other.projection) != other:
        return False
    models = [
        draft.network.group(draft.network.projection(s.projection).target).neuron
        for s in (one, other)
    ]
    return not one.values or models[0] == models[1]


def budget_of_sum(
    draft: Draft, split: SplitRule, samples: Mapping[str, Forecast]
) -> Budget:
    """Add up the errors of the parts of a rule, which hear the same spikes.

    Parts that move against each other are wrong by more than in proportion to what
    the sum travels, so the errors of their coefficients count for every update.
    """
    least = min(draft.weights[name].exponent for name in split.parts)
    parts = [s for s in draft.synapses if s.projection in split.parts]
    found, against, bounds = [], 0.0, []
    for synapse in parts:
        unit = 2.0 ** (draft.weights[synapse.projection].exponent - least)
        found.append(samples[synapse.projection].times(unit))
        bounds.append(bound := error_bounds(draft, synapse, unit))
        against += bound.relative * mean_step(draft, synapse) * unit
    together = Budget(
        split.whole.name,
        max(b.relative for b in bounds),
        sum(b.bias_per_update for b in bounds),
        sum(b.variance_per_update for b in bounds),
    )
    budget = _predicted(draft, together, reduce(Forecast.plus, found))
    bias = budget.bias_per_update
    return replace(budget, bias_per_update=bias + math.copysign(against, bias))


def _predicted(draft: Draft, bounds: Budget, sample: Forecast) -> Budget:
    """Say what a sample found; where it found no number, the bounds stand."""
    if not np.isfinite(sample.error).all():
        return bounds
    low, high = np.quantile(sample.error, INTERVAL)
    bias, variance = _per_update(bounds, sample)
    return replace(
        bounds,
        bias_per_update=_short(bias),
        variance_per_update=_short(variance),
        steps=sample.steps,
        pre_rate_hz=_short(draft.rate_per_step / draft.dt_seconds),
        post_rate_hz=_short(sample.post_rate_per_step / draft.dt_seconds),
        bias=_short(sample.error.mean()),
        sd=_short(sample.error.std()),
        low=_short(low),
        high=_short(high),
    )


def _per_update(bounds: Budget, sample: Forecast) -> tuple[float, float]:
    """Share the error of a sample among its updates: mean and variance of one.

    Errors of unlike synapses spread more than those of like ones, and an error is
    forgotten once its weight has reached a bound. So both are large enough for every
    time that the sample was looked at, and the variance for the largest error, which
    of K normal ones is sqrt(2 ln K) deviations. With few updates a sample is no guide,
    and bounds stand.
    """
    if sample.updates[-1].sum() < ENOUGH_UPDATES:
        return bounds.bias_per_update, bounds.variance_per_update
    seen = sample.updates.mean(axis=1) >= 1.0
    updates = sample.updates[seen].sum(axis=1, keepdims=True)
    biases = sample.errors[seen].sum(axis=1, keepdims=True) / updates
    rest = sample.errors[seen] - biases * sample.updates[seen]
    allowed = bounds.relative * sample.travel[seen] + ROUNDING_LSB
    beyond = np.maximum(np.abs(rest) - allowed, 0.0) ** 2
    largest = (beyond / np.maximum(sample.updates[seen], 1.0)).max()
    mean = ((rest**2).sum(axis=1, keepdims=True) / updates).max()
    bias = biases.ravel()[np.abs(biases).argmax()]
    return float(bias), float(max(mean, largest / (2.0 * np.log(rest.shape[1]))))


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
