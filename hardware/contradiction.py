"""What is said of a Program that contradicts itself, and the tests all checks share.

In: a name, number or array and what it has to be. Out: a diagnostic if it is not. The
checks themselves are the functions of the modules that consistency.py lists.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic

Problems = Iterator[Diagnostic]
Range = tuple[int, int]

INT32 = (-(2**31), 2**31 - 1)


@dataclass(frozen=True)
class NameLeadsNowhere(Diagnostic):
    """A part of a Program names another part that the Program does not have.

    Programs are made by the compiler; one that was edited by hand, or that another
    tool wrote, can hold such a name. Nothing of it is run.
    """

    code = "P310"
    title = "{where}: there is no {kind} `{name}`"
    note = "the program has: {known}"
    help = "correct the name in the program file, or compile it again"

    where: str
    kind: str
    name: str
    known: str


@dataclass(frozen=True)
class NameIsTaken(Diagnostic):
    """Two parts of a Program have the same name, so a recording could not tell them.

    Populations, connections and wires share one space of names, because a recorded
    variable is called `<name>.<variable>`.
    """

    code = "P311"
    title = "the name `{name}` is used {count} times in {where}"
    note = "recorded variables are `<name>.<variable>`, so names must differ"
    help = "rename all but one"

    where: str
    name: str
    count: int


@dataclass(frozen=True)
class NumberIsUnusable(Diagnostic):
    """A number in a Program is NaN, infinite or outside what it can mean.

    Programs that the compiler made do not have such numbers; one written by hand or
    by another tool may.
    """

    code = "P313"
    title = "{where} is {value}"
    note = "it must be {wanted}"
    help = "correct the number in the program file, or compile it again"

    where: str
    value: str
    wanted: str


@dataclass(frozen=True)
class ArrayDoesNotFit(Diagnostic):
    """An array of a Program has another shape than what it belongs to.

    Arrays such as initial values, delays or places have one number for each neuron
    or synapse. The sizes in the file do not fit together.
    """

    code = "P318"
    title = "{where}: the shape is {shape}, not {wanted}"
    note = "{why}"
    help = "correct the array or the sizes in the program file"

    where: str
    shape: str
    wanted: str
    why: str


def unique(where: str, names: list[str]) -> Problems:
    """Require that no name stands in the list twice."""
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield NameIsTaken(where, name, names.count(name))


def named(where: str, kind: str, name: str, known: Iterable[str]) -> Problems:
    """Require that a name is one of those that are known."""
    names = list(known)
    if name not in names:
        yield NameLeadsNowhere(where, kind, name, ", ".join(names) or "none")


def within(where: str, value: int, limits: Range) -> Problems:
    """Require a number within [low, high]."""
    low, high = limits
    if not low <= value <= high:
        yield NumberIsUnusable(where, str(value), f"between {low} and {high}")


def finite(where: str, value: float) -> Problems:
    """Require a number that is neither NaN nor infinite."""
    if not math.isfinite(value):
        yield NumberIsUnusable(where, str(value), "a finite number")


def shaped(
    where: str, array: npt.NDArray[Any], wanted: tuple[int, ...], why: str
) -> Problems:
    """Require an array of a shape."""
    if array.shape != wanted:
        yield ArrayDoesNotFit(where, str(array.shape), str(wanted), why)


def integers(where: str, array: npt.NDArray[Any], limits: Range = INT32) -> Problems:
    """Require an array of integers within [low, high]."""
    if not np.issubdtype(array.dtype, np.integer):
        kind = f"an array of {array.dtype}"
        yield NumberIsUnusable(where, kind, "an array of integers")
    elif array.size:
        for extreme in dict.fromkeys((int(array.min()), int(array.max()))):
            yield from within(where, extreme, limits)


def of_size(where: str, shape: tuple[int, ...], size: int) -> Problems:
    """Require a shape, if there is one, of so many elements."""
    if shape and (math.prod(shape) != size or min(shape) < 1):
        yield NumberIsUnusable(f"{where}: shape", str(shape), f"of {size} elements")
