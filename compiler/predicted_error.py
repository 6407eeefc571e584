"""Predict how wrong rounding makes what a rule learns, in proportion to what it learns.

In: a rule's terms and the assumed rate. Out: for each term its share of what moves the
target, and a quadratic form that turns the terms' relative errors into the predicted
squared error of the weight. Scales are chosen by it.

What is predicted is the error after UPDATES evaluations of each gate, over the gross
movement of the target in that time. Two rules stand behind the form:

* How often a term acts is not known, only assumed. A weight settles where what raises
  it and what lowers it balance, so the two sides are weighed as if they did: an error
  that all terms share moves the weight sooner or later, but to the same place; an
  error of the ratio of A+ to A- moves it elsewhere. Hence BALANCE.
* The weight is taken to be anywhere within its bounds, and a signed value within its
  own: w and 1 - w are no substitutes for each other because their means are equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..rules.expr import Expr, Name, Weight
from .draft import Draft, SynapseDraft, Term
from .sign_atoms import sign_parts
from .typical import evaluations_per_step, size_of_atom, size_of_tag, size_of_term

UPDATES = 1000.0
"""Learning evaluations of each gate after which the weight is judged."""
BALANCE = 16.0
"""Cost of a squared error of the balance, beside the terms' own squared errors."""

MOST_BOOST = 10.0
"""How far the weaker side is taken to catch up when a weight settles."""

# Rules may hold any float; beyond these a square would leave the floats.
SMALLEST_MOVE, LARGEST_MOVE = 1e-140, 1e140

FloatGrid = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Movement:
    """What moves the targets of a rule, term by term.

    shares
        Part of the gross movement of a term's own target, each target adding up to 1.
    form
        ``e @ form @ e`` is the squared relative error of the balance, for relative
        errors e. Terms of different targets do not mix.
    moves
        Mean absolute change of the target in a step, in the rule's units.
    opposed
        Pairs of terms of one target, one of which raises it and the other lowers it.
    largest
        As ``shares``, with every factor at its peak.
    """

    shares: FloatGrid
    form: FloatGrid
    moves: FloatGrid
    largest: FloatGrid
    opposed: npt.NDArray[np.bool_]


def movement_of(draft: Draft, synapse: SynapseDraft) -> Movement:
    """Weigh the terms of a rule at the assumed rate."""
    terms = synapse.terms
    count = len(terms)
    moves = np.array([_move(draft, synapse, t) for t in terms])
    peaks = np.array([_peak(draft, synapse, t) for t in terms])
    shares, largest, form = np.zeros(count), np.zeros(count), np.zeros((count, count))
    for target in dict.fromkeys(t.target for t in terms):
        group = [k for k, t in enumerate(terms) if t.target == target]
        shares[group] = moves[group] / moves[group].sum()
        largest[group] = peaks[group] / peaks[group].sum()
        form[np.ix_(group, group)] = _form(
            draft, synapse, [terms[k] for k in group], shares[group]
        )
    signs = np.array([_direction(draft, synapse, t) for t in terms])
    targets = np.array([t.target for t in terms])
    same = targets[:, None] == targets
    opposed = same & (signs[:, None] * signs < 0)
    return Movement(shares, form, moves, largest, opposed)


def _peak(draft: Draft, synapse: SynapseDraft, term: Term) -> float:
    peak = size_of_term(draft, synapse, term).peak * evaluations_per_step(draft, term)
    return min(max(peak, SMALLEST_MOVE), LARGEST_MOVE)


def _move(draft: Draft, synapse: SynapseDraft, term: Term) -> float:
    """Give the root mean square of a term, times how often it acts in a step."""
    move = abs(term.coefficient) * evaluations_per_step(draft, term)
    for atom in set(term.atoms):
        low, high = _range(draft, synapse, atom)
        power = term.atoms.count(atom)
        unit = max(abs(low), abs(high))
        square = _moment(low / unit, high / unit, 2 * power)
        move *= min(unit, LARGEST_MOVE) ** power * math.sqrt(square)
        move = min(max(move, SMALLEST_MOVE), LARGEST_MOVE)
    return min(max(move, SMALLEST_MOVE), LARGEST_MOVE)


def _form(
    draft: Draft, synapse: SynapseDraft, terms: Sequence[Term], shares: FloatGrid
) -> FloatGrid:
    overlap = np.array([[_overlap(draft, synapse, a, b) for b in terms] for a in terms])
    signs = np.array([_direction(draft, synapse, t) for t in terms])
    balanced = shares.copy()
    for side in (signs > 0, signs < 0):
        whole = shares[side].sum()
        if 0.0 < whole < 1.0:
            balanced[side] *= min(0.5 / whole, MOST_BOOST)
    coefficients = np.array([math.copysign(1.0, t.coefficient) for t in terms])
    signed = balanced * coefficients
    form: FloatGrid = overlap * (signed[:, None] * signed)
    return form


def _direction(draft: Draft, synapse: SynapseDraft, term: Term) -> float:
    """Tell whether a term raises or lowers its target on average; 0 if neither."""
    mean = math.copysign(1.0, term.coefficient)
    for atom in set(term.atoms):
        low, high = _range(draft, synapse, atom)
        unit = max(abs(low), abs(high))
        mean *= _moment(low / unit, high / unit, term.atoms.count(atom))
    return math.copysign(1.0, mean) if abs(mean) > 1e-9 else 0.0


def _overlap(draft: Draft, synapse: SynapseDraft, one: Term, other: Term) -> float:
    """Correlate two terms: 1 if the same factors, in whatever size, drive both."""
    found = 1.0
    for atom in sorted({*one.atoms, *other.atoms}, key=str):
        low, high = _range(draft, synapse, atom)
        unit = max(abs(low), abs(high))
        a, b = one.atoms.count(atom), other.atoms.count(atom)
        moments = [_moment(low / unit, high / unit, n) for n in (a + b, 2 * a, 2 * b)]
        found *= moments[0] / math.sqrt(moments[1] * moments[2])
    return found


def _range(draft: Draft, synapse: SynapseDraft, atom: Expr) -> tuple[float, float]:
    """Say where a factor lies: within bounds, or at its mean as far as that is known.

    Traces change within a few steps, so over many updates only their mean counts.
    """
    if isinstance(atom, Weight):
        low, high = synapse.bounds
        return (low, high) if max(abs(low), abs(high)) > 0 else (0.0, 1.0)
    if sign_parts(atom) is not None:
        return -1.0, 1.0
    if not isinstance(atom, Name):
        return 1.0, 1.0  # a spike gates, and gating is counted
    value = synapse.value(atom.name)
    if value is not None and value.kind == "signed":
        return (value.low, value.high) if value.low < value.high else (-1.0, 1.0)
    tag = next((t for t in synapse.tags if t.name == atom.name), None)
    if tag is not None:
        most = size_of_tag(draft, synapse, tag).mean * math.sqrt(3.0)
        return -most, most
    mean = max(size_of_atom(draft, synapse, atom).mean, 1e-12)
    return mean, mean


def _moment(low: float, high: float, power: int) -> float:
    """Give the mean of value**power, value uniform within [low, high]."""
    if high - low < 1e-9:
        return high**power
    n = power + 1
    return float((high**n - low**n) / (n * (high - low)))
