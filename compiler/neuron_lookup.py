"""Functions of a neuron's own quantities: looked up in tables.

In: a function, its argument as an operand and the range of that. Out: operations of
the neuron program that look the function up and interpolate, and a line of the report
that says how far the values are off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic, LaharError
from ..hardware.report import TermReport
from ..rules.evaluate import FUNCTIONS
from ..rules.expr import SMOOTH, Binary, Call, Const, Expr, Power, transform
from ..rules.printer import print_expr
from .constants import constant_value, is_constant
from .function_table import FunctionTable, Piece
from .intervals import Interval
from .neuron_registers import Emitter

FLAT = 12.0
"""1 - sigmoid(12) is 6e-6: half an LSB of an output of 13 bits is ten times that."""
EXP_FALLS = 17.0  # exp(-17) is 2**-24.5


@dataclass(frozen=True)
class FunctionNeedsARange(Diagnostic):
    """A function of a neuron's quantity is a table, and a table has two ends.

    The range of an argument is known from a clip, from the bounds of a Modulator or a
    Noise, or where it follows from these. sigmoid and tanh need none: they are flat
    outside of a range of their own; exp needs an upper end only.
    """

    code = "R243"
    title = "`{expression}` reads `{argument}`, whose range is not known"
    note = "a neuron looks a function up in a table, over a range; {known}"
    help = "limit the argument: `{suggestion}`, with bounds of your own"

    expression: str
    argument: str
    known: str
    suggestion: str


@dataclass(frozen=True)
class FunctionHasNoValue(Diagnostic):
    """A function has no finite value in a part of the range of its argument.

    A division by what may be 0, a logarithm or a root of what may be negative. The
    reference would stop in the step in which it happens; a chip has no such number.
    """

    code = "R244"
    title = "`{expression}` has no value everywhere: `{argument}` may be {at:g}"
    note = "the range of `{argument}` is {low:g} to {high:g}"
    help = "limit the argument: `{suggestion}`, with bounds of your own"

    expression: str
    argument: str
    at: float
    low: float
    high: float
    suggestion: str


@dataclass(frozen=True)
class OneArgument:
    """An expression as a function of one of its parts."""

    argument: Expr
    value: Callable[[float], float]


def function_of_one(expr: Expr, values: Mapping[str, float]) -> OneArgument | None:
    """Read an expression as a function that a table can hold."""
    match expr:
        case Call(function=name, args=(a,)) if name in SMOOTH:
            return OneArgument(a, FUNCTIONS[name])
        case Binary(operator="/", right=b):
            return OneArgument(b, lambda x: 1.0 / x)
        case Power(base=a, exponent=b):
            power, base = constant_value(b, values), constant_value(a, values)
            if power is not None:
                return OneArgument(a, lambda x: math.pow(x, power))
            if base is not None and base > 0.0:
                return OneArgument(b, lambda x: math.pow(base, x))
    return None


def range_of_table(expr: Expr, argument: Expr, bounds: Interval) -> Interval:
    """Give the range that a table has to cover.

    Raises
    ------
    LaharError
        R243 if an end of it is unknown.

    """
    low, high = bounds
    match expr:
        case Call(function="sigmoid"):
            low, high = max(low, -FLAT), min(high, FLAT)
        case Call(function="tanh"):
            low, high = max(low, -FLAT / 2), min(high, FLAT / 2)
        case Call(function="exp"):
            low = max(low, high - EXP_FALLS)
    if math.isfinite(low) and math.isfinite(high):
        return min(low, high), high
    facts = (print_expr(expr), print_expr(argument), _in_words(*bounds))
    raise LaharError(
        FunctionNeedsARange(*facts, _limited(expr, argument), span=expr.span)
    )


def _limited(expr: Expr, argument: Expr) -> str:
    """Write the function with a clip of its argument."""
    unlimited = argument
    if isinstance(argument, Call) and argument.function == "clip":
        unlimited = argument.args[0]
    low, high = (-5.0, 5.0) if expr == Call("exp", (argument,)) else (0.1, 10.0)
    limited = Call("clip", (unlimited, Const(low), Const(high)))
    return print_expr(transform(expr, lambda e: limited if e == argument else e))


def _in_words(low: float, high: float) -> str:
    if math.isfinite(low):
        return f"here it is only known to be at least {low:g}"
    if math.isfinite(high):
        return f"here it is only known to be at most {high:g}"
    return "here neither end is known"


def check_values(expr: Expr, function: OneArgument, bounds: Interval) -> None:
    """Refuse a function that has no finite value somewhere in its range.

    Raises
    ------
    LaharError
        R244, with the place.

    """
    low, high = bounds
    zero = (0.0,) if low <= 0.0 <= high else ()
    for x in (*zero, low, high):
        try:
            if math.isfinite(function.value(x)):
                continue
        except (ArithmeticError, ValueError):
            pass
        inner, suggestion = function.argument, _limited(expr, function.argument)
        facts = (print_expr(expr), print_expr(inner), x, low, high, suggestion)
        raise LaharError(FunctionHasNoValue(*facts, span=expr.span))


def unclipped(argument: Expr, values: Mapping[str, float]) -> Expr:
    """Take a clip to fixed bounds away: the ends of a table clip as well."""
    match argument:
        case Call(function="clip", args=(a, low, high)):
            if all(is_constant(end, values) for end in (low, high)):
                return a
    return argument


def emit_lookup(e: Emitter, argument: str | int, table: FunctionTable) -> str:
    """Emit the operations that look an argument up; give the result."""
    counted = argument
    if table.mirrored:
        counted = e.op("sub", e.temporary(), table.low, argument)
    elif table.low:
        counted = e.op("sub", e.temporary(), argument, table.low)
    counted = e.op("saturate", e.temporary(), counted, 0, table.span)
    coarse, *finer = table.pieces
    result = _interpolated(e, counted, coarse)
    start = coarse.start
    for piece in finer:
        fine = _interpolated(e, counted, piece)
        above = e.op("ge", e.temporary(), counted, start)
        result = e.op("select", e.temporary(), above, result, fine)
        start = piece.start
    if not coarse.slopes:
        return result
    # Interpolation stays between entries anyway; this says so to the range analysis.
    return e.op("saturate", e.temporary(), result, *table.limits)


def _interpolated(e: Emitter, counted: str, piece: Piece) -> str:
    entries = e.table(piece.entries)
    if not piece.slopes:
        return e.op("lookup", e.temporary(), counted, entries)
    index = e.op("shr", e.temporary(), counted, piece.shift)
    start = e.op("lookup", e.temporary(), index, entries)
    slope = e.op("lookup", e.temporary(), index, e.table(piece.slopes))
    below = e.op("shl", e.temporary(), index, piece.shift)
    rest = e.op("sub", e.temporary(), counted, below)
    risen = e.op("mul", e.temporary(), slope, rest)
    risen = e.op("shr", e.temporary(), risen, piece.shift)
    return e.op("add", e.temporary(), start, risen)


def report_of(
    owner: str, expr: Expr, argument: Expr, table: FunctionTable, scale: float, ops: int
) -> TermReport:
    """Say what stands for the function, and how far it is off."""
    largest = table.largest_value
    share = table.largest_error / largest if largest else 0.0
    low, high = (end / scale for end in table.ends)
    how = (
        f"computed by {owner} in {ops} operations, {table.entries} entries of tables "
        f"from {low:.4g} to {high:.4g}: off by {table.largest_error:.2g} at most "
        f"({share:.2%} of its largest)"
    )
    return TermReport(
        connection=owner,
        target=f"f({print_expr(argument)})",
        term=print_expr(expr),
        status="approximated",
        how=how,
        relative_error=share,
        where=str(expr.span or ""),
    )
