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

SAMPLES = 64
"""Values of a slow factor that stand for its range."""
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
    moves, overlap, signs = _of_terms(draft, synapse)
    peaks = np.array([_peak(draft, synapse, t) for t in terms])
    targets = np.array([t.target for t in terms])
    same = targets[:, None] == targets
    shares, largest = moves / (same @ moves), peaks / (same @ peaks)
    balanced = _balanced(shares, signs, same)
    return Movement(
        shares=shares,
        form=same * overlap * (balanced[:, None] * balanced),
        moves=moves,
        largest=largest,
        opposed=same & (signs[:, None] * signs < 0),
    )


def _balanced(
    shares: FloatGrid, signs: FloatGrid, same: npt.NDArray[np.bool_]
) -> FloatGrid:
    """Let what raises a target, and what lowers it, be half of what moves it each."""
    balanced = shares.copy()
    for side in (signs > 0, signs < 0):
        whole = same @ (shares * side)
        both = side & (whole > 0.0) & (whole < 1.0)
        boost = np.minimum(0.5 / np.where(both, whole, 1.0), MOST_BOOST)
        balanced = np.where(both, balanced * boost, balanced)
    return balanced


def _peak(draft: Draft, synapse: SynapseDraft, term: Term) -> float:
    peak = size_of_term(draft, synapse, term).peak * evaluations_per_step(
        draft, synapse, term
    )
    return min(max(peak, SMALLEST_MOVE), LARGEST_MOVE)


# --- how terms depend on what is slow ---------------------------------------------


def _of_terms(
    draft: Draft, synapse: SynapseDraft
) -> tuple[FloatGrid, FloatGrid, FloatGrid]:
    """Give how far each term moves its target, how alike terms are, their signs.

    A pair is 1 alike if the same factors drive both, -1 if they do it with opposite
    coefficients; 0 if nothing of one says anything of the other.
    """
    terms = synapse.terms
    coefficients = np.array([t.coefficient for t in terms])
    rates = [evaluations_per_step(draft, synapse, t) for t in terms]
    moves = np.clip(np.abs(coefficients) * rates, SMALLEST_MOVE, LARGEST_MOVE)
    signs = np.copysign(1.0, coefficients)
    alike, means = signs[:, None] * signs, signs.copy()
    for variable, values in _slow_values(draft, synapse).items():
        unit = float(np.abs(values).max())
        shapes = np.array([_shape(t, variable, values, unit) for t in terms])
        sizes = np.maximum(np.sqrt(np.mean(shapes**2, axis=1)), 1e-12)
        powers = np.array([t.atoms.count(variable) for t in terms])
        moves = np.clip(moves * sizes, SMALLEST_MOVE, LARGEST_MOVE)
        for _ in range(int(powers.max(initial=0))):  # a power might leave the floats
            moves = np.where(powers > 0, moves * min(unit, LARGEST_MOVE), moves)
            moves, powers = np.clip(moves, SMALLEST_MOVE, LARGEST_MOVE), powers - 1
        shapes = shapes / sizes[:, None]
        alike = alike * (shapes @ shapes.T) / len(values)
        means = means * shapes.mean(axis=1)
    return moves, alike, np.where(np.abs(means) > 1e-9, np.sign(means), 0.0)


def _shape(term: Term, variable: Expr, values: FloatGrid, unit: float) -> FloatGrid:
    """Give a term's factors that read a variable, at some values of it."""
    shape: FloatGrid = (values / unit) ** term.atoms.count(variable)
    for sign in filter(None, map(sign_parts, term.atoms)):
        if sign.variable == variable:
            shape = shape * np.sign(values - sign.threshold.value)
    return shape


def _slow_values(draft: Draft, synapse: SynapseDraft) -> dict[Expr, FloatGrid]:
    """Spread values over the range of every factor that outlives a few updates.

    Traces change within a few steps: over many updates only their mean counts.
    """
    signs = [s.variable for t in synapse.terms for s in map(sign_parts, t.atoms) if s]
    plain = [a for t in synapse.terms for a in t.atoms if isinstance(a, (Weight, Name))]
    middles = (np.arange(SAMPLES) + 0.5) / SAMPLES
    found: dict[Expr, FloatGrid] = {}
    for atom in (*plain, *signs):
        low, high = _range(draft, synapse, atom)
        found[atom] = low + (high - low) * middles
    return found


def _range(draft: Draft, synapse: SynapseDraft, atom: Expr) -> tuple[float, float]:
    """Say where a factor lies: within bounds, or at its mean if that is all we know."""
    if isinstance(atom, Weight):
        low, high = synapse.bounds
        return (low, high) if max(abs(low), abs(high)) > 0 else (0.0, 1.0)
    assert isinstance(atom, Name), "spikes gate, and signs read one of these"
    value = synapse.value(atom.name)
    if value is not None and value.kind == "signed":
        return (value.low, value.high) if value.low < value.high else (-1.0, 1.0)
    tag = next((t for t in synapse.tags if t.name == atom.name), None)
    if tag is not None:
        most = size_of_tag(draft, synapse, tag).mean * math.sqrt(3.0)
        return -most, most
    mean = max(size_of_atom(draft, synapse, atom).mean, 1e-12)
    return mean, mean
