"""Updates that drift or walk although the rule does not say so: lints L18 and L19.

In: fitted terms, what a forecast says of them, and the assumed rate. Out: lints. The
product shift floors, which pulls everything down; stochastic rounding makes a walk that
may outgrow what is learned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .draft import Draft, FittedTerm, SynapseDraft
from .error_bounds import error_bounds
from .forecast import STEPS
from .lint_scale import EVALUATIONS, weight_steps
from .small_updates import hands_on, moves_weight
from .typical import evaluations_per_step, size_of_term

LARGE_WALK = 0.25
"""Share of the range of weights: 64 LSB of 256."""
LARGE_DRIFT = 0.1
"""Share of a variable's range beyond which a drift is more than a nuisance."""
UNRELIABLE = 3.0
"""Ratio of what is learned to the noise of rounding, below which signs are luck."""


@dataclass(frozen=True)
class UpdatesDriftDown(Diagnostic):
    """The product shift floors, so multi-factor products lose half a unit each time.

    The loss always goes down, for potentiation and depression alike, and adds up: of a
    product that is shifted right by S and scaled by 2**e, (0.5 - 2**-(S+1)) * 2**e LSB
    on average, nothing where a factor is 0. How often that is, a sample of synapses
    says that is followed at the assumed rates. A tag forgets what it lost. Beyond a
    tenth of the range the note says so, beside what the rule does in as many steps.
    """

    code = "L18"
    severity = "warning"
    title = "{target} may drift down: floors take {loss:.2g} LSB in {count} steps"
    note = "of it {most:.2g} in `{term}`, a product that is shifted by {shift}{grave}"
    help = "use fewer factors in the product, or larger traces"

    target: str
    loss: float
    count: int
    most: float
    term: str
    shift: int
    grave: str = ""


@dataclass(frozen=True)
class NoiseMayDominate(Diagnostic):
    """Stochastic rounding makes a walk that may outgrow what the rule learns.

    An update of p < 1 LSB is rounded to 1 with probability p: after N updates its sum
    p * N has a deviation of sqrt(N * p * (1 - p)), and below three of these even its
    sign is luck. Tags with a long memory are rounded in every step and read for as
    long; the verdict's budget then allows for more than a rule could learn. Many
    synapses together still learn the mean.
    """

    code = "L19"
    severity = "warning"
    title = "rounding may move `{projection}` weights by {sd:.0f} LSB in {steps} steps"
    note = "{why}"
    help = "use a shorter tau or every(n), a smaller rate, or judge means over synapses"

    projection: str
    sd: float
    steps: int
    why: str


def floors_do_not_pull(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    """Add up what the floors take from each target."""
    for target in dict.fromkeys(f.term.target for f in synapse.fitted):
        losses = _losses(draft, synapse, target)
        loss, (most, worst) = sum(lost for lost, _ in losses), losses[0]
        if not loss > 1.0:
            continue
        share, grave = loss / _range(draft, worst), ""
        if share > LARGE_DRIFT:
            travel = _travel(draft, synapse, worst)
            grave = f"; the rule itself moves it by {travel:.2g}, its range is "
            grave += f"{_range(draft, worst):.0f}"
        text, span = worst.term.text, worst.term.span
        where = f"d{target} of `{synapse.projection}`"
        args = (where, loss, EVALUATIONS, most, text, worst.shift, grave)
        yield UpdatesDriftDown(*args, span=span)


def _losses(
    draft: Draft, synapse: SynapseDraft, target: str
) -> list[tuple[float, FittedTerm]]:
    """Give the LSB that a target loses in each of its terms, the largest first."""
    lost = [
        (of_all_steps / STEPS * _memory(synapse, fitted), fitted)
        for fitted, of_all_steps in zip(
            synapse.fitted, draft.floors[synapse.projection], strict=True
        )
        if fitted.term.target == target
    ]
    return sorted(lost, key=lambda pair: -pair[0])


def _memory(synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Count the steps over which losses add up: a tag forgets them."""
    taus = [t.tau_steps for t in synapse.tags if t.name == fitted.term.target]
    return min((t for t in taus if t is not None), default=EVALUATIONS)


def _range(draft: Draft, fitted: FittedTerm) -> float:
    low, high = draft.chip.tag.value
    return float(weight_steps(draft.chip) if fitted.target == "w" else high - low)


def _travel(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Give what all terms onto the same target move it in as many steps."""
    return sum(
        size_of_term(draft, synapse, f.term).mean
        * abs(synapse.scales[f.term.target])
        * evaluations_per_step(draft, synapse, f.term)
        * _memory(synapse, f)
        for f in synapse.fitted
        if f.target == fitted.target
    )


def rounding_is_smaller_than_learning(
    draft: Draft, synapse: SynapseDraft
) -> Iterator[Diagnostic]:
    """Find the walk of all terms, and single terms that are lost in it."""
    name, span = synapse.projection, synapse.rule.span
    variance = error_bounds(draft, synapse).variance_per_update
    gates = {
        f.term.gate: evaluations_per_step(draft, synapse, f.term)
        for f in synapse.fitted
        if moves_weight(f)
    }
    sd = math.sqrt(variance * sum(gates.values()) * EVALUATIONS)
    if sd > LARGE_WALK * weight_steps(draft.chip):
        why = "predicted standard deviation with all factors at their largest"
        yield NoiseMayDominate(name, sd, EVALUATIONS, why, span=span)
    for fitted in synapse.fitted:
        p = _typical(draft, synapse, fitted)
        if fitted.target != "w" or hands_on(fitted.term) or not 0 < p < 1:
            continue
        ratio = math.sqrt(p * EVALUATIONS / (1 - p))
        if p >= 1.0 / EVALUATIONS and ratio < UNRELIABLE:
            added = p * EVALUATIONS
            why = f"`{fitted.term.text}` adds {added:.2g} LSB in as many updates"
            walk = math.sqrt(EVALUATIONS * p * (1 - p))
            yield NoiseMayDominate(name, walk, EVALUATIONS, why, span=fitted.term.span)


def _typical(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    size = size_of_term(draft, synapse, fitted.term)
    return size.mean * abs(synapse.scales[fitted.term.target])
