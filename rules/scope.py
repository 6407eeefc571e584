"""Names and numbers: what a rule and a neuron model must both get right.

Declarations and expressions in, diagnostics out; check.py says which names count
where. Everything is collected, nothing is raised.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ..diagnostics import Diagnostic, LaharError, SourceSpan
from ..units import UNITS
from .evaluate import evaluate
from .expr import ARITY, Const, Every, Expr, Name, walk
from .rule import Declaration, ModulatorDecl, ParamDecl

SYMBOLS = ("w", "delay", "pre", "post")
RESERVED = frozenset(
    {*SYMBOLS, *ARITY, "dt", "spike", "send", "every", "where", "bounds", "polarity"}
    | {"inf", "nan"}
)


@dataclass(frozen=True)
class UnknownName(Diagnostic):
    """An expression uses a name that the rule or neuron model does not declare.

    A rule's updates may use its parameters, traces, tags and modulators, and w, delay,
    pre, post. A neuron's drives, spike condition and outputs may use its parameters,
    ports, modulators, states and spike traces.
    """

    code = "R130"
    title = "`{owner}` does not declare `{name}`"
    label = "unknown here"
    note = "known here: {known}"
    help = "{advice}"

    owner: str
    name: str
    known: str
    advice: str


@dataclass(frozen=True)
class DeclaredTwice(Diagnostic):
    """Two things have the same name, so that nobody can say which one is meant.

    A second update of one variable is not added to the first either: write their
    sum in one line.
    """

    code = "R131"
    title = "`{owner}` declares `{name}` twice"
    note = "{detail}"
    help = "give one of the two another name"

    owner: str
    name: str
    detail: str


@dataclass(frozen=True)
class ReservedName(Diagnostic):
    """A declared name already means something, or is no name.

    Taken are the symbols w, delay, pre, post, dt, spike, send, bounds, polarity, the
    functions, inf and nan, and the words of Python, so that every model
    can be written in both forms.
    """

    code = "R132"
    title = "`{owner}` cannot declare `{name}`"
    note = "{reason}"
    help = "use another name, such as `{suggestion}`"

    owner: str
    name: str
    reason: str
    suggestion: str


@dataclass(frozen=True)
class TimeIsNotPositive(Diagnostic):
    """A time constant is zero or negative.

    A decay needs time to happen. What should vanish at once is no trace but the
    spike itself.
    """

    code = "R133"
    title = "`{owner}`: {what} of `{name}` is {value} s"
    note = "{limit}"
    help = "give a time with its unit, such as 20 ms"

    owner: str
    what: str
    name: str
    value: float
    limit: str


@dataclass(frozen=True)
class EveryIsNotPositive(Diagnostic):
    """``every(n)`` is 1 in steps whose number is a multiple of n; n is at least 1.

    Steps are counted from 1. A rate of updates is 1 / n, so zero would mean
    infinitely many.
    """

    code = "R139"
    title = "every({steps}) names no steps"
    note = "the number of steps is at least 1"
    help = "write every(1) or more"

    steps: int


@dataclass(frozen=True)
class NumberIsNotFinite(Diagnostic):
    """A number in a rule or neuron model is NaN or infinite.

    It would make every update that reads it meaningless. A literal beyond 1e308
    reads as infinite.
    """

    code = "R140"
    title = "`{owner}`: {what} is {value}"
    note = "numbers of a rule or neuron model are finite"
    help = "give a finite number"

    owner: str
    what: str
    value: str


@dataclass(frozen=True)
class EmptyRange(Diagnostic):
    """The lower end of a range is not below its upper end.

    A range with equal or swapped ends holds no value, so everything would be
    clipped to nothing.
    """

    code = "R137"
    title = "`{owner}`: {what} [{low}, {high}] hold nothing"
    note = "the first number is the lower one"
    help = "write the lower number first, and two different numbers"

    owner: str
    what: str
    low: float
    high: float


@dataclass(frozen=True)
class NotAChoice(Diagnostic):
    """A word stands where only a few words are possible.

    The word may be misspelt, or belong to another kind of declaration.
    """

    code = "R141"
    title = "{what} cannot be `{value}`"
    note = "possible are: {choices}"
    help = "write `{near}`, or another of these"

    what: str
    value: str
    choices: str
    near: str


def suggest(name: str, known: Iterable[str]) -> str:
    """Advise what may have been meant by an unknown name."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    if name in UNITS:
        return f"a unit follows its number, such as `20 {name}`"
    return "declare it, or correct the name"


def check_declared(owner: str, declared: Sequence[Declaration]) -> Iterator[Diagnostic]:
    """Check the names themselves: real names, not taken, each once."""
    seen: dict[str, SourceSpan | None] = {}
    for d in declared:
        reason = _why_reserved(d.name)
        if reason:
            suggestion = f"{d.name}_" if d.name.isidentifier() else "x"
            yield ReservedName(owner, d.name, reason, suggestion, span=d.span)
        if d.name in seen:
            yield _twice(owner, d, seen[d.name])
        seen[d.name] = d.span


def _twice(owner: str, again: Declaration, first: SourceSpan | None) -> Diagnostic:
    line = "" if first is None else f" in line {first.line}"
    kind = type(again).__name__.removesuffix("Decl").lower()
    detail = f"first declared{line}; the second one is of the kind `{kind}`"
    return DeclaredTwice(owner, again.name, detail, span=again.span)


def _why_reserved(name: str) -> str:
    if name in RESERVED:
        return f"`{name}` already has a meaning in the language"
    if keyword.iskeyword(name):
        return f"`{name}` is a word of Python"
    if not (name.isidentifier() and name.isascii()):
        return "a name is made of letters, digits and _ and starts with a letter"
    return ""


def check_numbers(owner: str, expr: Expr) -> Iterator[Diagnostic]:
    """Check the constants of an expression."""
    for node in walk(expr):
        if isinstance(node, Const) and not math.isfinite(node.value):
            yield NumberIsNotFinite(owner, "a number", str(node.value), span=node.span)
        if isinstance(node, Every) and node.steps < 1:
            yield EveryIsNotPositive(node.steps, span=node.span)


def check_names(owner: str, expr: Expr, known: Sequence[str]) -> Iterator[Diagnostic]:
    """Check the names and constants of an expression."""
    yield from check_numbers(owner, expr)
    listing = ", ".join(known) or "none"
    for node in walk(expr):
        if isinstance(node, Name) and node.name not in known:
            advice = suggest(node.name, [*known, *SYMBOLS])
            yield UnknownName(owner, node.name, listing, advice, span=node.span)


def check_params(owner: str, params: Iterable[ParamDecl]) -> Iterator[Diagnostic]:
    """Check that parameters have finite values."""
    for p in params:
        if not math.isfinite(p.default):
            what = f"parameter `{p.name}`"
            yield NumberIsNotFinite(owner, what, str(p.default), span=p.span)


def check_range(
    owner: str, what: str, low: float, high: float, span: SourceSpan | None
) -> Iterator[Diagnostic]:
    """Check that a range of two numbers holds something."""
    for value in (low, high):
        if not math.isfinite(value):
            yield NumberIsNotFinite(owner, f"an end of {what}", str(value), span=span)
    if low >= high:
        yield EmptyRange(owner, what, low, high, span=span)


def check_modulators(
    owner: str, modulators: Iterable[ModulatorDecl]
) -> Iterator[Diagnostic]:
    """Check the ranges of modulators."""
    for m in modulators:
        what = f"the bounds of modulator `{m.name}`"
        yield from check_range(owner, what, m.low, m.high, m.span)


def check_choice(
    what: str, value: str, choices: Sequence[str], span: SourceSpan | None
) -> Iterator[Diagnostic]:
    """Check a word that is one of a few."""
    if value not in choices:
        near = get_close_matches(value, choices, n=1) or choices[:1]
        yield NotAChoice(what, value, ", ".join(choices), near[0], span=span)


def check_time(
    owner: str, what: str, of: Declaration, time: Expr, params: Mapping[str, float]
) -> Iterator[Diagnostic]:
    """Check a time constant: constant, finite and positive; a leak may be 0."""
    found: list[Diagnostic] = []
    seconds = constant(time, params, found)
    yield from found
    if seconds is None or seconds > 0 or (what == "leak" and seconds == 0):
        return
    limit = "a time constant is above 0"
    if what == "leak":
        limit = "a leak is above 0; leak 0 keeps nothing, no leak keeps all"
    span = time.span or of.span
    yield TimeIsNotPositive(owner, what, of.name, seconds, limit, span=span)


def constant(
    expr: Expr, params: Mapping[str, float], found: list[Diagnostic]
) -> float | None:
    """Evaluate; None and one more entry in ``found`` if that cannot be done."""
    try:
        return evaluate(expr, _finite(params))
    except LaharError as error:
        found += error.diagnostics
        return None


def _finite(params: Mapping[str, float]) -> Mapping[str, float]:
    """Let each problem be said once: a parameter that is NaN has its own message."""
    return {name: v if math.isfinite(v) else 1.0 for name, v in params.items()}
