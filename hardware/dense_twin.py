"""A Program with a place for every pair of neurons, instead of lists of synapses.

In: a Program. Out: one that computes the same, with arrays (post, pre); and of what it
recorded, the part that belongs to synapses that are there. docs/semantics.md section 5
defines sparse connections so: what has no place for a synapse has none that learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .learning import Target
from .program import Connection, IntArray, Program

Values = npt.NDArray[Any]
TARGETS: tuple[Target, ...] = ("w", "t", "d")


def dense_twin(program: Program) -> Program:
    """Give the Program that keeps all places; itself if it does already.

    Raises
    ------
    LaharError
        R181 if there are too many.

    """
    if not any(c.pairs for c in program.connections):
        return program
    return replace(
        program, connections=tuple(map(dense_connection, program.connections))
    )


def dense_connection(connection: Connection) -> Connection:
    """Give a connection all places."""
    c, pairs = connection, connection.pairs
    if pairs is None:
        return c
    there = pairs.dense(np.ones(pairs.count, np.int32))
    exists: dict[Target, IntArray] = {}
    if c.learning is not None:
        used = {t for t in TARGETS if any(p.target == t for p in c.learning.products)}
        exists = {t: there for t in TARGETS if t in used}
        exists |= {t: pairs.dense(mask) for t, mask in c.exists.items()}
    return replace(
        c,
        weights=pairs.dense(c.weights.astype(np.int32)),
        delays=None if c.delays is None else pairs.dense(c.delays.astype(np.int32)),
        initial={
            name: pairs.dense(first) if name.startswith("tag_") else first
            for name, first in c.initial.items()
        },
        exists=exists,
        pairs=None,
    )


def of_synapses(program: Program, values: Mapping[str, Values]) -> dict[str, Values]:
    """Take what a dense twin recorded, by name, as the Program names its synapses."""
    return {name: of_variable(program, name, array) for name, array in values.items()}


def of_variable(program: Program, name: str, values: Values) -> Values:
    """Give of (..., post, pre) what belongs to synapses, (..., synapses)."""
    owner = name.rpartition(".")[0]
    for c in program.connections:
        if c.name == owner and c.pairs is not None:
            whole = values.ndim >= 2 and values.shape[-2:] == c.pairs.shape
            return c.pairs.picked(values) if whole and not _is_flat(name) else values
    return values


def _is_flat(name: str) -> bool:
    """Tell whether a variable has a value for each neuron: traces, and what arrives."""
    variable = name.rpartition(".")[2]
    return variable in ("a_out", "x1", "x2", "y1", "y2", "y3")
