"""Legalise: check the network and its rules, put numbers for parameters, count steps.

In: a network as the user wrote it, dt in seconds. Out: a synapse draft for each plastic
projection; every parameter is a number, every time constant is in steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..hardware.chip import Chip
from ..rules.check import check_whole_network
from ..rules.evaluate import evaluate
from ..rules.expr import Every, Expr, walk
from ..rules.network import Group, Network, Projection
from ..rules.neuron import SPIKE
from ..rules.rule import LearningRule, TraceDecl, Update
from ..rules.scope import DeclaredTwice, EmptyRange
from .constants import with_numbers
from .draft import Draft, SynapseDraft, TagSteps, TraceSteps
from .event_rates import rate_of_event, rehearsed_events, with_activity
from .forecast_bits import Truths
from .modulator_bounds import modulator_bounds, modulators_of
from .passes import AbstractPass
from .post_events import hear_one_kind
from .pre_values import check_values, with_value_trace
from .typical import peak_of

VALUE = "pre value"
"""Event of a trace of values, until it is known how large they are."""


@dataclass(frozen=True)
class EpochOutOfRange(Diagnostic):
    """The learning epoch of a chip is a small number of steps, the same for a core.

    Between two ends of an epoch the engine only collects spikes.
    """

    code = "R201"
    title = "a learning epoch of {epoch} steps is not possible on {chip}"
    note = "{chip} allows {low} to {high} steps ({source})"
    help = "compile with an epoch between {low} and {high}"

    epoch: int
    chip: str
    low: int
    high: int
    source: str


@dataclass(frozen=True)
class EveryDoesNotFit(Diagnostic):
    """``every(n)`` becomes the chip's u gate, true every 2**k epochs.

    So n must be the epoch times a power of two, and one rule can have one k only.
    """

    code = "R202"
    title = "every({steps}) has no gate on the chip"
    note = (
        "the u gate fires every epoch * 2^k steps, k from {low} to {high} ({source}); "
        "the epoch is {epoch}"
    )
    help = "use every({nearest}) or compile with another epoch"

    steps: int
    epoch: int
    low: int
    high: int
    source: str
    nearest: int


@dataclass(frozen=True)
class MissingTimeStep(Diagnostic):
    """Neither the network nor the caller says how long a step is.

    dt is never guessed: the same time constant is another register value for
    another dt.
    """

    code = "R203"
    title = "network `{network}` has no time step"
    note = "time constants are in seconds, the chip counts steps"
    help = "pass dt, for example dt=1*lahar.ms or --dt 1ms"

    network: str


def time_step_is_given(network: Network, dt_seconds: float | None) -> float | None:
    """Choose the caller's dt, else the network's; None if neither says."""
    return dt_seconds if dt_seconds is not None else network.dt_seconds


@final
@dataclass(frozen=True)
class Legalise(AbstractPass):
    """Make every rule a rule of numbers and steps.

    1. a_plus * x        ->  0.01 * x
    2. tau = 20 ms       ->  20 steps at dt = 1 ms
    3. post.plateau * x  ->  post * x, where post is the event that the engine hears
    """

    name: ClassVar[str] = "legalise"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        network = replace(draft.network, dt_seconds=draft.dt_seconds)
        yield from check_whole_network(network)
        yield from _names_differ(network)
        yield from _modulators_have_a_range(network)
        groups = {g.name: g for g in network.groups}
        for p in network.projections:
            if p.source in groups:
                yield from check_values(p, groups[p.source])
        out_of_range = tuple(_epoch_fits(draft))
        yield from out_of_range
        if not out_of_range:
            yield from _every_has_a_gate(draft)

    def apply(self, draft: Draft) -> Draft:
        plastic = (p for p in draft.network.projections if p.rule is not None)
        return replace(draft, synapses=tuple(_legal(draft, p) for p in plastic))


def _epoch_fits(draft: Draft) -> Iterator[Diagnostic]:
    low, high = draft.chip.epoch_steps.value
    if not low <= draft.epoch_steps <= high:
        source = draft.chip.epoch_steps.source
        yield EpochOutOfRange(draft.epoch_steps, draft.chip.name, low, high, source)


def _names_differ(network: Network) -> Iterator[Diagnostic]:
    groups = {g.name for g in network.groups}
    for projection in network.projections:
        if projection.name in groups:
            detail = "a group and a projection; results are read by <name>.<variable>"
            yield DeclaredTwice(network.name, projection.name, detail)


def _every_has_a_gate(draft: Draft) -> Iterator[Diagnostic]:
    rules = {id(p.rule): p.rule for p in draft.network.projections if p.rule}
    for rule in rules.values():
        for update in rule.updates:
            yield from _check_every(update.expr, draft.epoch_steps, draft.chip)


def _check_every(expr: Expr, epoch: int, chip: Chip) -> Iterator[Diagnostic]:
    low, high = chip.decimate_exponent.value
    for node in walk(expr):
        if not isinstance(node, Every) or node.steps < 1:
            continue
        exponent = math.log2(node.steps / epoch)
        if exponent != int(exponent) or not low <= exponent <= high:
            nearest = epoch * 2 ** min(max(low, round(exponent)), high)
            source = chip.decimate_exponent.source
            args = (node.steps, epoch, low, high, source, nearest)
            yield EveryDoesNotFit(*args, span=node.span)


def _modulators_have_a_range(network: Network) -> Iterator[Diagnostic]:
    declared = {m.name: m for m in modulators_of(network)}
    for name, (low, high) in modulator_bounds(network).items():
        own = declared[name]
        if own.low < own.high and low >= high:
            what = f"the bounds that the readers of modulator `{name}` have in common"
            yield EmptyRange(network.name, what, low, high, span=own.span)


def _legal(draft: Draft, projection: Projection) -> SynapseDraft:
    neuron = draft.network.group(projection.target).neuron
    assert projection.rule is not None
    assert neuron is not None  # an input does not learn
    source = draft.network.group(projection.source)
    read = with_value_trace(projection.rule, source, draft.dt_seconds)
    heard = hear_one_kind(read, neuron)
    rule, dt_seconds = heard.rule, draft.dt_seconds
    values = rule.param_values
    low, high = (evaluate(b, values) for b in rule.bounds)
    traces = [_trace_steps(t, values, dt_seconds) for t in rule.traces]
    traces = [_carrying(draft, t, source) for t in traces]
    events: dict[str, Truths] = {}
    if {heard.kind, *(t.event for t in traces)} != {SPIKE}:
        events = rehearsed_events(draft, projection.target, neuron)
    return SynapseDraft(
        projection=projection.name,
        rule=replace(rule, updates=_with_numbers(rule, dt_seconds)),
        bounds=(low, high),
        event=heard.kind,
        event_rate=rate_of_event(events, heard.kind),
        traces=tuple(with_activity(t, events) for t in traces),
        tags=tuple(
            TagSteps(
                t.name,
                None if t.tau is None else evaluate(t.tau, values) / dt_seconds,
            )
            for t in rule.tags
        ),
    )


def _trace_steps(
    trace: TraceDecl, values: dict[str, float], dt_seconds: float
) -> TraceSteps:
    tau = evaluate(trace.tau, values) / dt_seconds
    return TraceSteps(
        trace.name,
        trace.source,
        tau,
        trace.pairing,
        VALUE if trace.source == "pre" and trace.quantity else trace.quantity or SPIKE,
        span=trace.span,
    )


def _carrying(draft: Draft, trace: TraceSteps, source: Group) -> TraceSteps:
    """Say of a trace that follows values how large they are."""
    if trace.event != VALUE or source.sends is None:
        return trace
    _, high = source.sends
    most = high * peak_of(draft, replace(trace, rarely_exceeds=None))
    return replace(trace, event=SPIKE, carries=high, rarely_exceeds=most)


def _with_numbers(rule: LearningRule, dt_seconds: float) -> tuple[Update, ...]:
    values = rule.values_at(dt_seconds)
    return tuple(replace(u, expr=with_numbers(u.expr, values)) for u in rule.updates)
