"""Bound the error of learned weights against the float reference, open loop.

In: a quantised rule. Out: a Budget of bounds that take no time to compute: relative
error of the coefficients, bias of the floor shifts, variance of stochastic rounding and
of 7-bit traces, each with all factors at their largest. forecast.py predicts what is to
be expected. What the neuron sends is replayed as sent, so its rounding is none.
"""

from __future__ import annotations

import math

from ..hardware.budget import Budget
from ..hardware.formats import DECAY_ONE, effective_decay
from ..hardware.program import SignMode
from ..rules.expr import Expr, Name
from .draft import Draft, FittedTerm, SynapseDraft, TagSteps, TraceSteps
from .sign_atoms import sign_parts
from .small_updates import moves_weight
from .typical import evaluations_per_step, rate_of, size_of_atom, size_of_term
from .weights import sign_mode_of

ROUNDING_VARIANCE = 0.25
"""Of one stochastic rounding, p * (1 - p), at worst."""
NEAREST_VARIANCE = 1 / 12
"""Of rounding to the nearest integer."""
LASTING_UPDATES = 1000.0
"""How long the errors of a tag that never decays are counted."""


def error_bounds(draft: Draft, synapse: SynapseDraft, unit: float = 1.0) -> Budget:
    """Bound the error of one projection's weights, for each gated update.

    In LSB, or in units of which an LSB has so many.
    """
    mixed = sign_mode_of(draft.network.projection(synapse.projection)) is SignMode.MIXED
    grid = 2.0 if mixed else 1.0
    onto_w = [f for f in synapse.fitted if moves_weight(f)]
    return Budget(
        connection=synapse.projection,
        relative=max((_relative_error(synapse, f) for f in onto_w), default=0.0)
        + sum(left.share for left in synapse.left_out if left.term.target == "w"),
        bias_per_update=unit * sum(_bias(draft, synapse, f) for f in onto_w),
        variance_per_update=unit**2
        * (
            ROUNDING_VARIANCE * grid**2
            + sum(_variance(draft, synapse, f) for f in onto_w)
        ),
    )


def mean_step(draft: Draft, synapse: SynapseDraft) -> float:
    """Give the usual size of an update, in LSB."""
    return sum(
        size_of_term(draft, synapse, f.term).mean * abs(synapse.scales["w"])
        for f in synapse.fitted
        if moves_weight(f)
    )


# --- errors in proportion to the change -------------------------------------------


def _relative_error(synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Add up what is wrong with the coefficient and with the factors themselves."""
    error = fitted.relative_error
    for atom in fitted.term.atoms:
        trace, tag = _trace(synapse, atom), _tag(synapse, atom)
        if trace is not None and _is_sent(synapse, trace):
            error += _decay_error(trace)
        if tag is not None:
            error += max((f.relative_error for f in _onto(synapse, tag)), default=0.0)
    return error


def _decay_error(trace: TraceSteps) -> float:
    """Give the error of a trace that a neuron keeps: its decay counts in 1/4096."""
    decay = -math.expm1(-1.0 / trace.tau_steps)
    got = max(effective_decay(decay), 1) / DECAY_ONE
    return abs(got - decay) / decay


# --- errors of one sign -----------------------------------------------------------


def _bias(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Bound the mean error of one update that no error of a coefficient explains."""
    bias = _floor_loss(fitted)
    if fitted.target != "w":  # in units of the tag that collects
        bias *= abs(synapse.scales["w"] / synapse.scales[fitted.term.target])
    shared = [
        f for f in synapse.fitted if moves_weight(f) and f.term.gate == fitted.term.gate
    ]
    if len(shared) > 1:
        # Terms of one gate may cancel, and so travel less than each is wrong by.
        size = size_of_term(draft, synapse, fitted.term).mean
        bias += fitted.relative_error * size * abs(synapse.scales["w"])
    for atom in fitted.term.atoms:
        tag = _tag(synapse, atom)
        if tag is not None:
            gain = _gain(draft, synapse, fitted, atom)
            bias += gain * _tag_loss(draft, synapse, tag)
    return bias


def _floor_loss(fitted: FittedTerm) -> float:
    """Mean loss of a floor shift: half of the last kept bit, for each product."""
    if fitted.shift == 0:
        return 0.0
    return sum(0.5 * 2.0**f.exponent for f in fitted.fits)


def _tag_loss(draft: Draft, synapse: SynapseDraft, tag: TagSteps) -> float:
    """Mean error of a tag: what its floors lose in a step, for as long as it lasts."""
    loss = sum(
        _floor_loss(f) * evaluations_per_step(draft, synapse, f.term)
        for f in _onto(synapse, tag)
    )
    return loss * _memory(tag)


# --- noise ------------------------------------------------------------------------


def _variance(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Noise that the rounding of traces and tags brings into one update."""
    total = 0.0
    for atom in fitted.term.atoms:
        trace, tag = _trace(synapse, atom), _tag(synapse, atom)
        if trace is not None:
            error = _trace_variance(draft, synapse, trace)
        elif tag is not None:
            error = _tag_variance(draft, synapse, tag)
        else:
            error = _sent_variance(synapse, atom)
        total += _gain(draft, synapse, fitted, atom) ** 2 * error
    return total


def _trace_variance(draft: Draft, synapse: SynapseDraft, trace: TraceSteps) -> float:
    """Errors decay with the trace, so they pile up over tau/2 steps.

    Updates within a tau share them: the sum over pairs of updates that are k steps
    apart, 1 + 2 * sum of rate * exp(-k/tau), is 1 + 2 * rate * tau.
    """
    if _is_sent(synapse, trace):
        return NEAREST_VARIANCE  # kept with 16 more bits, and rounded to be sent
    shared = 1.0 + 2.0 * rate_of(draft, trace) * trace.tau_steps
    return ROUNDING_VARIANCE * trace.tau_steps / 2.0 * shared


def _sent_variance(synapse: SynapseDraft, atom: Expr) -> float:
    """Give none for what is replayed as sent; functions are computed from it anew."""
    value = synapse.value(atom.name) if isinstance(atom, Name) else None
    replayed = value is None or value.expr is None or value.is_leaf
    return 0.0 if replayed else NEAREST_VARIANCE


def _tag_variance(draft: Draft, synapse: SynapseDraft, tag: TagSteps) -> float:
    """Errors of a tag last as long as it does, and updates in between share them.

    A tag T that decays by the share r of it loses T * r in a step: below one LSB, that
    is rounded up with p = T * r, so its variance is p * (1 - p), at most T * r. Errors
    pile up over memory/2 steps, and a run of updates shares them for 2 * memory: the
    worst case, when all of them push the same way.
    """
    size = size_of_atom(draft, synapse, Name(tag.name)).mean * synapse.scales[tag.name]
    memory = _memory(tag)
    decayed = min(size / memory, ROUNDING_VARIANCE) if tag.tau_steps else 0.0
    written = sum(
        ROUNDING_VARIANCE * min(evaluations_per_step(draft, synapse, f.term), 1.0)
        for f in _onto(synapse, tag)
        if Name(tag.name) not in f.term.atoms
    )
    in_a_step = min(decayed + written, ROUNDING_VARIANCE)
    return in_a_step * memory / 2.0 * (1.0 + 2.0 * memory)


def _memory(tag: TagSteps) -> float:
    return LASTING_UPDATES if tag.tau_steps is None else tag.tau_steps


# --- factors ----------------------------------------------------------------------


def _gain(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm, one: Expr) -> float:
    """Bound the weight LSB that an LSB of one factor adds, the others at their peak."""
    product = abs(fitted.got) * 2.0**-fitted.shift
    once = False
    for atom in fitted.term.atoms:
        if atom == one and not once:
            once = True
            continue
        is_sign = sign_parts(atom) is not None
        scale = 1.0 if is_sign else synapse.scales.get(_symbol(atom), 1.0)
        product *= size_of_atom(draft, synapse, atom).peak * abs(scale)
    return product


def _symbol(atom: Expr) -> str:
    return atom.name if isinstance(atom, Name) else "w"


def _onto(synapse: SynapseDraft, tag: TagSteps) -> list[FittedTerm]:
    return [f for f in synapse.fitted if f.term.target == tag.name]


def _trace(synapse: SynapseDraft, atom: Expr) -> TraceSteps | None:
    return synapse.trace(atom.name) if isinstance(atom, Name) else None


def _tag(synapse: SynapseDraft, atom: Expr) -> TagSteps | None:
    if not isinstance(atom, Name):
        return None
    return next((t for t in synapse.tags if t.name == atom.name), None)


def _is_sent(synapse: SynapseDraft, trace: TraceSteps) -> bool:
    return synapse.third_factor and trace.source == "post"
