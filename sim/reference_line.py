"""Expressions as a straight line of numpy calls on arrays that stay where they are.

Neurons are few and steps are many, so a step costs what its calls and its new arrays
cost. Expressions go in once, as `reference_expressions` means them; a list of calls
comes out that reads and writes the arrays of a group in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.expr import Call, Compare, Const, Expr, Name, Where, children
from .reference_expressions import (
    RELATIONS,
    Floats,
    NumberFailed,
    Values,
    cannot_fail,
    function_of,
    leaf_key,
    numbers_are_finite,
)

Array = npt.NDArray[Any]
Step = tuple[Callable[[], object], Expr | None]
"""A call, and the expression whose value it computes."""


class StraightLine:
    """Calls in the order in which they were added.

    A value is an array (size,), or one of no dimension if it never changes. Arrays of
    what stands between are used again once they are released.
    """

    def __init__(self, values: Values, size: int, params: Mapping[str, float]) -> None:
        self._values = values
        self._size = size
        self._params = params
        self._steps: list[Step] = []
        self._free: dict[type, list[Array]] = {np.float64: [], np.bool_: []}
        self._taken: dict[int, Array] = {}

    def run(self) -> None:
        """Compute everything once."""
        _run(self._steps)

    def add(self, function: Callable[..., object], *arguments: Any) -> None:
        """Add a call that is no expression's, such as a ufunc with its output."""
        self._steps.append((partial(function, *arguments), None))

    def number(self, expr: Expr, into: Floats | None = None) -> Floats:
        """Add an expression; give its value, which is ``into`` if that is given."""
        value = self._number(expr, into)
        if into is not None and value is not into:
            self.add(np.copyto, into, value)
            self.release(value)
            return into
        return value

    def condition(self, expr: Expr) -> npt.NDArray[np.bool_]:
        """Add whether an expression is not 0."""
        if isinstance(expr, Compare):
            arguments = [self._number(child) for child in children(expr)]
            if not all(map(_is_constant, arguments)):
                return self._compared(expr, arguments)
        value = self._number(expr)
        if _is_constant(value):
            return np.full(self._size, value != 0)
        truth = self._take(np.bool_)
        self.add(np.not_equal, value, _ZERO, truth)
        self.release(value)
        return truth

    def choose(self, truth: Array, then: Floats, into: Floats) -> None:
        """Add that ``then`` replaces what ``into`` holds where ``truth`` is."""
        self.add(np.putmask, into, truth, then)

    def release(self, array: Array) -> None:
        """Let a later call overwrite a value; those of a group stay what they are."""
        if self._taken.pop(id(array), None) is not None:
            self._free[array.dtype.type].append(array)

    def _number(self, expr: Expr, into: Floats | None = None) -> Floats:
        match expr:
            case Const(value=value):
                return np.array(value, np.float64)
            case Name(name=name) if name in self._params:
                return np.array(self._params[name], np.float64)
            case Where():
                return self._choice(expr, into)
            case _ if not children(expr):
                return self._leaf(leaf_key(expr))
        arguments = [self._number(child) for child in children(expr)]
        if all(map(_is_constant, arguments)):
            return self._folded(expr, arguments)
        if isinstance(expr, Compare):
            truth = self._compared(expr, arguments)
            return self._as_number(truth, into)
        return self._applied(expr, arguments, into)

    def _leaf(self, key: str) -> Floats:
        value: Floats = self._values[key]
        return value

    def _folded(self, expr: Expr, arguments: list[Floats]) -> Floats:
        """Compute a constant part once; a bad number shows when it is used."""
        try:
            with numbers_are_finite():
                return np.array(function_of(expr)(*arguments), np.float64)
        except FloatingPointError as error:
            self._steps.append((partial(_fail, str(error)), expr))
            return np.array(np.nan)

    def _compared(self, expr: Compare, arguments: list[Floats]) -> Array:
        truth = self._take(np.bool_)
        compare = partial(RELATIONS[expr.relation], *arguments, truth)
        self._steps.append((compare, expr))
        for argument in arguments:
            self.release(argument)
        return truth

    def _as_number(self, truth: Array, into: Floats | None) -> Floats:
        value = self._take(np.float64) if into is None else into
        self.add(np.copyto, value, truth)
        self.release(truth)
        return value

    def _applied(
        self, expr: Expr, arguments: list[Floats], into: Floats | None
    ) -> Floats:
        function = function_of(expr)
        if isinstance(expr, Call) and expr.function == "clip":
            value, low, high = arguments
            kept = self._target(into, (low, high))
            self._steps.append((partial(np.maximum, value, low, kept), expr))
            self._steps.append((partial(np.minimum, kept, high, kept), expr))
        elif isinstance(function, np.ufunc):
            for argument in arguments:  # the result may take the place of one of them
                self.release(argument)
            kept = self._take(np.float64) if into is None else into
            self._steps.append((partial(function, *arguments, kept), expr))
            return kept
        else:
            kept = self._target(into, arguments)
            self._steps.append((partial(_copy_of, kept, function, arguments), expr))
        for argument in arguments:
            self.release(argument)
        return kept

    def _choice(self, expr: Where, into: Floats | None) -> Floats:
        truth = self.condition(expr.condition)
        if cannot_fail(expr.then) and cannot_fail(expr.otherwise):
            then, otherwise = map(self._number, (expr.then, expr.otherwise))
            chosen = self._target(into, (then,))
            if chosen is not otherwise:
                self.add(np.copyto, chosen, otherwise)
            self.choose(truth, then, chosen)
        else:
            first, then = self._apart(expr.then)
            second, otherwise = self._apart(expr.otherwise)
            chosen = self._target(into, (then, otherwise))
            branches = ((first, then), (second, otherwise))
            chooses = partial(_choose, expr, truth, branches, chosen)
            self._steps.append((chooses, expr))
        for value in (truth, then, otherwise):
            self.release(value)
        return chosen

    def _apart(self, expr: Expr) -> tuple[list[Step], Floats]:
        """Wire a branch whose calls are not in the line itself."""
        line, self._steps = self._steps, []
        value = self._number(expr)
        branch, self._steps = self._steps, line
        return branch, value

    def _target(
        self, into: Floats | None, arguments: tuple[Floats, ...] | list[Floats]
    ) -> Floats:
        """Give an array for a result that is written before all arguments are read."""
        if into is None or any(into is argument for argument in arguments):
            return self._take(np.float64)
        return into

    def _take(self, kind: type) -> Array:
        free = self._free[kind]
        array = free.pop() if free else np.zeros(self._size, kind)
        self._taken[id(array)] = array
        return array


_ZERO = np.array(0.0)


def _is_constant(value: Array) -> bool:
    return value.ndim == 0


def _run(steps: list[Step]) -> None:
    place = 0
    try:
        for place, (call, _) in enumerate(steps):  # noqa: B007  read where it fails
            call()
    except FloatingPointError as error:
        expr = steps[place][1]
        if expr is None:
            raise
        raise NumberFailed(expr, str(error)) from None


def _fail(reason: str) -> None:
    raise FloatingPointError(reason)


def _copy_of(
    into: Floats, function: Callable[..., Any], arguments: list[Floats]
) -> None:
    into[...] = function(*arguments)


Branch = tuple[list[Step], Floats]


def _choose(
    expr: Where, truth: Array, branches: tuple[Branch, Branch], chosen: Floats
) -> None:
    """Compute both branches; only what is chosen has to be a number."""
    (first, then), (second, otherwise) = branches
    try:
        _run(first)
        _run(second)
    except NumberFailed:
        _choose_leniently(expr, truth, branches, chosen)
        return
    chosen[...] = otherwise
    np.putmask(chosen, truth, then)


def _choose_leniently(
    expr: Where, truth: Array, branches: tuple[Branch, Branch], chosen: Floats
) -> None:
    """Choose where a branch has values that are no number."""
    with np.errstate(all="ignore"):
        for steps, value in branches:
            try:
                _run(steps)
            except NumberFailed:  # a constant part without a number
                value.fill(np.nan)
        (_, then), (_, otherwise) = branches
        chosen[...] = otherwise
        np.putmask(chosen, truth, then)
    # An inner choice leaves the check to the outer one, which may not choose it.
    if np.geterr()["invalid"] == "raise" and not np.isfinite(chosen).all():
        raise NumberFailed(expr, "the branch that is chosen is not finite")
