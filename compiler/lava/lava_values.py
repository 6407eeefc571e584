"""The initial values of Lava's Vars, as Lava's own builder makes them.

In: a process that has not run. Out: arrays of the type that its fixed-point model
declares. The casts are the same numpy statements, so floats are cut off and large
numbers wrap just as they do there.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from ...diagnostics import Diagnostic, LaharError, require_no_errors
from .from_lava_errors import BeyondAProgram, LavaWouldFail
from .from_lava_warnings import ValuesChange
from .lava_graph import LavaProcess, Warn

Integers: TypeAlias = npt.NDArray[Any]

INT32 = (-(2**31), 2**31 - 1)
UNUSABLE = (TypeError, ValueError, OverflowError, AttributeError)


def read_array(process: LavaProcess, name: str, kind: type = np.int32) -> Integers:
    """Build a Var as Lava does: an array of its shape and type, filled with its init.

    Raises
    ------
    LaharError
        B535 if the value cannot be put into it.

    """
    var = getattr(process, name)
    values: Integers = np.zeros(var.shape, kind)
    try:
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            warnings.simplefilter("ignore")
            values[...] = var.init
    except UNUSABLE as error:
        raise LaharError(unusable(process, name, var.init, str(error))) from error
    return values


def warn_of_changes(
    process: LavaProcess, name: str, given: Any, stored: Integers, why: str, warn: Warn
) -> None:
    """Say where what Lava stores is not what was given, with the first such number."""
    wanted = np.broadcast_to(np.asarray(given), stored.shape)
    changed = np.flatnonzero(wanted != stored)
    if changed.size:
        before, after = wanted.flat[changed[0]], stored.flat[changed[0]]
        warn(
            ValuesChange(
                process.name,
                name,
                changed.size,
                stored.size,
                why,
                f"{before:g}",
                f"{after:g}",
            )
        )


def read_integer(process: LavaProcess, name: str, value: Any) -> int:
    """Take a parameter that Lava's model uses as an integer.

    Raises
    ------
    LaharError
        B535 for anything else, floats of whole numbers included.

    """
    try:
        return operator.index(value)
    except TypeError as error:
        raise LaharError(unusable(process, name, value, str(error))) from error


def within(process: LavaProcess, name: str, value: int, low: int, high: int) -> int:
    """Require a number that a Program can hold.

    Raises
    ------
    LaharError
        B536 if it lies outside.

    """
    if not low <= value <= high:
        raise LaharError(
            BeyondAProgram(
                process.name,
                f"`{name}` is {value}",
                f"a Program holds {low} to {high}",
                f"use a {name} in that range",
            )
        )
    return value


def refuse(problem: Diagnostic) -> NoReturn:
    """Stop reading a process; others are still read, so that all problems show.

    Raises
    ------
    LaharError
        Always.

    """
    raise LaharError(problem)


def all_of(*readings: Callable[[], Any]) -> list[Any]:
    """Read several parameters of a process; what is wrong with them comes at once.

    Raises
    ------
    LaharError
        The problems of all of them.

    """
    values: list[Any] = []
    problems: list[Diagnostic] = []
    for reading in readings:
        try:
            values.append(reading())
        except LaharError as error:
            problems += error.diagnostics
    require_no_errors(problems)
    return values


def unusable(
    process: LavaProcess, name: str, value: Any, why: str, remedy: str = ""
) -> LavaWouldFail:
    """Say that Lava's model raises on the value of a parameter."""
    shown = str(value)
    if len(shown) > 40:
        shown = f"{type(value).__name__} of shape {np.shape(value)}"
    return LavaWouldFail(
        process.name,
        f"`{name}` is {shown}",
        f"raises with it: {why}",
        remedy or f"give integers as {name}, as the fixed-point models want",
    )
