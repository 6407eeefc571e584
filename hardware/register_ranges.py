"""Bound every register of a neuron program, whatever it has computed before.

In: a neuron program and bounds of what its ports receive in a step. Out: intervals at
a fixpoint: a step from inside them ends inside them. A leaky state that grows jumps to
where its leak balances its drive; anything else that grows is widened to 32 bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .formats import DECAY_ONE
from .interval import (
    INT32,
    Interval,
    inside,
    looked_up,
    modulo,
    operation,
    union,
)
from .program import NeuronProgram, Op

PLAIN_ROUNDS = 3
"""Steps that are only followed, before what grows is widened."""
NARROWING_ROUNDS = 4
"""Steps from a fixpoint, which can only bring its bounds closer."""
MOST_ROUNDS = 40


@dataclass(frozen=True)
class Drive:
    """A register's next value: what its leak leaves of it, and what is added."""

    register: str
    factor: Interval
    added: Interval = (0, 0)


@dataclass(frozen=True)
class Ranges:
    """What a neuron's values can be, by name.

    values
        At the end of a step: registers, temporaries, ports, outputs.
    wrapped
        Argument of each ``wrap``, by its target: what 24 bits would have to hold.
    saturated
        Argument and limits of each ``saturate``, by its target.
    drives
        Of each leaky register: its leak, and what is added to it in a step.
    unknown
        Names that depend on a register for which no bound was found: it feeds itself
        in another way than by leak and drive.
    """

    values: Mapping[str, Interval]
    wrapped: Mapping[str, Interval]
    saturated: Mapping[str, tuple[Interval, Interval]]
    drives: Mapping[str, Drive]
    unknown: frozenset[str] = frozenset()


def register_ranges(
    neuron: NeuronProgram, ports: Mapping[str, Interval], first: Mapping[str, Interval]
) -> Ranges:
    """Find the ranges of a neuron whose ports and first values are bounded.

    A port or first value that nobody names is bounded by 32 bit, or by the program.
    """
    given = tuple((p.name, ports.get(p.name, INT32)) for p in neuron.ports)
    start = tuple(
        (r.name, first.get(r.name, (r.initial, r.initial))) for r in neuron.registers
    )
    return _ranges(neuron, given, start)


def first_step(neuron: NeuronProgram, ports: Mapping[str, Interval]) -> Ranges:
    """Bound what the first step computes, from the registers' first values."""
    given = {p.name: ports.get(p.name, INT32) for p in neuron.ports}
    step = _Step(neuron, given, {r.name: (r.initial,) * 2 for r in neuron.registers})
    return Ranges(step.values, step.wrapped, step.saturated, step.drives)


Bounds = tuple[tuple[str, Interval], ...]


@lru_cache(maxsize=512)
def _ranges(neuron: NeuronProgram, ports: Bounds, start: Bounds) -> Ranges:
    first, given = dict(start), dict(ports)
    state, widened = _fixpoint(neuron, given, first)
    for _ in range(NARROWING_ROUNDS):
        step = _Step(neuron, given, state)
        state = {name: union(step.values[name], first[name]) for name in state}
    step = _Step(neuron, given, state)
    values = {**step.values, **state}
    unknown = _depending(neuron, widened - step.drives.keys())
    return Ranges(values, step.wrapped, step.saturated, step.drives, unknown)


def _depending(neuron: NeuronProgram, names: set[str]) -> frozenset[str]:
    """Add everything that is computed from these names, in this step or a later one."""
    found: set[str] = set()
    while names - found:
        found |= names
        for op in neuron.ops:
            if found.intersection(a for a in op.args if isinstance(a, str)):
                names = names | {op.target}
                found |= {op.target}
    return frozenset(found)


def _fixpoint(
    neuron: NeuronProgram, ports: Mapping[str, Interval], first: dict[str, Interval]
) -> tuple[dict[str, Interval], set[str]]:
    """Follow steps until nothing grows; and name the registers that were widened."""
    state: dict[str, Interval] = first
    widened: set[str] = set()
    for rounds in range(MOST_ROUNDS):
        step = _Step(neuron, ports, state)
        new = {name: union(state[name], step.values[name]) for name in state}
        if new == state:
            return state, widened
        widen = rounds >= PLAIN_ROUNDS
        if widen:
            widened |= {name for name in state if new[name] != state[name]}
        state = {
            name: _grown(state[name], new[name], step.drives.get(name), widen)
            for name in state
        }
    return dict.fromkeys(state, INT32), set(state)


def _grown(old: Interval, new: Interval, drive: Drive | None, widen: bool) -> Interval:
    """Jump ahead: to the balance of leak and drive, or to the ends of the word."""
    if inside(new, old):
        return new
    if drive is not None and drive.factor[0] > 0 and not widen:
        balance = tuple(_balance(a, drive.factor[0]) for a in drive.added)
        return modulo(union(new, (min(balance), max(balance))), INT32)
    if not widen:
        return new
    low = new[0] if new[0] >= old[0] else INT32[0]
    return low, (new[1] if new[1] <= old[1] else INT32[1])


def _balance(added: int, factor: int) -> int:
    """Give the farthest value at which a leak takes away what is added."""
    size = abs(added) * DECAY_ONE // factor
    return size if added >= 0 else -size


@dataclass
class _Step:
    """One step of the program on intervals."""

    neuron: NeuronProgram
    ports: Mapping[str, Interval]
    state: Mapping[str, Interval]
    wrapped: dict[str, Interval] = field(default_factory=dict)
    saturated: dict[str, tuple[Interval, Interval]] = field(default_factory=dict)
    drives: dict[str, Drive] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values: dict[str, Interval] = {**self.state, **self.ports}
        self.leaking: dict[str, Drive] = {}
        self.compared: dict[str, tuple[str, int]] = {}
        self.stored = {r.name for r in self.neuron.registers} | {
            *(o.register for o in self.neuron.outputs),
            self.neuron.spike,
        }
        for op in self.neuron.ops:
            self._do(op)

    def _bounds(self, arg: str | int) -> Interval:
        return (arg, arg) if isinstance(arg, int) else self.values[arg]

    def _do(self, op: Op) -> None:
        args = [self._bounds(a) for a in op.args]
        if op.code == "wrap":
            self.wrapped[op.target] = args[0]
        if op.code == "saturate":
            self.saturated[op.target] = args[0], (args[1][0], args[2][1])
        found = operation(op.code, args) if op.code != "lookup" else args[0]
        if op.code == "select":
            found = self._chosen(op, args)
        if op.code == "lookup":
            found = looked_up(self.neuron.tables[args[1][0]], args[0])
        if op.target in self.stored:
            found = modulo(found, INT32)
        self._follow_leak(op, args)
        self._follow_comparison(op)
        self.values[op.target] = found

    def _follow_leak(self, op: Op, args: list[Interval]) -> None:
        """Note what is added to a register that has just leaked."""
        first = op.args[0] if op.args else 0
        drive = None
        if op.code == "decay" and isinstance(first, str) and first in self.state:
            drive = Drive(first, args[1])
        elif op.code in ("copy", "wrap", "saturate", "int32"):
            drive = self.leaking.get(str(first))
        elif op.code == "add":
            drive = self._added(op, args)
        self.leaking.pop(op.target, None)
        if drive is None:
            return
        self.leaking[op.target] = drive
        if op.target == drive.register:
            self.drives[op.target] = drive

    def _added(self, op: Op, args: list[Interval]) -> Drive | None:
        for one, other in ((0, 1), (1, 0)):
            drive = self.leaking.get(str(op.args[one]))
            if drive is not None:
                low, high = args[other]
                added = drive.added[0] + low, drive.added[1] + high
                return replace(drive, added=added)
        return None

    def _follow_comparison(self, op: Op) -> None:
        """Remember which value a flag compares with which number."""
        stale = [f for f, (name, _) in self.compared.items() if name == op.target]
        for flag in [*stale, op.target]:
            self.compared.pop(flag, None)
        if op.code in ("gt", "ge") and isinstance(op.args[0], str):
            limit = op.args[1]
            if isinstance(limit, int):
                # a >= b is a > b - 1 among integers
                self.compared[op.target] = op.args[0], limit - (op.code == "ge")

    def _chosen(self, op: Op, args: list[Interval]) -> Interval:
        """Bound a select; a branch that is the compared value lies on its side."""
        condition, yes, no = args
        name, limit = self.compared.get(str(op.args[0]), ("", 0))
        if op.args[1] == name:
            yes = max(yes[0], limit + 1), max(yes[1], limit + 1)
        if op.args[2] == name:
            no = min(no[0], limit), min(no[1], limit)
        if condition == (0, 0):
            return no
        return union(yes, no) if condition[0] <= 0 <= condition[1] else yes
