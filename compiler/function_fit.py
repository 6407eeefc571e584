"""Fit a function of one stored variable by what a learning engine can multiply.

In: the function's values at all that the chip can store, and what there is room for in
a product. Out: a sum of powers, steps and ramps with the least largest error. Steps
are a table look-up; ramps draw the function as a line with corners.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Knots = tuple[int, ...]

LARGEST_DEGREE = 3
STEPS = (1, 2, 3, 4, 6, 8, 10)
MOST_RAMPS = 4
ROUNDS = 25
"""Of Lawson's weights; the largest error then is within a few per cent of the least."""
FINE = 0.005
"""Share of the largest value that a fit may be off, and no better one is searched."""
NOTHING = 1e-12
"""Relative error of what fits exactly."""
NEARLY = 1.25
"""A fit that is worse by this factor is taken if it needs fewer products."""
COEFFICIENT_ERROR = 0.004
"""Typical relative error of a coefficient, with a second product where it helps."""


@dataclass(frozen=True)
class Shape:
    """Which factors a fit may use, and where its steps and ramps are.

    A step is ``sgn(n - K)``, a ramp ``abs(n - K)``; n is the stored variable.
    """

    degree: int
    steps: Knots = ()
    ramps: Knots = ()

    @property
    def products(self) -> int:
        """How many products a term becomes, besides its constant part."""
        return self.degree + len(self.steps) + 2 * len(self.ramps)

    def kinds(self) -> list[tuple[int, int]]:
        """Give powers and signs of every factor; of a ramp those of its larger part."""
        kinds = [(n, 0) for n in range(self.degree + 1)]
        return [*kinds, *[(0, 1)] * len(self.steps), *[(1, 1)] * len(self.ramps)]

    def basis(self, stored: Floats) -> Floats:
        """Give a column for every factor; powers of values between -1 and 1."""
        unit = stored / np.abs(stored).max()
        columns = [unit**n for n in range(self.degree + 1)]
        columns += [np.sign(stored - k) for k in self.steps]
        columns += [np.abs(stored - k) / np.abs(stored).max() for k in self.ramps]
        return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Precision:
    """What the engine makes of one kind of product: powers and signs of the variable.

    smallest, largest
        Coefficients that it can have, of a factor between -1 and 1.
    floor
        Share of the product that is lost to the shift's floor at typical values.
    """

    smallest: float
    largest: float
    floor: float

    def loss(self, coefficient: float) -> float:
        """Estimate the error that rounding and floors make of a coefficient."""
        size = abs(coefficient)
        if size > self.largest:
            return size  # all of it
        if size == 0.0:
            return 0.0
        rounding = max(self.smallest / 4, COEFFICIENT_ERROR * size)
        return rounding + self.floor * size


@dataclass(frozen=True)
class Room:
    """What a product has left for a function: the precision of (powers, signs)."""

    kinds: tuple[tuple[tuple[int, int], Precision], ...]

    def has(self, powers: int, signs: int) -> bool:
        """Tell whether such a product has enough bits."""
        return (powers, signs) in dict(self.kinds)

    def of(self, shape: Shape) -> list[Precision]:
        """Give the precision of each of a shape's coefficients."""
        precisions = dict(self.kinds)
        return [precisions[kind] for kind in shape.kinds()]


@dataclass(frozen=True, eq=False)
class Fit:
    """A shape with its coefficients, lowest power first, and its errors.

    ``cost`` adds to the largest error what the engine's rounding will: coefficients
    that cancel, or that are below its smallest, are worth little.
    """

    shape: Shape
    coefficients: Floats
    largest_error: float
    rms_error: float
    worst: int  # index of the value that is furthest off
    cost: float


def best_fit(stored: Floats, values: Floats, room: Room) -> Fit:
    """Choose the fit of fewest products among those that are nearly the best."""
    fine = FINE * float(np.abs(values).max())
    fits = []
    for shape in shapes(stored, values, room):
        fits.append(fitted(stored, values, shape, room))
        if fits[-1].cost <= fine:
            break
    enough = NEARLY * min(fit.cost for fit in fits)
    good = (fit for fit in fits if fit.cost <= enough)
    return min(good, key=lambda fit: fit.shape.products)


def shapes(stored: Floats, values: Floats, room: Room) -> Iterator[Shape]:
    """Propose shapes: knots lie where the function changes most."""
    yield Shape(0)
    powers = [n for n in range(1, LARGEST_DEGREE + 1) if room.has(n, 0)]
    yield from (Shape(degree) for degree in powers)
    for degree in [0, *powers[:1]] if room.has(0, 1) else ():
        line = fitted(stored, values, Shape(degree), room)
        change = np.abs(np.diff(values - line.shape.basis(stored) @ line.coefficients))
        for count in STEPS:
            yield Shape(degree, steps=_spread(stored, change, count))
    for count in range(1, MOST_RAMPS + 1) if room.has(1, 1) and powers else ():
        # A line's error grows with the square of its length times the curvature.
        bend = np.sqrt(np.abs(np.diff(values, 2)))
        yield Shape(1, ramps=_spread(stored[:-1], bend, count))


def _spread(stored: Floats, density: Floats, count: int) -> Knots:
    """Put knots so that there is as much of the density between any two."""
    total = np.concatenate([[0.0], np.cumsum(density)])
    if total[-1] <= 0:
        return ()
    marks = total[-1] * (np.arange(count) + 0.5) / count
    places = np.clip(np.searchsorted(total, marks), 1, total.size - 1)
    places[places == 1] = 0  # a jump from the lowest value is exact with its tie there
    return tuple(sorted({int(stored[p]) for p in places}))


def fitted(stored: Floats, values: Floats, shape: Shape, room: Room) -> Fit:
    """Fit a shape so that the largest error is small (Lawson 1961)."""
    basis, precisions = shape.basis(stored), room.of(shape)
    smallest = np.array([p.smallest for p in precisions])
    weights = np.full(stored.size, 1.0 / stored.size)
    ridge = NOTHING * np.eye(len(precisions))  # two knots at one place have no solution
    least, best = math.inf, None
    for _ in range(ROUNDS):
        weighted = basis.T * weights
        found = np.linalg.solve(weighted @ basis + ridge, weighted @ values)
        errors = np.abs(basis @ found - values)
        kept = np.where(np.abs(found) < smallest, 0.0, found)  # the engine has no less
        off = np.abs(basis @ kept - values)
        if off.max() < least:
            least, best = off.max(), (kept, off)
        if errors.max() <= NOTHING * float(np.abs(values).max(initial=NOTHING)):
            break
        weights = weights * errors
        weights /= weights.sum()
    assert best is not None  # all values are finite
    loss = sum(p.loss(float(c)) for p, c in zip(precisions, best[0], strict=True))
    return _measured(shape, *best, loss)


def _measured(shape: Shape, coefficients: Floats, errors: Floats, loss: float) -> Fit:
    worst = int(errors.argmax())
    largest = float(errors[worst])
    share = errors / largest if largest else errors  # squares of large errors overflow
    rms = largest * math.sqrt(float(np.mean(share**2)))
    return Fit(shape, coefficients, largest, rms, worst, largest + loss)
