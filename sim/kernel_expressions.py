"""Integer expressions of a generated kernel that know the range of their values.

Text and range in, text and range out. What a range shows to be needless is not written
(a clip, a wrap to 32 bit), and what fits into 32 bit is computed there: vector
instructions take twice as many elements then.
"""

from __future__ import annotations

from dataclasses import dataclass

INT32_LOW, INT32_HIGH = -(1 << 31), (1 << 31) - 1


@dataclass(frozen=True)
class Ranged:
    """The text of an expression and the range of its values, both ends included."""

    text: str
    low: int
    high: int

    @property
    def fits(self) -> bool:
        """Tell whether every value is one of 32 bits."""
        return self.low >= INT32_LOW and self.high <= INT32_HIGH

    def narrow(self) -> Ranged:
        """Compute in 32 bit if that is the same."""
        if not self.fits or self.low == self.high:
            return self
        return Ranged(f"np.int32({self.text})", self.low, self.high)

    def plus(self, other: Ranged) -> Ranged:
        """Add."""
        if other == NOTHING:
            return self
        if self == NOTHING:
            return other
        return self._joined(
            "+", other.text, self.low + other.low, self.high + other.high
        )

    def minus(self, other: Ranged) -> Ranged:
        """Subtract."""
        return self._joined(
            "-", other.text, self.low - other.high, self.high - other.low
        )

    def times(self, other: Ranged) -> Ranged:
        """Multiply."""
        if other == ONE:
            return self
        if self == ONE:
            return other
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return self._joined("*", other.text, min(ends), max(ends))

    def left(self, bits: int) -> Ranged:
        """Shift left."""
        if bits == 0:
            return self
        return self._joined("<<", str(bits), self.low << bits, self.high << bits)

    def right(self, bits: int) -> Ranged:
        """Shift right, which rounds down."""
        if bits == 0:
            return self
        text = f"({self.text} >> {bits})"
        return Ranged(text, self.low >> bits, self.high >> bits).narrow()

    def wrapped(self) -> Ranged:
        """Take it modulo 2**32, signed."""
        if self.fits:
            return self
        return Ranged(f"to_int32({self.text})", INT32_LOW, INT32_HIGH).narrow()

    def clipped(self, low: int, high: int) -> Ranged:
        """Bring it into [low, high]."""
        text = self.text
        if self.low < low:
            text = f"max({text}, {low})"
        if self.high > high:
            text = f"min({text}, {high})"
        if text == self.text:
            return self
        ends = [min(max(end, low), high) for end in (self.low, self.high)]
        return Ranged(text, *ends).narrow()

    def _joined(self, operator: str, right: str, low: int, high: int) -> Ranged:
        """Write an operation whose values are in [low, high].

        Where these need more than 32 bits, the text says so: numba would widen the
        operands of itself, numpy, which computes the text in tests, would not.
        """
        wide = min(low, high) < INT32_LOW or max(low, high) > INT32_HIGH
        left = f"np.int64({self.text})" if wide and self.fits else self.text
        return Ranged(f"({left} {operator} {right})", low, high).narrow()

    def called(self, function: str, low: int, high: int) -> Ranged:
        """Hand it to a function with values in a range."""
        return Ranged(f"{function}({self.text})", low, high).narrow()


def literal(value: int) -> Ranged:
    """Write a number."""
    return Ranged(str(value), value, value)


def variable(name: str, low: int = INT32_LOW, high: int = INT32_HIGH) -> Ranged:
    """Name something that is a 32-bit integer already."""
    return Ranged(name, low, high)


NOTHING, ONE = literal(0), literal(1)
