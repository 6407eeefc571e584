"""How many bits the formats of an engine hold: those of a Loihi unless said otherwise.

In: nothing. Out: the record that a numerics profile carries and the interpreter reads.
The kernels and Lava have the widths of a Loihi built in.
"""

from __future__ import annotations

from dataclasses import dataclass

from .program import SignMode


@dataclass(frozen=True)
class Widths:
    """Bits without a sign, except where said. docs/semantics.md sections 5 to 7.

    trace_bits
        Of a trace, and of what a neuron sends to y1..y3.
    trace_decay_bits
        Fraction bits of the factor by which a trace decays.
    weight_bits, tag_bits
        Of the largest weight and tag.
    synapse_factor_bits
        Within which w, d and t enter a product, with their sign.
    sign_bits
        That a factor counts of which only the sign is read.
    constant_bits
        Of the factor that is a constant alone.
    accumulator_bits
        Above which sums of products saturate.
    product_bits
        Modulo which the running product of factors is taken, signed.
    """

    trace_bits: int = 7
    trace_decay_bits: int = 16
    weight_bits: int = 8
    tag_bits: int = 8
    synapse_factor_bits: int = 9
    sign_bits: int = 9
    constant_bits: int = 8
    accumulator_bits: int = 15
    product_bits: int = 32

    @property
    def trace_max(self) -> int:
        """The largest trace."""
        return (1 << self.trace_bits) - 1

    @property
    def tag_max(self) -> int:
        """The largest tag."""
        return (1 << self.tag_bits) - 1

    @property
    def accumulator_max(self) -> int:
        """The largest sum of products."""
        return (1 << self.accumulator_bits) - 1

    @property
    def fits_int64(self) -> bool:
        """Tell whether 64 bits hold every product before it is wrapped."""
        widest = max(self.trace_bits, self.synapse_factor_bits, self.constant_bits)
        return self.product_bits + widest < 63

    def weight_range(self, mode: SignMode) -> tuple[int, int]:
        """Give the smallest and the largest weight of a sign mode."""
        high = (1 << self.weight_bits) - 1
        return {
            SignMode.MIXED: (-high - 1, high),
            SignMode.EXCITATORY: (0, high),
            SignMode.INHIBITORY: (-high, 0),
        }[mode]

    def factor_bits(self, variable: str) -> int:
        """Give the width that a factor counts and is clipped to."""
        return {
            **dict.fromkeys(("x0", "y0"), 1),
            **dict.fromkeys(("x1", "x2", "y1", "y2", "y3"), self.trace_bits),
            **dict.fromkeys(("w", "d", "t"), self.synapse_factor_bits),
            "c": self.constant_bits,
        }[variable]


LOIHI_WIDTHS = Widths()

MORE_BITS = 24
"""Fraction bits that the formats of `ideal` have beyond those of a Loihi."""

# Arrays of a Program hold 32 bits, so one-signed weights and tags get 23 more bits.
IDEAL_WIDTHS = Widths(
    trace_bits=LOIHI_WIDTHS.trace_bits + MORE_BITS,
    trace_decay_bits=32,  # 64 bits hold a trace times this
    weight_bits=31,
    tag_bits=31,
    synapse_factor_bits=LOIHI_WIDTHS.synapse_factor_bits + MORE_BITS,
    constant_bits=LOIHI_WIDTHS.constant_bits + MORE_BITS,
    accumulator_bits=LOIHI_WIDTHS.accumulator_bits + MORE_BITS,
    product_bits=512,  # never reached: these integers are as long as it takes
)
