"""Tags that hand their content on: fractional accumulators of a weight.

A tag that collects small changes and, beyond a threshold, gives that much to the weight
and loses it stays near the threshold however long a run is. In: a synapse and one of
its tags. Out: the threshold of such a tag; its scale is chosen by it.

    dtag = f - c/2 * (sign(tag - c) + sign(tag + c))
    dw   =     c/2 * (sign(tag - c) + sign(tag + c))
"""

from __future__ import annotations

from collections.abc import Iterator

from ..rules.expr import Name
from .draft import SynapseDraft, TagSteps, Term
from .sign_atoms import sign_parts


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
