"""What a Lava rule string means as algebra, by a grammar of our own.

In: the text of dw, dd or dt. Out: its expansion into a sum of products, as a mapping
from the symbols of a product to its exact coefficient. Lava's own parse of the text,
brought into the same form, is equal to it unless Lava misread the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Transformer
from lark.exceptions import LarkError, VisitError

Polynomial: TypeAlias = Mapping[tuple[str, ...], Fraction]

GRAMMAR = r"""
    ?sum: product
        | sum "+" product -> add
        | sum "-" product -> subtract
    ?product: signed
        | product "*" signed -> multiply
        | product atom -> multiply
    ?signed: atom
        | "-" signed -> negate
        | "+" signed
    ?atom: INT -> number
        | INT "^" EXPONENT -> power
        | NAME -> symbol
        | "(" sum ")"
        | "sgn" "(" sum ")" -> sign
    NAME: /[xyu][0-9]+|[wdt][0-9]*/
    EXPONENT: /[-+]?[0-9]+/
    %import common.INT
    %ignore " "
"""


def parse_rule(text: str) -> Polynomial | None:
    """Expand a rule; None if it is not in the grammar."""
    try:
        tree = _parser().parse(text)
        result: Polynomial = _Expansion().transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, ZeroDivisionError):
            return None  # such as 0^-1
        raise
    except LarkError:
        return None
    return result


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, start="sum", parser="lalr")


def constant(value: int | Fraction) -> Polynomial:
    """Make a number."""
    return _without_zeros({(): Fraction(value)})


def symbol(name: str) -> Polynomial:
    """Make a variable or gate."""
    return {(name,): Fraction(1)}


def add(*terms: Polynomial) -> Polynomial:
    """Add up."""
    result: dict[tuple[str, ...], Fraction] = {}
    for term in terms:
        for product, coefficient in term.items():
            result[product] = result.get(product, Fraction(0)) + coefficient
    return _without_zeros(result)


def multiply(*factors: Polynomial) -> Polynomial:
    """Multiply out."""
    result = constant(1)
    for factor in factors:
        products = (
            {_product(left + right): a * b}
            for left, a in result.items()
            for right, b in factor.items()
        )
        result = add(*products)
    return result


def sign_of(inner: Polynomial) -> Polynomial:
    """Make the sign of something, which is a symbol of its own."""
    return symbol(f"sgn({show(inner)})")


def show(polynomial: Polynomial) -> str:
    """Write a sum of products, in one order whatever it was made from."""
    parts = [
        "*".join([*product, *([str(c)] if c != 1 or not product else [])])
        for product, c in sorted(polynomial.items())
    ]
    return " + ".join(parts) or "0"


def _product(symbols: Iterable[str]) -> tuple[str, ...]:
    """Sort the symbols; gates are 0 or 1, so their powers are the gates."""
    found = sorted(symbols)
    return tuple(
        s for number, s in enumerate(found) if not (_is_gate(s) and s in found[:number])
    )


def _is_gate(name: str) -> bool:
    return name in ("x0", "y0") or name.startswith("u")


def _without_zeros(terms: Mapping[tuple[str, ...], Fraction]) -> Polynomial:
    return {product: c for product, c in terms.items() if c}


class _Expansion(Transformer[Any, Polynomial]):
    """Expands a parse tree from its leaves."""

    def number(self, tokens: list[str]) -> Polynomial:
        return constant(int(tokens[0]))

    def power(self, tokens: list[str]) -> Polynomial:
        return constant(Fraction(int(tokens[0])) ** int(tokens[1]))

    def symbol(self, tokens: list[str]) -> Polynomial:
        return symbol(str(tokens[0]))

    def add(self, terms: list[Polynomial]) -> Polynomial:
        return add(*terms)

    def subtract(self, terms: list[Polynomial]) -> Polynomial:
        return add(terms[0], multiply(constant(-1), terms[1]))

    def multiply(self, factors: list[Polynomial]) -> Polynomial:
        return multiply(*factors)

    def negate(self, terms: list[Polynomial]) -> Polynomial:
        return multiply(constant(-1), terms[0])

    def sign(self, terms: list[Polynomial]) -> Polynomial:
        return sign_of(terms[0])
