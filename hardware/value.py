"""A number of a data sheet: what it is, its unit, its source, how far to trust it.

Chips, boards and cost tables are made of these. A number that nobody has published is
a value too: it says so, and whatever is checked against it is "unverified".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Trust = Literal["high", "medium", "low", "unverified"]
Range = tuple[int, int]

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Value(Generic[T_co]):
    """A published number, or the statement that nobody has published it.

    value
        None means unpublished; the trust is then ``unverified``.
    trust
        ``high``: several public sources agree, or it follows from the definition;
        ``medium``: one source; ``low``: one source that others contradict or that is
        known only at second hand; ``unverified``: unpublished. An unverified value
        that is not None is our stand-in, and nothing checked against it is "ok".
    """

    value: T_co
    unit: str
    source: str
    trust: Trust

    @property
    def is_verified(self) -> bool:
        """Tell whether someone has published the number."""
        return self.trust != "unverified"


def unpublished(unit: str, reason: str) -> Value[None]:
    """Say that a value is not public, and why that matters or where it was sought."""
    return Value(None, unit, reason, "unverified")
