"""Products as the rule strings of Lava's learning engine.

Lava's parser misreads several forms without a word (it drops signs and factors), so
only one canonical form is written: gate, factors, ``mantissa*2^exponent``. With each
string goes what Lava's parse of it must give; the child compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...diagnostics import Diagnostic
from ...hardware.learning import Factor, Learning, Product, Target
from ...hardware.program import Connection
from .refusals import ProductIsBeyondLava

MANTISSA = (-8, 7)  # product_series.py: 4 bit
EXPONENT = (-7, 8)
DECIMATE_EXPONENTS = range(10)  # Lava reads one digit after u

_WIDTHS = {"x0": 1, "y0": 1, "w": 9, "d": 9, "t": 9}
_TRACE_WIDTH = 7
_UNSHIFTED_WIDTH = 11  # products this wide lose no low bits

ParsedFactor = tuple[str, "int | None", bool]
ParsedProduct = tuple[str, int, int, tuple[ParsedFactor, ...]]


@dataclass(frozen=True)
class RuleText:
    """The rule string of a target, and (gate, mantissa, exponent, factors) of it."""

    text: str
    parsed: tuple[ParsedProduct, ...]


def rule_texts(learning: Learning) -> Mapping[Target, RuleText]:
    """Write the rule of each target that has products."""
    texts: dict[Target, RuleText] = {}
    targets: tuple[Target, ...] = ("w", "d", "t")
    for target in targets:
        products = [p for p in learning.products if p.target == target]
        if products:
            pieces = [_text(p, learning.decimate_exponent) for p in products]
            text = "".join(pieces).removeprefix("+")
            texts[target] = RuleText(text, tuple(_parsed(p) for p in products))
    return texts


def _text(product: Product, decimate_exponent: int | None) -> str:
    gate = f"u{decimate_exponent}" if product.gate == "u" else product.gate
    sign = "-" if product.mantissa < 0 else "+"
    factors = [_factor_text(f) for f in product.factors]
    scale = f"{abs(product.mantissa)}*2^{product.exponent}"
    return sign + "*".join([gate, *factors, scale])


def _factor_text(factor: Factor) -> str:
    constant = f"{factor.constant:+d}" if factor.constant else ""
    inner = f"{factor.variable}{constant}"
    if factor.sign:
        return f"sgn({inner})"
    return f"({inner})" if factor.constant else inner


def _parsed(product: Product) -> ParsedProduct:
    mantissa, exponent = product.mantissa, product.exponent
    if mantissa == MANTISSA[0] and exponent < EXPONENT[1]:
        mantissa, exponent = mantissa // 2, exponent + 1  # Lava normalises it
    factors = tuple((f.variable, f.constant or None, f.sign) for f in product.factors)
    return product.gate, mantissa, exponent, factors


def products_are_sayable(connection: Connection) -> Iterator[Diagnostic]:
    """Check that Lava's grammar has a form for every product."""
    assert connection.learning is not None
    for product in connection.learning.products:
        for problem in _problems(product, connection.learning.decimate_exponent):
            text = _text(product, connection.learning.decimate_exponent)
            yield ProductIsBeyondLava(
                connection.name, product.target, text.removeprefix("+"), problem
            )


def _problems(product: Product, decimate_exponent: int | None) -> Iterator[str]:
    if not MANTISSA[0] <= product.mantissa <= MANTISSA[1]:
        yield f"the mantissa {product.mantissa} is outside -8..7"
    if not EXPONENT[0] <= product.exponent <= EXPONENT[1]:
        yield f"the exponent {product.exponent} is outside -7..8"
    if product.gate == "u" and decimate_exponent not in DECIMATE_EXPONENTS:
        yield f"u{decimate_exponent} is not u and one digit, and Lava reads only one"
    for factor in product.factors:
        if factor.variable == "c":
            yield "Lava has no constant as a factor of its own"
        elif factor.sign and factor.variable not in ("w", "d", "t"):
            yield f"Lava has no sgn of {factor.variable}, only of w, d and t"
    if _loses_bits_of_eight(product):
        yield "Lava makes the mantissa -8 a -4*2, which rounds this product otherwise"


def _loses_bits_of_eight(product: Product) -> bool:
    width = sum(_WIDTHS.get(f.variable, _TRACE_WIDTH) for f in product.factors)
    normalised = product.mantissa == MANTISSA[0] and product.exponent < EXPONENT[1]
    return normalised and width > _UNSHIFTED_WIDTH
