"""Parse the text form: the inverse of printer.py.

Text in, rules, neuron models, networks or an expression out, each with its place in
the text. Everything wrong with the form is one LaharError; the sense is check.py's.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from lark.exceptions import UnexpectedInput
from lark.indenter import DedentError

from ..diagnostics import Diagnostic, LaharError, SourceSpan
from .builder import Builder
from .expr import Expr
from .grammar import parser
from .lines import Definition, NetworkBlock, of_kind
from .network import FloatArray, Network
from .network_builder import NetworkBuilder, Scope, defined_twice
from .neuron import Neuron
from .rule import LearningRule
from .syntax_error import UnevenIndentation, not_understood

_TEXT = "<text>"


@dataclass(frozen=True)
class NotOne(Diagnostic):
    """A text was to hold exactly one rule, neuron model or network.

    Where one definition is asked for, a file with several does not say which. A
    text that is empty holds none.
    """

    code = "R125"
    title = "the text holds {given}, not one {wanted}"
    help = "a block starts with a line such as `{wanted} Name:`"

    given: str
    wanted: str


@dataclass(frozen=True)
class Document:
    """All that a text defines, in its order."""

    definitions: tuple[Definition, ...]
    networks: tuple[Network, ...]

    @property
    def rules(self) -> tuple[LearningRule, ...]:
        """The rules outside networks."""
        return of_kind(LearningRule, [d.model for d in self.definitions])

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """The neuron models outside networks."""
        return of_kind(Neuron, [d.model for d in self.definitions])


def parse_expr(text: str, file: str = _TEXT) -> Expr:
    """Read an expression.

    Raises
    ------
    LaharError
        R110 to R117: what is wrong, and at which column.

    """
    source = text.strip()
    expr, problems = _build(source, file, "only_formula")
    _raise(problems)
    return cast(Expr, expr)


def parse_document(
    text: str, file: str = _TEXT, arrays: Mapping[str, FloatArray] | None = None
) -> Document:
    """Read everything that a text defines.

    Raises
    ------
    LaharError
        R110 to R119, R131, R141: everything wrong with the form, at once.

    """
    parts, problems = _build(textwrap.dedent(text) + "\n", file, "document")
    problems += defined_twice(file, parts)
    surroundings = Scope.of(parts).within(Scope.of_library())
    builder = NetworkBuilder(surroundings, arrays or {}, problems)
    networks = tuple(builder.build(p) for p in of_kind(NetworkBlock, parts))
    _raise(problems)
    return Document(of_kind(Definition, parts), networks)


def parse_rule(text: str, file: str = _TEXT) -> LearningRule:
    """Read the one rule of a text; ``parse_rule(print_rule(r)) == r``.

    Raises
    ------
    LaharError
        As parse_document; R125 if the text does not hold exactly one rule.

    """
    return _only(parse_document(text, file).rules, "rule")


def parse_neuron(text: str, file: str = _TEXT) -> Neuron:
    """Read the one neuron model of a text; ``parse_neuron(print_neuron(n)) == n``.

    Raises
    ------
    LaharError
        As parse_document; R125 if the text does not hold exactly one model.

    """
    return _only(parse_document(text, file).neurons, "neuron")


def parse_network(
    text: str, arrays: Mapping[str, FloatArray] | None = None, file: str = _TEXT
) -> Network:
    """Read the one network of a text; ``parse_network(*print_network(n)) == n``.

    Raises
    ------
    LaharError
        As parse_document; R125 if the text does not hold exactly one network.

    """
    return _only(parse_document(text, file, arrays).networks, "network")


_Part = TypeVar("_Part")


def _only(parts: tuple[_Part, ...], wanted: str) -> _Part:
    if len(parts) != 1:
        number = f"{len(parts) or 'no'} {wanted}{'s' if len(parts) else ''}"
        raise LaharError(NotOne(number, wanted))
    return parts[0]


def _raise(problems: Iterable[Diagnostic]) -> None:
    found = list(problems)
    if found:
        raise LaharError(found)


# --- from text to parts, and what to say if that fails ----------------------------


def _build(source: str, file: str, start: str) -> tuple[Any, list[Diagnostic]]:
    lines = [line.rstrip("\r") for line in (*source.split("\n"), "")]
    builder = Builder(file, lines)
    lark, indentation = parser()
    try:
        tree = lark.parse(source, start=start)
    except UnexpectedInput as error:
        raise LaharError(not_understood(error, file, lines)) from None
    except DedentError:
        line = cast(int, indentation.line_break.end_line)
        span = SourceSpan(file, line, 1, None, lines[line - 1])
        raise LaharError(UnevenIndentation(span=span)) from None
    return builder.transform(tree), builder.problems
