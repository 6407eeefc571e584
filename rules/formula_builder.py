"""Build expressions from the parsed text.

A piece of lark's tree in, an Expr with its place in the text out. Here names get
their meaning (``w``, ``pre``, ``clip``...), and what a synapse cannot see is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from lark import Token, Transformer_NonRecursive, v_args
from lark.tree import Meta

from ..diagnostics import Diagnostic, SourceSpan
from ..units import UNITS
from .expr import (
    ARITY,
    PRE_VALUE,
    Before,
    Binary,
    Call,
    Compare,
    Const,
    Delay,
    Every,
    Expr,
    Function,
    Name,
    Negative,
    Operator,
    Power,
    Quantity,
    Relation,
    Side,
    Spike,
    Weight,
    Where,
    children,
)
from .symbol_errors import BY_ACTIVITY, NotLocal

MAX_DEPTH = 150
_SPELLINGS = {"abs_": "abs", "minimum": "min", "maximum": "max"}
_OVER_SYNAPSES = (
    "sum",
    "mean",
    "average",
    "norm",
    "dot",
    "median",
    "std",
    "var",
    "len",
)
_SYMBOLS: dict[str, type[Weight | Delay]] = {"w": Weight, "delay": Delay}
_QUANTITY = re.compile(r"([0-9.eE+-]+)[ \t]*([A-Za-z]+)")


@dataclass(frozen=True)
class UnknownFunction(Diagnostic):
    """An expression calls a function that the language does not have.

    There are clip, sign, abs, min, max, exp, log, sqrt, sigmoid, tanh,
    where(condition, a, b) and every(n).
    """

    code = "R112"
    title = "there is no function `{function}`"
    note = "functions: {known}"
    help = "{advice}"

    function: str
    known: str
    advice: str


@dataclass(frozen=True)
class WrongArguments(Diagnostic):
    """A function was called with too many or too few arguments.

    Functions take their arguments by place, and none of them is optional.
    """

    code = "R113"
    title = "`{function}` takes {wanted}, not {given}"
    help = "write {usage}"

    function: str
    wanted: str
    given: int
    usage: str


@dataclass(frozen=True)
class UnknownAttribute(Diagnostic):
    """After a dot stands something that the symbol does not have.

    A trace has ``.before``, ``post`` has the quantities of the neuron.
    """

    code = "R114"
    title = "`{name}` has no `.{attribute}`"
    note = "there are `<trace>.before`, `post.<quantity>` and `pre.value`"
    help = "write `{name}.before` for a trace, or `post.{attribute}` for a quantity"

    name: str
    attribute: str


@dataclass(frozen=True)
class NotAWholeNumber(Diagnostic):
    """A number of steps or of neurons is not whole.

    Steps and neurons are counted, so a fraction of one has no meaning. A time has a
    unit: 2.5 ms.
    """

    code = "R116"
    title = "{what} is a whole number, not {shown}"
    help = "write a number such as 16"

    what: str
    shown: str


@dataclass(frozen=True)
class TooDeep(Diagnostic):
    """An expression is nested more deeply than any rule needs.

    A generated expression may get this deep; the limit keeps the parser from
    running out of stack.
    """

    code = "R117"
    title = "the expression is nested {depth} deep"
    note = "the limit is {limit} (rules/formula_builder.py)"
    help = "simplify the expression"

    depth: int
    limit: int


USAGE = {
    "clip": "clip(value, low, high)",
    "sign": "sign(value)",
    "abs": "abs(value)",
    "min": "min(a, b)",
    "max": "max(a, b)",
    "exp": "exp(value)",
    "log": "log(value)",
    "sqrt": "sqrt(value)",
    "sigmoid": "sigmoid(value)",
    "tanh": "tanh(value)",
    "where": "where(condition, a, b)",
    "every": "every(n)",
}
_ARGUMENTS: dict[str, int] = {str(name): n for name, n in ARITY.items()} | {
    "where": 3,
    "every": 1,
}


@v_args(meta=True)
class FormulaBuilder(Transformer_NonRecursive[Token, Any]):
    """Callbacks of the grammar's expressions; problems are collected."""

    def __init__(self, file: str, lines: Sequence[str]) -> None:
        super().__init__(visit_tokens=False)
        self.file = file
        self.lines = lines
        self.problems: list[Diagnostic] = []

    def place(self, where: Meta | Token) -> SourceSpan:
        """Give the place of a piece of the text; of its first line if it has more."""
        line, column = cast(int, where.line), cast(int, where.column)
        text = self.lines[line - 1]
        end = where.end_column if where.end_line == line else len(text) + 1
        return SourceSpan(self.file, line, column, end, text)

    def report(self, problem: Diagnostic) -> Expr:
        """Keep a problem, and put something in the place of the expression."""
        self.problems.append(problem)
        return Const(0.0, span=problem.span)

    def formula(self, meta: Meta, parts: list[Any]) -> Expr:
        depth = _depth(parts[0])
        if depth > MAX_DEPTH:
            return self.report(TooDeep(depth, MAX_DEPTH, span=self.place(meta)))
        return cast(Expr, parts[0])

    def only_formula(self, meta: Meta, parts: list[Any]) -> Expr:
        return cast(Expr, parts[0])

    def number(self, meta: Meta, parts: list[Any]) -> Const:
        return Const(number_of(parts[0]), span=self.place(meta))

    def negative_number(self, meta: Meta, parts: list[Any]) -> Expr:
        return Const(-parts[0].value, span=self.place(meta))

    def signed_number(self, meta: Meta, parts: list[Any]) -> float:
        sign, number = parts
        return cast(float, number.value if sign is None else -number.value)

    def negative(self, meta: Meta, parts: list[Any]) -> Expr:
        return Negative(parts[0], span=self.place(meta))

    def binary(self, meta: Meta, parts: list[Any]) -> Expr:
        left, operator, right = parts
        span = self.place(meta)
        return Binary(cast(Operator, str(operator)), left, right, span=span)

    def power(self, meta: Meta, parts: list[Any]) -> Expr:
        return Power(parts[0], parts[1], span=self.place(meta))

    def compare(self, meta: Meta, parts: list[Any]) -> Expr:
        left, relation, right = parts
        span = self.place(meta)
        return Compare(cast(Relation, str(relation)), left, right, span=span)

    def symbol(self, meta: Meta, parts: list[Any]) -> Expr:
        name, span = str(parts[0]), self.place(meta)
        if name == "pre" or name == "post":
            return Spike(cast(Side, name), span=span)
        if name in _SYMBOLS:
            return _SYMBOLS[name](span=span)
        return Name(name, span=span)

    def attribute(self, meta: Meta, parts: list[Any]) -> Expr:
        name, attribute = (str(p) for p in parts)
        span = self.place(meta)
        if name == "post":
            return Quantity(attribute, span=span)
        if f"{name}.{attribute}" == PRE_VALUE:
            return Name(PRE_VALUE, span=span)
        if name == "pre":
            advice = "use a trace of pre, or a relay neuron that sends the quantity"
            return self.report(NotLocal(f"pre.{attribute}", advice, span=span))
        if name in _SYMBOLS:
            return self._over_synapses(span)
        if attribute == "before":
            return Before(name, span=span)
        return self.report(UnknownAttribute(name, attribute, span=span))

    def index(self, meta: Meta, parts: list[Any]) -> Expr:
        advice = "write the symbol without an index: a rule is written for one synapse"
        span = self.place(meta)
        return self.report(NotLocal(_written(span), advice, span=span))

    def method(self, meta: Meta, parts: list[Any]) -> Expr:
        return self._over_synapses(self.place(meta))

    def call(self, meta: Meta, parts: list[Any]) -> Expr:
        function = _SPELLINGS.get(str(parts[0]), str(parts[0]))
        args: tuple[Expr, ...] = tuple(parts[1:])
        span = self.place(meta)
        if function in _OVER_SYNAPSES:
            return self._over_synapses(span)
        if function not in _ARGUMENTS:
            return self._unknown_function(function, self.place(parts[0]))
        if len(args) != _ARGUMENTS[function]:
            wanted = _counted(_ARGUMENTS[function])
            usage = USAGE[function]
            return self.report(
                WrongArguments(function, wanted, len(args), usage, span=span)
            )
        if function == "where":
            return Where(*args, span=span)
        if function == "every":
            return self._every(args[0], span)
        return Call(cast(Function, function), args, span=span)

    def _every(self, steps: Expr, span: SourceSpan) -> Expr:
        if isinstance(steps, Const) and steps.value.is_integer():
            return Every(int(steps.value), span=span)
        shown = "that" if steps.span is None else f"`{_written(steps.span)}`"
        return self.report(NotAWholeNumber("n of every(n)", shown, span=steps.span))

    def _unknown_function(self, function: str, span: SourceSpan) -> Expr:
        known = ", ".join(_ARGUMENTS)
        near = get_close_matches(function, _ARGUMENTS, n=1)
        advice = f"did you mean `{near[0]}`?" if near else "use one of these"
        return self.report(UnknownFunction(function, known, advice, span=span))

    def _over_synapses(self, span: SourceSpan) -> Expr:
        return self.report(NotLocal(_written(span), BY_ACTIVITY, span=span))


def _written(span: SourceSpan) -> str:
    """Give what the user wrote."""
    end = None if span.end_column is None else span.end_column - 1
    return span.text[span.column - 1 : end]


def number_of(token: Token) -> float:
    """Read a number; a quantity in its base unit, such as seconds."""
    quantity = _QUANTITY.fullmatch(token)
    if quantity is None or token.type == "NUMBER":
        return float(token)
    return float(quantity[1]) * UNITS[quantity[2]]


def _counted(arguments: int) -> str:
    return "1 argument" if arguments == 1 else f"{arguments} arguments"


def _depth(expr: Expr) -> int:
    """Measure the nesting, without recursion: the input may be hostile."""
    depth, level = 0, [expr]
    while level:
        depth += 1
        level = [child for node in level for child in children(node)]
    return depth
