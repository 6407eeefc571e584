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
    mean_value: float  # of the magnitude
    worst_at: float
    wanted: float
    got: float
    powers: int
    steps: int
    ramps: int
    variable: str = "w"

    @property
    def products(self) -> int:
        """How many products it makes of a term, besides its constant part."""
        return self.powers + self.steps + 2 * self.ramps

    @property
    def shape(self) -> str:
        """Say what it is made of."""
        parts = [f"a polynomial of degree {self.powers}"] if self.powers else []
        parts += [f"{self.steps} steps"] if self.steps else []
        parts += [f"{self.ramps} ramps"] if self.ramps else []
        return " and ".join(parts) or "a constant"

    @property
    def relative_error(self) -> float:
        """The largest error as a share of the largest value."""
        return self.largest_error / self.largest_value if self.largest_value else 0.0
