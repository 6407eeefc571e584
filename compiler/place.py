"""Place: say for every part of an update where it is computed.

In: rules of numbers and steps. Out: the same updates, with everything that only the
post neuron can know (graded quantities, modulators, functions of them) replaced by
values that the neuron sends. The chip's engine then sees only its own alphabet.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Name,
    Power,
    Quantity,
    Where,
    children,
    walk,
    with_children,
)
from ..rules.neuron import Neuron
from ..rules.printer import print_expr
from ..rules.rule import LearningRule
from .constants import constant_value
from .draft import Draft, NeuronValue, SynapseDraft
from .intervals import Interval, interval
from .passes import AbstractPass

POST = "post."
"""Begins the symbol of what only the neuron knows, so that no trace has that name."""


@dataclass(frozen=True)
class NoThirdFactor(Diagnostic):
    """The rule reads a third factor, and the chip has no way to bring one in.

    On a Loihi 2 the post neuron's program writes the values y1 to y3 itself. On a
    Loihi 1 these are traces of its spikes; a reward channel exists there (r0, r1), but
    its limits are unpublished and Lava cannot express it.
    """

    code = "R210"
    title = "{chip} cannot bring the third factor `{symbol}` to a synapse"
    note = "graded post values on {chip}: {limit} ({source})"
    help = "compile for loihi2, or use a rule of pre and post spikes alone"

    chip: str
    symbol: str
    limit: int
    source: str


@dataclass(frozen=True)
class NotASumOfProducts(Diagnostic):
    """The learning engine adds up products; nothing else can be computed at a synapse.

    Functions (exp, clip, where, division) of post quantities alone move into the
    neuron. Of the weight, a tag or a pre trace they cannot: write a polynomial.
    """

    code = "R211"
    title = "`{expression}` cannot be computed at a synapse"
    label = "mixes what only the synapse or the pre side knows into a function"
    note = "an update is a sum of products of traces, w, tag and graded post values"
    help = "{advice}"

    expression: str
    advice: str


@dataclass(frozen=True)
class RangeUnknown(Diagnostic):
    """A post quantity is sent in 7 bits, so its range has to be known.

    An Output declares its range; a membrane state has its threshold. Of any other
    state nobody knows how large it gets.
    """

    code = "R212"
    title = "the range of `{expression}` is not known"
    note = "graded values travel in 7 bits, -64 to 63"
    help = "declare an Output with low and high in the neuron model, and read that"

    expression: str


@final
@dataclass(frozen=True)
class Place(AbstractPass):
    """Move post-side computation into the neuron.

    1. reward * tag             ->  y_reward * tag, sent by the neuron
    2. post.error * pre         ->  y_error * pre
    3. abs_(post.v - 0.5) * x   ->  y_f1 * x, f1 computed by the neuron
    """

    name: ClassVar[str] = "place"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            placer = _Placer(synapse.rule, _target_neuron(draft, synapse))
            for update in synapse.rule.updates:
                placer.rewrite(update.expr)
            yield from placer.problems
            values = placer.values
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


def _target_neuron(draft: Draft, synapse: SynapseDraft) -> Neuron:
    projection = draft.network.projection(synapse.projection)
    neuron = draft.network.group(projection.target).neuron
    assert neuron is not None  # legalise refused inputs as targets
    return neuron


def _place(draft: Draft, synapse: SynapseDraft) -> SynapseDraft:
    placer = _Placer(synapse.rule, _target_neuron(draft, synapse))
    updates = tuple(
        replace(u, expr=placer.rewrite(u.expr)) for u in synapse.rule.updates
    )
    rule = replace(synapse.rule, updates=updates)
    return replace(synapse, rule=rule, values=tuple(placer.values.values()))


@dataclass
class _Placer:
    """Rewrites one rule's updates, collecting what the neuron has to send."""

    rule: LearningRule
    neuron: Neuron
    values: dict[Expr, NeuronValue] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def rewrite(self, expr: Expr) -> Expr:
        if self._is_graded_leaf(expr):
            return self._send(expr)
        if _is_polynomial_node(expr):
            new = tuple(self.rewrite(c) for c in children(expr))
            return with_children(expr, new) if new else expr
        if self._is_post_only(expr):
            return self._send(expr)
        advice = _advice(expr)
        self.problems.append(
            NotASumOfProducts(print_expr(expr), advice, span=expr.span)
        )
        return expr

    def _is_graded_leaf(self, expr: Expr) -> bool:
        modulators = {m.name for m in self.rule.modulators}
        return isinstance(expr, Quantity) or (
            isinstance(expr, Name) and expr.name in modulators
        )

    def _is_post_only(self, expr: Expr) -> bool:
        return all(
            isinstance(node, (Const, Quantity)) or self._is_graded_leaf(node)
            for node in walk(expr)
            if not children(node)
        )

    def _send(self, expr: Expr) -> Expr:
        known = self.values.get(expr)
        if known is None:
            low, high = interval(expr, self._leaf_range)
            if not (abs(low) < math.inf and abs(high) < math.inf):
                self.problems.append(RangeUnknown(print_expr(expr), span=expr.span))
            if low == high:
                return Const(low, span=expr.span)
            known = NeuronValue(self._symbol(expr), "signed", expr, low, high)
            self.values[expr] = known
        return Name(known.symbol, span=expr.span)

    def _symbol(self, expr: Expr) -> str:
        if isinstance(expr, Name):
            return expr.name
        if isinstance(expr, Quantity):
            return POST + expr.name
        taken = {v.symbol for v in self.values.values()}
        taken |= {POST + quantity for quantity in self.neuron.quantities}
        numbers = itertools.count(1)
        return next(s for n in numbers if (s := f"{POST}f{n}") not in taken)

    def _leaf_range(self, leaf: Expr) -> Interval:
        if isinstance(leaf, Name):
            modulator = next(m for m in self.rule.modulators if m.name == leaf.name)
            return modulator.low, modulator.high
        assert isinstance(leaf, Quantity)
        return quantity_range(self.neuron, leaf.name)


def quantity_range(neuron: Neuron, name: str) -> Interval:
    """Bound a post quantity: an Output's own bounds, or +- the spike threshold."""
    for output in neuron.outputs:
        if output.name == name:
            return output.low, output.high
    match neuron.spike:
        case Compare(left=Name(name=compared), right=right):
            limit = constant_value(right, neuron.param_values)
            if limit and compared == name.removesuffix("_pre_reset"):
                return -abs(limit), abs(limit)
        case _:
            pass
    return -math.inf, math.inf


def _is_polynomial_node(expr: Expr) -> bool:
    match expr:
        case Call() | Where() | Compare():
            return False
        case Binary(operator="/", right=right):
            return isinstance(right, Const) and _has_inverse(right.value)
        case Power(exponent=Const(value=n)):
            return n == int(n) and 0 <= n <= 4
        case Power():
            return False
        case _:
            return True


def _has_inverse(value: float) -> bool:
    return value != 0.0 and math.isfinite(1.0 / value)


def _advice(expr: Expr) -> str:
    match expr:
        case Call(function="exp"):
            return "replace exp(-w) by a polynomial such as (1 - w/2)**2"
        case Binary(operator="/", right=Const()):
            return "divide by a number that is not 0"
        case Power() | Binary(operator="/"):
            return "use integer powers up to 4, and divide by constants only"
        case Call(function="clip" | "min" | "max"):
            return "the bounds clip w already; or write a soft one: w * (1 - w)"
        case Where() | Compare():
            return "where(post > 0, a, b) is a * post + b * (1 - post)"
        case _:
            return "use a polynomial, or the function of post quantities alone"
