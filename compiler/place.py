"""Place: say for every part of an update where it is computed.

In: rules of numbers and steps. Out: the same updates, with everything that only the
post neuron can know (graded quantities, modulators, functions of them) replaced by
values that the neuron sends, and functions and thresholds of the weight or a tag by
powers and signs. The chip's engine then sees only its own alphabet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..rules.neuron import Neuron
from ..rules.printer import print_expr
from ..rules.rule import LearningRule
from .draft import Draft, SynapseDraft
from .passes import AbstractPass
from .placer import Placer
from .sent_values import SentValues
from .unplaceable import FunctionIsCoarse, NoThirdFactor
from .weight_functions import WeightFunctions
from .weights import largest_stored, sign_mode_of

COARSE = 0.05
"""Share of a function's largest value that its approximation may be off unnoticed."""


@final
@dataclass(frozen=True)
class Place(AbstractPass):
    """Give every part of an update to a side that can compute it.

    1. reward * tag             ->  y_reward * tag, sent by the neuron
    2. abs_(post.v - 0.5) * x   ->  y_f1 * x, f1 computed by the neuron
    3. exp(-w) * x              ->  (0.997 - 0.937*w + 0.311*w**2) * x
    4. tag > c                  ->  1/2 + sign(tag - c)/2
    5. where(post > 0, a, b)    ->  post * a + (1 - post) * b
    """

    name: ClassVar[str] = "place"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            placer, _ = _placed(draft, synapse)
            yield from placer.problems
            yield from placer.functions.problems
            yield from placer.sent.problems
            values = placer.sent.values
            limit = draft.chip.graded_post_factors
            if values and not limit.value:
                first = next(iter(values.values()))
                assert first.expr is not None  # the placer sends expressions only
                shown = print_expr(first.expr)
                args = (draft.chip.name, shown, limit.value, limit.source)
                yield NoThirdFactor(*args, span=first.expr.span)

    def apply(self, draft: Draft) -> Draft:
        placed = tuple(_place(draft, s) for s in draft.synapses)
        return replace(draft, synapses=placed)

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            for a in synapse.approximations:
                if a.relative_error > COARSE:
                    shown = print_expr(a.function)
                    at = (a.worst_at, a.wanted, a.got)
                    args = (shown, a.relative_error, *at)
                    span = a.function.span
                    yield FunctionIsCoarse(*args, a.variable, span=span)


def _target_neuron(draft: Draft, synapse: SynapseDraft) -> Neuron:
    projection = draft.network.projection(synapse.projection)
    neuron = draft.network.group(projection.target).neuron
    assert neuron is not None  # legalise refused inputs as targets
    return neuron


def _place(draft: Draft, synapse: SynapseDraft) -> SynapseDraft:
    placer, rule = _placed(draft, synapse)
    return replace(
        synapse,
        rule=rule,
        values=tuple(placer.sent.values.values()),
        approximations=(
            *placer.functions.found.values(),
            *placer.sent.functions.found.values(),
        ),
    )


def _placed(draft: Draft, synapse: SynapseDraft) -> tuple[Placer, LearningRule]:
    """Let the neuron send its quantities one by one, or joined if that is fewer."""
    apart, joined = (_rewritten(draft, synapse, joins) for joins in (False, True))
    saves = len(joined[0].sent.values) < len(apart[0].sent.values)
    return joined if saves and not joined[0].sent.problems else apart


def _rewritten(
    draft: Draft, synapse: SynapseDraft, joins: bool
) -> tuple[Placer, LearningRule]:
    rule = synapse.rule
    placer = Placer(
        rule=rule,
        chip=draft.chip,
        sent=SentValues(rule, _target_neuron(draft, synapse)),
        functions=WeightFunctions(
            synapse.bounds, _natural_scale(draft, synapse), draft.chip
        ),
        joins=joins,
    )
    updates = tuple(replace(u, expr=placer.rewrite(u.expr)) for u in rule.updates)
    return placer, replace(rule, updates=updates)


def _natural_scale(draft: Draft, synapse: SynapseDraft) -> float:
    """Give what a plastic weight of 1 is stored as, its sign left out."""
    mode = sign_mode_of(draft.network.projection(synapse.projection))
    largest = max(abs(b) for b in synapse.bounds)
    return largest_stored(draft.chip, mode) / largest
