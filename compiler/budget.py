"""Predict the error of learned weights against the float reference, open loop.

In: a quantised rule. Out: a Budget: relative error of the coefficients, bias of the
floor shifts, variance of stochastic rounding and of 7-bit traces. It feeds the verdict
``within budget``.
"""

from __future__ import annotations

from ..hardware.program import Budget, SignMode
from ..rules.expr import Name, Weight
from .draft import Draft, FittedTerm, SynapseDraft
from .quantise import peak
from .weights import sign_mode_of

TRACE_ROUNDING_VARIANCE = 0.25  # of one stochastic rounding, at worst
WEIGHT_ROUNDING_VARIANCE = 0.25


def budget_of(draft: Draft, synapse: SynapseDraft) -> Budget:
    """Predict the error of one projection's weights, in LSB for each gated update."""
    mode = sign_mode_of(draft.network.projection(synapse.projection))
    # Mixed weights live on a grid of 2, so their rounding is twice as coarse.
    grid = 4.0 if mode is SignMode.MIXED else 1.0
    onto_w = [f for f in synapse.fitted if f.target == "w"]
    relative = max((f.relative_error for f in synapse.fitted), default=0.0)
    bias = sum(_floor_bias(f) for f in onto_w)
    variance = WEIGHT_ROUNDING_VARIANCE * grid
    variance += sum(_factor_variance(draft, synapse, f) for f in onto_w)
    variance += sum(_tag_variance(draft, synapse, f) for f in onto_w)
    return Budget(synapse.projection, relative, bias, variance)


def _floor_bias(fitted: FittedTerm) -> float:
    """Mean loss of a floor shift: half of the last kept bit, for each product."""
    if fitted.shift == 0:
        return 0.0
    return sum(0.5 * 2.0**f.exponent for f in fitted.fits)


def _factor_variance(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm
) -> float:
    """Noise that the rounding of each trace brings into one update."""
    total = 0.0
    for atom in fitted.term.atoms:
        if not isinstance(atom, Name):
            continue
        trace = synapse.trace(atom.name)
        others = _typical_of_others(draft, synapse, fitted, atom)
        gain = fitted.got * 2.0**-fitted.shift * others
        if trace is None:
            total += gain**2 / 12.0  # a graded value rounded to nearest
            continue
        # Rounding errors decay with the trace, so they pile up over tau/2 steps, and
        # updates within a tau share them.
        error = TRACE_ROUNDING_VARIANCE * trace.tau_steps / 2.0
        shared = 1.0 + 2.0 * draft.rate_per_step * trace.tau_steps
        total += gain**2 * error * shared
    return total


def _typical_of_others(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm, one: Name
) -> float:
    """Bound what the other factors of a product multiply an error by."""
    product = 1.0
    for atom in fitted.term.atoms:
        if atom == one:
            continue
        match atom:
            case Weight():
                product *= abs(synapse.scales["w"]) * max(map(abs, synapse.bounds))
            case Name(name=name):
                trace = synapse.trace(name)
                size = peak(trace.tau_steps, draft.rate_per_step) if trace else 1.0
                product *= synapse.scales[name] * size
    return product


def _tag_variance(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Noise of a tag that is rounded in every epoch and remembered for its tau."""
    for tag in synapse.tags:
        if Name(tag.name) in fitted.term.atoms:
            memory = tag.tau_steps if tag.tau_steps is not None else 1000.0
            others = _typical_of_others(draft, synapse, fitted, Name(tag.name))
            gain = fitted.got * 2.0**-fitted.shift * others
            return gain**2 * TRACE_ROUNDING_VARIANCE * memory / 2.0 * memory
    return 0.0
