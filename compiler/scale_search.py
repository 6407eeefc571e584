"""Search scales for the smallest predicted error.

In: what judges scales, those that are fixed, and candidates for those that are free.
Out: the best scales that were found. A grid of candidates is judged at once; the search
moves one scale, then two at a time, from several starts, until nothing gets better.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .joint_error import FloatGrid, JointError

Candidates = Mapping[str, Sequence[float]]
Move = tuple[str, ...]

STARTS = (0.0, 0.5, 1.0)
"""Where in its candidates each scale begins."""
EVENLY, NEAR = 10, 7
"""Candidates of each scale when two are moved together: spread evenly, and next to
where it is on either side. Single moves see all of them."""
ROUNDS = 8
LEAST_GAIN = 1e-12


@dataclass(frozen=True)
class Point:
    """The free scales, and the error that is predicted for them."""

    scales: Mapping[str, float]
    error: float


@dataclass(frozen=True)
class ScaleSearch:
    """Moves the free scales of one rule."""

    joint: JointError
    fixed: Mapping[str, float]
    free: Candidates
    seen: dict[object, Point] = field(default_factory=dict, compare=False, repr=False)

    def best(self) -> Point:
        """Give the best point that was found; of equals the first candidate."""
        single: list[Move] = [(n,) for n in self.free]
        pairs: list[Move] = list(itertools.combinations(self.free, 2))
        found = [self._descend(start, single) for start in self._starts()]
        return self._descend(min(found, key=lambda p: p.error), [*pairs, *single])

    def _starts(self) -> Iterable[Point]:
        for at in STARTS if self.free else STARTS[:1]:
            scales = {n: c[round((len(c) - 1) * at)] for n, c in self.free.items()}
            yield self._along(scales, ())

    def _descend(self, start: Point, moves: Sequence[Move]) -> Point:
        best = start
        for _ in range(ROUNDS):
            before = best.error
            for names in moves:
                trial = self._along(best.scales, names)
                if trial.error < best.error - LEAST_GAIN:
                    best = trial
            if best.error == before:
                break
        return best

    def _along(self, scales: Mapping[str, float], names: Move) -> Point:
        """Choose the best of all candidates of some scales, the others as they are.

        Starts meet on their way and rounds end where nothing moves: many questions have
        been asked before.
        """
        # All candidates of a scale are seen when it moves alone, wherever it is.
        kept = {n: s for n, s in scales.items() if names != (n,)}
        key = (names, tuple(kept.items()))
        if key not in self.seen:
            self.seen[key] = self._judged(scales, names)
        return self.seen[key]

    def _judged(self, scales: Mapping[str, float], names: Move) -> Point:
        axes = [np.array(self.free[n]) for n in names]
        if len(names) > 1:
            pairs = zip(axes, names, strict=True)
            axes = [_thinned(axis, scales[n]) for axis, n in pairs]
        grids = dict(zip(names, np.meshgrid(*axes, indexing="ij"), strict=True))
        shape = tuple(map(len, axes)) or (1,)
        others = {n: np.full(shape, s) for n, s in {**self.fixed, **scales}.items()}
        errors = self.joint.judge({**others, **grids}).error
        at = np.unravel_index(int(errors.argmin()), shape)
        chosen = {n: float(grid[at]) for n, grid in grids.items()}
        return Point({**scales, **chosen}, float(errors[at]))


def _thinned(candidates: FloatGrid, current: float) -> FloatGrid:
    """Keep some candidates, in their order: EVENLY spread, and NEAR the current."""
    count = len(candidates)
    at = int(np.abs(candidates - current).argmin())
    near = range(max(at - NEAR, 0), min(at + NEAR + 1, count))
    spread = np.linspace(0, count - 1, EVENLY).round().astype(int)
    return candidates[sorted({*near, *spread.tolist()})]
