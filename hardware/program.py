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

from ..pairs import Pairs
from .array_equality import equal_fields
from .budget import Budget
from .learning import Learning, Target
from .report import Report
from .wires import Wire

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
    "fscale",  # target = trunc(float64(a) * (m * 2.0**-k))   where Lava uses a float
    "int32",  # target = a modulo 2**32
    "wrap",  # target = a wrapped to 24 bit; the profile says how
    "saturate",  # target = min(max(a, low), high)
    "gt",  # target = 1 if a > b else 0
    "ge",  # target = 1 if a >= b else 0
    "select",  # target = a if c else b     (arguments c, a, b)
    "every",  # target = 1 if step mod n == k else 0   (arguments n, k)
    "random",  # target = the population's draw number n of this step, of k bits
    "lookup",  # target = entry a of table n, the nearest end where a is outside
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
    the value sent to the axon: 0 or 1, any 32-bit integer if ``graded``. ``membrane``
    is the register that the chip may read differently right after a spike
    (profile.v_after_spike), if there is one. ``tables`` are what ``lookup`` reads.
    """

    ports: tuple[NeuronPort, ...]
    registers: tuple[Register, ...]
    ops: tuple[Op, ...]
    spike: str
    outputs: tuple[NeuronOutput, ...] = ()
    membrane: str | None = None
    graded: bool = False
    tables: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Population:
    """A group of equal neurons; without a program it is an input.

    Neurons are updated in the order of the Program's populations.

    shape
        Of what a recording shows of a step; empty: (size,). Neurons count in C order.
    initial
        Register to first values (size,), for neurons that do not start alike.
    cycle
        Of an input: what it sends, (period, size), over and over; None: the stimulus.
    wires
        Synaptic port to a wire whose value is added to what arrives.
    """

    name: str
    size: int
    neuron: NeuronProgram | None = None
    shape: tuple[int, ...] = ()
    initial: Mapping[str, IntArray] = field(default_factory=dict)
    cycle: IntArray | None = None
    wires: Mapping[str, str] = field(default_factory=dict)

    @property
    def step_shape(self) -> tuple[int, ...]:
        """The shape of what a recording shows of a step."""
        return self.shape or (self.size,)

    @property
    def graded(self) -> bool:
        """Tell whether it may send other values than 0 and 1."""
        if self.cycle is not None:
            return bool(((self.cycle != 0) & (self.cycle != 1)).any())
        return self.neuron is not None and self.neuron.graded

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Population):
            return NotImplemented
        return equal_fields(self, other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Connection:
    """Synapses from one population to a port of another; weights (post, pre).

    source
        A population (its spikes) or a wire.
    target, port
        Where ``a_out`` arrives; both empty: only wires hear it.
    message_bits
        0: whatever is not 0 counts as a spike of 1. More: spikes are graded.
    delays
        Extra steps of each synapse (post, pre), 0 to 63; None: none anywhere.
    weight_format
        ``synapse``: weights are stored as docs/semantics.md section 5 says.
        ``raw``: they are used as they are (Lava's Conv).
    sum_bits
        The sum of weight times spike is taken modulo 2**sum_bits before the shift.
    result_bits
        ``a_out`` is taken modulo 2**result_bits, as a signed number.
    shape
        Of ``a_out`` in a recording; empty: (post,).
    initial
        ``tag_1``, ``tag_2`` (post, pre), ``x1``... ``y3``: first values that are not 0.
    exists
        ``w``, ``t``, ``d`` to 1 where learning finds a synapse, 0 elsewhere (post,
        pre); not named: everywhere.
    feedback
        ``event``, ``y1``, ``y2``, ``y3`` to the wire that carries it to the learning
        engine. Not named: the target's spikes and outputs.
    pairs
        Of a sparse connection: which pairs of neurons have a synapse. Every array that
        is (post, pre) has then a value for each of these, (synapses,); weights may be
        of a narrower type than int32.
    """

    name: str
    source: str
    target: str
    port: str
    weights: IntArray
    weight_exponent: int = 0
    weight_bits: int = 8
    sign_mode: SignMode = SignMode.MIXED
    learning: Learning | None = None
    message_bits: int = 0
    delays: IntArray | None = None
    weight_format: Literal["synapse", "raw"] = "synapse"
    sum_bits: Literal[32, 64] = 64
    result_bits: int = 32
    shape: tuple[int, ...] = ()
    initial: Mapping[str, IntArray] = field(default_factory=dict)
    exists: Mapping[Target, IntArray] = field(default_factory=dict)
    feedback: Mapping[str, str] = field(default_factory=dict)
    pairs: Pairs | None = None

    @property
    def joins(self) -> tuple[int, ...]:
        """(post, pre): how many neurons it joins, if the weights have that shape."""
        return self.weights.shape if self.pairs is None else self.pairs.shape

    @property
    def step_shape(self) -> tuple[int, ...]:
        """The shape of ``a_out`` in a recording of a step."""
        return self.shape or (self.joins[0],)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Connection):
            return NotImplemented
        return equal_fields(self, other)

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
class WeightSum:
    """A rule that several connections learn: its weight is the sum of theirs.

    ``<name>.weights`` is the sum of ``weights << (weight_exponent - least)`` over the
    connections, with the least of their exponents: what a spike brings all together.
    """

    name: str
    connections: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Source:
    """The network a Program was compiled from: canonical text and its arrays."""

    text: str
    arrays: Mapping[str, FloatArray]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Source):
            return NotImplemented
        return equal_fields(self, other)

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
    wires: tuple[Wire, ...] = ()
    record: tuple[str, ...] = ()  # what a run records if nobody says otherwise
    sums: tuple[WeightSum, ...] = ()
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
        return tuple(
            p for p in self.populations if p.neuron is None and p.cycle is None
        )

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
        """Put other integer weights into named connections, in the shape they have."""
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
