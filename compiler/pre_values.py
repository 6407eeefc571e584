"""Let the engine hold what a source sends: `pre.value` and its traces live in x1.

In: a rule that reads values. Out: one in which `pre.value` is the spike times a trace
of the nearest value: in a step with a spike that is the value of the step, and no other
step reads it. A payload p enters x1 as p / 2 (semantics.md section 6), and a trace is
read when it has decayed once: both are part of the trace's scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..diagnostics import Diagnostic, SourceSpan
from ..hardware.learning import GradedSpikes
from ..rules.expr import (
    PRE_VALUE,
    Before,
    Binary,
    Const,
    Expr,
    Name,
    Spike,
    transform,
    walk,
)
from ..rules.network import Group, Projection
from ..rules.rule import LearningRule, TraceDecl
from .draft import Payload, SynapseDraft, TraceSteps

LONGEST_TAU = 2.0**23 - 1  # steps; a Program holds no longer one
LARGEST = 254  # the payload whose half fills 7 bits


@dataclass(frozen=True)
class ValuesMayBeNegative(Diagnostic):
    """A rule reads values of its source, and these may be below 0.

    The engine keeps what a source sends in a trace, which holds 0 to 127. A value with
    an offset would arrive at the neuron with the offset too.
    """

    code = "R208"
    title = "rule `{rule}` reads values of `{group}` from {low:g} to {high:g}"
    note = "a trace of the learning engine holds no negative values"
    help = "send the positive and the negative part from two groups"

    rule: str
    group: str
    low: float
    high: float


@dataclass(frozen=True)
class ValuesDoNotFit(Diagnostic):
    """A rule asks for more of the values of its source than one trace can hold.

    x1 alone can follow what is sent: as one trace, or as the value itself. What a trace
    was before this step's value is not kept.
    """

    code = "R209"
    title = "rule `{rule}`: {problem}"
    note = "the engine follows what is sent in one trace, x1"
    help = "keep one trace of pre.value, or a nearest one beside pre.value itself"

    rule: str
    problem: str


def check_values(projection: Projection, source: Group) -> Iterator[Diagnostic]:
    """Check that the engine can follow what a rule reads of its source."""
    rule = projection.rule
    if rule is None or source.sends is None or not _reads(rule):
        return
    low, high = source.sends
    if low < 0.0:
        args = (rule.name, source.name, low, high)
        yield ValuesMayBeNegative(*args, span=rule.span)
    followed = [t for t in rule.traces if t.source == "pre" and t.quantity]
    names = {t.name for t in followed}
    for span, problem in _problems(rule, followed, names):
        yield ValuesDoNotFit(rule.name, problem, span=span)


def _problems(
    rule: LearningRule, followed: list[TraceDecl], names: set[str]
) -> Iterator[tuple[SourceSpan | None, str]]:
    if len(followed) > 1:
        yield followed[1].span, f"{len(followed)} traces follow pre.value"
    summed = any(t.pairing == "all" for t in followed)
    for node in (n for u in rule.updates for n in walk(u.expr)):
        if isinstance(node, Before) and node.trace in names:
            yield node.span, f"`{node.trace}.before` is not kept"
        if node == Name(PRE_VALUE) and summed:
            yield node.span, "a trace adds up pre.value, and pre.value is read itself"


def _reads(rule: LearningRule) -> bool:
    nodes = (n for u in rule.updates for n in walk(u.expr))
    followed = any(t.source == "pre" and t.quantity for t in rule.traces)
    return followed or Name(PRE_VALUE) in nodes


def with_value_trace(
    rule: LearningRule, source: Group, dt_seconds: float
) -> LearningRule:
    """Write a rule so that it reads values by a trace alone.

    1. pre.value                          ->  pre * v, v the nearest value
    2. of a source of plain spikes        ->  pre
    """
    if not _reads(rule):
        return rule
    traces = rule.traces
    if source.sends is None:
        value: Expr = Spike("pre")
        traces = tuple(replace(t, quantity="") if _follows(t) else t for t in traces)
    else:
        name = next((t.name for t in traces if _follows(t)), "")
        if not name:
            name = _unused("pre_value", rule)
            tau = Const(LONGEST_TAU * dt_seconds)
            traces = (*traces, TraceDecl(name, "pre", tau, "nearest", "value"))
        value = Binary("*", Spike("pre"), Name(name))
    updates = tuple(
        replace(
            u, expr=transform(u.expr, lambda n: value if n == Name(PRE_VALUE) else n)
        )
        for u in rule.updates
    )
    return replace(rule, updates=updates, traces=traces)


def _follows(trace: TraceDecl) -> bool:
    return trace.source == "pre" and trace.quantity == "value"


def _unused(name: str, rule: LearningRule) -> str:
    declared = (*rule.params, *rule.traces, *rule.tags, *rule.modulators)
    while name in {d.name for d in declared}:
        name += "_"
    return name


def trace_of_values(synapse: SynapseDraft) -> TraceSteps | None:
    """Find the trace that follows what the source sends."""
    return next((t for t in synapse.traces if t.carries is not None), None)


def graded_mode(synapse: SynapseDraft) -> GradedSpikes:
    """Say what payloads do to x1: overwrite it, or add to it."""
    trace = trace_of_values(synapse)
    if trace is None or trace.name not in synapse.slots:
        return GradedSpikes.REGULAR
    nearest = trace.pairing == "nearest"
    return GradedSpikes.OVERWRITE if nearest else GradedSpikes.ADD_WITH_SATURATION


def scale_of_values(trace: TraceSteps, payload: Payload) -> float:
    """Give what x1 holds for a value of 1: half the payload, decayed once."""
    return payload.scale / 2.0 * math.exp(-1.0 / trace.tau_steps)


def learned_payload(group: Group, largest_trace: float) -> Payload:
    """Let the largest value (or sum of values) fill x1, and not overflow it."""
    assert group.sends is not None
    _, high = group.sends
    most = 2 * max(int(LARGEST / 2 * high / max(largest_trace, high)), 1)
    return Payload(most / high, (most - 1).bit_length(), 0, most)
