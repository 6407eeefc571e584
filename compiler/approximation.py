"""What stands for a function of the weight on the chip, and how far it is off."""

from __future__ import annotations

from dataclasses import dataclass

from ..rules.expr import Expr


@dataclass(frozen=True, eq=False)
class Approximation:
    """A function, what stands for it on the chip, and how far that is off."""

    function: Expr
    replacement: Expr
    largest_error: float
    rms_error: float
    largest_value: float
    worst_at: float
    wanted: float
    got: float
    products: int

    @property
    def relative_error(self) -> float:
        """The largest error as a share of the largest value."""
        return self.largest_error / self.largest_value if self.largest_value else 0.0
