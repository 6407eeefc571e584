"""What the parts of a kernel's text share: functions, constants, tables of decays."""

from __future__ import annotations

from dataclasses import dataclass, field

from .operations import Integers


@dataclass
class Collected:
    """Functions by their text, and the numbers that a kernel gets as arrays."""

    functions: dict[str, str] = field(default_factory=dict)
    constants: list[int] = field(default_factory=list)
    tables: list[tuple[Integers, Integers]] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)

    def constant(self, *values: int) -> int:
        """Keep numbers; give the place of the first."""
        base = len(self.constants)
        self.constants.extend(values)
        return base

    def function(self, text: str, kind: str) -> str:
        """Keep a function; give its name, the same for the same text."""
        return self.functions.setdefault(text, f"{kind}_{len(self.functions)}")


def int64(value: int) -> str:
    """Write a literal that numba does not compile a function of its own for."""
    return f"np.int64({value})"
