"""Expressions: the symbolic algebra that rules and neuron models are written in.

All nodes on one screen; each is frozen, compares by meaning and remembers the user's
line. A symbolic value refuses to be a bool or a float, and says what to call instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NoReturn, TypeAlias

from ..diagnostics import LaharError, SourceSpan, caller_span
from .symbol_errors import (
    BY_ACTIVITY,
    NotAnExpression,
    NotLocal,
    SymbolIsNotABool,
    SymbolIsNotANumber,
)

Side = Literal["pre", "post"]
Function = Literal[
    "clip", "sign", "abs", "min", "max", "exp", "log", "sqrt", "sigmoid", "tanh"
]
PRE_VALUE = "pre.value"  # what the source sends in a step, 0 if nothing
Relation = Literal[">", ">=", "<", "<="]
Operator = Literal["+", "-", "*", "/"]

ARITY: dict[Function, int] = {
    "clip": 3,  # clip(value, low, high)
    "sign": 1,
    "abs": 1,
    "min": 2,
    "max": 2,
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "sigmoid": 1,
    "tanh": 1,
}
SMOOTH: frozenset[Function] = frozenset({"exp", "log", "sqrt", "sigmoid", "tanh"})
"""Functions that are neither polynomials nor made of comparisons."""


@dataclass(frozen=True, eq=True)
class Expr:
    """Base of all expression nodes: operators build new nodes."""

    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )

    def __bool__(self) -> NoReturn:
        raise LaharError(SymbolIsNotABool(self._shown(), span=caller_span()))

    def __float__(self) -> NoReturn:
        raise LaharError(SymbolIsNotANumber(self._shown(), span=caller_span()))

    def __int__(self) -> NoReturn:
        raise LaharError(SymbolIsNotANumber(self._shown(), span=caller_span()))

    def __index__(self) -> NoReturn:
        raise LaharError(SymbolIsNotANumber(self._shown(), span=caller_span()))

    def __iter__(self) -> NoReturn:
        raise LaharError(SymbolIsNotANumber(self._shown(), span=caller_span()))

    def __getitem__(self, index: object) -> NoReturn:
        advice = "write the symbol without an index: a rule is written for one synapse"
        shown = f"{self._shown()}[{index!r}]"
        raise LaharError(NotLocal(shown, advice, span=caller_span()))

    def _shown(self) -> str:
        from .printer import print_expr  # the printer needs the nodes

        return print_expr(self)

    def __add__(self, other: Operand) -> Expr:
        return _binary("+", self, other)

    def __radd__(self, other: Operand) -> Expr:
        return _binary("+", other, self)

    def __sub__(self, other: Operand) -> Expr:
        return _binary("-", self, other)

    def __rsub__(self, other: Operand) -> Expr:
        return _binary("-", other, self)

    def __mul__(self, other: Operand) -> Expr:
        return _binary("*", self, other)

    def __rmul__(self, other: Operand) -> Expr:
        return _binary("*", other, self)

    def __truediv__(self, other: Operand) -> Expr:
        return _binary("/", self, other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return _binary("/", other, self)

    def __pow__(self, exponent: Operand) -> Expr:
        return Power(self, as_expr(exponent), span=caller_span())

    def __neg__(self) -> Expr:
        return Negative(self, span=caller_span())

    def __pos__(self) -> Expr:
        return self

    def __gt__(self, other: Operand) -> Expr:
        return Compare(">", self, as_expr(other), span=caller_span())

    def __ge__(self, other: Operand) -> Expr:
        return Compare(">=", self, as_expr(other), span=caller_span())

    def __lt__(self, other: Operand) -> Expr:
        return Compare("<", self, as_expr(other), span=caller_span())

    def __le__(self, other: Operand) -> Expr:
        return Compare("<=", self, as_expr(other), span=caller_span())


Operand: TypeAlias = "Expr | float | int"


# --- leaves -----------------------------------------------------------------------


@dataclass(frozen=True)
class Const(Expr):
    """A number."""

    value: float


@dataclass(frozen=True)
class Name(Expr):
    """Something the rule or model declares: parameter, trace, tag, modulator, state."""

    name: str


@dataclass(frozen=True)
class Before(Expr):
    """A trace without the spike of this step: ``x.before``."""

    trace: str


@dataclass(frozen=True)
class Spike(Expr):
    """1 in a step in which the pre- or post-synaptic neuron spikes, else 0."""

    side: Side

    def __getattr__(self, quantity: str) -> Expr:
        if quantity.startswith("_"):
            raise AttributeError(quantity)
        if self.side == "post":
            return Quantity(quantity, span=caller_span())
        if quantity == "value":
            return Name(PRE_VALUE, span=caller_span())
        advice = "use a Trace of pre, or a relay neuron that sends the quantity"
        raise LaharError(NotLocal(f"pre.{quantity}", advice, span=caller_span()))


@dataclass(frozen=True)
class Quantity(Expr):
    """A state or output of the post-synaptic neuron: ``post.v``."""

    name: str


@dataclass(frozen=True)
class Weight(Expr):
    """The synaptic weight ``w`` as it stood before the step."""

    def __getattr__(self, quantity: str) -> Expr:
        if quantity.startswith("_"):
            raise AttributeError(quantity)
        raise LaharError(NotLocal(f"w.{quantity}", BY_ACTIVITY, span=caller_span()))


@dataclass(frozen=True)
class Delay(Expr):
    """The synaptic delay ``delay`` as it stood before the step, in steps."""


@dataclass(frozen=True)
class Every(Expr):
    """1 in steps whose number is a multiple of n, else 0."""

    steps: int


# --- inner nodes ------------------------------------------------------------------


@dataclass(frozen=True)
class Negative(Expr):
    """-a."""

    operand: Expr


@dataclass(frozen=True)
class Binary(Expr):
    """a + b, a - b, a * b, a / b."""

    operator: Operator
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Power(Expr):
    """base ** exponent."""

    base: Expr
    exponent: Expr


@dataclass(frozen=True)
class Compare(Expr):
    """1 where the relation holds, else 0."""

    relation: Relation
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Call(Expr):
    """A function of its arguments: clip, sign, abs, min, max or one of `SMOOTH`."""

    function: Function
    args: tuple[Expr, ...]


@dataclass(frozen=True)
class Where(Expr):
    """``then`` where the condition is not 0, else ``otherwise``."""

    condition: Expr
    then: Expr
    otherwise: Expr


# --- building ---------------------------------------------------------------------


def as_expr(value: object) -> Expr:
    """Turn a number into a Const; an expression passes unchanged.

    Raises
    ------
    LaharError
        R104 for anything else.

    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Const(float(value), span=caller_span())
    raise LaharError(
        NotAnExpression(repr(value)[:60], type(value).__name__, span=caller_span())
    )


def _binary(operator: Operator, left: Operand, right: Operand) -> Expr:
    return Binary(operator, as_expr(left), as_expr(right), span=caller_span())


def clip(value: Operand, low: Operand, high: Operand) -> Expr:
    """Limit a value to [low, high]."""
    return _call("clip", value, low, high)


def sign(value: Operand) -> Expr:
    """-1, 0 or 1."""
    return _call("sign", value)


def abs_(value: Operand) -> Expr:
    """Absolute value."""
    return _call("abs", value)


def minimum(a: Operand, b: Operand) -> Expr:
    """Smaller of two values."""
    return _call("min", a, b)


def maximum(a: Operand, b: Operand) -> Expr:
    """Larger of two values."""
    return _call("max", a, b)


def exp(value: Operand) -> Expr:
    """Exponential function."""
    return _call("exp", value)


def log(value: Operand) -> Expr:
    """Natural logarithm."""
    return _call("log", value)


def sqrt(value: Operand) -> Expr:
    """Square root."""
    return _call("sqrt", value)


def sigmoid(value: Operand) -> Expr:
    """Logistic function 1 / (1 + exp(-value))."""
    return _call("sigmoid", value)


def tanh(value: Operand) -> Expr:
    """Hyperbolic tangent."""
    return _call("tanh", value)


def where(condition: Expr, then: Operand, otherwise: Operand) -> Expr:
    """Choose per synapse or neuron: ``then`` where the condition holds."""
    return Where(condition, as_expr(then), as_expr(otherwise), span=caller_span())


def every(steps: int) -> Expr:
    """1 in every ``steps``-th step, counted from step 1, else 0."""
    return Every(int(steps), span=caller_span())


def _call(function: Function, *args: Operand) -> Expr:
    return Call(function, tuple(as_expr(a) for a in args), span=caller_span())


pre = Spike("pre")
post = Spike("post")
w = Weight()
delay = Delay()
dt = Name("dt")
"""Length of a step in seconds, in updates and in what a neuron computes."""


# --- walking ----------------------------------------------------------------------


def children(node: Expr) -> tuple[Expr, ...]:
    """Give the direct sub-expressions, left to right."""
    match node:
        case Negative(operand=a):
            return (a,)
        case Binary(left=a, right=b) | Compare(left=a, right=b):
            return (a, b)
        case Power(base=a, exponent=b):
            return (a, b)
        case Call(args=args):
            return args
        case Where(condition=a, then=b, otherwise=c):
            return (a, b, c)
        case _:
            return ()


def with_children(node: Expr, new: tuple[Expr, ...]) -> Expr:
    """Rebuild a node around other sub-expressions, span kept."""
    match node:
        case Negative():
            return replace(node, operand=new[0])
        case Binary() | Compare():
            return replace(node, left=new[0], right=new[1])
        case Power():
            return replace(node, base=new[0], exponent=new[1])
        case Call():
            return replace(node, args=new)
        case Where():
            return replace(node, condition=new[0], then=new[1], otherwise=new[2])
        case _:
            return node


def transform(node: Expr, function: Callable[[Expr], Expr]) -> Expr:
    """Rewrite bottom-up: children first, then the node itself."""
    old = children(node)
    new = tuple(transform(child, function) for child in old)
    if any(a is not b for a, b in zip(old, new, strict=True)):
        node = with_children(node, new)
    return function(node)


def walk(node: Expr) -> Iterator[Expr]:
    """Visit the node and everything below it, top-down, left to right."""
    yield node
    for child in children(node):
        yield from walk(child)
