"""Tags that fill up at an assumed rate: lint L22 of Programs that no rule came with.

In: the products of a learning engine and a mean rate. Out: lints. Of a rule the
compiler knows more than its integers say, and chooses the scale of a tag by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .chip import Chip
from .learning import Factor, Learning, Product
from .program import Connection
from .trace_lints import VariableMayNotHold

LONGEST_WINDOW = 1000.0
"""Steps over which a tag is judged, as all drifts are."""


@dataclass(frozen=True)
class TagSizes:
    """How large the factors of products usually are, with all of one sign."""

    learning: Learning
    chip: Chip
    rate: float

    def per_step(self, product: Product) -> float:
        """Give what a product adds in a mean step, in LSB; its tag left out."""
        size = abs(product.mantissa) * 2.0 ** (product.exponent - self._shift(product))
        for factor in product.factors:
            size *= 1.0 if factor.variable == "t" else self._factor(factor)
        return size * self._openings(product)

    def _openings(self, product: Product) -> float:
        if product.gate != "u":
            return self.rate
        period = self.learning.epoch_steps << (self.learning.decimate_exponent or 0)
        return 1.0 / period

    def _shift(self, product: Product) -> int:
        widths = self.chip.factor_widths.value
        width = sum(widths.get(f.variable, 0) for f in product.factors)
        room = self.chip.accumulator_bits.value - 1
        return max(0, width + self.chip.product_shift_base.value - room)

    def _factor(self, factor: Factor) -> float:
        if factor.sign:
            return 1.0
        trace = self.learning.traces.get(factor.variable)
        largest = float(self.chip.trace_max.value)
        if factor.variable == "c":
            usual = 0.0
        elif factor.variable in ("x0", "y0"):
            usual = self.rate
        elif trace is not None:
            usual = min(trace.impulse * self.rate * trace.tau_steps, largest)
        else:  # anything within its range, as a third factor or the weight
            usual = largest / 2
        return abs(usual + factor.constant)


def tags_do_not_fill_up(c: Connection, chip: Chip, rate: float) -> Iterator[Diagnostic]:
    """Find a tag that collects more than it holds before it forgets."""
    assert c.learning is not None
    sizes = TagSizes(c.learning, chip, rate)
    written = [p for p in c.learning.products if p.target == "t"]
    own = [p for p in written if any(f.variable == "t" for f in p.factors)]
    forgets = sum(sizes.per_step(p) for p in own if p.mantissa < 0)
    window = min(1.0 / forgets if forgets else math.inf, LONGEST_WINDOW)
    collected = sum(sizes.per_step(p) for p in written if p not in own) * window
    limit = chip.tag.value[1]
    if collected > limit:
        decay = f"forgets in {window:.0f} steps" if forgets else "never decays"
        yield VariableMayNotHold(
            c.name,
            f"its tag collects about {collected:.0f} LSB, and ends at {limit}",
            f"it {decay}; if all is of one sign, at {rate:g} spikes a step",
            "lower the exponents of what is written to it, or let it decay faster",
        )
