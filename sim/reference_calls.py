"""Calls of a straight line, and how they fail.

Each call writes an array that stays. Where a result is no finite number, the expression
whose value it was to be is told, unless a choice leaves that branch out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.expr import Expr, Where
from .reference_expressions import STEP, Floats, NumberFailed, Values

Array = npt.NDArray[Any]
Step = tuple[Callable[[], object], Expr | None]
"""A call, and the expression whose value it computes."""
Branch = tuple[list[Step], Floats]
"""The calls of one side of a choice, and where its value stands after them."""


def replace_where(into: Floats, truth: Array, then: Floats) -> None:
    """Write ``then`` where ``truth`` is; shapes broadcast to that of ``into``."""
    # putmask is far quicker, but repeats values where it should broadcast them.
    if truth.shape == into.shape and then.shape in ((), into.shape):
        np.putmask(into, truth, then)
    else:
        np.copyto(into, then, where=truth)


def hold_every(values: Values, steps: int, holds: Floats) -> None:
    """Write 1 in every n-th step, else 0."""
    holds[...] = values[STEP] % steps == 0


def run_steps(steps: list[Step]) -> None:
    """Call all; a result that is no number says whose it is."""
    place = 0
    try:
        for place, (call, _) in enumerate(steps):  # noqa: B007  read where it fails
            call()
    except FloatingPointError as error:
        expr = steps[place][1]
        if expr is None:
            raise
        raise NumberFailed(expr, str(error)) from None


def fail(reason: str) -> None:
    """Fail as a call does that has no number to write."""
    raise FloatingPointError(reason)


def copy_of(
    into: Floats, function: Callable[..., Any], arguments: list[Floats]
) -> None:
    """Write what a function gives that cannot write itself."""
    into[...] = function(*arguments)


def choose(
    expr: Where, truth: Array, branches: tuple[Branch, Branch], chosen: Floats
) -> None:
    """Compute both branches; only what is chosen has to be a number."""
    (first, then), (second, otherwise) = branches
    try:
        run_steps(first)
        run_steps(second)
    except NumberFailed:
        _choose_leniently(expr, truth, branches, chosen)
        return
    chosen[...] = otherwise
    replace_where(chosen, truth, then)


def _choose_leniently(
    expr: Where, truth: Array, branches: tuple[Branch, Branch], chosen: Floats
) -> None:
    """Choose where a branch has values that are no number."""
    with np.errstate(all="ignore"):
        for steps, value in branches:
            try:
                run_steps(steps)
            except NumberFailed:  # a constant part without a number
                value.fill(np.nan)
        (_, then), (_, otherwise) = branches
        chosen[...] = otherwise
        replace_where(chosen, truth, then)
    # An inner choice leaves the check to the outer one, which may not choose it.
    if np.geterr()["invalid"] == "raise" and not np.isfinite(chosen).all():
        raise NumberFailed(expr, "the branch that is chosen is not finite")
