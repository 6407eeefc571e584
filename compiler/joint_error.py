"""Judge scales: choose the products of all terms together, predict the error.

In: the terms of a rule, and a grid of scales. Out: the predicted squared error all over
the grid, and which option each term took. The error of a term is weighed against those
of the others, so that ratios keep before absolute values (predicted_error.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..rules.expr import Expr, Name, Weight
from .draft import Fit
from .factor_errors import FactorError
from .fit_options import FitOptions, Numbers
from .predicted_error import BALANCE, Movement
from .sign_atoms import SignParts, sign_parts

FloatGrid = npt.NDArray[np.float64]
IndexGrid = npt.NDArray[np.int64]
Grids = Mapping[str, FloatGrid]

T = TypeVar("T", bound=np.generic)

SECOND_PRODUCT = 2e-4
"""A second product has to save an error of 1.4 %: it costs time and room."""
NEGLIGIBLE = 0.05
"""Share of what moves a target that may be left out: as coarse as L15 lets pass."""
NEGLIGIBLE_ERROR = 0.1
"""What the loss of such a term counts as, beside what it does to the balance."""
MANY = 2
"""From so many terms on, one that is off costs no less for its company."""
LARGEST_DRIFT = 0.15
"""No drift is worse than leaving the term out, which costs 1/2."""
COMPENSATED = 0.03
"""Most of a term's error that the balance sees; its own square counts in full."""
APART = 5e-4
"""Cost of errors of opposite sign of two terms on opposite sides."""
PICKS = 2
"""How often each term reconsiders its option in view of the others'."""
SMALLEST, BEYOND = 1e-30, 1e30
"""Far beyond all coefficients; there only their order matters to the message."""


@dataclass(frozen=True)
class TermNumbers:
    """What fitting a term needs. ``evaluations`` counts them in a step."""

    coefficient: float
    target: str
    atoms: tuple[Expr, ...]
    shift: int
    table: Numbers
    evaluations: float


@dataclass(frozen=True)
class Judged:
    """A grid of errors, and the option of each term at every point."""

    error: FloatGrid
    options: tuple[FitOptions, ...]
    picks: tuple[IndexGrid, ...]


@dataclass(frozen=True)
class JointError:
    """The predicted squared relative error of one rule as a function of its scales."""

    terms: Sequence[TermNumbers]
    movement: Movement
    factors: Mapping[str, FactorError]

    def judge(self, scales: Grids) -> Judged:
        """Predict the error for a grid of all scales, the fixed ones included."""
        targets = [wanted(t, scales) for t in self.terms]
        options = tuple(
            t.table.options(w) for t, w in zip(self.terms, targets, strict=True)
        )
        errors = [
            o.got / w * self._area(t) - 1.0
            for t, o, w in zip(self.terms, options, targets, strict=True)
        ]
        own = [
            self._own_cost(k, scales, o, e)
            for k, (o, e) in enumerate(zip(options, errors, strict=True))
        ]
        # What one term cannot help, the others must not bend far to make up for.
        errors = [np.clip(e, -COMPENSATED, COMPENSATED) for e in errors]
        picks = self._pick(errors, own)
        chosen = [_take(e, p) for e, p in zip(errors, picks, strict=True)]
        total = self._noise(scales)
        for k, pick in enumerate(picks):
            shared = BALANCE * chosen[k] * self._balance(k, chosen)
            apart = 0.5 * self._apart(k, chosen[k], chosen)
            total = total + _take(own[k], pick) + shared + apart
        return Judged(total, options, tuple(picks))

    def fits(self, scales: Mapping[str, float]) -> list[tuple[Fit, ...]]:
        """Give the products of each term at one point."""
        grid = points(scales)
        judged = self.judge(grid)
        found = []
        for term, option, pick in zip(
            self.terms, judged.options, judged.picks, strict=True
        ):
            first, second = _take(option.first, pick), _take(option.second, pick)
            target = float(wanted(term, grid).item())
            indices = int(first.item()), int(second.item())
            found.append(term.table.products(*indices, target))
        return found

    def _own_cost(
        self, k: int, scales: Grids, option: FitOptions, error: FloatGrid
    ) -> FloatGrid:
        """Square what an option alone gets wrong; charge a second product."""
        second = option.second != self.terms[k].table.zero
        square: FloatGrid = error**2
        if self.movement.largest[k] <= NEGLIGIBLE:
            square = np.minimum(square, NEGLIGIBLE_ERROR**2)
        cost: FloatGrid = square / self._count() + SECOND_PRODUCT * second
        return cost + self._drift(k, scales, option) if self.terms[k].shift else cost

    def _count(self) -> int:
        return min(len(self.terms), MANY)

    def _drift(self, k: int, scales: Grids, option: FitOptions) -> FloatGrid:
        """Square what the floors lose, over what the target moves."""
        term, bits = self.terms[k], self.terms[k].table.last_bit
        moves = zip(self.terms, self.movement.moves, strict=True)
        travel = sum(m for t, m in moves if t.target == term.target)
        lost = 0.5 * term.evaluations * (bits[option.first] + bits[option.second])
        share = lost / (travel * np.abs(scales[term.target]))
        drift: FloatGrid = np.minimum(share, LARGEST_DRIFT)
        return BALANCE * drift**2

    def _pick(
        self, errors: Sequence[FloatGrid], own: Sequence[FloatGrid]
    ) -> list[IndexGrid]:
        """Choose each term's option, given those of the others."""
        picks = [cost.argmin(axis=0) for cost in own]
        chosen = [_take(e, p) for e, p in zip(errors, picks, strict=True)]
        for _ in range(PICKS):
            for k, error in enumerate(errors):
                weight = self.movement.form[k, k]
                others = self._balance(k, chosen) - weight * chosen[k]
                shared = BALANCE * error * (weight * error + 2.0 * others)
                apart = self._apart(k, error, chosen)
                picks[k] = (own[k] + shared + apart).argmin(axis=0)
                chosen[k] = _take(error, picks[k])
        return picks

    def _balance(self, k: int, chosen: Sequence[FloatGrid]) -> FloatGrid:
        """Give the error of the balance, as far as it overlaps with term k."""
        row = zip(self.movement.form[k], chosen, strict=True)
        return sum((f * e for f, e in row if f), np.zeros_like(chosen[k]))

    def _apart(
        self, k: int, error: FloatGrid, chosen: Sequence[FloatGrid]
    ) -> FloatGrid:
        """Charge errors of opposite sign on opposite sides: their ratio is off by both.

        With this, a ratio is no further off than the terms are, even where all errors
        are too small to weigh anything.
        """
        total = np.zeros_like(error)
        for other, opposed in zip(chosen, self.movement.opposed[k], strict=True):
            if opposed:
                total = total + APART * (error * other < 0.0)
        return total / max(len(self.terms) - 1, 1)

    def _area(self, term: TermNumbers) -> float:
        """Give what the rounded decay of its traces makes of a term."""
        found = (self.factors.get(name) for name in scale_names(term.atoms))
        return math.prod(f.area for f in found if f is not None)

    def _noise(self, scales: Grids) -> FloatGrid:
        """Add up what the factors get wrong: of each term alone, so off balance."""
        total = np.zeros_like(scales["w"])
        for term, share in zip(self.terms, self.movement.shares, strict=True):
            for name in scale_names(term.atoms):
                if name in self.factors and name != term.target:
                    variance = self.factors[name].variance_at(scales[name])
                    total = total + BALANCE * share**2 * variance
            for sign in filter(None, map(sign_parts, term.atoms)):
                total = total + BALANCE * share**2 * self._of_sign(sign, scales)
        return total

    def _of_sign(self, sign: SignParts, scales: Grids) -> FloatGrid:
        """Square how far off a threshold is stored, and the noise there."""
        (name,) = scale_names([sign.variable])
        exact = sign.threshold.value * scales[name]
        off = (np.rint(exact) - exact) / np.maximum(np.abs(exact), 1.0)
        found: FloatGrid = off**2
        if name in self.factors:
            found = found + self.factors[name].variance_at(scales[name])
        return found


def wanted(term: TermNumbers, scales: Grids) -> FloatGrid:
    """Give the stored coefficient of a term, the product shift given back."""
    found = term.coefficient * scales[term.target] * 2.0**term.shift
    for name in scale_names(term.atoms):
        found = found / scales[name]
    for sign in filter(None, map(sign_parts, term.atoms)):
        (name,) = scale_names([sign.variable])
        found = found * np.copysign(1.0, scales[name])
    size = np.clip(np.abs(found), SMALLEST, BEYOND)
    return np.copysign(size, found)


def scale_names(atoms: Sequence[Expr]) -> Iterator[str]:
    """Name the scales that factors are stored with; spikes and signs have none."""
    for atom in atoms:
        match atom:
            case Weight():
                yield "w"
            case Name(name=name):
                yield name
            case _:
                pass


def points(scales: Mapping[str, float]) -> dict[str, FloatGrid]:
    """Make a grid of one point."""
    return {n: np.array([s]) for n, s in scales.items()}


def _take(options: npt.NDArray[T], pick: IndexGrid) -> npt.NDArray[T]:
    taken: npt.NDArray[T] = np.take_along_axis(options, pick[None], axis=0)[0]
    return taken
