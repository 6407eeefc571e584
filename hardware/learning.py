"""How a connection learns: the settings of a learning engine, as plain integers.

Sums of products over traces and synaptic variables, as every Loihi-style engine takes
them. docs/semantics.md sections 6 and 7 say what an engine computes from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

Variable = Literal["x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "t", "d", "c"]
Gate = Literal["x0", "y0", "u"]
Target = Literal["w", "t", "d"]


class GradedSpikes(IntEnum):
    """What the payload p of a pre spike does to x1 (Lava's GradedSpikeCfg).

    With q = round_half_even(p / 2) modulo 256; semantics.md section 6.
    """

    REGULAR = 0  # nothing: a spike adds the impulse
    OVERWRITE = 1  # x1 := q
    ADD_WITH_SATURATION = 2  # x1 := min((x1 + q) mod 256, 127)
    ADD_WITHOUT_SATURATION = 3  # x1 := (x1 + q) mod 256, over 127 less 127 and a spike


@dataclass(frozen=True)
class TraceProgram:
    """A 7-bit trace of a learning engine.

    ``tau_256`` is the time constant in units of 2**-(8 + ``tau_extra_bits``) steps;
    0: the trace has no memory. The extra bits are for time constants that somebody
    gave as a float. The impulse is an integer plus ``impulse_fraction_256``/256.
    """

    impulse: int
    tau_256: int
    impulse_fraction_256: int = 0
    tau_extra_bits: int = 0

    @property
    def tau_steps(self) -> float:
        """The time constant in steps, exactly."""
        return self.tau_256 / (1 << (8 + self.tau_extra_bits))


@dataclass(frozen=True)
class Factor:
    """``variable + constant``, or the sign of it. ``c`` is the constant alone."""

    variable: Variable
    constant: int = 0
    sign: bool = False


@dataclass(frozen=True)
class Product:
    """``gate * mantissa * 2**exponent * factors``, added to ``target``.

    ``origin`` numbers the term of the report that it comes from.
    """

    target: Target
    gate: Gate
    factors: tuple[Factor, ...]
    mantissa: int
    exponent: int
    origin: int = -1


@dataclass(frozen=True)
class Learning:
    """How a connection learns: the learning engine's configuration.

    traces
        Engine traces by name: ``x1``, ``x2`` and, when the post side has no graded
        factors, ``y1`` to ``y3``.
    third_factors
        Slot (``y1``..``y3``) to output name of the post neuron. When not empty the
        engine computes no y traces: every y is what the neuron sends (Lava's
        three-factor rule). An empty name: what a wire of the connection's
        ``feedback`` carries, else 0.
    decimate_exponent
        The k of ``u``: u is 1 every 2**k epochs. None if no product is gated by u.
    seed_offset
        Added to the run's seed for this connection's random streams.
    graded_spikes
        What the payload of a pre spike does to x1.
    hears_post
        Whether post events reach the engine; None: if a product or trace needs them.
    """

    epoch_steps: int
    products: tuple[Product, ...]
    traces: Mapping[str, TraceProgram] = field(default_factory=dict)
    third_factors: Mapping[str, str] = field(default_factory=dict)
    decimate_exponent: int | None = None
    seed_offset: int = 0
    graded_spikes: GradedSpikes = GradedSpikes.REGULAR
    hears_post: bool | None = None

    @property
    def uses_tag(self) -> bool:
        """Tell whether any product reads or writes the tag."""
        return any(
            p.target == "t" or any(f.variable == "t" for f in p.factors)
            for p in self.products
        )

    @property
    def uses_delay(self) -> bool:
        """Tell whether any product reads or writes the delay variable."""
        return any(
            p.target == "d" or any(f.variable == "d" for f in p.factors)
            for p in self.products
        )

    @property
    def uses_post_event(self) -> bool:
        """Tell whether post events reach the engine: through y0 or y traces."""
        if self.hears_post is not None:
            return self.hears_post
        return any(name.startswith("y") for name in self.traces) or any(
            p.gate == "y0" or any(f.variable == "y0" for f in p.factors)
            for p in self.products
        )
