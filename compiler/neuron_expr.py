"""Expressions of a neuron model as integer operations, with their scales.

In: an Expr whose symbols are registers of known scale (stored = value * scale). Out:
an operand and its scale. Constants stay floats until they meet a scale, so no
precision is lost on the way; products are shifted back into 24 bits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..diagnostics import Diagnostic, LaharError
from ..rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Name,
    Negative,
    Quantity,
    Where,
)
from ..rules.printer import print_expr
from .neuron_registers import STATE_BITS, Emitter

MULTIPLIER_BITS = 15


@dataclass(frozen=True)
class NotANeuronOperation(Diagnostic):
    """A neuron's expression needs an operation that a neuron program does not have.

    Neuron programs add, subtract, multiply, compare, select and limit integers.
    """

    code = "R240"
    title = "`{expression}` cannot be computed by a neuron program"
    note = "available: + - * (and / by a constant), where, comparisons, clip, min, max, abs, sign"
    help = "approximate it by these, for example by a clipped polynomial"

    expression: str


@dataclass(frozen=True)
class Scaled:
    """An operand with stored = value * scale; a constant has a float and no scale."""

    operand: str | int
    scale: float
    constant: float | None = None


def constant(value: float) -> Scaled:
    """Make a constant that has not met a scale yet."""
    return Scaled(0, 1.0, value)


@dataclass(frozen=True)
class ExprEmitter:
    """Emits expressions into a neuron program."""

    emitter: Emitter
    symbols: Mapping[str, Scaled]  # registers and ports by name
    values: Mapping[str, float]  # parameters

    def emit(self, expr: Expr) -> Scaled:
        """Emit an expression; give where its value is."""
        match expr:
            case Const(value=value):
                return constant(value)
            case Name(name=name) if name in self.values:
                return constant(self.values[name])
            case Name(name=name) | Quantity(name=name):
                return self.symbols[name]
            case Negative(operand=a):
                return self._multiply(self.emit(a), constant(-1.0))
            case Binary(operator="*", left=a, right=b):
                return self._multiply(self.emit(a), self.emit(b))
            case Binary(operator="+", left=a, right=b):
                return self._add("add", self.emit(a), self.emit(b))
            case Binary(operator="-", left=a, right=b):
                return self._add("sub", self.emit(a), self.emit(b))
            case Binary(operator="/", left=a, right=b):
                return self._divide(self.emit(a), self.emit(b), expr)
            case Compare():
                return self._compare(expr)
            case Where(condition=condition, then=a, otherwise=b):
                return self._choose(self.emit(condition), self.emit(a), self.emit(b))
            case Call(function=function, args=args):
                return self._call(function, [self.emit(a) for a in args], expr)
            case _:
                raise LaharError(
                    NotANeuronOperation(print_expr(expr), span=expr.span)
                )

    def at_scale(self, value: Scaled, scale: float) -> str | int:
        """Bring a value to a scale: shifts where they do, else multiply and shift."""
        e = self.emitter
        if value.constant is not None:
            return e.stored("constant", value.constant, scale)
        ratio = scale / value.scale
        if math.isclose(ratio, 1.0, rel_tol=1e-12):
            return value.operand
        exponent = math.log2(ratio) if ratio > 0 else 0.5
        if exponent == int(exponent):
            code = "shl" if exponent > 0 else "shr"
            return e.op(code, e.temporary(), value.operand, abs(int(exponent)))  # type: ignore[arg-type]
        multiplier, shift = as_multiply_shift(ratio)
        e.rounded("gain", ratio, multiplier / 2.0**shift)
        return e.op("mulshift", e.temporary(), value.operand, multiplier, shift)

    def _multiply(self, a: Scaled, b: Scaled) -> Scaled:
        if a.constant is not None and b.constant is not None:
            return constant(a.constant * b.constant)
        if a.constant is not None:
            a, b = b, a
        if b.constant is not None:
            return self._times_constant(a, b.constant)
        e = self.emitter
        product = e.op("mul", e.temporary(), a.operand, b.operand)
        scale = a.scale * b.scale
        excess = max(0, math.ceil(math.log2(scale)) - STATE_BITS // 2)
        if excess:
            product = e.op("shr", e.temporary(), product, excess)
        return Scaled(product, scale / 2.0**excess)

    def _times_constant(self, a: Scaled, factor: float) -> Scaled:
        """Fold a positive constant into the scale: exact and free."""
        if factor == 0.0:
            return constant(0.0)
        if factor > 0:
            return Scaled(a.operand, a.scale / factor)
        e = self.emitter
        negative = e.op("sub", e.temporary(), 0, a.operand)
        return Scaled(negative, a.scale / -factor)

    def _add(self, code: str, a: Scaled, b: Scaled) -> Scaled:
        if a.constant is not None and b.constant is not None:
            sign = 1.0 if code == "add" else -1.0
            return constant(a.constant + sign * b.constant)
        if b.constant == 0.0:
            return a
        e = self.emitter
        scale = common_scale(a, b)
        left, right = self.at_scale(a, scale), self.at_scale(b, scale)
        return Scaled(e.op(code, e.temporary(), left, right), scale)  # type: ignore[arg-type]

    def _divide(self, a: Scaled, b: Scaled, expr: Expr) -> Scaled:
        if b.constant:
            return self._multiply(a, constant(1.0 / b.constant))
        raise LaharError(NotANeuronOperation(print_expr(expr), span=expr.span))

    def _compare(self, expr: Compare) -> Scaled:
        left, right = self.emit(expr.left), self.emit(expr.right)
        if expr.relation in ("<", "<="):
            left, right = right, left
        code = "gt" if expr.relation in (">", "<") else "ge"
        e = self.emitter
        scale = common_scale(left, right)
        a, b = self.at_scale(left, scale), self.at_scale(right, scale)
        return Scaled(e.op(code, e.temporary(), a, b), 1.0)  # type: ignore[arg-type]

    def _choose(self, condition: Scaled, a: Scaled, b: Scaled) -> Scaled:
        e = self.emitter
        scale = common_scale(a, b)
        then, otherwise = self.at_scale(a, scale), self.at_scale(b, scale)
        test = self.at_scale(condition, condition.scale)
        return Scaled(e.op("select", e.temporary(), test, then, otherwise), scale)

    def _call(self, function: str, args: list[Scaled], expr: Expr) -> Scaled:
        zero = constant(0.0)
        match function:
            case "clip":
                value, low, high = args
                return self._smaller(self._larger(value, low), high)
            case "min":
                return self._smaller(args[0], args[1])
            case "max":
                return self._larger(args[0], args[1])
            case "abs":
                return self._larger(args[0], self._multiply(args[0], constant(-1.0)))
            case "sign":
                above = self._greater(args[0], zero)
                below = self._greater(zero, args[0])
                return self._add("sub", above, below)
            case _:
                raise LaharError(
                    NotANeuronOperation(print_expr(expr), span=expr.span)
                )

    def _greater(self, a: Scaled, b: Scaled) -> Scaled:
        e = self.emitter
        scale = common_scale(a, b)
        left, right = self.at_scale(a, scale), self.at_scale(b, scale)
        return Scaled(e.op("gt", e.temporary(), left, right), 1.0)

    def _larger(self, a: Scaled, b: Scaled) -> Scaled:
        return self._choose(self._greater(a, b), a, b)

    def _smaller(self, a: Scaled, b: Scaled) -> Scaled:
        return self._choose(self._greater(b, a), a, b)


def common_scale(a: Scaled, b: Scaled) -> float:
    """Choose the finer of two scales; constants have none of their own."""
    if a.constant is not None and b.constant is not None:
        return 2.0**12
    if a.constant is not None:
        return b.scale
    return a.scale if b.constant is not None else max(a.scale, b.scale)


def as_multiply_shift(ratio: float) -> tuple[int, int]:
    """Approximate a positive ratio by multiplier / 2**shift with 15 bits."""
    small = Fraction(ratio).limit_denominator(1 << MULTIPLIER_BITS)
    if small.denominator & (small.denominator - 1) == 0:
        shift = small.denominator.bit_length() - 1
        if small.numerator < 1 << MULTIPLIER_BITS:
            return small.numerator, shift
    shift = MULTIPLIER_BITS - 1 - math.floor(math.log2(ratio))
    if shift < 0:
        return round(ratio), 0
    return round(ratio * 2.0**shift), shift
