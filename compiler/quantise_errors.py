"""What is said of coefficients that no product of the chip can hold."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .dead_update import DeadUpdate


@dataclass(frozen=True)
class UpdateTooSmall(DeadUpdate):
    """A coefficient is below half of the engine's smallest product.

    The smallest product adds 2**-7 of a weight LSB times its factors; what is below
    rounds to nothing, and the weight would never move.
    """

    severity = "error"
    title = "`{term}` is too small for {chip}: it would never move `{target}`"
    note = "it needs the factor {wanted:.3g}; the smallest is 2^{lowest} ({source})"
    help = "make it {times:.3g} times as large: a larger rate, tighter bounds, every(n)"

    chip: str
    wanted: float
    lowest: int
    source: str
    times: float


@dataclass(frozen=True)
class UpdateTooLarge(Diagnostic):
    """A coefficient is beyond the largest mantissa * 2**exponent.

    Coefficients are small integers times powers of two, and the product shift has
    been paid for already. A term this large is usually a unit that was mistaken.
    """

    code = "R232"
    title = "`{term}` is too large for {chip}"
    note = "it needs the factor {wanted:.3g}; the largest is {largest} ({source})"
    help = "make it {share:.3g} times as large: a smaller rate, or wider bounds"

    term: str
    chip: str
    wanted: float
    largest: int
    source: str
    share: float


@dataclass(frozen=True)
class TermIsLeftOut(Diagnostic):
    """A term is below the smallest product, and small beside the others: it is dropped.

    A bracket that is multiplied out may leave a tail, such as the w * w of
    (1 - w/4)**2. Where the rest of the rule moves the target far more, the rule is
    compiled without it; where it matters, that is an error (L17).
    """

    code = "L30"
    severity = "warning"
    title = "`{term}` is left out: it rounds to nothing on {chip}"
    note = "at most {share:.2%} of what moves `{target}`; over 5 % it is an error (L17)"
    help = "leave it out of the rule, or enlarge it: a larger rate, tighter bounds"

    term: str
    chip: str
    target: str
    share: float
