"""Check a learning rule by itself.

A rule in, a list of all that is wrong out. What needs the neuron model or the network
is in check.py, what needs a chip in the compiler.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from ..diagnostics import Diagnostic
from .expr import PRE_VALUE, Before, Expr, Side, walk
from .language import MissingPart
from .rule import (
    Declaration,
    LearningRule,
    Pairing,
    Polarity,
    TagDecl,
    TraceDecl,
)
from .scope import (
    DeclaredTwice,
    EmptyRange,
    check_choice,
    check_declared,
    check_modulators,
    check_names,
    check_params,
    check_time,
    constant,
)
from .symbol_errors import NotLocal


@dataclass(frozen=True)
class BeforeOfNoTrace(Diagnostic):
    """``.before`` is the value of a trace without the spike of this step.

    Only the traces of a rule have it; parameters, tags and modulators do not, nor
    do the spike traces of a neuron model.
    """

    code = "R134"
    title = "`{name}.before`: `{name}` is not a trace of `{owner}`"
    note = "traces here: {known}"
    help = "declare `{name}` as a trace, or leave out `.before`"

    owner: str
    name: str
    known: str


@dataclass(frozen=True)
class BeforeOfNearest(Diagnostic):
    """A nearest-spike trace is set to 1 by a spike; what it was before is lost.

    With all-spike pairing the old value is there, because a spike adds to it.
    """

    code = "R135"
    title = "`{name}.before`: a nearest-spike trace does not keep its old value"
    note = "a spike sets `{name}` to 1"
    help = "pair with all spikes, or use `{name}` itself"

    name: str


@dataclass(frozen=True)
class UnknownTarget(Diagnostic):
    """An update changes something that a synapse does not hold.

    A synapse holds its weight, its delay and its tags; traces follow from spikes
    alone and cannot be assigned.
    """

    code = "R136"
    title = "`{owner}` updates `{target}`, which is neither w, delay nor a tag"
    note = "tags here: {known}"
    help = "declare a tag `{target}`, or correct the name"

    owner: str
    target: str
    known: str


@dataclass(frozen=True)
class PolarityAgainstBounds(Diagnostic):
    """The sign of the bounds does not fit the polarity.

    A mixed synapse has a negative lower bound. Excitatory and inhibitory weights
    count from 0 upwards; an inhibitory one acts with a minus sign.
    """

    code = "R138"
    title = "`{owner}` is {polarity}, but its lower bound is {low}"
    note = "mixed needs a lower bound below 0, excitatory and inhibitory one from 0 on"
    help = "{advice}"

    owner: str
    polarity: str
    low: float
    advice: str


def check_rule(rule: LearningRule) -> list[Diagnostic]:
    """Check everything that needs no neuron model and no chip."""
    groups = (rule.params, rule.traces, rule.tags, rule.modulators)
    declared: list[Declaration] = [d for group in groups for d in group]
    names = [d.name for d in declared]
    found = [
        *check_declared(rule.name, declared),
        *check_params(rule.name, rule.params),
        *_check_words(rule),
        *check_modulators(rule.name, rule.modulators),
        *_check_targets(rule),
    ]
    timed_parts: tuple[TraceDecl | TagDecl, ...] = (*rule.traces, *rule.tags)
    for timed in timed_parts:
        if timed.tau is not None:
            values = rule.param_values
            found += check_time(rule.name, "tau", timed, timed.tau, values)
    if not rule.updates:
        found.append(MissingPart(rule.name, "dw", span=rule.span))
    for update in rule.updates:
        found += check_names(rule.name, update.expr, [*names, "dt", PRE_VALUE])
        found += _check_before(rule, update.expr)
    return [*found, *_check_bounds(rule)]


def _check_words(rule: LearningRule) -> Iterator[Diagnostic]:
    for t in rule.traces:
        for part, word, choices in (
            ("source", t.source, get_args(Side)),
            ("pairing", t.pairing, get_args(Pairing)),
        ):
            what = f"the {part} of trace `{t.name}`"
            yield from check_choice(what, word, choices, t.span)
        if t.source == "pre" and t.quantity not in ("", "value"):
            advice = "use a trace of pre, or a relay neuron that sends the quantity"
            yield NotLocal(f"pre.{t.quantity}", advice, span=t.span)
    choices = get_args(Polarity)
    yield from check_choice(
        f"the polarity of `{rule.name}`", rule.polarity, choices, rule.span
    )


def _check_targets(rule: LearningRule) -> Iterator[Diagnostic]:
    tags = [t.name for t in rule.tags]
    listing = ", ".join(tags) or "none"
    seen: set[str] = set()
    for update in rule.updates:
        target, span = update.target, update.span
        if target not in ("w", "delay", *tags):
            yield UnknownTarget(rule.name, target, listing, span=span)
        if target in seen:
            detail = "a target has one update; add the terms up"
            yield DeclaredTwice(rule.name, f"d{target}", detail, span=span)
        seen.add(target)


def _check_before(rule: LearningRule, expr: Expr) -> Iterator[Diagnostic]:
    traces = {t.name: t.pairing for t in rule.traces}
    for node in walk(expr):
        if not isinstance(node, Before):
            continue
        if node.trace not in traces:
            known = ", ".join(traces) or "none"
            yield BeforeOfNoTrace(rule.name, node.trace, known, span=node.span)
        elif traces[node.trace] == "nearest":
            yield BeforeOfNearest(node.trace, span=node.span)


def _check_bounds(rule: LearningRule) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    low, high = (constant(b, rule.param_values, found) for b in rule.bounds)
    if low is None or high is None:
        return found
    span = rule.bounds[0].span or rule.span
    if low >= high:
        found.append(EmptyRange(rule.name, "the bounds", low, high, span=span))
    if (low < 0) != (rule.polarity == "mixed"):
        advice = "write polarity mixed" if low < 0 else "write excitatory or inhibitory"
        found.append(
            PolarityAgainstBounds(rule.name, rule.polarity, low, advice, span=span)
        )
    return found
