"""Updates that are coarse, too small or too large: lints L15, L16, L17 and L20.

In: fitted terms and the sizes of their factors at the assumed rate. Out: lints. All
sizes are in LSB of what the term is added to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..rules.expr import Name
from .dead_update import DeadUpdate
from .draft import Draft, FittedTerm, SynapseDraft
from .lint_scale import COARSE, EVALUATIONS, weight_steps
from .small_updates import hands_on
from .typical import size_of_atom, size_of_term

FEW_UNITS = 5.0
"""Units of a shifted product below which the floor takes a tenth of it or more."""
USUAL_TRACE = 0.5
FRESH_TRACE = 1.0
"""What is left of a single spike's trace, in spikes: usually, and at its start."""
LARGE_JUMP = 0.25
"""Share of the range of weights: 64 LSB of 256."""


@dataclass(frozen=True)
class CoefficientIsCoarse(Diagnostic):
    """A coefficient is rounded by more than 5 %.

    Near the smallest product (2**-7) there is nothing between 1, 2, 3 times that. What
    the engine cannot say at all is refused: mantissa and exponent (R232, P331, P332),
    `every(n)` with two different n (R202), division and other functions at the synapse
    (R2xx), unknown factors (P336).
    """

    code = "L15"
    severity = "warning"
    title = "`{term}` is {error:.1%} off on {chip}"
    note = "it needs the factor {wanted:.4g} and gets {got:.4g} (smallest: 2^{lowest})"
    help = "use a larger rate or tighter bounds; or multiply the rate by {ratio:.4g}"

    term: str
    error: float
    chip: str
    wanted: float
    got: float
    lowest: int
    ratio: float


@dataclass(frozen=True)
class ProductLosesBits(Diagnostic):
    """The engine shifts a long product right, and few of its bits are left.

    A product of more than 11 bits of factors is divided by 2**(bits - 11). The compiler
    gives the factor back by the exponent, which is not true of rules that were written
    for Lava by hand; the bits that were shifted out stay lost.
    """

    code = "L16"
    severity = "warning"
    title = "`{term}` is usually {units:.1f} units, and the last one is floored"
    note = "the engine shifts this product right by {shift}; its unit is {unit:.3g} LSB"
    help = "use fewer factors in the product, larger traces, or a higher assumed rate"

    term: str
    units: float
    shift: int
    unit: float


@dataclass(frozen=True)
class UpdateHardlyMoves(DeadUpdate):
    """The update is possible, and so small that it will hardly be seen."""

    severity = "warning"
    title = "`{term}` hardly ever moves `{target}`: {typical:.2g} LSB an update"
    note = "{why}"

    typical: float
    why: str


@dataclass(frozen=True)
class UpdateJumps(Diagnostic):
    """One update may move a weight by more than a quarter of its range.

    Then a weight is hardly more than a flag. The accumulator of an update ends at 256
    LSB, and what is beyond is lost.
    """

    code = "L20"
    severity = "warning"
    title = "`{term}` may move a weight by {jump:.0f} LSB in one step"
    note = "a weight has {range} of them; all factors at their largest"
    help = "use a smaller rate, or wider bounds"

    term: str
    jump: float
    range: int


def updates_have_a_size(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    """Check every fitted term of a projection."""
    for fitted in synapse.fitted:
        yield from coefficients_are_close(draft, fitted)
        if Name(fitted.term.target) in fitted.term.atoms or hands_on(fitted.term):
            continue  # a decay: small where its target is; or a step of a collector
        yield from products_keep_bits(draft, synapse, fitted)
        yield from updates_can_move(draft, synapse, fitted)
        yield from updates_are_no_jumps(draft, synapse, fitted)


def coefficients_are_close(draft: Draft, fitted: FittedTerm) -> Iterator[Diagnostic]:
    if fitted.relative_error > COARSE:
        yield CoefficientIsCoarse(
            fitted.term.text,
            fitted.relative_error,
            draft.chip.name,
            fitted.wanted,
            fitted.got,
            draft.chip.exponent.value[0],
            fitted.got / fitted.wanted,
            span=fitted.term.span,
        )


def products_keep_bits(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm
) -> Iterator[Diagnostic]:
    units = _units(draft, synapse, fitted, USUAL_TRACE)
    if units < FEW_UNITS and _units(draft, synapse, fitted, FRESH_TRACE) >= 1.0:
        args = (fitted.term.text, units, fitted.shift, _unit(fitted))
        yield ProductLosesBits(*args, span=fitted.term.span)


def updates_can_move(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm
) -> Iterator[Diagnostic]:
    typical, unit = _stored(draft, synapse, fitted)[1], _unit(fitted)
    why = ""
    if _units(draft, synapse, fitted, FRESH_TRACE) < 1.0:
        why = f"less than the {unit:.2g} that the product shift leaves: it is floored"
    elif typical * EVALUATIONS < 1.0:
        why = f"in {EVALUATIONS} updates it adds up to less than one LSB"
    if why:
        target = f"d{fitted.term.target}"
        args = (fitted.term.text, target, typical, why)
        yield UpdateHardlyMoves(*args, span=fitted.term.span)


def updates_are_no_jumps(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm
) -> Iterator[Diagnostic]:
    peak = _stored(draft, synapse, fitted)[0]
    steps = weight_steps(draft.chip)
    if fitted.target == "w" and peak > LARGE_JUMP * steps:
        text, span = fitted.term.text, fitted.term.span
        yield UpdateJumps(text, peak, steps, span=span)


def _stored(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm
) -> tuple[float, float]:
    """Give the largest and the typical size of an update, in LSB."""
    size = size_of_term(draft, synapse, fitted.term)
    scale = abs(synapse.scales[fitted.term.target])
    return size.peak * scale, size.mean * scale


def _units(
    draft: Draft, synapse: SynapseDraft, fitted: FittedTerm, trace: float
) -> float:
    """Count the units of a shifted product while its traces are not 0.

    ``trace`` is what a trace then is at least, in spikes. Infinite without a shift.
    """
    if not (fitted.shift and fitted.fits):
        return math.inf
    size = _stored(draft, synapse, fitted)[1]
    for atom in fitted.term.atoms:
        if isinstance(atom, Name) and synapse.trace(atom.name) is not None:
            mean = size_of_atom(draft, synapse, atom).mean
            size *= max(mean, trace) / mean
    return size / _unit(fitted)


def _unit(fitted: FittedTerm) -> float:
    """Give what one count of the shifted product is worth, in LSB."""
    return max((2.0**f.exponent for f in fitted.fits), default=0.0)
