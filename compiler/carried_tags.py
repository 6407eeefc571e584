"""Tags that do not pile up: they hand their content on, or are written over.

Carried: a tag that collects small changes and, beyond a threshold, gives that much to
the weight and loses it stays near the threshold however long a run is.

    dtag = f - c/2 * (sign(tag - c) + sign(tag + c))
    dw   =     c/2 * (sign(tag - c) + sign(tag + c))

Latched: a tag that at each event loses all that it holds is what the last one wrote.

    dtag = post.event * (f - tag)

In: a synapse and one of its tags. Out: whether it is one of these; its scale is chosen
by what a step writes, and not by what a run could.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..rules.expr import Name, Spike
from .draft import SynapseDraft, TagSteps, Term
from .sign_atoms import sign_parts

_SIDES = {"x0": "pre", "y0": "post"}


def piles_up(synapse: SynapseDraft, tag: TagSteps) -> bool:
    """Whether what is written to a tag adds up over many steps."""
    return carries_at(synapse, tag) is None and not _is_latched(synapse, tag)


def _is_latched(synapse: SynapseDraft, tag: TagSteps) -> bool:
    """Whether each write comes with the loss of all that was there."""
    writes = [term for term in synapse.terms if term.target == tag.name]
    gates = [
        _gates(term)
        for term in writes
        if Name(tag.name) in term.atoms and term.coefficient <= -1.0
    ]
    return bool(gates) and all(
        any(gate <= _gates(term) for gate in gates) for term in writes
    )


def _gates(term: Term) -> frozenset[str]:
    """Name the spikes and events without which a term does nothing."""
    spikes = {atom.side for atom in term.atoms if isinstance(atom, Spike)}
    return frozenset(spikes | ({_SIDES[term.gate]} if term.gate in _SIDES else set()))


def carries_at(synapse: SynapseDraft, tag: TagSteps) -> float | None:
    """Give the threshold beyond which a tag empties itself; None if it does not."""
    steps = list(_own_steps(synapse, tag))
    # A sign goes from -1 to 1, so the tag loses twice the coefficient at its threshold.
    if not all(-2.0 * term.coefficient >= abs(c) for term, c in steps):
        return None
    return max((abs(c) for _, c in steps), default=None)


def _own_steps(synapse: SynapseDraft, tag: TagSteps) -> Iterator[tuple[Term, float]]:
    """Give the terms of the tag that are a step of the tag itself, ungated."""
    for term in synapse.terms:
        if term.target != tag.name or term.gate != "u" or len(term.atoms) != 1:
            continue
        parts = sign_parts(term.atoms[0])
        if parts is not None and parts.variable == Name(tag.name):
            yield term, parts.threshold.value
