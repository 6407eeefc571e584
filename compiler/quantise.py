"""Quantise: choose impulses and tag scales, and fit every coefficient to them.

In: terms with registers. Out: a scale for each register and one or two products for
each term. An impulse is a free integer beside the literal, so both are chosen
together: the search minimises the error of the coefficients, then prefers large
traces, which lose less to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..hardware.chip import Chip
from ..hardware.learning import Target
from ..hardware.profile import find_profile
from ..hardware.program import SignMode
from ..rules.expr import Expr, Name, Spike, Weight
from .coefficients import product_shift
from .draft import Draft, FittedTerm, LeftOut, SynapseDraft, Term
from .factor_errors import factor_errors
from .factorise import TooManyFactors
from .fit_options import number_table
from .joint_error import NEGLIGIBLE, JointError, TermNumbers, points, wanted
from .passes import AbstractPass
from .predicted_error import Movement, movement_of
from .quantise_errors import TermIsLeftOut, UpdateTooLarge, UpdateTooSmall
from .scale_candidates import (
    SEARCHED_BITS,
    fixed_scales,
    free_scales,
    signed_offset,
)
from .scale_search import ScaleSearch
from .shared_outputs import known_scales
from .shifted_away import products_that_vanish
from .sign_atoms import sign_parts
from .small_updates import collected, finer_by, with_steps
from .typical import evaluations_per_step

WORTH_SHARING = 0.1
"""Share of its error that a rule gives up for an output that another has already."""

COARSE = 0.02
"""Relative error of a coefficient that noisier traces may be worth."""


@final
@dataclass(frozen=True)
class Quantise(AbstractPass):
    """Turn coefficients into mantissa * 2**exponent, product shift given back.

    1. 0.01 * x  with x stored as 20 a spike, w as 255  ->  0.1275, fitted as 1 * 2^-3
       with an impulse of 20.4, so the impulse moves to 20 and the fit to 0.125
    2. a product of w and a trace is shifted right by 5  ->  its exponent gets 5 more
    3. a term that no product can hold  ->  collected by a tag, in 1/64 of w's step
    """

    name: ClassVar[str] = "quantise"

    def apply(self, draft: Draft) -> Draft:
        done: list[tuple[SynapseDraft, SynapseDraft]] = []
        for synapse in draft.synapses:
            known = next((q for s, q in done if _is_alike(draft, s, synapse)), None)
            sent = known_scales(draft, synapse, [q for _, q in done])
            quantised = _sayable(draft, synapse, sent) if known is None else known
            done.append((synapse, replace(quantised, projection=synapse.projection)))
        return replace(draft, synapses=tuple(quantised for _, quantised in done))

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        chip = draft.chip
        for synapse in draft.synapses:
            for fitted in synapse.fitted:
                yield from _fits(chip, fitted, finer_by(draft, synapse))
                yield from _product_fits_a_word(chip, synapse, fitted)
                largest = largest_product(chip, synapse, fitted.term)
                yield from products_that_vanish(chip, synapse, fitted, largest)
            for lost in synapse.left_out:
                term, target = lost.term, f"d{lost.term.target}"
                args = (term.text, chip.name, target, lost.share)
                yield TermIsLeftOut(*args, span=term.span)


def _product_fits_a_word(
    chip: Chip, synapse: SynapseDraft, fitted: FittedTerm
) -> Iterable[Diagnostic]:
    term = fitted.term
    mantissa = max((abs(f.mantissa) for f in fitted.fits), default=0)
    bits = (largest_product(chip, synapse, term) * mantissa).bit_length() + 1
    limit = product_bits(chip)
    if bits > limit:
        yield TooManyFactors(term.text, bits, limit, span=term.span)


def _fits(chip: Chip, fitted: FittedTerm, finer: float) -> Iterable[Diagnostic]:
    """Refuse what no product can hold; a tag might have collected ``finer`` changes."""
    span = fitted.term.span
    exponents, mantissas = chip.exponent, chip.mantissa
    term = fitted.term
    largest = mantissas.value[1] * 2 ** exponents.value[1]
    if not fitted.fits:
        yield UpdateTooSmall(
            term.text,
            f"d{term.target}",
            chip.name,
            fitted.wanted,
            exponents.value[0],
            exponents.source,
            max(_times_too_small(fitted.wanted, exponents.value[0]) / finer, 1.0),
            span=span,
        )
    elif abs(fitted.wanted) > largest * 1.1:
        share = largest / abs(fitted.wanted)
        args = (term.text, chip.name, fitted.wanted, largest, mantissas.source, share)
        yield UpdateTooLarge(*args, span=span)


def _times_too_small(wanted: float, lowest: int) -> float:
    return 2.0**lowest / abs(wanted) if wanted else math.inf


def _is_alike(draft: Draft, one: SynapseDraft, other: SynapseDraft) -> bool:
    """Tell whether two projections of one rule ask for the same: layers often do."""
    if one.rule.span != other.rule.span:
        return False
    scales = [draft.weights[s.projection].scale for s in (one, other)]
    sources = [draft.network.projection(s.projection).source for s in (one, other)]
    if draft.payloads.get(sources[0]) != draft.payloads.get(sources[1]):
        return False
    return scales[0] == scales[1] and replace(one, projection=other.projection) == other


def _sayable(
    draft: Draft, synapse: SynapseDraft, sent: Mapping[str, float]
) -> SynapseDraft:
    """Quantise; where a change is too small for a weight, let a tag collect it."""
    plain = _quantise(draft, synapse, sent)
    trial = collected(draft, plain)
    if trial is None:
        return plain
    whole = _quantise(draft, trial, sent)
    kept = all(f.fits for f in whole.fitted) and not whole.left_out
    return with_steps(draft, whole) if kept else plain


def _quantise(
    draft: Draft, synapse: SynapseDraft, sent: Mapping[str, float]
) -> SynapseDraft:
    """Choose scales; those at which the neuron ``sent`` a value before, if they do."""
    joint = joint_error_of(draft, synapse)
    fixed = fixed_scales(draft, synapse)
    found = ScaleSearch(joint, fixed, free_scales(draft, synapse)).best()
    fitted = _fitted(synapse, joint, {**fixed, **found.scales})
    if any(_is_coarse(synapse, f) for f in fitted):
        # Smaller impulses reach smaller coefficients, and are noisier.
        small = free_scales(draft, synapse, smallest_impulse=1)
        trial = ScaleSearch(joint, fixed, small).best()
        if trial.error < found.error:
            found = trial
            fitted = _fitted(synapse, joint, {**fixed, **found.scales})
    if any(found.scales.get(name, scale) != scale for name, scale in sent.items()):
        free = {**free_scales(draft, synapse), **{n: [s] for n, s in sent.items()}}
        shared = ScaleSearch(joint, fixed, free).best()
        if shared.error <= found.error * (1.0 + WORTH_SHARING):
            found = shared
            fitted = _fitted(synapse, joint, {**fixed, **found.scales})
    left_out = tuple(_left_out(fitted, joint.movement))
    lost = {id(left.term) for left in left_out}
    return replace(
        synapse,
        scales={**fixed, **found.scales},
        fitted=tuple(f for f in fitted if id(f.term) not in lost),
        left_out=left_out,
        signed_offset=signed_offset(draft.chip),
        finer_bits=draft.chip.trace_bits.value - SEARCHED_BITS,
    )


def joint_error_of(draft: Draft, synapse: SynapseDraft) -> JointError:
    """Make what judges the scales of a rule."""
    return JointError(
        [_numbers(draft, synapse, t) for t in synapse.terms],
        movement_of(draft, synapse),
        factor_errors(draft, synapse),
    )


def _left_out(fitted: tuple[FittedTerm, ...], movement: Movement) -> Iterator[LeftOut]:
    """Find the terms without products that do not matter, target by target."""
    missing = [
        LeftOut(f.term, float(share))
        for f, share in zip(fitted, movement.largest, strict=True)
        if not f.fits
    ]
    for target in dict.fromkeys(left.term.target for left in missing):
        lost = [left for left in missing if left.term.target == target]
        decays = any(Name(target) in left.term.atoms for left in lost)
        if not decays and sum(left.share for left in lost) <= NEGLIGIBLE:
            yield from lost


def _is_coarse(synapse: SynapseDraft, fitted: FittedTerm) -> bool:
    """Tell whether a coefficient is off, and reads a trace that could be smaller."""
    names = {a.name for a in fitted.term.atoms if isinstance(a, Name)}
    reads_trace = any(t.name in names for t in synapse.traces)
    return reads_trace and fitted.relative_error > COARSE


def _numbers(draft: Draft, synapse: SynapseDraft, term: Term) -> TermNumbers:
    chip = draft.chip
    shift = product_shift(chip, [_width(chip, synapse, a) for a in term.atoms])
    # Lava turns a mantissa of -8 into -4 * 2, and then floors otherwise.
    room = (2 ** (product_bits(chip) - 1) - 1) // largest_product(chip, synapse, term)
    most = min(chip.mantissa.value[1], room) if shift else 0
    table = number_table(chip.mantissa.value, chip.exponent.value, (-most, most))
    evaluations = evaluations_per_step(draft, synapse, term)
    return TermNumbers(
        term.coefficient, term.target, term.atoms, shift, table, evaluations
    )


def _width(chip: Chip, synapse: SynapseDraft, atom: Expr) -> int:
    if sign_parts(atom) is not None:
        return find_profile(chip.profile).widths.sign_bits
    return chip.factor_widths.value[factor_variable(atom, synapse)]


def _fitted(
    synapse: SynapseDraft, joint: JointError, scales: Mapping[str, float]
) -> tuple[FittedTerm, ...]:
    grid = points(scales)
    return tuple(
        FittedTerm(
            term,
            _target(synapse, term.target),
            float(wanted(numbers, grid).item()),
            fits,
            numbers.shift,
        )
        for term, numbers, fits in zip(
            synapse.terms, joint.terms, joint.fits(scales), strict=True
        )
    )


def _target(synapse: SynapseDraft, name: str) -> Target:
    if name == "w":
        return "w"
    return "t" if synapse.slots.get(name) == "t" else "d"


def largest_product(chip: Chip, synapse: SynapseDraft, term: Term) -> int:
    """Bound the product of a term's factors as the engine reads them."""
    largest = 1
    for atom in term.atoms:
        if sign_parts(atom) is not None:
            continue  # -1, 0 or 1
        match factor_variable(atom, synapse):
            case "w":
                low, high = chip.weight_ranges.value[SignMode.MIXED]
                largest *= max(-low, high)
            case "t":
                largest *= max(-chip.tag.value[0], chip.tag.value[1])
            case "x0" | "y0":
                pass
            case _:
                largest *= chip.trace_max.value
    return largest


def product_bits(chip: Chip) -> int:
    """Give the bits of the word in which the engine computes a product."""
    return find_profile(chip.profile).widths.product_bits


def factor_variable(atom: Expr, synapse: SynapseDraft) -> str:
    """Name the engine's variable that an atom is read from."""
    sign = sign_parts(atom)
    if sign is not None:
        return factor_variable(sign.variable, synapse)
    match atom:
        case Weight():
            return "w"
        case Spike(side=side):
            return "x0" if side == "pre" else "y0"
        case Name(name=name):
            return synapse.slots[name]
        case _:
            raise AssertionError(f"no register for {atom!r}")  # ours: Assign missed it
