"""Registers of a neuron: decay factors, thresholds and trace scales as integers.

Every number that changes on the way is logged with what was wanted, what it is, and the
line that the number comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..diagnostics import SourceSpan
from ..hardware.chip import Chip
from ..hardware.formats import (
    DECAY_ONE,
    bias_mantissa_exponent,
    clamp,
    effective_decay,
    round_half_even,
)
from ..hardware.program import Op, OpCode, Register
from ..hardware.report import Rounding, TermReport

STATE_BITS = 23  # magnitude of a 24-bit signed state
WORD_BITS = 62
"""Magnitude of a temporary: 64-bit signed, with a bit free for a sum of two."""
REGISTER = (-(2**31), 2**31 - 1)
LARGEST_WORD = (1 << WORD_BITS) - 1


@dataclass
class Emitter:
    """Collects operations, kept registers and roundings of one neuron program.

    ``span`` is the line that operations are emitted for: at first that of the model.
    ``decays`` has what sample data chose for the leaks of states, in 4096ths.
    """

    chip: Chip
    dt_seconds: float
    owner: str
    span: SourceSpan | None = None
    ops: list[Op] = field(default_factory=list)
    registers: list[Register] = field(default_factory=list)
    roundings: list[Rounding] = field(default_factory=list)
    tables: list[tuple[int, ...]] = field(default_factory=list)
    functions: list[TermReport] = field(default_factory=list)
    decays: Mapping[str, int] = field(default_factory=dict)
    temporaries: int = 0
    taken: set[str] = field(default_factory=set)

    def op(self, code: OpCode, target: str, *args: str | int) -> str:
        """Append an operation; give its target."""
        self.ops.append(Op(code, target, args))
        return target

    def table(self, entries: tuple[int, ...]) -> int:
        """Hold a table; give its number, that of the one before if they are equal."""
        if entries not in self.tables:
            self.tables.append(entries)
        return self.tables.index(entries)

    def temporary(self, stem: str = "t") -> str:
        """Make a name that is not kept between steps."""
        self.temporaries += 1
        return self.unused(f"{stem}_{self.temporaries}")

    def unused(self, name: str) -> str:
        """Give the name, with underscores where the model has it already."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def keep(self, name: str, initial: int = 0) -> str:
        """Declare a register that lives from step to step."""
        self.registers.append(Register(name, initial))
        return name

    def keep_from(self, name: str, value: float, scale: float) -> str:
        """Declare a register with a first value; limits of a chip are checked later."""
        first = self.stored(f"{name}.initial", value, scale)
        return self.keep(name, clamp(first, REGISTER))

    def after(self, steps: int) -> str:
        """Emit a count of steps; give what is 1 once so many have passed, else 0."""
        waited = self.keep(self.unused("waited"), -steps)
        self.op("add", waited, waited, 1)
        self.op("saturate", waited, waited, -steps, 1)
        return self.op("gt", self.unused("awake"), waited, 0)

    @contextmanager
    def at(self, span: SourceSpan | None) -> Iterator[None]:
        """Log what is rounded within under this line; None: where it stands."""
        outer = self.span
        self.span = span or outer
        try:
            yield
        finally:
            self.span = outer

    def rounded(self, what: str, wanted: float, got: float) -> None:
        """Log a number that changed."""
        if not math.isclose(wanted, got, rel_tol=1e-12, abs_tol=1e-300):
            name, where = f"{self.owner}.{what}", str(self.span or "")
            self.roundings.append(Rounding(name, wanted, got, where))

    def euler_decay(self, what: str, tau_seconds: float | None) -> int:
        """Give the factor of a leak: round(4096 * dt/tau), 0 without a leak."""
        if tau_seconds is None:
            return 0
        if tau_seconds == 0.0:
            return DECAY_ONE
        return self._decay(what, self.dt_seconds / tau_seconds, tau_seconds)

    def exact_decay(self, what: str, tau_seconds: float) -> int:
        """Give the factor of a trace: round(4096 * (1 - exp(-dt/tau)))."""
        fraction = -math.expm1(-self.dt_seconds / tau_seconds)
        return self._decay(what, fraction, tau_seconds)

    def forget(self, name: str, tau_seconds: float) -> None:
        """Let a trace decay, by a decay register or with more bits where there are."""
        extra = self.chip.decay_bits.value - 12
        if extra <= 0:
            self.op("decay", name, name, self.exact_decay(f"{name}.tau", tau_seconds))
            return
        bits = self.chip.decay_bits.value
        kept = round_half_even(math.exp(-self.dt_seconds / tau_seconds) * 2.0**bits)
        self.op("mulshift", name, name, kept, bits)

    def _decay(self, what: str, fraction: float, tau_seconds: float) -> int:
        # A factor of 0 would never forget; the smallest leak is 1/4096.
        factor = max(effective_decay(fraction), 1)
        factor = self.decays.get(what.removesuffix(".leak"), factor)
        self.rounded(what, tau_seconds, tau_seconds * fraction * DECAY_ONE / factor)
        return factor

    def bias(self, value: float, scale: float) -> int:
        """Round a bias to the chip's mantissa << exponent and log it."""
        limits = self.chip.bias_mantissa.value, self.chip.bias_exponent.value
        mantissa, exponent = bias_mantissa_exponent(value * scale, *limits)
        self.rounded("bias", value, (mantissa << exponent) / scale)
        return mantissa << exponent

    def stored(self, what: str, value: float, scale: float) -> int:
        """Round a constant to its stored integer and log it."""
        wanted = min(max(value * scale, -LARGEST_WORD), LARGEST_WORD)
        integer = round_half_even(wanted)
        self.rounded(what, value, integer / scale)
        return integer
