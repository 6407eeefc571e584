"""What a Program can say and Lava 0.10 cannot."""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import Diagnostic


@dataclass(frozen=True)
class ProductIsBeyondLava(Diagnostic):
    """A learning product has no form in Lava's rule grammar.

    lahar writes Lava's rule strings in one canonical form, and never one that Lava
    would misread. What has no such form is refused rather than approximated: a
    comparison with something else would be worth nothing. The simulator runs it.
    """

    code = "B520"
    title = "connection `{connection}`, d{target}: Lava cannot say `{product}`"
    label = "{problem}"
    note = (
        "{problem}; lava-nc 0.10.0 magma/core/learning/product_series.py takes "
        "mantissas of -8..7, exponents of -7..8, u0..u9 and sgn of w, d, t"
    )
    help = "run it with the backend `sim`, or write the rule without this product"

    connection: str
    target: str
    product: str
    problem: str


@dataclass(frozen=True)
class LearningIsBeyondLava(Diagnostic):
    """A connection asks Lava's learning engine for something it has no setting for.

    Lava itself refuses a rule without a product and a trace with a negative impulse;
    with third factors its engine keeps no y traces of its own.
    """

    code = "B521"
    title = "connection `{connection}`: Lava cannot learn this: {problem}"
    note = "lava-nc 0.10.0 magma/core/learning/learning_rule.py"
    help = "run it with the backend `sim`, or change the rule"

    connection: str
    problem: str
