"""Whether a Program means something at all, whatever the chip.

In: a Program from a file, a converter or a hand. Out: every name that leads nowhere,
shape that does not fit and number that no engine can compute with. Backends may rely
on what this page of checks accepts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

import numpy as np

from ..diagnostics import Diagnostic
from .connections_check import CONNECTION_CHECKS
from .contradiction import (
    INT32,
    NameLeadsNowhere,
    NumberIsUnusable,
    finite,
    named,
    unique,
    within,
)
from .learning_check import LEARNING_CHECKS
from .operations_check import operations_are_well_formed
from .populations_check import POPULATION_CHECKS
from .program import Population, Program
from .variables import state_variables
from .weight_sums import sums_are_of_connections_alike, variable_of
from .wires_check import WIRE_CHECKS


def names_are_unique(program: Program) -> Iterator[Diagnostic]:
    """Require unique names; modulators have a name space of their own."""
    populations = [p.name for p in program.populations]
    connections = [c.name for c in program.connections]
    wires = [w.name for w in program.wires]
    sums = [s.name for s in program.sums]
    yield from unique("the program", populations + connections + wires + sums)
    yield from unique("the modulators", [m.name for m in program.modulators])


def recorded_names_exist(program: Program) -> Iterator[Diagnostic]:
    """Require that every name or pattern of what is to be recorded finds something."""
    if any(len(c.joins) != 2 for c in program.connections):
        return  # said already, and such a connection has no variables
    known = [v.name for v in state_variables(program)]
    known += [variable_of(s) for s in program.sums]
    for pattern in program.record:
        if pattern not in known and not any(fnmatchcase(n, pattern) for n in known):
            yield NameLeadsNowhere("record", "variable", pattern, ", ".join(known))


def modulators_reach_ports(program: Program) -> Iterator[Diagnostic]:
    """Require modulator ports at every end, and a usable scale and range."""
    known = {p.name: p for p in program.populations}
    for m in program.modulators:
        where = f"modulator `{m.name}`"
        yield from finite(f"{where}: scale", m.scale)
        yield from within(f"{where}: low", m.low, (INT32[0], m.high))
        yield from within(f"{where}: high", m.high, INT32)
        for name, port in m.ports:
            yield from named(where, "population", name, known)
            if name in known:
                ports = _ports(known[name], "modulator")
                yield from named(where, f"modulator port of `{name}`", port, ports)


def numbers_are_finite(program: Program) -> Iterator[Diagnostic]:
    """Require that nothing real in a Program is NaN or infinite."""
    yield from within("the product shift base", program.product_shift_base, (0, 31))
    if not (math.isfinite(program.dt_seconds) and program.dt_seconds > 0):
        value = repr(program.dt_seconds)
        yield NumberIsUnusable("the time step", value, "a positive number of seconds")
    for view in program.views:
        yield from finite(f"view `{view.variable}`: scale", view.scale)
        if view.scale == 0:
            yield NumberIsUnusable(f"view `{view.variable}`: scale", "0", "not zero")
    for b in program.budgets:
        where = f"budget of `{b.connection}`"
        for number in vars(b).values():
            if isinstance(number, float):
                yield from finite(where, number)
    arrays = program.source.arrays if program.source else {}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            yield NumberIsUnusable(f"source array `{name}`", "not finite", "all finite")


def placement_stays_within_populations(program: Program) -> Iterator[Diagnostic]:
    """Require that every placed slice lies inside its population."""
    sizes = {p.name: p.size for p in program.populations}
    for place in program.placement:
        where = f"core {place.core}"
        yield from named(where, "population", place.population, sizes)
        size = sizes.get(place.population)
        if size is not None and not 0 <= place.start < place.stop <= size:
            value = f"{place.start}:{place.stop}"
            slice_of = f"{where}: the slice of `{place.population}`"
            yield NumberIsUnusable(slice_of, value, f"a slice of 0:{size}")
        yield from within(f"{where}: the number", place.core, (0, INT32[1]))


CHECKS: tuple[Callable[[Program], Iterable[Diagnostic]], ...] = (
    names_are_unique,
    *POPULATION_CHECKS,
    *CONNECTION_CHECKS,
    operations_are_well_formed,
    *LEARNING_CHECKS,
    *WIRE_CHECKS,
    sums_are_of_connections_alike,
    modulators_reach_ports,
    numbers_are_finite,
    placement_stays_within_populations,
    recorded_names_exist,
)


def check_consistency(program: Program) -> list[Diagnostic]:
    """Run all checks; an empty list means that every backend may run the Program."""
    return [problem for check in CHECKS for problem in check(program)]


def _ports(population: Population, kind: str) -> list[str]:
    neuron = population.neuron
    return [p.name for p in neuron.ports if p.kind == kind] if neuron else []
