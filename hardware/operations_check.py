"""Whether the operations of a neuron program are well formed.

In: a Program. Out: a diagnostic for each operation with the wrong arguments and each
name that is read before anything wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..diagnostics import Diagnostic
from .program import NeuronProgram, Op, OpCode, Population, Program

SHIFT = (0, 62)
INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)
DECAY = (0, 4096)
FLOAT_MANTISSA = (-(2**53), 2**53)
FLOAT_SHIFT = (0, 1074)  # 2**-1074 is the smallest float64
PERIOD = (1, 2**31 - 1)
DRAWS = 256  # streams of a population: docs/semantics.md section 8
RANDOM_BITS = (1, 62)


@dataclass(frozen=True)
class Signature:
    """How many arguments an operation takes, and the range of those that are literals.

    ``literals`` maps the position of an argument to its range; a name in its place is
    refused unless the position is among ``names_too``.
    """

    arguments: int
    literals: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    names_too: frozenset[int] = frozenset()


SIGNATURES: Mapping[OpCode, Signature] = MappingProxyType(
    {
        "copy": Signature(1),
        "add": Signature(2),
        "sub": Signature(2),
        "mul": Signature(2),
        "shl": Signature(2, {1: SHIFT}),
        "shr": Signature(2, {1: SHIFT}),
        "mulshift": Signature(3, {1: INT64, 2: SHIFT}),
        "decay": Signature(2, {1: DECAY}, names_too=frozenset({1})),
        "fscale": Signature(3, {1: FLOAT_MANTISSA, 2: FLOAT_SHIFT}),
        "int32": Signature(1),
        "wrap": Signature(1),
        "saturate": Signature(3, {1: INT64, 2: INT64}),
        "gt": Signature(2),
        "ge": Signature(2),
        "select": Signature(3),
        "every": Signature(2, {0: PERIOD, 1: (0, PERIOD[1])}),
        "random": Signature(2, {0: (0, DRAWS - 1), 1: RANDOM_BITS}),
        "lookup": Signature(2, {1: (0, INT32[1])}),
    }
)


@dataclass(frozen=True)
class OperationIsIllFormed(Diagnostic):
    """An operation of a neuron program has the wrong arguments.

    docs/semantics.md section 4 lists the operations; shifts, float factors, periods,
    tables and bounds are literals, every other argument is a register, a port, a
    literal or a name that an earlier operation of the same step wrote.
    """

    code = "P315"
    title = "population `{population}`, operation {number} `{text}`: {problem}"
    note = "docs/semantics.md section 4 lists the operations and their arguments"
    help = "correct the operation in the program file, or compile it again"

    population: str
    number: int
    text: str
    problem: str


@dataclass(frozen=True)
class NeuronNameIsUndefined(Diagnostic):
    """A neuron program hands out a value that none of its operations computes.

    What a neuron sends, spikes by or resets has to be a register, or a result of
    its operations. The name may be misspelt, or the operation be missing.
    """

    code = "P316"
    title = "population `{population}`: the {role} `{name}` is never computed"
    note = "registers and results of this neuron: {known}"
    help = "name one of them"

    population: str
    role: str
    name: str
    known: str


@dataclass(frozen=True)
class RegisterIsUnusable(Diagnostic):
    """A register of a neuron program cannot be recorded or cannot hold its value.

    It is declared twice, is called `s_out` like the spikes, or starts beyond 32 bit.
    """

    code = "P317"
    title = "population `{population}`: register `{name}` {problem}"
    note = "registers are named once in a neuron and hold at most 32 bit"
    help = "correct the register in the program file, or compile it again"

    population: str
    name: str
    problem: str


def format_op(op: Op) -> str:
    """Write an operation as ``target = code a, b``."""
    return f"{op.target} = {op.code} {', '.join(str(a) for a in op.args)}"


def operations_are_well_formed(program: Program) -> Iterator[Diagnostic]:
    """Check every operation of every population in the order of execution."""
    for population in program.populations:
        if population.neuron is not None:
            yield from _registers(population, population.neuron)
            yield from _operations(population, population.neuron)
            yield from _handed_out(population, population.neuron)


def _registers(population: Population, neuron: NeuronProgram) -> Iterator[Diagnostic]:
    names = [p.name for p in neuron.ports] + [r.name for r in neuron.registers]
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        yield RegisterIsUnusable(population.name, name, "is declared more than once")
    if "s_out" in {*names, *(o.name for o in neuron.outputs)}:
        problem = "has the name under which spikes are recorded"
        yield RegisterIsUnusable(population.name, "s_out", problem)
    for register in neuron.registers:
        if not _holds(INT32, register.initial):
            problem = f"starts at {register.initial}"
            yield RegisterIsUnusable(population.name, register.name, problem)


def _operations(population: Population, neuron: NeuronProgram) -> Iterator[Diagnostic]:
    ports = {p.name for p in neuron.ports}
    known = ports | {r.name for r in neuron.registers}
    for number, op in enumerate(neuron.ops):
        for problem in (*_problems(op, known, ports), *_of_tables(op, neuron)):
            text = format_op(op)
            yield OperationIsIllFormed(population.name, number, text, problem)
        known.add(op.target)


def _problems(op: Op, known: set[str], ports: set[str]) -> Iterator[str]:
    signature = SIGNATURES[op.code]
    if len(op.args) != signature.arguments:
        yield f"takes {signature.arguments} arguments, not {len(op.args)}"
        return
    if op.target in ports:
        yield f"writes to the port `{op.target}`"
    for position, argument in enumerate(op.args):
        limits = signature.literals.get(position)
        if isinstance(argument, str):
            if limits is not None and position not in signature.names_too:
                yield f"argument {position + 1} must be a number"
            elif argument not in known:
                yield f"`{argument}` is read before it is written"
        elif not _holds(limits or INT64, argument):
            low, high = limits or INT64
            yield f"argument {position + 1} is not between {low} and {high}"
    if op.code == "saturate" and not _ordered(op):
        yield "the lower bound is above the upper one"
    if op.code == "every" and not _happens(op):
        yield "no step has that remainder"


def _of_tables(op: Op, neuron: NeuronProgram) -> Iterator[str]:
    if op.code != "lookup" or len(op.args) != 2 or not isinstance(op.args[1], int):
        return
    if not 0 <= op.args[1] < len(neuron.tables):
        yield f"there is no table {op.args[1]}"
        return
    table = neuron.tables[op.args[1]]
    if not table:
        yield f"table {op.args[1]} is empty"
    if not all(_holds(INT32, entry) for entry in table):
        yield f"table {op.args[1]} has an entry beyond 32 bit"


def _holds(limits: tuple[int, int], value: int) -> bool:
    return limits[0] <= value <= limits[1]


def _ordered(op: Op) -> bool:
    low, high = op.args[1:]
    return not (isinstance(low, int) and isinstance(high, int) and low > high)


def _happens(op: Op) -> bool:
    n, k = op.args
    return not (isinstance(n, int) and isinstance(k, int) and 1 <= n <= k)


def _handed_out(population: Population, neuron: NeuronProgram) -> Iterator[Diagnostic]:
    kept = [r.name for r in neuron.registers]
    known = list(dict.fromkeys([*kept, *(op.target for op in neuron.ops)]))
    wanted = [("spike", neuron.spike, known)]
    wanted += [(f"output {o.name}", o.register, known) for o in neuron.outputs]
    if neuron.membrane is not None:
        wanted.append(("membrane", neuron.membrane, kept))
    for role, name, names in wanted:
        if name not in names:
            listing = ", ".join(names) or "none"
            yield NeuronNameIsUndefined(population.name, role, name, listing)
