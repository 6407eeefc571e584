"""How large the factors of a product get, at the assumed rate.

In: a synapse draft and the mean rate of spikes. Out: for every factor its peak and its
typical size in the rule's units, and the same of a tag. Scales, lints and budgets are
chosen by these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..rules.expr import Expr, Name, Spike, Weight
from .carried_tags import piles_up
from .draft import Draft, SynapseDraft, TagSteps, Term, TraceSteps
from .sign_atoms import sign_parts

BEYOND_A_THRESHOLD = 1.25
"""A tag that is compared with c is stored so that it can reach 1.25 * c."""
NO_DECAY_WINDOW = 100.0
"""Steps that a tag without decay is assumed to collect for."""
SMALLEST_TAG = 1e-9
"""Keeps the scale of a tag that nothing writes, or everything, among the floats."""


def peak(tau_steps: float, rate_per_step: float) -> float:
    """Value that a unit-impulse trace of Poisson spikes rarely exceeds (mean + 4 sd).

    Campbell's theorem: mean rate*tau, variance rate*tau/2, plus the spike itself.
    """
    mean = rate_per_step * tau_steps
    return 1.0 + mean + 4.0 * math.sqrt(mean / 2.0)


def rate_of(draft: Draft, trace: TraceSteps) -> float:
    """Give the mean number of events a step that a trace follows."""
    return draft.rate_per_step if trace.rate_per_step is None else trace.rate_per_step


def peak_of(draft: Draft, trace: TraceSteps) -> float:
    """Give what a trace of impulse 1 rarely exceeds."""
    if trace.rarely_exceeds is not None:
        return trace.rarely_exceeds
    if trace.pairing == "nearest":
        return 1.0
    return peak(trace.tau_steps, draft.rate_per_step)


@dataclass(frozen=True)
class Size:
    """What a value rarely exceeds, and what it usually is: absolute values."""

    peak: float
    mean: float

    def times(self, other: Size) -> Size:
        """Give the size of a product."""
        return Size(self.peak * other.peak, self.mean * other.mean)


def size_of_atom(draft: Draft, synapse: SynapseDraft, atom: Expr) -> Size:
    """Bound a factor of a term."""
    if sign_parts(atom) is not None:
        return Size(1.0, 1.0)
    rate = draft.rate_per_step
    match atom:
        case Spike(side=side):
            heard = synapse.event_rate if side == "post" else None
            return Size(1.0, rate if heard is None else heard)
        case Weight():
            largest = max(abs(b) for b in synapse.bounds)
            return Size(largest, largest / 2)
        case Name(name=name):
            return _size_of_symbol(draft, synapse, name)
    raise AssertionError(f"no size of {atom!r}")  # ours: Factorise let it pass


def _size_of_symbol(draft: Draft, synapse: SynapseDraft, name: str) -> Size:
    trace, value = synapse.trace(name), synapse.value(name)
    if trace is not None:
        most, rate = peak_of(draft, trace), rate_of(draft, trace)
        return Size(most, min(max(rate * trace.tau_steps, 0.1), most))
    if value is not None:
        largest = max(abs(value.low), abs(value.high), float(value.level))
        return Size(largest, largest if value.kind == "constant" else largest / 2)
    tag = next(t for t in synapse.tags if t.name == name)
    return size_of_tag(draft, synapse, tag)


def size_of_term(draft: Draft, synapse: SynapseDraft, term: Term) -> Size:
    """Bound a term where its gate is open."""
    size = Size(abs(term.coefficient), abs(term.coefficient))
    for atom in term.atoms:
        size = size.times(size_of_atom(draft, synapse, atom))
    return size


def evaluations_per_step(draft: Draft, synapse: SynapseDraft, term: Term) -> float:
    """Give the mean number of times that a term's gate is open in a step."""
    if term.gate == "u":
        return 1.0 / (term.every or draft.epoch_steps)
    if term.gate == "y0" and synapse.event_rate is not None:
        return synapse.event_rate
    return draft.rate_per_step


def size_of_tag(draft: Draft, synapse: SynapseDraft, tag: TagSteps) -> Size:
    """Estimate how large a tag gets: jumps, and what piles up within its tau."""
    window = _window(synapse, tag)
    jump = pile = 0.0
    for term in synapse.terms:
        if term.target != tag.name or _reads(term, tag):
            continue  # what depends on the tag itself lets it decay
        size = size_of_term(draft, synapse, term)
        evaluations = max(evaluations_per_step(draft, synapse, term) * window, 1.0)
        jump, pile = max(jump, size.peak), max(pile, size.mean * evaluations)
    largest = max(2.0 * (jump + pile), _reaches(synapse, tag), SMALLEST_TAG)
    largest = min(largest, 1 / SMALLEST_TAG)
    return Size(largest, min(max(pile, SMALLEST_TAG), largest))


def _reads(term: Term, tag: TagSteps) -> bool:
    own = Name(tag.name)
    signs = (sign_parts(atom) for atom in term.atoms)
    return own in term.atoms or any(s and s.variable == own for s in signs)


def _window(synapse: SynapseDraft, tag: TagSteps) -> float:
    """Give the steps that a tag collects for: one if it does not pile up."""
    if not piles_up(synapse, tag):
        return 1.0
    return NO_DECAY_WINDOW if tag.tau_steps is None else tag.tau_steps


def _reaches(synapse: SynapseDraft, tag: TagSteps) -> float:
    """Give the value that a tag has to reach for its thresholds to be crossed."""
    signs = (sign_parts(atom) for term in synapse.terms for atom in term.atoms)
    thresholds = (
        s.threshold.value for s in signs if s and s.variable == Name(tag.name)
    )
    return BEYOND_A_THRESHOLD * max(map(abs, thresholds), default=0.0)
