"""Rules that Lava's parser reads otherwise than they are written, without a word.

In: a rule object. Out: a warning for each of dw, dd, dt whose text means something else
(rule_meaning.py) than the products that Lava made of it. What is computed is Lava's
reading in any case.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .from_lava_warnings import FactorIsConstant, LavaReadsOtherwise
from .lava_graph import LavaProcess, Warn
from .rule_meaning import (
    Polynomial,
    add,
    constant,
    multiply,
    parse_rule,
    sign_of,
    symbol,
)

EXPONENT_OFFSET = 7  # Lava keeps exponents of products raised by it
TRACES = ("x1", "x2", "y1", "y2", "y3")
WIDTHS = {"w": 9, "d": 9, "t": 9, **dict.fromkeys(TRACES, 7)}
RANGES = {
    "w": (-256, 255),
    "d": (0, 255),
    "t": (-257, 255),
    **dict.fromkeys(TRACES, (0, 127)),
}


def warn_of_misread_rules(process: LavaProcess, warn: Warn) -> None:
    """Compare the text of each rule with what Lava computes."""
    rule = process.proc_params["learning_rule"]
    for target, series in rule.active_product_series.items():
        text = getattr(rule, f"{target}_str")
        read = add(*(_meaning(product) for product in series.products))
        if parse_rule(text) != read:
            shown = " + ".join(_text(product) for product in series.products)
            warn(LavaReadsOtherwise(process.name, target, text, shown))


def warn_of_constant_factors(process: LavaProcess, warn: Warn) -> None:
    """Find sums that are clipped to one value, whatever their variable is."""
    rule = process.proc_params["learning_rule"]
    for target, series in rule.active_product_series.items():
        for product in series.products:
            for factor in product.factors:
                clipped = _clipped(factor)
                if clipped is not None:
                    text = _factor_text(factor)
                    warn(FactorIsConstant(process.name, target, text, clipped))


def _clipped(factor: Any) -> int | None:
    """Give the one value of a factor; None if it has several."""
    if factor.is_sgn or not factor.const or factor.state_var not in WIDTHS:
        return None
    low, high = (int(end + factor.const) for end in RANGES[factor.state_var])
    limit = 1 << WIDTHS[factor.state_var]
    if low >= limit - 1:
        return limit - 1
    return -limit if high <= -limit else None


def _meaning(product: Any) -> Polynomial:
    exponent = product.s_exp - EXPONENT_OFFSET
    scale = constant(Fraction(product.s_mantissa) * Fraction(2) ** exponent)
    return multiply(
        scale, symbol(_gate(product)), *(_factor(f) for f in product.factors)
    )


def _gate(product: Any) -> str:
    gate = str(product.dependency)
    return f"u{product.decimate_exponent}" if gate == "u" else gate


def _factor(factor: Any) -> Polynomial:
    shift = constant(Fraction(factor.const or 0))
    inner = add(symbol(factor.state_var), shift)
    return sign_of(inner) if factor.is_sgn else inner


def _factor_text(factor: Any) -> str:
    inner = str(factor.state_var)
    if factor.const:
        inner = f"{inner} {'+' if factor.const > 0 else '-'} {abs(factor.const)}"
    if factor.is_sgn:
        return f"sgn({inner})"
    return f"({inner})" if factor.const else inner


def _text(product: Any) -> str:
    """Write a product as Lava computes it."""
    parts = [_gate(product)]
    parts += [_factor_text(factor) for factor in product.factors]
    mantissa, exponent = product.s_mantissa, product.s_exp - EXPONENT_OFFSET
    if mantissa != 1 or exponent != 0:
        parts.append(f"{mantissa}" if exponent == 0 else f"{mantissa}*2^{exponent}")
    return "*".join(parts)
