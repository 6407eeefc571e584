"""Expressions of a neuron model as integer operations, with their scales.

In: an Expr whose symbols are registers of known scale (stored = value * scale) and
width. Out: an operand, its scale and width. Constants stay floats until they meet a
scale, and no operation can leave 64 bits, whatever the model's units are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..diagnostics import Diagnostic, LaharError
from ..rules.expr import (
    SMOOTH,
    Binary,
    Call,
    Compare,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Where,
)
from ..rules.printer import print_expr
from .constants import constant_value
from .function_table import ARGUMENT_BITS, function_table
from .intervals import Interval
from .neuron_lookup import (
    check_values,
    emit_lookup,
    function_of_one,
    range_of_table,
    report_of,
    unclipped,
)
from .neuron_registers import STATE_BITS, WORD_BITS, Emitter

MULTIPLIER_BITS = 15
SUM_BITS = 46
"""Width of what is multiplied to another scale, or made finer for a sum."""
GUARD_BITS = 12
"""A constant that is added or compared is right to so many bits, and so is a sum."""
LARGEST_POWER = 4
EXTREME_SCALE = 2.0**400
"""Beyond, every value is 0 or saturates anyway; floats must not overflow there."""


@dataclass(frozen=True)
class NotANeuronOperation(Diagnostic):
    """A neuron's expression needs an operation that a neuron program does not have.

    Neuron programs add, subtract, multiply, compare, select and limit integers, and
    look functions of one argument up in tables.
    """

    code = "R240"
    title = "`{expression}` cannot be computed by a neuron program"
    note = (
        "available: + - * / **, where, comparisons, clip, min, max, abs, sign, and "
        "exp, log, sqrt, sigmoid, tanh in a neuron's own equations"
    )
    help = "approximate it by these, for example by a clipped polynomial"

    expression: str


@dataclass(frozen=True)
class Scaled:
    """An operand with stored = value * scale and abs(stored) < 2**bits.

    A constant has a float, and neither scale nor width of its own.
    """

    operand: str | int
    scale: float
    bits: int
    constant: float | None = None


def constant(value: float) -> Scaled:
    """Make a constant that has not met a scale yet."""
    return Scaled(0, 1.0, 0, value)


@dataclass(frozen=True)
class ExprEmitter:
    """Emits expressions into a neuron program."""

    emitter: Emitter
    symbols: Mapping[str, Scaled]  # registers and ports by name
    values: Mapping[str, float]  # parameters
    quantities: Mapping[str, Scaled] = field(default_factory=dict)  # post.<name>
    bounds: Callable[[Expr], Interval] | None = None  # None: no function has a table

    def emit(self, expr: Expr) -> Scaled:
        """Emit an expression; give where its value is."""
        with self.emitter.at(expr.span):
            return self._emitted(expr)

    def _emitted(self, expr: Expr) -> Scaled:
        number = constant_value(expr, self.values)
        if number is not None:
            return constant(number)
        match expr:
            case Name(name=name):
                return self.symbols[name]
            case Quantity(name=name):
                return self.quantities[name]
            case Negative(operand=a):
                return self._multiply(self.emit(a), constant(-1.0))
            case Binary(operator="*", left=a, right=b):
                return self._multiply(self.emit(a), self.emit(b))
            case Binary(operator="+", left=a, right=b):
                return self._add(self.emit(a), self.emit(b))
            case Binary(operator="-", left=a, right=b):
                return self._subtract(self.emit(a), self.emit(b))
            case Binary(operator="/", left=a, right=b):
                return self._divide(a, b, expr)
            case Power(base=a, exponent=b):
                return self._power(a, b, expr)
            case Compare():
                return self._compare(expr)
            case Where(condition=condition, then=a, otherwise=b):
                return self._choose(self.emit(condition), self.emit(a), self.emit(b))
            case Call(function=function) if function in SMOOTH:
                return self._looked_up(expr)
            case Call(function=function, args=args):
                return self._call(function, [self.emit(a) for a in args], expr)
            case _:
                raise LaharError(NotANeuronOperation(print_expr(expr), span=expr.span))

    def emit_at(self, expr: Expr, scale: float) -> str | int:
        """Emit an expression at a scale, with all the bits that this takes."""
        with self.emitter.at(expr.span):
            return self._at(self._emitted(expr), _bounded(scale)).operand

    def _at(self, value: Scaled, scale: float) -> Scaled:
        """Shift where that does, else multiply and shift."""
        e = self.emitter
        if value.constant is not None:
            integer = e.stored("constant", value.constant, scale)
            return Scaled(integer, scale, integer.bit_length())
        ratio = scale / value.scale
        if math.isclose(ratio, 1.0, rel_tol=1e-12):
            return Scaled(value.operand, scale, value.bits)
        shift = round(math.log2(ratio))
        if not math.isclose(ratio, 2.0**shift, rel_tol=1e-12):
            return self._by_multiplier(value, scale)
        if shift < 0:
            return replace(self._lowered(value, -shift), scale=scale)
        shift, value = self._with_room(value, shift)
        operand = e.op("shl", e.temporary(), value.operand, shift)
        return Scaled(operand, scale, value.bits + shift)

    def _by_multiplier(self, value: Scaled, scale: float) -> Scaled:
        e = self.emitter
        value = self._lowered(value, value.bits - SUM_BITS)
        ratio = scale / value.scale
        growth, value = self._with_room(value, math.ceil(math.log2(ratio)))
        multiplier, shift = as_multiply_shift(min(ratio, 2.0**growth))
        e.rounded("gain", ratio, multiplier / 2.0**shift)
        operand = e.op("mulshift", e.temporary(), value.operand, multiplier, shift)
        return Scaled(operand, scale, max(value.bits + growth, 1))

    def _lowered(self, value: Scaled, bits: int) -> Scaled:
        """Drop low bits, if there are any to drop."""
        if bits <= 0:
            return value
        e = self.emitter
        kept = min(bits, WORD_BITS)
        operand = e.op("shr", e.temporary(), value.operand, kept)
        return Scaled(operand, value.scale / 2.0**bits, max(value.bits - bits, 1))

    def _with_room(self, value: Scaled, growth: int) -> tuple[int, Scaled]:
        """Limit a value so that it can grow: what is beyond 62 bits saturates.

        Whatever takes the result holds 24 bits, so a limited value has the same effect.
        """
        if growth <= 0 or value.bits + growth <= WORD_BITS:
            return growth, value
        growth = min(growth, WORD_BITS - 1)
        bits = WORD_BITS - growth
        e, largest = self.emitter, (1 << bits) - 1
        operand = e.op("saturate", e.temporary(), value.operand, -largest, largest)
        return growth, Scaled(operand, value.scale, bits)

    def _multiply(self, a: Scaled, b: Scaled) -> Scaled:
        if a.constant is not None and b.constant is not None:
            return constant(a.constant * b.constant)
        if a.constant is not None:
            a, b = b, a
        if b.constant is not None:
            return self._times_constant(a, b.constant)
        # Half of the word each at most, and what one does not need the other may use.
        half = WORD_BITS // 2
        a = self._lowered(a, a.bits - max(half, WORD_BITS - b.bits))
        b = self._lowered(b, b.bits - (WORD_BITS - a.bits))
        e = self.emitter
        product = e.op("mul", e.temporary(), a.operand, b.operand)
        whole = Scaled(product, _bounded(a.scale * b.scale), a.bits + b.bits)
        return self._lowered(whole, whole.bits - (WORD_BITS - 1))

    def _times_constant(self, a: Scaled, factor: float) -> Scaled:
        """Fold a positive constant into the scale: exact and free."""
        if factor == 0.0:
            return constant(0.0)
        small = abs(factor) < 1 / EXTREME_SCALE
        a = replace(a, scale=_bounded(math.inf if small else a.scale / abs(factor)))
        if factor > 0:
            return a
        e = self.emitter
        return replace(a, operand=e.op("sub", e.temporary(), 0, a.operand))

    def _power(self, base: Expr, exponent: Expr, expr: Expr) -> Scaled:
        n = constant_value(exponent, self.values)
        if n is None or n not in range(LARGEST_POWER + 1):
            return self._looked_up(expr)
        result, factor = constant(1.0), self.emit(base)
        for _ in range(int(n)):
            result = self._multiply(result, factor)
        return result

    def _looked_up(self, expr: Expr) -> Scaled:
        """Look a function up in a table; of a division, the reciprocal."""
        function = function_of_one(expr, self.values)
        if function is None or self.bounds is None:
            raise LaharError(NotANeuronOperation(print_expr(expr), span=expr.span))
        bounds = self.bounds(function.argument)
        low, high = range_of_table(expr, function.argument, bounds)
        check_values(expr, function, (low, high))
        e = self.emitter
        argument = self.emit(unclipped(function.argument, self.values))
        span = math.ceil((high - low) * argument.scale)
        argument = self._lowered(argument, span.bit_length() - ARGUMENT_BITS)
        table = function_table(function.value, low, high, argument.scale)
        before = len(e.ops)
        operand = emit_lookup(e, argument.operand, table)
        facts = (table, argument.scale, len(e.ops) - before)
        e.functions.append(report_of(e.owner, expr, function.argument, *facts))
        bits = max(map(abs, table.limits)).bit_length()
        return Scaled(operand, table.scale, max(bits, 1))

    def _add(self, a: Scaled, b: Scaled) -> Scaled:
        if a.constant == 0.0:
            return b
        return a if b.constant == 0.0 else self._joined("add", a, b)

    def _subtract(self, a: Scaled, b: Scaled) -> Scaled:
        return a if b.constant == 0.0 else self._joined("sub", a, b)

    def _joined(self, code: str, a: Scaled, b: Scaled) -> Scaled:
        e = self.emitter
        a, b = self._alike(a, b)
        operand = e.op(code, e.temporary(), a.operand, b.operand)  # type: ignore[arg-type]
        return Scaled(operand, a.scale, max(a.bits, b.bits) + 1)

    def _alike(self, a: Scaled, b: Scaled) -> tuple[Scaled, Scaled]:
        """Bring two operands to a common scale."""
        scale = common_scale(a, b)
        return self._at(a, scale), self._at(b, scale)

    def _divide(self, a: Expr, b: Expr, expr: Expr) -> Scaled:
        divisor = constant_value(b, self.values)
        if divisor is None:
            return self._multiply(self.emit(a), self._looked_up(expr))
        if divisor:
            return self._multiply(self.emit(a), constant(1.0 / divisor))
        raise LaharError(NotANeuronOperation(print_expr(expr), span=expr.span))

    def _compare(self, expr: Compare) -> Scaled:
        left, right = self.emit(expr.left), self.emit(expr.right)
        if expr.relation in ("<", "<="):
            left, right = right, left
        strict = expr.relation in (">", "<")
        return self._decide("gt" if strict else "ge", left, right)

    def _decide(self, code: str, a: Scaled, b: Scaled) -> Scaled:
        e = self.emitter
        a, b = self._alike(a, b)
        operand = e.op(code, e.temporary(), a.operand, b.operand)  # type: ignore[arg-type]
        return Scaled(operand, 1.0, 1)

    def _choose(self, condition: Scaled, a: Scaled, b: Scaled) -> Scaled:
        if condition.constant is not None:
            return a if condition.constant else b
        e = self.emitter
        a, b = self._alike(a, b)
        args = (condition.operand, a.operand, b.operand)
        operand = e.op("select", e.temporary(), *args)
        return Scaled(operand, a.scale, max(a.bits, b.bits))

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
                above = self._decide("gt", args[0], zero)
                below = self._decide("gt", zero, args[0])
                return self._subtract(above, below)
            case _:
                raise LaharError(NotANeuronOperation(print_expr(expr), span=expr.span))

    def _larger(self, a: Scaled, b: Scaled) -> Scaled:
        a, b = self._alike(a, b)
        return self._choose(self._decide("gt", a, b), a, b)

    def _smaller(self, a: Scaled, b: Scaled) -> Scaled:
        a, b = self._alike(a, b)
        return self._choose(self._decide("gt", b, a), a, b)


def _bounded(scale: float) -> float:
    return min(max(scale, 1 / EXTREME_SCALE), EXTREME_SCALE)


def common_scale(a: Scaled, b: Scaled) -> float:
    """Choose the finer of two scales, as far as the coarser operand has room for it.

    Beside a constant it is as fine as the constant needs.
    """
    if a.constant is not None and b.constant is not None:
        largest = max(abs(a.constant), abs(b.constant))
        return _bounded(math.ldexp(1.0, min(STATE_BITS - math.frexp(largest)[1], 1000)))
    if a.constant is not None:
        a, b = b, a
    if b.constant is not None:
        return a.scale * 2.0 ** min(_missing(b.constant * a.scale), SUM_BITS - a.bits)
    coarse, fine = sorted((a, b), key=lambda value: value.scale)
    wanted = fine.scale * 2.0 ** _guard_bits(fine.scale / coarse.scale)
    return min(wanted, *(v.scale * 2.0 ** max(SUM_BITS - v.bits, 0) for v in (a, b)))


def _guard_bits(ratio: float) -> int:
    """Count the bits that keep the floor of a multiplication below the coarser LSB."""
    if ratio == round(ratio):
        return 0
    return max(0, GUARD_BITS - math.floor(math.log2(ratio)))


def _missing(stored: float) -> int:
    """Count the bits by which a stored constant is too coarse."""
    if abs(stored) > 2.0**STATE_BITS or stored == round(stored):
        return 0
    return max(0, GUARD_BITS - math.frexp(stored)[1])


def as_multiply_shift(ratio: float) -> tuple[int, int]:
    """Approximate a positive ratio by multiplier / 2**shift with 15 bits."""
    small = Fraction(ratio).limit_denominator(1 << MULTIPLIER_BITS)
    is_binary = small.denominator & (small.denominator - 1) == 0
    if is_binary and math.isclose(small, ratio, rel_tol=2.0 ** -(MULTIPLIER_BITS + 1)):
        shift = small.denominator.bit_length() - 1
        if small.numerator < 1 << MULTIPLIER_BITS:
            return small.numerator, shift
    shift = MULTIPLIER_BITS - 1 - math.floor(math.log2(ratio))
    if shift < 0:
        return round(ratio), 0
    # A ratio below 2**-47 leaves nothing of any value, with fewer bits too.
    shift = min(shift, WORD_BITS)
    return round(ratio * 2.0**shift), shift
