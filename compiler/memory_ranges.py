"""What the memory of a synapse may suffer from: lints L11, L14 and, of tags, L22.

In: a quantised rule and the assumed rate. Out: lints about traces that saturate, tags
that fill up, and an epoch that sees less than the rule says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..hardware.trace_lints import VariableMayNotHold
from ..rules.expr import Name
from .carried_tags import carries_at
from .draft import Draft, SynapseDraft, TagSteps
from .lint_scale import EVALUATIONS
from .scale_candidates import SMALLEST_IMPULSE
from .typical import evaluations_per_step, peak_of, rate_of, size_of_term


@dataclass(frozen=True)
class TraceMaySaturate(Diagnostic):
    """At the assumed rate a trace reaches its 7-bit ceiling and stops counting.

    Regular spikes take it to impulse / (1 - exp(-interval/tau)), Poisson spikes beyond
    that now and then: mean + 4 standard deviations are counted. The compiler lowers
    the impulse first, but not below 8, where a trace is mostly rounding noise.
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
class LongEpoch(Diagnostic):
    """With an epoch of several steps the engine sees less of the rule.

    It notes one spike of a neuron in an epoch, and evaluates traces at that spike; the
    float reference always learns in every step. Time constants should span many epochs:
    a trace that fades within two is little but the epoch it was started in. A chip
    counts epochs of 1 to 63 steps; others are refused (R201, P333).
    """

    code = "L14"
    severity = "warning"
    title = "`{rule}` learns every {epoch} steps; the reference learns in every step"
    note = (
        "{loss:.2g} of the spikes at {rate:g} a step share an epoch with another{short}"
    )
    help = "compile with epoch=1, or compare with a run of epoch 1"

    rule: str
    epoch: int
    loss: float
    rate: float
    short: str


def traces_stay_below_their_ceiling(
    draft: Draft, synapse: SynapseDraft
) -> Iterator[Diagnostic]:
    limit = draft.chip.trace_max.value
    for trace in synapse.traces:
        impulse = synapse.scales.get(trace.name)
        if impulse is None or trace.pairing == "nearest":
            continue
        top = impulse * peak_of(draft, trace)
        if top > limit and impulse <= SMALLEST_IMPULSE:
            yield TraceMaySaturate(
                trace.name,
                synapse.projection,
                top,
                limit,
                int(impulse),
                trace.tau_steps,
                rate_of(draft, trace),
                span=synapse.rule.span,
            )


def an_epoch_is_one_step(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    epoch, rate = draft.epoch_steps, draft.rate_per_step
    if epoch == 1:
        return
    # Of Poisson spikes, those that have another one later in their epoch.
    loss = 1.0 - (1.0 - (1.0 - rate) ** epoch) / (epoch * rate)
    fading = [f"`{t.name}`" for t in synapse.traces if t.tau_steps < 2 * epoch]
    short = f"; gone within two epochs: {', '.join(fading)}" if fading else ""
    rule = synapse.rule
    yield LongEpoch(rule.name, epoch, loss, rate, short, span=rule.span)


def tags_stay_within_nine_bits(
    draft: Draft, synapse: SynapseDraft
) -> Iterator[Diagnostic]:
    limit = draft.chip.tag.value[1]
    for tag in (t for t in synapse.tags if carries_at(synapse, t) is None):
        total = _collected(draft, synapse, tag)
        if tag.tau_steps is None and total > limit:
            steps = int(EVALUATIONS * limit / total)
            yield VariableMayNotHold(
                tag.name,
                f"it never decays and may fill up in {steps} steps",
                f"a tag of {draft.chip.name} ends at {limit}; jumps of one sign add up",
                f"give it a time constant: {tag.name} = Tag(tau=...)",
                span=next(t.span for t in synapse.rule.tags if t.name == tag.name),
            )


def _collected(draft: Draft, synapse: SynapseDraft, tag: TagSteps) -> float:
    """Add up, in LSB, what is written to a tag, as if all of it had one sign."""
    written = [
        size_of_term(draft, synapse, t).mean * evaluations_per_step(draft, synapse, t)
        for t in synapse.terms
        if t.target == tag.name and Name(tag.name) not in t.atoms
    ]
    return sum(written) * abs(synapse.scales.get(tag.name, 0.0)) * EVALUATIONS
