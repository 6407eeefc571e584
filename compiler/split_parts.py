"""Make a projection for each part of a split rule: its weights, sign mode and bounds.

In: the terms that each part learns. Out: projections whose weights add up to the
rule's. One part starts with the rule's weights, mostly on the rule's own bounds; the
others start at 0 and can go as far as the largest of the rule's weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..hardware.formats import weight_step
from ..hardware.program import SignMode
from ..rules.expr import Const, Expr, Name, Spike
from ..rules.network import FloatArray, Projection
from ..rules.rule import Polarity
from .draft import Draft, SynapseDraft, Term
from .split_needs import is_linear_in_weight, names_in
from .typical import evaluations_per_step, size_of_term
from .weights import largest_stored

Way = Literal["up", "down", "both"]

MODES = {
    "excitatory": SignMode.EXCITATORY,
    "inhibitory": SignMode.INHIBITORY,
    "mixed": SignMode.MIXED,
}


@dataclass(frozen=True)
class Part:
    """A connection of a split rule: ``way`` is where its terms move its weight."""

    projection: Projection
    synapse: SynapseDraft
    way: Way


def parts_of(
    draft: Draft,
    synapse: SynapseDraft,
    packed: tuple[tuple[Term, ...], ...],
    names: tuple[str, ...],
) -> tuple[Part, ...]:
    """Give every set of terms a projection of its own."""
    whole = draft.network.projection(synapse.projection)
    assert whole.rule is not None
    ways = [way_of(synapse, terms) for terms in packed]
    first = _first(ways)
    forms = [_form(draft, synapse, whole.rule.polarity, way) for way in ways]
    forms[first] = Form(whole.rule.polarity, *synapse.bounds)
    if ways[first] == "down" and "up" in ways:
        forms[first] = _form(draft, synapse, whole.rule.polarity, "both")
    weights = _shares(draft, whole.weights, synapse, forms, first)
    return tuple(
        Part(*_part(whole, synapse, terms, name, form, start), way)
        for terms, name, form, start, way in zip(
            packed, names, forms, weights, ways, strict=True
        )
    )


def _first(ways: list[Way]) -> int:
    """Choose the part that starts with the rule's weights.

    One that moves both ways, if there is one, stays in the rule's own range longest. A
    falling one starts in the middle of its range if it is mixed; a rising one could
    only start on its way to the end.
    """
    preferred: tuple[Way, ...] = ("both", "down", "up")
    return min(range(len(ways)), key=lambda k: preferred.index(ways[k]))


@dataclass(frozen=True)
class Form:
    """Signs and range of a part's weights."""

    polarity: Polarity
    low: float
    high: float


def _form(draft: Draft, synapse: SynapseDraft, of_rule: Polarity, way: Way) -> Form:
    """Give a part the unit of the rule's own connection: then all stored values add up.

    Mixed weights end at 254 of it, one-signed ones at 255.
    """
    polarity = _polarity(of_rule, way)
    most = _unit(draft, synapse, of_rule) * _largest(draft, polarity)
    return Form(polarity, -most if way != "up" else 0.0, most if way != "down" else 0.0)


def _unit(draft: Draft, synapse: SynapseDraft, of_rule: Polarity) -> float:
    return max(abs(b) for b in synapse.bounds) / _largest(draft, of_rule)


def _shares(
    draft: Draft,
    weights: FloatArray,
    synapse: SynapseDraft,
    forms: list[Form],
    first: int,
) -> list[FloatArray]:
    """Share the initial weights out, so that stored integers add up to the rule's.

    What the grid of mixed weights cannot hold goes to a part of a finer one.
    """
    shares = [np.zeros_like(weights) for _ in forms]
    shares[first] = weights
    finer = [k for k, f in enumerate(forms) if f.polarity != "mixed" and f.high > 0]
    if forms[first].polarity == "mixed" and finer:
        polarity = forms[finer[0]].polarity
        mixed, fine = (
            weight_step(draft.chip.weight_bits.value, MODES[p])
            for p in ("mixed", polarity)
        )
        if mixed > fine:
            grid = mixed * _unit(draft, synapse, polarity)
            shares[first] = np.floor(weights / grid) * grid
            shares[finer[0]] = weights - shares[first]
    return shares


def _part(
    whole: Projection,
    synapse: SynapseDraft,
    terms: tuple[Term, ...],
    name: str,
    form: Form,
    weights: FloatArray,
) -> tuple[Projection, SynapseDraft]:
    assert whole.rule is not None
    ends = (Const(form.low), Const(form.high))
    own = replace(whole.rule, polarity=form.polarity, bounds=ends)
    kept = {n for t in terms for n in (*names_in(t), t.target)}
    part = replace(
        synapse,
        projection=name,
        rule=replace(synapse.rule, polarity=form.polarity, bounds=ends),
        bounds=(form.low, form.high),
        tags=tuple(t for t in synapse.tags if t.name in kept),
        terms=terms,
    )
    return replace(whole, name=name, weights=weights, rule=own), part


def _polarity(of_rule: Polarity, way: Way) -> Polarity:
    """Choose the signs that a part takes on the chip, where inhibition is negative."""
    if way == "both":
        return "mixed"
    rises = (way == "up") != (of_rule == "inhibitory")
    return "excitatory" if rises else "inhibitory"


def _largest(draft: Draft, polarity: Polarity) -> int:
    return largest_stored(draft.chip, MODES[polarity])


# --- where terms move a weight ----------------------------------------------------


def way_of(synapse: SynapseDraft, terms: Iterable[Term]) -> Way:
    """Tell whether terms only raise a weight, only lower it, or may do either.

    What is linear in w moves it along itself, and so across 0 never.
    """
    signs = {
        _sign(synapse, t)
        for t in terms
        if t.target == "w" and not is_linear_in_weight(t)
    }
    if signs == {1}:
        return "up"
    return "down" if signs == {-1} else "both"


def _sign(synapse: SynapseDraft, term: Term) -> int:
    """Give the sign of a term, 0 if it may have either."""
    sign = 1 if term.coefficient > 0 else -1
    for atom in term.atoms:
        sign *= _sign_of_atom(synapse, atom)
    return sign


def _sign_of_atom(synapse: SynapseDraft, atom: Expr) -> int:
    match atom:
        case Spike():
            return 1
        case Name(name=name) if synapse.trace(name) is not None:
            return 1
        case Name(name=name) if (value := synapse.value(name)) is not None:
            if value.kind != "signed" or value.low >= 0:
                return 1
            return -1 if value.high <= 0 else 0
        case Name(name=name):
            return _sign_of_tag(synapse, name)
        case _:
            return 0


def _sign_of_tag(synapse: SynapseDraft, tag: str) -> int:
    """Give the sign of what is written to a tag; what it reads of itself decays it."""
    written = [t for t in synapse.terms if t.target == tag]
    signs = {_sign(synapse, t) for t in written if tag not in names_in(t)}
    return signs.pop() if len(signs) == 1 else 0


def drift(draft: Draft, synapse: SynapseDraft, terms: Iterable[Term]) -> float:
    """Estimate how far terms move a weight in a step, the mean at the assumed rate.

    A term of either sign counts as 0, and so does one that w itself damps.
    """
    total = 0.0
    for term in terms:
        if term.target == "w" and not is_linear_in_weight(term):
            size = size_of_term(draft, synapse, term).mean
            sign = _sign(synapse, term)
            total += sign * size * evaluations_per_step(draft, synapse, term)
    return total
