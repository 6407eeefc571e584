"""One resource of a core: how much of it is taken, beside the chip's own limit."""

from __future__ import annotations

from dataclasses import dataclass

from .value import Value


@dataclass(frozen=True)
class Taken:
    """How much is taken; a limit that nobody has published is never exceeded."""

    resource: str
    used: int
    limit: Value[int | None]

    @property
    def is_over(self) -> bool:
        """Tell whether more is taken than there is; never so without a limit."""
        return self.limit.value is not None and self.used > self.limit.value

    @property
    def share(self) -> float:
        """Give the fraction that is taken; 0 without a limit."""
        return self.used / self.limit.value if self.limit.value else 0.0
