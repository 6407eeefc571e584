"""Tables of a function, as a neuron program looks it up.

In: a function, the range of its argument and the argument's scale. Out: entries and
slopes in integers, and how far a value that is interpolated between them is off. Where
one table is too coarse at the lower end (a root, a logarithm, a reciprocal), a second
one covers the lowest sixteenth of the range, and so on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Function = Callable[[float], float]

MOST_SEGMENTS_BITS = 8
LEAST_SEGMENTS_BITS = 4
VALUE_BITS = 22  # of the largest entry: a product with 23 bits of an argument fits
ARGUMENT_BITS = 23
TOLERANCE = 2.0**-12
"""Share of the largest value below which a smaller table does; twice what an output
of 13 bits resolves."""
FINER_BITS = 4
MOST_TABLES = 4
SAMPLES = 1500


@dataclass(frozen=True)
class Piece:
    """One table: entry k and its slope serve arguments from k << shift on.

    It is meant for arguments from ``start`` on; below, a finer one serves. Without
    slopes every argument has an entry of its own.
    """

    start: int
    shift: int
    entries: tuple[int, ...]
    slopes: tuple[int, ...]

    def value(self, t: Integers) -> Integers:
        """Give what a neuron program computes for arguments counted from the lowest."""
        index = np.clip(t >> self.shift, 0, len(self.entries) - 1)
        found = np.array(self.entries, np.int64)[index]
        if not self.slopes:
            return found
        rest = t - (index << self.shift)
        slopes = np.array(self.slopes, np.int64)[index]
        return np.asarray(found + ((slopes * rest) >> self.shift))


@dataclass(frozen=True)
class FunctionTable:
    """Pieces from the coarsest, which covers all, to the finest; scales and error.

    ``low`` is the stored argument that counts as 0, ``span`` the largest one counted
    from there, downward if ``mirrored``; the value is stored = value * scale.
    """

    low: int
    span: int
    scale: float
    pieces: tuple[Piece, ...]
    largest_value: float
    largest_error: float
    mirrored: bool = False

    @property
    def ends(self) -> tuple[int, int]:
        """Give the lowest and the highest stored argument."""
        if self.mirrored:
            return self.low - self.span, self.low
        return self.low, self.low + self.span

    @property
    def limits(self) -> tuple[int, int]:
        """Bound all values that interpolation can give."""
        ends = [e + s for p in self.pieces for e, s in _steps(p)]
        starts = [e for p in self.pieces for e in p.entries]
        return min(ends + starts), max(ends + starts)

    @property
    def entries(self) -> int:
        """Count the integers that the program has to hold."""
        return sum(len(p.entries) + len(p.slopes) for p in self.pieces)


def _steps(piece: Piece) -> list[tuple[int, int]]:
    slopes = piece.slopes or (0,) * len(piece.entries)
    return list(zip(piece.entries, slopes, strict=True))


def function_table(
    function: Function, low: float, high: float, scale: float
) -> FunctionTable:
    """Tabulate a function over [low, high] for arguments stored = value * scale.

    The function may be asked for the nearest stored argument outside of the range, as
    far as it has a finite value there.
    """
    ends = _ends(function, low, high, scale)
    upward = _counted(function, ends, scale, mirrored=False)
    if upward.largest_error <= TOLERANCE * upward.largest_value:
        return upward
    downward = _counted(function, ends, scale, mirrored=True)
    return min(upward, downward, key=lambda table: table.largest_error)


def _counted(
    function: Function, ends: tuple[int, int], scale: float, *, mirrored: bool
) -> FunctionTable:
    """Tabulate over stored arguments, counted from the lower or the upper end."""
    start, direction = (ends[1], -1) if mirrored else (ends[0], 1)
    span = ends[1] - ends[0]

    def at(t: Floats) -> Floats:
        return np.array([function((start + direction * x) / scale) for x in t])

    largest = float(np.abs(at(_samples(0, span))).max())
    value_scale = (
        2.0 ** (VALUE_BITS - math.ceil(math.log2(largest))) if largest else 1.0
    )
    pieces, error = _pieces(lambda t: at(t) * value_scale, span, largest * value_scale)
    facts = (tuple(pieces), largest, error / value_scale, mirrored)
    return FunctionTable(start, span, value_scale, *facts)


def _ends(function: Function, low: float, high: float, scale: float) -> tuple[int, int]:
    """Give the stored arguments that hold the range, or lie just inside it."""
    first, last = math.floor(low * scale), math.ceil(high * scale)
    if not _is_finite(function, first / scale):
        first += 1
    if not _is_finite(function, last / scale):
        last -= 1
    return first, max(first, last)


def _is_finite(function: Function, x: float) -> bool:
    try:
        return math.isfinite(function(x))
    except (ArithmeticError, ValueError):
        return False


def _samples(start: int, stop: int) -> Floats:
    """Choose arguments in a range, all of them if they are few."""
    if stop - start < SAMPLES:
        return np.arange(start, stop + 1).astype(np.float64)
    return np.asarray(np.unique(np.round(np.linspace(start, stop, SAMPLES))))


def _pieces(
    at: Callable[[Floats], Floats], span: int, largest: float
) -> tuple[list[Piece], float]:
    """Cover [0, span], finer and finer toward 0 where that is needed."""
    pieces: list[Piece] = []
    worst, stop = 0.0, span
    while True:
        whole, error = _smallest(at, 0, stop, largest)
        start = stop >> FINER_BITS
        upper, rest = _smallest(at, start, stop, largest)
        enough = error <= TOLERANCE * largest or not whole.slopes
        if enough or 2.0 * rest > error or len(pieces) == MOST_TABLES - 1:
            return [*pieces, whole], max(worst, error)
        pieces.append(upper)
        worst, stop = max(worst, rest), start


def _smallest(
    at: Callable[[Floats], Floats], start: int, stop: int, largest: float
) -> tuple[Piece, float]:
    """Give the smallest table that is good enough from ``start`` to ``stop``."""
    t = _samples(start, stop)
    wanted = at(t)
    for bits in range(LEAST_SEGMENTS_BITS, MOST_SEGMENTS_BITS + 1):
        piece = _piece(at, start, stop, bits)
        error = float(np.abs(piece.value(t.astype(np.int64)) - wanted).max())
        if error <= TOLERANCE * largest or not piece.slopes:
            break
    return piece, error


def _piece(at: Callable[[Floats], Floats], start: int, stop: int, bits: int) -> Piece:
    if stop < 1 << MOST_SEGMENTS_BITS:
        entries = np.rint(at(np.arange(stop + 1.0)))
        return Piece(start, 0, tuple(int(e) for e in entries), ())
    shift = stop.bit_length() - bits
    knots = np.arange((stop >> shift) + 1) << shift
    ends = np.minimum(knots + (1 << shift), stop)
    entries = np.rint(at(knots.astype(np.float64)))
    rise = np.rint(at(ends.astype(np.float64))) - entries
    # The last segment may be cut short; its slope is that of what there is of it.
    slopes = np.rint(rise * (1 << shift) / np.maximum(ends - knots, 1))
    return Piece(
        start, shift, tuple(int(e) for e in entries), tuple(int(s) for s in slopes)
    )
