"""Arrivals that lose low bits to a negative weight exponent: lint L09.

In: a draft with weight scales. Out: a lint for each projection whose weights are
shifted right by so much that the floor of a step's sum shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..rules.network import Projection
from .draft import Draft
from .weights import largest_stored, sign_mode_of

COARSE_ARRIVAL = 0.02
"""Share of the largest weight that the floor of an arrival may lose."""


@dataclass(frozen=True)
class ArrivalsAreCoarse(Diagnostic):
    """A negative weight exponent shifts what arrives to the right: low bits are lost.

    The sum of a step is floored, so a single small weight may not arrive at all. The
    exponent is negative where the threshold or other weights are much larger. Weights
    that would all be stored as 0 are refused (R233).
    """

    code = "L09"
    severity = "warning"
    title = "projection `{projection}`: arrivals lose {bits} bits"
    note = "up to {share:.1%} of the largest weight, {most}: its exponent is {exponent}"
    help = "raise its weights, or lower threshold and other weights of `{group}`"

    projection: str
    group: str
    bits: int
    share: float
    exponent: int
    most: int


def arrivals_keep_their_bits(
    draft: Draft, projection: Projection
) -> Iterator[Diagnostic]:
    exponent = draft.weights[projection.name].exponent
    most = largest_stored(draft.chip, sign_mode_of(projection))
    share = 2.0**-exponent / most
    if exponent < 0 and share > COARSE_ARRIVAL:
        args = (projection.name, projection.target, -exponent, share, exponent, most)
        span = projection.rule.span if projection.rule is not None else projection.span
        yield ArrivalsAreCoarse(*args, span=span)
