"""Quantise: choose impulses and tag scales, and fit every coefficient to them.

In: terms with registers. Out: a scale for each register and one or two products for
each term. An impulse is a free integer beside the literal, so both are chosen
together: the search minimises the error of the coefficients, then prefers large
traces, which lose less to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..hardware.chip import Chip, Range
from ..hardware.learning import Target
from ..hardware.profile import find_profile
from ..hardware.program import SignMode
from ..rules.expr import Expr, Name, Spike, Weight
from .coefficients import finest, fit_coefficient, product_shift
from .dead_update import DeadUpdate
from .draft import Draft, Fit, FittedTerm, NeuronValue, SynapseDraft, Term, TraceSteps
from .factorise import TooManyFactors
from .passes import AbstractPass
from .shifted_away import products_that_vanish
from .sign_atoms import direction, sign_parts
from .typical import peak, size_of_tag

SMALLEST_SIGNED_RANGE = 16
SIGNED_STEPS = 63
SEARCHED_BITS = 7
"""Of a trace: its largest values are 127 steps of the search."""

SMALLEST_IMPULSE = 8  # below, a trace is mostly rounding noise (lint L12)
TAG_CANDIDATES = 24
BEYOND = 1e30

# What the search weighs against a squared relative error of a coefficient.
UNDERFLOW_COST = 100.0
SECOND_PRODUCT = 1e-4
LARGER_SCALE = 2e-5  # for each doubling


@dataclass(frozen=True)
class UpdateTooSmall(DeadUpdate):
    """A coefficient is below half of the engine's smallest product.

    The smallest product adds 2**-7 of a weight LSB times its factors; what is below
    rounds to nothing, and the weight would never move.
    """

    severity = "error"
    title = "`{term}` is too small for {chip}: it would never move `{target}`"
    note = "it needs the factor {wanted:.3g}; the smallest is 2^{lowest} ({source})"
    help = "make it {times:.3g} times as large: a larger rate, tighter bounds, every(n)"

    chip: str
    wanted: float
    lowest: int
    source: str
    times: float


@dataclass(frozen=True)
class UpdateTooLarge(Diagnostic):
    """A coefficient is beyond the largest mantissa * 2**exponent.

    Coefficients are small integers times powers of two, and the product shift has
    been paid for already. A term this large is usually a unit that was mistaken.
    """

    code = "R232"
    title = "`{term}` is too large for {chip}"
    note = "it needs the factor {wanted:.3g}; the largest is {largest} ({source})"
    help = "make it {share:.3g} times as large: a smaller rate, or wider bounds"

    term: str
    chip: str
    wanted: float
    largest: int
    source: str
    share: float


@final
@dataclass(frozen=True)
class Quantise(AbstractPass):
    """Turn coefficients into mantissa * 2**exponent, product shift given back.

    1. 0.01 * x  with x stored as 20 a spike, w as 255  ->  0.1275, fitted as 1 * 2^-3
       with an impulse of 20.4, so the impulse moves to 20 and the fit to 0.125
    2. a product of w and a trace is shifted right by 5  ->  its exponent gets 5 more
    """

    name: ClassVar[str] = "quantise"

    def apply(self, draft: Draft) -> Draft:
        return replace(
            draft, synapses=tuple(_quantise(draft, s) for s in draft.synapses)
        )

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        chip = draft.chip
        for synapse in draft.synapses:
            for fitted in synapse.fitted:
                yield from _fits(chip, fitted)
                yield from _product_fits_a_word(chip, synapse, fitted)
                largest = largest_product(chip, synapse, fitted.term)
                yield from products_that_vanish(chip, synapse, fitted, largest)


def _product_fits_a_word(
    chip: Chip, synapse: SynapseDraft, fitted: FittedTerm
) -> Iterable[Diagnostic]:
    term = fitted.term
    largest = largest_product(chip, synapse, term)
    for fit in fitted.fits:
        bits = (largest * abs(fit.mantissa)).bit_length() + 1
        limit = product_bits(chip)
        if bits > limit:
            yield TooManyFactors(term.text, bits, limit, span=term.span)


def _fits(chip: Chip, fitted: FittedTerm) -> Iterable[Diagnostic]:
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
            _times_too_small(fitted.wanted, exponents.value[0]),
            span=span,
        )
    elif abs(fitted.wanted) > largest * 1.1:
        share = largest / abs(fitted.wanted)
        args = (term.text, chip.name, fitted.wanted, largest, mantissas.source, share)
        yield UpdateTooLarge(*args, span=span)


def _times_too_small(wanted: float, lowest: int) -> float:
    return 2.0**lowest / abs(wanted) if wanted else math.inf


def _quantise(draft: Draft, synapse: SynapseDraft) -> SynapseDraft:
    scaler = _Scaler(draft, synapse)
    scales = scaler.search()
    fitted = tuple(scaler.fit(t, scales) for t in synapse.terms)
    return replace(
        synapse,
        scales=scales,
        fitted=fitted,
        signed_offset=signed_offset(draft.chip),
        finer_bits=draft.chip.trace_bits.value - SEARCHED_BITS,
    )


class _Scaler:
    """Searches the scales of one plastic projection."""

    def __init__(self, draft: Draft, synapse: SynapseDraft) -> None:
        self.draft = draft
        self.synapse = synapse
        self.free = self._candidates()

    def search(self) -> dict[str, float]:
        """Improve one scale at a time until none gets better."""
        scales = {**self._fixed(), **{k: c[-1] for k, c in self.free.items()}}
        best = self.cost(scales)
        improved = True
        while improved:
            improved = False
            for name, candidates in self.free.items():
                for candidate in candidates:
                    trial = {**scales, name: candidate}
                    cost = self.cost(trial)
                    if cost < best - 1e-12:
                        scales, best, improved = trial, cost, True
        return scales

    def cost(self, scales: Mapping[str, float]) -> float:
        """Add up squared errors, second products, and a little for small traces."""
        total = 0.0
        for term in self.synapse.terms:
            fitted = self.fit(term, scales)
            if not fitted.fits:
                total += UNDERFLOW_COST
                continue
            total += fitted.relative_error**2 + SECOND_PRODUCT * (len(fitted.fits) - 1)
        for value in self.synapse.values:
            if value.kind == "signed":
                total += _rounding_of(value, scales[value.symbol])
        return total - LARGER_SCALE * sum(math.log2(scales[n]) for n in self.free)

    def fit(self, term: Term, scales: Mapping[str, float]) -> FittedTerm:
        """Fit one term under given scales."""
        chip = self.draft.chip
        wanted = term.coefficient * scales[term.target]
        for atom in term.atoms:
            wanted /= _atom_scale(atom, scales)
        shift = product_shift(chip, self._widths(term))
        # Far beyond the largest coefficient; only its order matters to the message.
        wanted = min(max(wanted * 2.0**shift, -BEYOND), BEYOND)
        fits = fit_coefficient(wanted, chip.mantissa.value, chip.exponent.value)
        if shift:
            fits = tuple(self._finest(f, term) for f in fits)
        return FittedTerm(term, self._target(term.target), wanted, fits, shift)

    def _finest(self, fit: Fit, term: Term) -> Fit:
        """Let the floor of the shift lose as little as the product's bits allow."""
        chip = self.draft.chip
        largest = largest_product(chip, self.synapse, term)
        room = (2 ** (product_bits(chip) - 1) - 1) // largest
        # Lava turns a mantissa of -8 into -4 * 2, and then floors otherwise.
        most = min(chip.mantissa.value[1], room)
        mantissas: Range = (-most, most)
        return finest(fit, mantissas, chip.exponent.value)

    def _target(self, name: str) -> Target:
        if name == "w":
            return "w"
        return "t" if self.synapse.slots.get(name) == "t" else "d"

    def _widths(self, term: Term) -> list[int]:
        widths = self.draft.chip.factor_widths.value
        return [widths[factor_variable(a, self.synapse)] for a in term.atoms]

    def _fixed(self) -> dict[str, float]:
        fixed = {"w": self.draft.weights[self.synapse.projection].scale}
        for value in self.synapse.values:
            if value.kind == "constant":
                fixed[value.symbol] = float(value.level)
        for trace in self._traces():
            if trace.pairing == "nearest":
                # An impulse of the full range saturates: only the last spike counts.
                fixed[trace.name] = float(self.draft.chip.trace_max.value)
        return fixed

    def _traces(self) -> list[TraceSteps]:
        return [t for t in self.synapse.traces if t.name in self.synapse.slots]

    def _candidates(self) -> dict[str, list[float]]:
        rate = self.draft.rate_per_step
        top = self.draft.chip.trace_max.value
        # Finer traces need no finer search.
        fine = 1 << (self.draft.chip.trace_bits.value - SEARCHED_BITS)
        found: dict[str, list[float]] = {}
        for trace in self._traces():
            if trace.pairing == "all":
                high = int(top / peak(trace.tau_steps, rate))
                high = max(SMALLEST_IMPULSE * fine, high)
                impulses = range(SMALLEST_IMPULSE * fine, high + 1, fine)
                found[trace.name] = [float(k) for k in impulses]
        for value in self.synapse.values:
            if value.kind == "signed":
                # Fewer steps than fit in 7 bits reach smaller coefficients.
                whole = signed_scale(value, self.draft.chip) / SIGNED_STEPS
                steps = range(SMALLEST_SIGNED_RANGE, SIGNED_STEPS + 1)
                found[value.symbol] = [whole * k for k in steps]
        for tag in self.synapse.tags:
            largest = size_of_tag(self.draft, self.synapse, tag)
            ideal = self.draft.chip.tag.value[1] / largest.peak
            # From 0.6 of the ideal to all of it; below, the tag wastes its bits.
            found[tag.name] = [
                ideal * 0.6 ** (1 - k / (TAG_CANDIDATES - 1))
                for k in range(TAG_CANDIDATES)
            ]
        return found


def _rounding_of(value: NeuronValue, scale: float) -> float:
    """Square the relative rounding error of a value of a quarter of its range."""
    typical = max(abs(value.low), abs(value.high), 1e-12) / 4
    return (1.0 / (scale * typical)) ** 2 / 12.0


def _atom_scale(atom: Expr, scales: Mapping[str, float]) -> float:
    sign = sign_parts(atom)
    if sign is not None:
        return direction(_atom_scale(sign.variable, scales))
    match atom:
        case Weight():
            return scales["w"]
        case Name(name=name):
            return scales[name]
        case _:
            return 1.0  # a spike is 0 or 1


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


def signed_scale(value: NeuronValue, chip: Chip) -> float:
    """Give the stored units of a signed graded value for each of the rule's."""
    return signed_range(chip) / max(abs(value.low), abs(value.high), 1e-12)


def signed_range(chip: Chip) -> int:
    """Give the largest magnitude of a signed graded value; it has a trace's bits."""
    return signed_offset(chip) - 1


def signed_offset(chip: Chip) -> int:
    """Give what is added to a signed graded value, so that it travels unsigned."""
    return 1 << (chip.trace_bits.value - 1)


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
