"""The lint of updates that cannot move what they should: L17, in two degrees."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class DeadUpdate(Diagnostic):
    """An update can never move a weight, or hardly ever.

    The smallest product adds 2**-7 of a weight LSB times its factors. A coefficient
    below half of that rounds to nothing, and the compiler refuses it. A product that
    the engine shifts right by S is floored: below 2**S it is 0 if it is positive, and
    one unit down if it is negative. And if 1000 updates add up to less than one LSB, a
    run will show nothing but the noise of rounding. These two are warnings.
    """

    code = "L17"
    title = "`{term}` is too small to move `{target}`"
    help = "make it larger: a larger rate or traces, tighter bounds, every(n)"

    term: str
    target: str
