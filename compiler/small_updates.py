"""Let a tag collect the changes of a weight that are too small for it.

In: a quantised rule without tags, some terms of which round to nothing. Out: the same
rule, in which a tag takes them in 1/64 of a weight's step and hands on whole steps:

    t += small terms;  when |t| >= 64:  w += sign(t), t -= 64 * sign(t)

The engine has no condition, but signs, and half of two of them is one:

    w += 1/2 * (sgn(t - 64) + sgn(t + 64))        t -= 32 * (sgn(t - 64) + sgn(t + 64))

At a tie both give half, so that expected changes stay right. A weight lags behind by
what the tag holds, less than two steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..hardware.formats import weight_step
from ..hardware.profile import find_profile
from ..rules.expr import Const, Expr, Name
from .coefficients import fit_coefficient, product_shift
from .draft import Draft, FittedTerm, SynapseDraft, TagSteps, Term
from .sign_atoms import sign_atom
from .typical import size_of_term
from .weights import sign_mode_of

COLLECTOR = "w.rest"
"""Name of the tag: no rule can declare it, for the dot."""
PARTS = 64
"""Stored units of the tag for a step of the weight, and its threshold."""
MOST_IN_A_STEP = 96.0
"""Stored units that all collected terms may add at once; a step hands 64 on."""
COARSE = 0.05
"""Relative error from which a term is collected, where a tag collects anyway."""


def hands_on(term: Term) -> bool:
    """Tell whether a term is the collector's own step, which no user wrote."""
    return term.text.endswith("what the tag collected")


def moves_weight(fitted: FittedTerm) -> bool:
    """Tell whether a term of the rule moves the weight, itself or by the collector."""
    of_weight = fitted.target == "w" or fitted.term.target == COLLECTOR
    return of_weight and not hands_on(fitted.term)


def can_collect(draft: Draft, synapse: SynapseDraft) -> bool:
    """Tell whether the synapse has a tag to spare, and the engine its sign."""
    signs, targets = draft.chip.sign_factors.value, draft.chip.learning_targets.value
    return not synapse.tags and "t" in signs and "t" in targets


def finer_by(draft: Draft, synapse: SynapseDraft) -> float:
    """Give how many times smaller a change may be for a tag that can collect it."""
    if not can_collect(draft, synapse):
        return 1.0
    scale = abs(draft.weights[synapse.projection].scale)
    return PARTS / (quantum(draft, synapse) * scale)


def collected(draft: Draft, synapse: SynapseDraft) -> SynapseDraft | None:
    """Send what no product can add to a weight into a tag; None where none is free.

    The synapse has to be quantised: that says which terms are too small. The result is
    not, and lacks the steps of `with_steps`.
    """
    small = [f.term for f in synapse.fitted if f.target == "w" and not f.fits]
    if not small or not can_collect(draft, synapse):
        return None
    coarse = [
        f.term
        for f in synapse.fitted
        if f.target == "w" and f.fits and f.relative_error > COARSE
    ]
    unit = PARTS / quantum(draft, synapse)
    if _most(draft, synapse, small) * unit > MOST_IN_A_STEP:
        return None
    for term in coarse:
        if _most(draft, synapse, [*small, term]) * unit <= MOST_IN_A_STEP:
            small.append(term)
    moved = {id(term) for term in small}
    return replace(
        synapse,
        tags=(TagSteps(COLLECTOR, None),),
        collects=True,
        slots={**synapse.slots, COLLECTOR: "t"},
        terms=tuple(
            replace(t, target=COLLECTOR) if id(t) in moved else t for t in synapse.terms
        ),
        fitted=(),
        left_out=(),
    )


def quantum(draft: Draft, synapse: SynapseDraft) -> float:
    """Give the step of the weight's grid, in the rule's units."""
    mode = sign_mode_of(draft.network.projection(synapse.projection))
    step = weight_step(draft.chip.weight_bits.value, mode)
    return step / abs(draft.weights[synapse.projection].scale)


def _most(draft: Draft, synapse: SynapseDraft, terms: list[Term]) -> float:
    return sum(size_of_term(draft, synapse, t).peak for t in terms)


def with_steps(draft: Draft, synapse: SynapseDraft) -> SynapseDraft:
    """Add the products by which the collector hands on whole steps."""
    fitted = tuple(_steps(draft, synapse))
    return replace(
        synapse,
        terms=(*synapse.terms, *(f.term for f in fitted)),
        fitted=(*synapse.fitted, *fitted),
    )


def _steps(draft: Draft, synapse: SynapseDraft) -> Iterator[FittedTerm]:
    chip, step = draft.chip, quantum(draft, synapse)
    shift = product_shift(chip, [find_profile(chip.profile).widths.sign_bits])
    every = max((t.every for t in synapse.terms if t.gate == "u"), default=0)
    span = next(t.span for t in synapse.terms if t.target == COLLECTOR)
    for target, register, whole in (("w", "w", step), (COLLECTOR, "t", -step)):
        for threshold in (step, -step):
            atom: Expr = sign_atom(Name(COLLECTOR), Const(threshold))
            text = f"d{register}: what the tag collected"
            term = Term(target, whole / 2.0, (atom,), "u", every, text, span)
            wanted = whole / 2.0 * synapse.scales[target] * 2.0**shift
            fits = fit_coefficient(wanted, chip.mantissa.value, chip.exponent.value)
            yield FittedTerm(term, "w" if target == "w" else "t", wanted, fits, shift)
