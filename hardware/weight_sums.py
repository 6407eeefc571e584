"""The weights of rules that several connections learn: sums of theirs, in one unit.

In: a Program and values of its connections' weights. Out: for each sum of the Program
the weights in the unit of its finest connection; and whether a sum means anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .contradiction import NumberIsUnusable, Problems, named, unique, within
from .program import Program, WeightSum

Values = npt.NDArray[Any]

SUFFIX = ".weights"
SPANS = (0, 15)  # nine bits of a weight and these leave room for many parts


def variable_of(weight_sum: WeightSum) -> str:
    """Name the variable that a sum adds to a recording."""
    return f"{weight_sum.name}{SUFFIX}"


def variables_summed(weight_sum: WeightSum) -> tuple[str, ...]:
    """Name the variables that a sum is made of."""
    return tuple(f"{name}{SUFFIX}" for name in weight_sum.connections)


def shifts_of(program: Program, weight_sum: WeightSum) -> tuple[int, ...]:
    """Give the left shift that brings each connection to the unit of the finest."""
    exponents = [
        program.connection(name).weight_exponent for name in weight_sum.connections
    ]
    return tuple(e - min(exponents) for e in exponents)


def sums_of(
    program: Program, values: Mapping[str, Values]
) -> Iterator[tuple[str, Values]]:
    """Give each sum all of whose parts are among the values: name and int32 array."""
    for weight_sum in program.sums:
        parts = variables_summed(weight_sum)
        if all(name in values for name in parts):
            shifts = shifts_of(program, weight_sum)
            shifted = [
                np.asarray(values[name], np.int32) << shift
                for name, shift in zip(parts, shifts, strict=True)
            ]
            yield variable_of(weight_sum), np.sum(shifted, axis=0, dtype=np.int32)


def initial_sums(program: Program) -> dict[str, Values]:
    """Give the weights that each sum starts with, as the Program stores them."""
    return dict(
        sums_of(program, {f"{c.name}{SUFFIX}": c.weights for c in program.connections})
    )


# --- whether they mean something --------------------------------------------------


def sums_are_of_connections_alike(program: Program) -> Problems:
    """Require two or more connections that join the same neurons, each in one sum."""
    known = {c.name: c for c in program.connections}
    counted = [name for s in program.sums for name in s.connections]
    yield from unique("the sums", counted)
    for weight_sum in program.sums:
        where = f"sum `{weight_sum.name}`"
        for name in weight_sum.connections:
            yield from named(where, "connection", name, known)
        parts = [known[name] for name in weight_sum.connections if name in known]
        ends = {(c.source, c.target, c.port, c.joins) for c in parts}
        if len(parts) < 2 or len(ends) > 1:
            value = ", ".join(weight_sum.connections) or "empty"
            wanted = "two or more connections of the same neurons and port"
            yield NumberIsUnusable(where, value, wanted)
        exponents = [c.weight_exponent for c in parts]
        if exponents:
            span = max(exponents) - min(exponents)
            yield from within(f"{where}: span of exponents", span, SPANS)
