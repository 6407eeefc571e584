"""Predict the error of every weight that a rule means: of a sum, from its parts.

In: quantised rules, some of them in parts. Out: a Budget for each connection that
learns a rule alone, and one for each sum of parts, in the unit of the sum.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..hardware.program import Budget
from .budget import budget_of
from .draft import Draft, SplitRule, SynapseDraft
from .typical import size_of_term


def budgets_of(draft: Draft) -> Iterator[Budget]:
    """Give the budgets of a Program."""
    parts = {name for split in draft.splits for name in split.parts}
    for synapse in draft.synapses:
        if synapse.projection not in parts:
            yield budget_of(draft, synapse)
    for split in draft.splits:
        yield _budget_of_sum(draft, split)


def _budget_of_sum(draft: Draft, split: SplitRule) -> Budget:
    """Add up the errors of parts; each may be evaluated whenever the rule is.

    Parts that move against each other are wrong by more than in proportion to what
    the sum travels, so the errors of their coefficients count for every update.
    """
    least = min(draft.weights[name].exponent for name in split.parts)
    relative = bias = variance = 0.0
    for synapse in draft.synapses:
        if synapse.projection not in split.parts:
            continue
        budget = budget_of(draft, synapse)
        unit = 2.0 ** (draft.weights[synapse.projection].exponent - least)
        against = budget.relative * _mean_step(draft, synapse)
        relative = max(relative, budget.relative)
        bias += (budget.bias_per_update + against) * unit
        variance += budget.variance_per_update * unit**2
    return Budget(split.whole.name, relative, bias, variance)


def _mean_step(draft: Draft, synapse: SynapseDraft) -> float:
    """Give the usual size of an update of a part, in its LSB."""
    return sum(
        size_of_term(draft, synapse, f.term).mean * abs(synapse.scales["w"])
        for f in synapse.fitted
        if f.target == "w"
    )
