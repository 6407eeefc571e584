"""Analyse ranges: find registers that saturate and updates that drift or overflow.

In: a quantised draft and an assumed mean rate. Out: nothing changes; lints say what to
expect, each with its threshold (facts on Loihi registers, section 6) and a remedy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ..diagnostics import Diagnostic
from ..rules.network import Group, Projection
from .budget import budget_of
from .draft import Draft, SynapseDraft
from .passes import AbstractPass
from .quantise import SMALLEST_IMPULSE
from .typical import evaluations_per_step, peak
from .weights import largest_stored, sign_mode_of

EVALUATIONS = 1000
"""Learning evaluations over which a drift is judged."""
LARGE_WALK = 64.0
"""A quarter of the range of weights, in LSB."""
COARSE_ARRIVAL = 0.02
"""Share of the largest weight that the floor of an arrival may lose."""
COARSE = 0.05
"""Relative error of a coefficient that is worth a warning."""


@dataclass(frozen=True)
class DendriteMayOverflow(Diagnostic):
    """The sum of weights that arrive in one step may leave the 16-bit accumulator.

    A chip wraps it, which turns strong excitation into inhibition.
    """

    code = "L02"
    severity = "warning"
    title = "group `{group}`: arrivals may reach {expected}, beyond {limit}"
    note = "mean + 4 sd at {rate:g} spikes a step; the limit is that of {source}"
    help = "lower the weights, their exponent, or the input rate"

    group: str
    expected: int
    limit: int
    rate: float
    source: str


@dataclass(frozen=True)
class ArrivalsAreCoarse(Diagnostic):
    """A negative weight exponent shifts what arrives to the right: low bits are lost.

    The sum of a step is floored, so a single small weight may not arrive at all. The
    exponent is negative where the threshold or other weights are much larger.
    """

    code = "L09"
    severity = "warning"
    title = "projection `{projection}`: arrivals lose {bits} bits"
    note = "up to {share:.1%} of the largest weight, {most}: its exponent is {exponent}"
    help = "raise its weights, or lower threshold and other weights of `{group}`"

    projection: str
    group: str
    bits: int
    share: float
    exponent: int
    most: int


@dataclass(frozen=True)
class TraceMaySaturate(Diagnostic):
    """At the assumed rate a trace reaches its 7-bit ceiling and stops counting.

    From there on every spike adds less than it should, so the rule learns too
    little where it should learn most.
    """

    code = "L11"
    severity = "warning"
    title = "trace `{trace}` of `{projection}` may saturate: peak {peak:.0f} of {limit}"
    note = "impulse {impulse}, tau {tau:g} steps, {rate:g} spikes a step"
    help = "use a shorter tau, or tell the compiler a lower rate"

    trace: str
    projection: str
    peak: float
    limit: int
    impulse: int
    tau: float
    rate: float


@dataclass(frozen=True)
class UpdatesDriftDown(Diagnostic):
    """The product shift floors, so multi-factor products lose half an LSB each time.

    The loss always goes down, for potentiation and depression alike, and adds up.
    """

    code = "L18"
    severity = "warning"
    title = "`{term}` may drift: floors lose up to {loss:.2g} LSB in {count} steps"
    note = "the engine shifts this product right by {shift} before it adds it"
    help = "use fewer factors in the product, or larger traces"

    term: str
    loss: float
    count: int
    shift: int


@dataclass(frozen=True)
class EmulatorsDisagree(Diagnostic):
    """The result depends on a point on which the public sources contradict each other.

    Lava shifts products by max(0, widths + 4 - 15), nengo-loihi (fitted to boards) by
    one bit less. lahar compensates for the value that the Program names.
    """

    code = "L25"
    severity = "warning"
    title = "`{term}` relies on the product shift, which sources do not agree on"
    note = "compensated for base {base}; another base changes the term by a factor of 2"
    help = "check on your chip: a wrong base scales this term by 2 or 1/2"

    term: str
    base: int


@dataclass(frozen=True)
class LongEpoch(Diagnostic):
    """With an epoch of several steps the engine sees less of the rule.

    It notes one spike of a neuron in an epoch, and evaluates traces at that spike; the
    float reference always learns in every step. Time constants should span many epochs.
    """

    code = "L14"
    severity = "warning"
    title = "`{rule}` learns every {epoch} steps; the reference learns in every step"
    note = "{loss:.2g} of the spikes at {rate:g} a step share an epoch with another"
    help = "compile with epoch=1, or compare with a run of epoch 1"

    rule: str
    epoch: int
    loss: float
    rate: float


@dataclass(frozen=True)
class NoiseMayDominate(Diagnostic):
    """Stochastic rounding makes a walk that may outgrow what the rule learns.

    Tags with a long memory are rounded in every step and read for as long; the
    verdict's budget then allows for more than a rule could learn. Many synapses
    together still learn the mean.
    """

    code = "L19"
    severity = "warning"
    title = "rounding may move `{projection}` weights by {sd:.0f} LSB in {steps} steps"
    note = "predicted standard deviation with all factors at their largest"
    help = "use a shorter tau or every(n), a smaller rate, or judge means over synapses"

    projection: str
    sd: float
    steps: int


@dataclass(frozen=True)
class CoefficientIsCoarse(Diagnostic):
    """A coefficient is rounded by more than 5 %.

    Near the smallest product (2**-7) there is nothing between 1, 2, 3 times that.
    """

    code = "L15"
    severity = "warning"
    title = "`{term}` is {error:.1%} off on {chip}"
    note = "it needs the factor {wanted:.4g} and gets {got:.4g} (smallest: 2^{lowest})"
    help = "use a larger rate or tighter bounds; or multiply the rate by {ratio:.4g}"

    term: str
    error: float
    chip: str
    wanted: float
    got: float
    lowest: int
    ratio: float


@final
@dataclass(frozen=True)
class AnalyseRanges(AbstractPass):
    """Bound every register at the assumed rate; see the lints of this module."""

    name: ClassVar[str] = "ranges"

    def apply(self, draft: Draft) -> Draft:
        return draft

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for group in draft.network.groups:
            yield from _dendrite(draft, group)
        for projection in draft.network.projections:
            yield from _arrivals(draft, projection)
        for synapse in draft.synapses:
            yield from _traces(draft, synapse)
            yield from _products(draft, synapse)
            yield from _coefficients(draft, synapse)
            yield from _epoch(draft, synapse)
            yield from _noise(draft, synapse)


def _dendrite(draft: Draft, group: Group) -> Iterator[Diagnostic]:
    rate = draft.rate_per_step
    mean, variance = np.zeros(group.size), np.zeros(group.size)
    for projection in draft.network.projections:
        if projection.target == group.name:
            scale = draft.weights[projection.name]
            unit = abs(scale.scale) * 2.0**scale.exponent
            stored = np.abs(projection.weights) * unit
            mean += rate * stored.sum(axis=1)
            variance += rate * (stored**2).sum(axis=1)
    expected = int((mean + 4 * np.sqrt(variance)).max())
    bits = draft.chip.dendrite_bits
    limit = 2 ** (bits.value - 1) - 1
    if expected > limit:
        yield DendriteMayOverflow(group.name, expected, limit, rate, bits.source)


def _arrivals(draft: Draft, projection: Projection) -> Iterator[Diagnostic]:
    exponent = draft.weights[projection.name].exponent
    most = largest_stored(draft.chip, sign_mode_of(projection))
    share = 2.0**-exponent / most
    if exponent < 0 and share > COARSE_ARRIVAL:
        args = (projection.name, projection.target, -exponent, share, exponent, most)
        span = projection.rule.span if projection.rule is not None else projection.span
        yield ArrivalsAreCoarse(*args, span=span)


def _traces(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    limit = draft.chip.trace_max.value
    rate = draft.rate_per_step
    for trace in synapse.traces:
        impulse = synapse.scales.get(trace.name)
        if impulse is None or trace.pairing == "nearest":
            continue
        top = impulse * peak(trace.tau_steps, rate)
        if top > limit and impulse <= SMALLEST_IMPULSE:
            yield TraceMaySaturate(
                trace.name,
                synapse.projection,
                top,
                limit,
                int(impulse),
                trace.tau_steps,
                rate,
                span=synapse.rule.span,
            )


def _products(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    base = draft.chip.product_shift_base
    for fitted in synapse.fitted:
        if not fitted.shift:
            continue
        rate = draft.rate_per_step if fitted.term.gate != "u" else 1.0
        loss = sum(0.5 * 2.0**f.exponent for f in fitted.fits)
        loss *= rate * EVALUATIONS
        span = fitted.term.span
        if loss > 1.0:
            text = fitted.term.text
            count = math.ceil(EVALUATIONS)
            yield UpdatesDriftDown(text, loss, count, fitted.shift, span=span)
        if base.trust == "low":
            yield EmulatorsDisagree(fitted.term.text, base.value, span=span)


def _coefficients(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    for fitted in synapse.fitted:
        if fitted.relative_error > COARSE:
            yield CoefficientIsCoarse(
                fitted.term.text,
                fitted.relative_error,
                draft.chip.name,
                fitted.wanted,
                fitted.got,
                draft.chip.exponent.value[0],
                fitted.got / fitted.wanted,
                span=fitted.term.span,
            )


def _epoch(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    epoch, rate = draft.epoch_steps, draft.rate_per_step
    if epoch > 1:
        # Of Poisson spikes, those that have another one later in their epoch.
        loss = 1.0 - (1.0 - (1.0 - rate) ** epoch) / (epoch * rate)
        rule = synapse.rule
        yield LongEpoch(rule.name, epoch, loss, rate, span=rule.span)


def _noise(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    variance = budget_of(draft, synapse).variance_per_update
    gates = {
        f.term.gate: evaluations_per_step(draft, f.term)
        for f in synapse.fitted
        if f.target == "w"
    }
    sd = math.sqrt(variance * sum(gates.values()) * EVALUATIONS)
    if sd > LARGE_WALK:
        span = synapse.rule.span
        yield NoiseMayDominate(synapse.projection, sd, EVALUATIONS, span=span)
