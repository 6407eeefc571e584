"""Updates that drift or walk although the rule does not say so: lints L18 and L19.

In: fitted terms and the assumed rate. Out: lints. The product shift floors, which pulls
everything down; stochastic rounding makes a walk that may outgrow what is learned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..hardware.neuron_ranges import neuron_ranges
from ..rules.expr import Name
from .assign import output_name
from .draft import Draft, FittedTerm, SynapseDraft
from .error_bounds import error_bounds
from .lint_scale import EVALUATIONS, weight_steps
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
    on average, nothing where a factor is 0. Beyond a tenth of the range the note says
    so, beside what the rule itself does in as many steps.
    """

    code = "L18"
    severity = "warning"
    title = "`{term}` may drift: floors lose up to {loss:.2g} LSB in {count} steps"
    note = "the engine shifts this product right by {shift} before it adds it{grave}"
    help = "use fewer factors in the product, or larger traces"

    term: str
    loss: float
    count: int
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
    for fitted in synapse.fitted:
        loss = drift(draft, synapse, fitted)
        if loss <= 1.0:
            continue
        text, span = fitted.term.text, fitted.term.span
        share, grave = loss / _range(draft, fitted), ""
        if share > LARGE_DRIFT:
            travel = _travel(draft, synapse, fitted)
            grave = f"; the rule itself moves it by {travel:.2g}, its range is "
            grave += f"{_range(draft, fitted):.0f}"
        args = (text, loss, EVALUATIONS, fitted.shift, grave)
        yield UpdatesDriftDown(*args, span=span)


def drift(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Give the LSB that the floors of a term lose in `EVALUATIONS` steps, at most."""
    if not (fitted.shift and fitted.fits):
        return 0.0
    # The floor of a product that is 0 loses nothing.
    shown = _share_not_zero(draft, synapse, fitted)
    counts = _typical(draft, synapse, fitted) * 2.0**fitted.shift / abs(fitted.got)
    lost = (0.5 - 2.0 ** -(fitted.shift + 1)) * min(counts, 1.0) * shown
    once = sum(lost * 2.0**f.exponent for f in fitted.fits)
    evaluations = evaluations_per_step(draft, fitted.term) * _memory(synapse, fitted)
    return once * evaluations


def _share_not_zero(draft: Draft, synapse: SynapseDraft, fitted: FittedTerm) -> float:
    """Give how often what the neuron sends is not 0, from a rehearsal of the neuron."""
    assert draft.program is not None
    target = draft.network.projection(synapse.projection).target
    ranges = neuron_ranges(draft.program, draft.rate_per_step, draft.chip)
    here = next((r for r in ranges if r.population.name == target), None)
    share = 1.0
    for atom in fitted.term.atoms:
        if here is not None and isinstance(atom, Name) and synapse.sends_signed(atom):
            sent = output_name(synapse.projection, atom.name)
            share *= here.shares_off_rest(synapse.signed_offset).get(sent, 1.0)
    return share


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
        * evaluations_per_step(draft, f.term)
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
        f.term.gate: evaluations_per_step(draft, f.term)
        for f in synapse.fitted
        if f.target == "w"
    }
    sd = math.sqrt(variance * sum(gates.values()) * EVALUATIONS)
    if sd > LARGE_WALK * weight_steps(draft.chip):
        why = "predicted standard deviation with all factors at their largest"
        yield NoiseMayDominate(name, sd, EVALUATIONS, why, span=span)
    for fitted in synapse.fitted:
        p = _typical(draft, synapse, fitted)
        if fitted.target != "w" or not 0 < p < 1:
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
