"""The Program: what the compiler emits and every integer backend executes.

Plain frozen data of integers. A Program says *what* is computed; which silicon or
model the arithmetic is that of is said by the profile of a run (profile.py).
Docs: docs/semantics.md is normative for the order of events and each operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from .report import Report

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]

OpCode = Literal[
    "copy",  # target = a
    "add",  # target = a + b
    "sub",  # target = a - b
    "mul",  # target = a * b
    "shl",  # target = a << k
    "shr",  # target = a >> k              arithmetic: floor
    "mulshift",  # target = (a * m) >> k   arithmetic: floor
    "decay",  # target = sign(a) * ((|a| * (4096 - f)) >> 12)   toward zero
    "wrap",  # target = a wrapped to 24 bit; the profile says how
    "saturate",  # target = min(max(a, low), high)
    "gt",  # target = 1 if a > b else 0
    "ge",  # target = 1 if a >= b else 0
    "select",  # target = a if c else b     (arguments c, a, b)
]


class SignMode(IntEnum):
    """Which signs the weights of a connection may take (Lava's numbering)."""

    MIXED = 1
    EXCITATORY = 2
    INHIBITORY = 3


@dataclass(frozen=True)
class Op:
    """One integer operation of a neuron program.

    Arguments are register names, port names or integer literals. All values are
    64-bit signed while computed; registers that are kept hold at most 32 bit.
    """

    code: OpCode
    target: str
    args: tuple[str | int, ...]


@dataclass(frozen=True)
class Register:
    """A per-neuron integer that lives from step to step."""

    name: str
    initial: int = 0


@dataclass(frozen=True)
class NeuronPort:
    """An input of a neuron: summed synaptic arrivals, or a modulator's value."""

    name: str
    kind: Literal["synaptic", "modulator"]


@dataclass(frozen=True)
class NeuronOutput:
    """A graded value that the neuron offers to its synapses each step.

    ``register`` is a kept register or a temporary of the program.
    """

    name: str
    register: str


@dataclass(frozen=True)
class NeuronProgram:
    """What one neuron computes in a step: straight-line integer operations.

    Names that are neither ports nor kept registers are temporaries. ``spike`` names
    the 0/1 value sent to the axon. ``membrane`` is the register that the chip may
    read differently right after a spike (profile.v_after_spike), if there is one.
    """

    ports: tuple[NeuronPort, ...]
    registers: tuple[Register, ...]
    ops: tuple[Op, ...]
    spike: str
    outputs: tuple[NeuronOutput, ...] = ()
    membrane: str | None = None


@dataclass(frozen=True)
class Population:
    """A group of equal neurons; without a program it is an input."""

    name: str
    size: int
    neuron: NeuronProgram | None = None


@dataclass(frozen=True)
class TraceProgram:
    """A 7-bit trace of a learning engine.

    ``tau_256`` is the time constant in 1/256 steps (0: the trace has no memory).
    The impulse is an integer plus ``impulse_fraction_256``/256.
    """

    impulse: int
    tau_256: int
    impulse_fraction_256: int = 0


Variable = Literal["x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "t", "d", "c"]
Gate = Literal["x0", "y0", "u"]
Target = Literal["w", "t", "d"]


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
        three-factor rule).
    decimate_exponent
        The k of ``u``: u is 1 every 2**k epochs. None if no product is gated by u.
    seed_offset
        Added to the run's seed for this connection's random streams.
    """

    epoch_steps: int
    products: tuple[Product, ...]
    traces: Mapping[str, TraceProgram] = field(default_factory=dict)
    third_factors: Mapping[str, str] = field(default_factory=dict)
    decimate_exponent: int | None = None
    seed_offset: int = 0

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
        """Tell whether post spikes reach the engine: through y0 or y traces."""
        return any(name.startswith("y") for name in self.traces) or any(
            p.gate == "y0" or any(f.variable == "y0" for f in p.factors)
            for p in self.products
        )


@dataclass(frozen=True, eq=False)
class Connection:
    """Synapses from one population to a port of another; weights (post, pre)."""

    name: str
    source: str
    target: str
    port: str
    weights: IntArray
    weight_exponent: int = 0
    weight_bits: int = 8
    sign_mode: SignMode = SignMode.MIXED
    learning: Learning | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Connection):
            return NotImplemented
        mine, theirs = dict(self.__dict__), dict(other.__dict__)
        same = np.array_equal(mine.pop("weights"), theirs.pop("weights"))
        return same and mine == theirs

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Modulator:
    """A signal from outside, the same name wherever it is read.

    A stimulus gives it in the rule's units; what reaches the neuron's port is
    ``round(value * scale)`` saturated to [low, high].
    """

    name: str
    scale: float
    low: int
    high: int
    ports: tuple[tuple[str, str], ...]  # (population, port)


@dataclass(frozen=True)
class View:
    """How a stored variable reads in the rule's units: (stored - offset) / scale.

    ``variable`` is the recorded name (``synapse.x1``), ``symbol`` the reference
    backend's name for the same quantity (``synapse.x``).
    """

    variable: str
    symbol: str
    scale: float
    offset: int = 0


@dataclass(frozen=True)
class Budget:
    """Predicted error of the weights of one connection against the float reference.

    All in weight LSB, open loop (design: the reference replays recorded spikes).
    The bound for a synapse with ``n`` gated updates and a summed absolute reference
    change ``a`` is ``relative*a + bias*n + 4*sqrt(variance*n) + 1``.
    """

    connection: str
    relative: float
    bias_per_update: float
    variance_per_update: float


@dataclass(frozen=True, eq=False)
class Source:
    """The network a Program was compiled from: canonical text and its arrays."""

    text: str
    arrays: Mapping[str, FloatArray]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Source):
            return NotImplemented
        return (
            self.text == other.text
            and self.arrays.keys() == other.arrays.keys()
            and all(np.array_equal(a, other.arrays[k]) for k, a in self.arrays.items())
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class CorePlacement:
    """Which neurons of a population sit on a core: [start, stop)."""

    core: int
    population: str
    start: int
    stop: int


@dataclass(frozen=True)
class Program:
    """A network as one chip would hold it. Immutable; change means `replace`."""

    name: str
    chip: str
    profile: str
    dt_seconds: float
    populations: tuple[Population, ...]
    connections: tuple[Connection, ...]
    modulators: tuple[Modulator, ...] = ()
    views: tuple[View, ...] = ()
    budgets: tuple[Budget, ...] = ()
    placement: tuple[CorePlacement, ...] = ()
    product_shift_base: int = 4  # what the exponents were compensated for
    source: Source | None = None
    report: Report = field(default_factory=Report, compare=False)

    def population(self, name: str) -> Population:
        """Find a population by name; KeyError if there is none."""
        for population in self.populations:
            if population.name == name:
                return population
        raise KeyError(name)

    def connection(self, name: str) -> Connection:
        """Find a connection by name; KeyError if there is none."""
        for connection in self.connections:
            if connection.name == name:
                return connection
        raise KeyError(name)

    @property
    def inputs(self) -> tuple[Population, ...]:
        """The populations whose spikes come from the stimulus."""
        return tuple(p for p in self.populations if p.neuron is None)

    def save(self, path: str | Path) -> None:
        """Write the Program to one file, whole or not at all.

        Raises
        ------
        LaharError
            P3xx if the file cannot be written.

        """
        from .program_file import save  # it needs this module

        save(self, path)

    def text(self) -> str:
        """Show the Program as text: neuron operations, products, views, cores."""
        from .program_text import print_program  # it needs this module

        return print_program(self)

    def with_weights(self, weights: Mapping[str, IntArray]) -> Program:
        """Put other integer weights (post, pre) into named connections."""
        return replace(
            self,
            connections=tuple(
                replace(c, weights=np.asarray(weights[c.name], dtype=np.int32))
                if c.name in weights
                else c
                for c in self.connections
            ),
        )

    def frozen(self) -> Program:
        """Switch learning off everywhere: the same network as pure inference."""
        return replace(
            self,
            connections=tuple(replace(c, learning=None) for c in self.connections),
            budgets=(),
        )
