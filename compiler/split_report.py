"""Say what a split costs, or why there is none and what would be legal.

In: a rule that was split, or terms that have to stay together and the limits that they
exceed. Out: a lint, or a refusal for each of these limits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic, SourceSpan
from .draft import Draft, SplitRule, SynapseDraft, Term
from .split_needs import Limit, Need, Needs, names_in, reads_weight
from .split_parts import drift
from .split_products import products_of
from .split_refusals import (
    ClippedAlone,
    TooManyProducts,
    TooManyRegisters,
    TooManyTags,
    TwoDecimations,
)

NEVER = 1e9
"""Steps until an end of the range beyond which nobody waits."""


@dataclass(frozen=True)
class Obstacle:
    """Why a rule cannot be split: terms that go beyond limits and stay together.

    ``instead`` is a nearest legal form, if there is one beside sharing registers.
    """

    why: str
    terms: tuple[Term, ...]
    limits: tuple[Limit, ...]
    instead: str = ""


def refusals(
    draft: Draft, synapse: SynapseDraft, obstacle: Obstacle
) -> Iterator[Diagnostic]:
    """Refuse a rule once for each limit that it cannot keep."""
    need = Needs(draft, synapse).of(obstacle.terms)
    make = {"periods": _periods, "tags": _tags, "products": _products}
    for limit in obstacle.limits:
        if limit in make:
            yield make[limit](draft, synapse, obstacle, need)
        else:
            yield _registers(draft, synapse, obstacle, limit, need)


def _periods(
    draft: Draft, synapse: SynapseDraft, obstacle: Obstacle, need: Need
) -> Diagnostic:
    first, second = sorted(need.periods)[:2]
    of_second = (t for t in obstacle.terms if t.every == second)
    span = next((t.span for t in of_second), synapse.rule.span)
    return TwoDecimations(first, second, obstacle.why, span=span)


def _tags(
    draft: Draft, synapse: SynapseDraft, obstacle: Obstacle, need: Need
) -> Diagnostic:
    rule, targets = synapse.rule, draft.chip.learning_targets
    return TooManyTags(
        rule.name,
        len(need.tags),
        targets.value.count("t"),
        targets.source,
        obstacle.why,
        _advice(synapse, need.tags, obstacle.instead),
        span=next(t.span for t in reversed(rule.tags) if t.name in need.tags),
    )


def _products(
    draft: Draft, synapse: SynapseDraft, obstacle: Obstacle, need: Need
) -> Diagnostic:
    limit = draft.chip.products_per_rule
    assert limit.value is not None  # else nothing goes beyond it
    needed = need.products
    if needed <= limit.value:  # some terms take two
        needed = products_of(draft, synapse)
    return TooManyProducts(
        synapse.rule.name,
        needed,
        draft.chip.name,
        limit.value,
        limit.source,
        obstacle.why,
        span=obstacle.terms[-1].span,
    )


def _registers(
    draft: Draft, synapse: SynapseDraft, obstacle: Obstacle, side: Limit, need: Need
) -> Diagnostic:
    chip = draft.chip
    limit = chip.pre_traces if side == "pre" else chip.post_traces
    used = need.pre if side == "pre" else need.post
    names = _in_order(synapse, used)
    instead = obstacle.instead
    if side == "post" and not instead:
        instead = "let the neuron combine quantities in one Output"
    return TooManyRegisters(
        synapse.rule.name,
        side,
        len(names),
        chip.name,
        limit.value,
        ", ".join(names),
        limit.source,
        obstacle.why,
        _advice(synapse, used, instead),
        span=_first_with(names[limit.value], obstacle.terms) or synapse.rule.span,
    )


def _in_order(synapse: SynapseDraft, used: frozenset[str]) -> list[str]:
    """List names in the order of declaration."""
    declared = [t.name for t in synapse.traces] + [v.symbol for v in synapse.values]
    declared += [f"hold of {t.name}" for t in synapse.tags]
    return [name for name in declared if name in used]


def _first_with(name: str, terms: tuple[Term, ...]) -> SourceSpan | None:
    """Find the line that asks for the register that is one too many."""
    return next((t.span for t in terms if name in names_in(t)), None)


def _advice(synapse: SynapseDraft, names: frozenset[str], instead: str) -> str:
    """Give the nearest legal form: the two memories that differ least become one."""
    taus = {t.name: t.tau_steps for t in synapse.traces}
    taus |= {t.name: t.tau_steps or math.inf for t in synapse.tags}
    known = sorted((n for n in names if n in taus), key=lambda n: (taus[n], n))
    pairs = list(itertools.pairwise(known))
    if not pairs:
        return instead
    a, b = min(pairs, key=lambda p: _ratio(taus[p[0]], taus[p[1]]))
    one = f"make one of `{a}` ({_steps(taus[a])}) and `{b}` ({_steps(taus[b])})"
    return f"{one}, or {instead}" if instead else one


def _ratio(short: float, long: float) -> float:
    return 1.0 if short == long else long / short


def _steps(tau: float) -> str:
    return "no decay" if math.isinf(tau) else f"tau {tau:.4g} steps"


# --- a rule that was split --------------------------------------------------------


def clipped_alone(draft: Draft, split: SplitRule) -> Diagnostic:
    """Warn that the bounds of a sum are nobody's, and say how soon it matters."""
    parts = [s for s in draft.synapses if s.projection in split.parts]
    ranges = ", ".join(
        f"`{s.projection}` within [{s.bounds[0]:.4g}, {s.bounds[1]:.4g}]" for s in parts
    )
    steps, soonest = min((_steps_to_an_end(draft, s), s.projection) for s in parts)
    advice = "exact until the rule or one of them gets to an end"
    if steps < NEVER:
        advice += (
            f"; `{soonest}` drifts there in some {steps:.1g} steps at "
            f"{draft.rate_per_step:g} spikes a step, unless `- 0.001 * w` damps it"
        )
    rule = split.whole.rule
    span = rule.span if rule is not None else split.whole.span
    count = len(parts)
    return ClippedAlone(split.whole.name, count, ranges, advice, span=span)


def _steps_to_an_end(draft: Draft, synapse: SynapseDraft) -> float:
    """Estimate when a part that mostly rises or falls gets to its end."""
    moved = drift(draft, synapse, synapse.terms)
    if not moved or any(reads_weight(t) for t in synapse.terms):
        return NEVER  # what w damps settles
    weights = draft.network.projection(synapse.projection).weights
    end = synapse.bounds[1] if moved > 0 else synapse.bounds[0]
    return abs(end - float(weights.mean())) / abs(moved)
