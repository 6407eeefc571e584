"""Whether the populations of a Program have neurons, and arrays that fit them.

In: a Program. Out: a diagnostic for each size, shape, first value or cycle that no
engine can take. What their neurons compute is operations_check's.
"""

from __future__ import annotations

from ..diagnostics import Diagnostic
from .contradiction import (
    INT32,
    NumberIsUnusable,
    Problems,
    integers,
    named,
    of_size,
    shaped,
    within,
)
from .program import Population, Program


def populations_have_neurons(program: Program) -> Problems:
    """Require at least one neuron each, and few enough to count in 32 bit."""
    for p in program.populations:
        yield from within(f"{_where(p)}: size", p.size, (1, INT32[1]))
        yield from of_size(_where(p), p.shape, p.size)


def first_values_name_registers(program: Program) -> Problems:
    """Require an integer for every neuron, of registers that there are."""
    for p in program.populations:
        registers = [r.name for r in p.neuron.registers] if p.neuron else []
        for name, values in p.initial.items():
            where = f"{_where(p)}: the first values of `{name}`"
            yield from named(_where(p), "register", name, registers)
            yield from shaped(where, values, (p.size,), "each neuron has one")
            yield from integers(where, values)


def only_inputs_have_cycles(program: Program) -> Problems:
    """Require rows of integers, a value for each neuron of an input."""
    for p in program.populations:
        if p.cycle is None:
            continue
        where = f"{_where(p)}: the cycle"
        if p.neuron is not None:
            yield _cycle_of_a_neuron(where)
        periods = max(len(p.cycle), 1) if p.cycle.ndim else 1
        why = "a row for each step of the cycle, a column for each neuron"
        yield from shaped(where, p.cycle, (periods, p.size), why)
        yield from integers(where, p.cycle)


def _cycle_of_a_neuron(where: str) -> Diagnostic:
    found = "there although the population has a neuron program"
    return NumberIsUnusable(where, found, "left out: a neuron computes what it sends")


def _where(population: Population) -> str:
    return f"population `{population.name}`"


POPULATION_CHECKS = (
    populations_have_neurons,
    first_values_name_registers,
    only_inputs_have_cycles,
)
