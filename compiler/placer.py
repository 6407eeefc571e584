"""Rewrite a rule's updates so that each side computes what it can.

In: updates of numbers. Out: the same updates as sums of products of the engine's own
variables, their signs, and values that the neuron sends. What cannot be so is
collected as diagnostics, all of a rule at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from ..diagnostics import Diagnostic, LaharError
from ..hardware.chip import Chip
from ..rules.expr import (
    Before,
    Binary,
    Call,
    Compare,
    Const,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Spike,
    Weight,
    Where,
    children,
    transform,
    with_children,
)
from ..rules.printer import print_expr
from ..rules.rule import LearningRule
from .constants import with_numbers
from .expression_parts import (
    factors_of,
    is_piecewise,
    minus,
    parts_of_product,
    plus,
    summands_of,
    times,
    without_abs,
)
from .intervals import Interval, interval
from .polynomials import is_polynomial_node
from .room_in_products import NOTHING, Beside, beside_of, together
from .sent_values import SentValues
from .sides import leaves, one_variable, only, side_of, sides_of
from .thresholds import ONE, ZERO, AtZero, above_zero, sign_of
from .unplaceable import (
    NotASumOfProducts,
    ThresholdOnMixture,
    advice_for,
    advice_for_threshold,
    shown_sides,
)
from .weight_functions import WeightFunctions

MOST_SPIKES = 3
"""Spikes and every(n) in one function: it is tabulated for all their values."""


@dataclass
class Placer:
    """Rewrites one rule's updates, collecting what the neuron has to send.

    ``joins``: whether what the neuron knows alone becomes one value as soon as it can,
    sums and products too; else only its functions do.
    """

    rule: LearningRule
    chip: Chip
    sent: SentValues
    functions: WeightFunctions
    joins: bool = False
    problems: list[Diagnostic] = field(default_factory=list)

    def rewrite(self, expr: Expr, beside: Beside = NOTHING) -> Expr:
        """Rewrite an expression; ``beside`` is what it will be multiplied by."""
        if self._is_graded_leaf(expr) or (self.joins and self._is_post_only(expr)):
            return self._send(expr)
        if isinstance(expr, Binary) and expr.operator in ("*", "/"):
            return self._product(expr, beside)
        if not children(expr):
            return expr
        if is_polynomial_node(expr):
            if isinstance(expr, Power):
                beside = together(beside, beside_of(expr, self.rule, less=1))
            new = tuple(self.rewrite(c, beside) for c in children(expr))
            return with_children(expr, new)
        return self._function(expr, beside)

    # --- products -----------------------------------------------------------------

    def _product(self, expr: Binary, beside: Beside) -> Expr:
        """Rewrite a product; what one side multiplies or divides is one function."""
        parts = parts_of_product(expr, self.rule, joins=self.joins)
        if parts is None:
            return self._refuse(expr)
        if sum(bool(leaves(part)) for part in parts) < 2:
            return self._of_one_side(expr, beside)
        sizes = [beside_of(part, self.rule) for part in parts]
        new = []
        for number, part in enumerate(parts):
            others = sizes[:number] + sizes[number + 1 :]
            new.append(self.rewrite(part, reduce(together, others, beside)))
        return reduce(times, new)

    def _of_one_side(self, expr: Binary, beside: Beside) -> Expr:
        """Let a number multiply a sum of several sides; a function of one is whole."""
        several = len(sides_of(expr, self.rule)) > 1
        inverse = expr.operator == "/" and bool(leaves(expr.right))
        if is_piecewise(expr) or (several and not inverse):
            return self._plain_product(expr, beside)
        return self._function(expr, beside)

    def _plain_product(self, expr: Binary, beside: Beside) -> Expr:
        left = self.rewrite(
            expr.left, together(beside, beside_of(expr.right, self.rule))
        )
        right = self.rewrite(
            expr.right, together(beside, beside_of(expr.left, self.rule))
        )
        return with_children(expr, (left, right))

    # --- functions ----------------------------------------------------------------

    def _function(self, expr: Expr, beside: Beside) -> Expr:
        if self._is_post_only(expr):
            return self._send(expr)
        if only(expr, "weight", self.rule) and not is_piecewise(expr):
            return self.functions.replace(expr, beside)
        match expr:
            case Where(condition=condition, then=a, otherwise=b):
                return self._choose(condition, a, b, beside)
            case Compare():
                return self._holds(expr)
        if "spikes" in sides_of(expr, self.rule):
            return self._tabulated(expr, lambda e: self.rewrite(e, beside))
        match expr:
            case Call(function="exp", args=(a,)):
                return self._exponential(a, expr, beside)
            case Call(args=args):
                return self._limited(expr, args, beside)
            case Power(base=base, exponent=exponent):
                return self._power(base, exponent, expr, beside)
        return self._refuse(expr)

    def _choose(self, condition: Expr, a: Expr, b: Expr, beside: Beside) -> Expr:
        """Write where(c, a, b) as b + c * (a - b), with c 1 or 0."""
        return self._chosen(self._holds(condition), condition, a, b, beside)

    def _chosen(
        self, holds: Expr, condition: Expr, a: Expr, b: Expr, beside: Beside
    ) -> Expr:
        if isinstance(holds, Const):
            return self.rewrite(a if holds.value else b, beside)
        beside = together(beside, beside_of(condition, self.rule))
        then, otherwise = self.rewrite(a, beside), self.rewrite(b, beside)
        return plus(otherwise, times(holds, minus(then, otherwise)))

    def _limited(self, expr: Expr, args: tuple[Expr, ...], beside: Beside) -> Expr:
        """Write sign, abs, min, max and clip as comparisons."""
        assert isinstance(expr, Call)
        match expr.function, args:
            case ("min", (Call("max", (a, Const() as b)), Const() as c)) | (
                "max",
                (Call("min", (a, Const() as c)), Const() as b),
            ):
                return self._clip(a, b, c, expr, beside)
            case "sign", (a,):
                return self._sign(a, expr)
            case "abs", (a,):
                low, high = self._range(a)
                if low >= 0.0 or high <= 0.0:
                    return self.rewrite(a if low >= 0.0 else Negative(a), beside)
                if isinstance(a, Binary) and a.operator in ("*", "/"):
                    parts = [Call("abs", (e,), span=expr.span) for e in children(a)]
                    whole = with_numbers(with_children(a, tuple(parts)), {})
                    return self.rewrite(whole, beside)
                beside = together(beside, beside_of(a, self.rule))
                return times(self._sign(a, expr), self.rewrite(a, beside))
            case "max", (a, b):
                return self._larger(a, b, a, b, expr, beside)
            case "min", (a, b):
                return self._larger(b, a, a, b, expr, beside)
            case "clip", (a, b, c):
                return self._clip(a, b, c, expr, beside)
        return self._refuse(expr)

    def _sign(self, a: Expr, expr: Expr) -> Expr:
        if isinstance(a, Binary) and a.operator in ("*", "/"):
            return times(self._sign(a.left, expr), self._sign(a.right, expr))
        low, high = self._range(a)
        if low > 0.0 or high < 0.0 or low == high == 0.0:
            return Const(1.0 if low > 0.0 else -1.0 if high < 0.0 else 0.0)
        if self._is_post_only(a):
            return self._send(Call("sign", (a,), span=expr.span))
        variable = one_variable(a, self.rule)
        found = None if variable is None else sign_of(a, variable)
        return self._refuse_threshold(expr) if found is None else found

    def _larger(
        self, large: Expr, small: Expr, a: Expr, b: Expr, expr: Expr, beside: Beside
    ) -> Expr:
        """Choose a where ``large`` is above ``small``: at a tie both are the same."""
        condition = Compare(">", large, small, span=expr.span)
        return self._chosen(self._is_above(condition, "half"), condition, a, b, beside)

    def _clip(self, a: Expr, low: Expr, high: Expr, expr: Expr, beside: Beside) -> Expr:
        """Take back what is beyond the limits: a sum of ramps, no product of them."""
        if interval(minus(low, high), self._bounds_of)[1] > 0.0:
            return self._refuse(expr)  # limits that may cross
        above = self._is_above(Compare(">", a, high, span=expr.span), "half")
        below = self._is_above(Compare(">", low, a, span=expr.span), "half")
        beside = together(beside, beside_of(Compare(">", a, high), self.rule))
        value, low, high = (self.rewrite(e, beside) for e in (a, low, high))
        too_much = times(above, minus(value, high))
        return minus(minus(value, too_much), times(below, minus(value, low)))

    def _exponential(self, a: Expr, expr: Expr, beside: Beside) -> Expr:
        """Exp of a sum is a product, and each side computes its part."""
        groups: dict[object, list[Expr]] = {}
        for part in summands_of(a):
            groups.setdefault(sides_of(part, self.rule), []).append(part)
        if len(groups) < 2:
            return self._refuse(expr)
        parts: list[Expr] = [
            Call("exp", (reduce(plus, g),), span=expr.span) for g in groups.values()
        ]
        whole: Expr = reduce(times, parts)
        return self.rewrite(with_numbers(whole, {}), beside)

    def _power(self, base: Expr, exponent: Expr, expr: Expr, beside: Beside) -> Expr:
        """Write a power of a product as a product of powers, as far as they exist."""
        factors = list(factors_of(base, below=False))
        if len(factors) < 2 or not isinstance(exponent, Const):
            return self._refuse(expr)
        whole = exponent.value == int(exponent.value)
        if not whole and any(self._range(f)[0] < 0.0 for f, _ in factors):
            return self._refuse(expr)
        parts: list[Expr] = [
            Power(
                f, Const(-exponent.value if below else exponent.value), span=expr.span
            )
            for f, below in factors
        ]
        product: Expr = reduce(times, parts)
        return self.rewrite(with_numbers(product, {}), beside)

    # --- conditions ---------------------------------------------------------------

    def _holds(self, condition: Expr) -> Expr:
        """Give an expression that is 1 where a condition holds, else 0."""
        if isinstance(condition, Const):
            return ONE if condition.value else ZERO
        if isinstance(condition, (Spike, Every)):
            return condition
        if self._is_post_only(condition):
            is_compare = isinstance(condition, Compare)
            return self._send(condition if is_compare else Where(condition, ONE, ZERO))
        match condition:
            case Binary(operator="*", left=a, right=b):
                return times(self._holds(a), self._holds(b))
            case Where(condition=c, then=a, otherwise=b):
                then, otherwise = self._holds(a), self._holds(b)
                return plus(otherwise, times(self._holds(c), minus(then, otherwise)))
        if "spikes" in sides_of(condition, self.rule):
            return self._tabulated(condition, self._holds)
        if isinstance(condition, Compare):
            return self._compared(condition)
        above = self._holds(Compare(">", condition, ZERO, span=condition.span))
        below = self._holds(Compare("<", condition, ZERO, span=condition.span))
        return plus(above, below)

    def _compared(self, condition: Compare) -> Expr:
        strict = condition.relation in (">", "<")
        return self._is_above(condition, "no" if strict else "yes")

    def _is_above(self, condition: Compare, at_zero: AtZero) -> Expr:
        if self._is_post_only(condition):
            return self._send(condition)
        larger, smaller = condition.left, condition.right
        if condition.relation in ("<", "<="):
            larger, smaller = smaller, larger
        difference = minus(*without_abs(larger, smaller))
        low, high = self._range(difference)
        if low > 0.0 or (low == 0.0 and at_zero != "no"):
            return ONE
        if high < 0.0 or (high == 0.0 and at_zero != "yes"):
            return ZERO
        variable = one_variable(difference, self.rule)
        if variable is not None:
            found = above_zero(difference, variable, at_zero)
            if found is not None:
                return found
        if only(difference, "weight", self.rule):
            return self.functions.replace(condition, NOTHING)
        return self._refuse_threshold(condition)

    def _tabulated(self, expr: Expr, place: Callable[[Expr], Expr]) -> Expr:
        """Write a function of spikes as a sum over their values, 0 and 1."""
        spikes = sorted(
            (s for s in leaves(expr) if isinstance(s, (Spike, Every))), key=repr
        )
        if len(spikes) > MOST_SPIKES:
            return self._refuse(expr)
        total: Expr = ZERO
        for chosen in itertools.product((ZERO, ONE), repeat=len(spikes)):
            table: dict[Expr, Expr] = dict(zip(spikes, chosen, strict=True))
            try:
                case = with_numbers(_substituted(expr, table), {})
            except LaharError as error:
                self.problems += error.diagnostics
                return expr
            gates = (s if v == ONE else minus(ONE, s) for s, v in table.items())
            total = plus(total, times(reduce(times, gates), place(case)))
        return total

    # --- what the neuron sends ----------------------------------------------------

    def _is_graded_leaf(self, expr: Expr) -> bool:
        modulators = {m.name for m in self.rule.modulators}
        return isinstance(expr, Quantity) or (
            isinstance(expr, Name) and expr.name in modulators
        )

    def _is_post_only(self, expr: Expr) -> bool:
        return only(expr, "neuron", self.rule)

    def _send(self, expr: Expr) -> Expr:
        return self.sent.send(expr)

    # --- ranges -------------------------------------------------------------------

    def _range(self, expr: Expr) -> Interval:
        """Bound an expression for sure; a state may leave its typical range."""
        return interval(expr, self._bounds_of)

    def _bounds_of(self, leaf: Expr) -> Interval:
        match leaf:
            case Weight():
                return self.functions.bounds
            case Spike() | Every():
                return 0.0, 1.0
            case Before() | Name() if side_of(leaf, self.rule).endswith("trace"):
                return 0.0, math.inf
            case _:
                return -math.inf, math.inf

    # --- refusals -----------------------------------------------------------------

    def _refuse(self, expr: Expr) -> Expr:
        args = (print_expr(expr), advice_for(expr, self.rule))
        self.problems.append(NotASumOfProducts(*args, span=expr.span))
        return expr

    def _refuse_threshold(self, expr: Expr) -> Expr:
        sides = shown_sides(expr, self.rule)
        advice = advice_for_threshold(expr, self.rule)
        args = (print_expr(expr), sides, self.chip.sign_factors.source, advice)
        self.problems.append(ThresholdOnMixture(*args, span=expr.span))
        return expr


def _substituted(expr: Expr, table: Mapping[Expr, Expr]) -> Expr:
    return transform(expr, lambda e: table.get(e, e))
