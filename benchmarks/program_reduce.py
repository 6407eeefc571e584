"""Smaller Programs made of one that fails: fewer steps, parts, products, operations.

Candidates need not be consistent: whoever tries them asks hardware/consistency.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from lahar.hardware.consistency import check_consistency
from lahar.hardware.learning import Learning
from lahar.hardware.program import Connection, NeuronProgram, Population, Program
from lahar.sim.backend import Inputs

from .program_draw import ProgramCase

Fails = Callable[[ProgramCase], bool]

_NEEDED = ("name", "source", "target", "port", "weights", "learning")


def shrink_case(case: ProgramCase, fails: Fails) -> ProgramCase:
    """Take away until nothing more can go."""
    while (smaller := _first_that_fails(case, fails)) is not None:
        case = smaller
    return case


def _first_that_fails(case: ProgramCase, fails: Fails) -> ProgramCase | None:
    for candidate in _smaller(case):
        if not check_consistency(candidate.program) and fails(candidate):
            return candidate
    return None


def _smaller(case: ProgramCase) -> Iterator[ProgramCase]:
    for steps in sorted({1, case.steps // 2, case.steps - 1}):
        if 1 <= steps < case.steps:
            yield replace(case, steps=steps)
    for program in _programs(case.program):
        yield replace(case, program=program, inputs=_heard(program, case.inputs))


def _heard(program: Program, inputs: Inputs) -> Inputs:
    """Keep the stimulus of what there still is."""
    kept = {p.name: p for p in program.populations}
    spikes = {n: s for n, s in inputs.spikes.items() if n in kept}
    ports = {key: v for key, v in inputs.ports.items() if key[0] in kept}
    return Inputs(spikes, ports)


def _programs(program: Program) -> Iterator[Program]:
    for c in program.connections:
        yield _without(program, c.name)
    for w in program.wires:
        yield _without(program, w.name)
    for p in program.populations:
        yield _without(program, p.name)
    for k, connection in enumerate(program.connections):
        for simpler in _connections(connection):
            others = [*program.connections]
            others[k] = simpler
            yield replace(program, connections=tuple(others))
    for k, population in enumerate(program.populations):
        for smaller in _populations(population):
            rest = [*program.populations]
            rest[k] = smaller
            yield replace(program, populations=tuple(rest))


def _without(program: Program, name: str) -> Program:
    """Drop a part, and whatever cannot be without it."""
    connections = tuple(
        replace(c, feedback={s: w for s, w in c.feedback.items() if w != name})
        for c in program.connections
        if name not in (c.name, c.source, c.target)
    )
    left = {c.name for c in connections}
    gone = {name} | {c.name for c in program.connections} - left
    wires = tuple(
        replace(w, taps=tuple(t for t in w.taps if t.signal.split(".")[0] not in gone))
        for w in program.wires
        if w.name not in gone
    )
    populations = tuple(
        replace(p, wires={port: w for port, w in p.wires.items() if w not in gone})
        for p in program.populations
        if p.name not in gone
    )
    return replace(
        program, connections=connections, wires=wires, populations=populations
    )


def _connections(c: Connection) -> Iterator[Connection]:
    if c.learning is not None:
        yield replace(c, learning=None, feedback={}, initial={}, exists={})
        yield from (replace(c, learning=x) for x in _learnings(c.learning))
    plain: dict[str, Any] = {f.name: f.default for f in fields(Connection)}
    for name in ("initial", "exists", "feedback"):
        plain[name] = {}
    for name, value in plain.items():
        held = getattr(c, name)
        same = held is value if isinstance(held, np.ndarray) else held == value
        if name not in _NEEDED and not same:
            yield replace(c, **{name: value})


def _learnings(learning: Learning) -> Iterator[Learning]:
    for k, product in enumerate(learning.products):
        rest = (*learning.products[:k], *learning.products[k + 1 :])
        yield replace(learning, products=rest)
        for j in range(len(product.factors)):
            factors = (*product.factors[:j], *product.factors[j + 1 :])
            shorter = replace(product, factors=factors)
            products = (*learning.products[:k], shorter, *learning.products[k + 1 :])
            yield replace(learning, products=products)
    for name in learning.traces:
        kept = {n: t for n, t in learning.traces.items() if n != name}
        yield replace(learning, traces=kept)
    if learning.epoch_steps > 1:
        yield replace(learning, epoch_steps=1)


def _populations(p: Population) -> Iterator[Population]:
    if p.initial:
        yield replace(p, initial={})
    if p.cycle is not None and len(p.cycle) > 1:
        yield replace(p, cycle=p.cycle[:1])
    if p.neuron is not None:
        yield from (replace(p, neuron=n) for n in _neurons(p.neuron))


def _neurons(neuron: NeuronProgram) -> Iterator[NeuronProgram]:
    for k in range(len(neuron.ops)):
        yield replace(neuron, ops=(*neuron.ops[:k], *neuron.ops[k + 1 :]))
    for k in range(len(neuron.outputs)):
        rest = (*neuron.outputs[:k], *neuron.outputs[k + 1 :])
        yield replace(neuron, outputs=rest)
