"""Expressions as a straight line of numpy calls on arrays that stay where they are.

Neurons and synapses are few and steps are many, so a step costs what its calls and its
new arrays cost. Expressions go in once, as `reference_expressions` means them; a list
of calls comes out that reads and writes the arrays of a group or projection in place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.expr import Call, Compare, Const, Every, Expr, Name, Where, children
from .reference_calls import (
    Array,
    Step,
    choose,
    copy_of,
    fail,
    hold_every,
    replace_where,
    run_steps,
)
from .reference_expressions import (
    RELATIONS,
    Floats,
    Values,
    cannot_fail,
    function_of,
    leaf_key,
    numbers_are_finite,
)

Kind = tuple[type, tuple[int, ...]]
"""What numbers an array holds, and its shape."""


class StraightLine:
    """Calls in the order in which they were added.

    Arrays of what stands between are used again once they are released.

    Parameters
    ----------
    values
        The arrays of leaves, by key: they have to stay the same ones. Shapes broadcast.
    params
        What becomes constants.

    """

    def __init__(self, values: Values, params: Mapping[str, float]) -> None:
        self._values = values
        self._params = params
        self._steps: list[Step] = []
        self._constants: dict[int, Array] = {}
        self._free: defaultdict[Kind, list[Array]] = defaultdict(list)
        self._taken: dict[int, Array] = {}

    def run(self) -> None:
        """Compute everything once."""
        run_steps(self._steps)

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
            if not all(map(self.is_constant, arguments)):
                return self._compared(expr, arguments)
        value = self._number(expr)
        if self.is_constant(value):
            return self._constant(np.asarray(value != 0))
        truth = self._take(np.bool_, value.shape)
        self.add(np.not_equal, value, _ZERO, truth)
        self.release(value)
        return truth

    def choose(self, truth: Array, then: Floats, into: Floats) -> None:
        """Add that ``then`` replaces what ``into`` holds where ``truth`` is."""
        self.add(replace_where, into, truth, then)

    def is_constant(self, value: Array) -> bool:
        """Tell whether no call ever writes a value."""
        return id(value) in self._constants

    def release(self, array: Array) -> None:
        """Let a later call overwrite a value, unless it is a leaf or a constant."""
        if self._taken.pop(id(array), None) is not None:
            self._free[array.dtype.type, array.shape].append(array)

    def _number(self, expr: Expr, into: Floats | None = None) -> Floats:
        match expr:
            case Const(value=value):
                return self._constant(np.array(value, np.float64))
            case Name(name=name) if name in self._params:
                return self._constant(np.array(self._params[name], np.float64))
            case Every(steps=steps):
                return self._every(steps)
            case Where():
                return self._choice(expr, into)
            case _ if not children(expr):
                return self._leaf(leaf_key(expr))
        arguments = [self._number(child) for child in children(expr)]
        if all(map(self.is_constant, arguments)):
            return self._folded(expr, arguments)
        if isinstance(expr, Compare):
            truth = self._compared(expr, arguments)
            return self._as_number(truth, into)
        return self._applied(expr, arguments, into)

    def _constant(self, value: Array) -> Array:
        self._constants[id(value)] = value
        return value

    def _every(self, steps: int) -> Floats:
        holds = self._take(np.float64, ())
        self.add(hold_every, self._values, steps, holds)
        return holds

    def _leaf(self, key: str) -> Floats:
        value: Floats = self._values[key]
        return value

    def _folded(self, expr: Expr, arguments: list[Floats]) -> Floats:
        """Compute a constant part once; a bad number shows when it is used."""
        try:
            with numbers_are_finite():
                return self._constant(
                    np.array(function_of(expr)(*arguments), np.float64)
                )
        except FloatingPointError as error:
            self._steps.append((partial(fail, str(error)), expr))
            return self._constant(np.array(np.nan))

    def _compared(self, expr: Compare, arguments: list[Floats]) -> Array:
        truth = self._take(np.bool_, _shape_of(*arguments))
        compare = partial(RELATIONS[expr.relation], *arguments, truth)
        self._steps.append((compare, expr))
        for argument in arguments:
            self.release(argument)
        return truth

    def _as_number(self, truth: Array, into: Floats | None) -> Floats:
        value = self._take(np.float64, truth.shape) if into is None else into
        self.add(np.copyto, value, truth)
        self.release(truth)
        return value

    def _applied(
        self, expr: Expr, arguments: list[Floats], into: Floats | None
    ) -> Floats:
        function = function_of(expr)
        if isinstance(expr, Call) and expr.function == "clip":
            value, low, high = arguments
            kept = self._target(into, arguments, arguments[1:])
            self._steps.append((partial(np.maximum, value, low, kept), expr))
            self._steps.append((partial(np.minimum, kept, high, kept), expr))
        elif isinstance(function, np.ufunc):
            for argument in arguments:  # the result may take the place of one of them
                self.release(argument)
            kept = self._target(into, arguments, ())
            self._steps.append((partial(function, *arguments, kept), expr))
            return kept
        else:
            kept = self._target(into, arguments, arguments)
            self._steps.append((partial(copy_of, kept, function, arguments), expr))
        for argument in arguments:
            self.release(argument)
        return kept

    def _choice(self, expr: Where, into: Floats | None) -> Floats:
        truth = self.condition(expr.condition)
        if (expr.then, expr.otherwise) == (Const(1.0), Const(0.0)):
            return self._as_number(truth, into)
        if cannot_fail(expr.then) and cannot_fail(expr.otherwise):
            then, otherwise = map(self._number, (expr.then, expr.otherwise))
            chosen = self._target(into, (truth, then, otherwise), (then,))
            if chosen is not otherwise:
                self.add(np.copyto, chosen, otherwise)
            self.choose(truth, then, chosen)
        else:
            first, then = self._apart(expr.then)
            second, otherwise = self._apart(expr.otherwise)
            parts = (truth, then, otherwise)
            chosen = self._target(into, parts, (then, otherwise))
            branches = ((first, then), (second, otherwise))
            chooses = partial(choose, expr, truth, branches, chosen)
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
        self, into: Floats | None, arguments: Sequence[Array], late: Sequence[Array]
    ) -> Floats:
        """Give an array for a result; ``late`` are read after it was written first."""
        shape = _shape_of(*arguments)
        if into is None or into.shape != shape or any(into is one for one in late):
            return self._take(np.float64, shape)
        return into

    def _take(self, kind: type, shape: tuple[int, ...]) -> Array:
        free = self._free[kind, shape]
        array = free.pop() if free else np.zeros(shape, kind)
        self._taken[id(array)] = array
        return array


_ZERO = np.array(0.0)


def _shape_of(*arrays: Array) -> tuple[int, ...]:
    return np.broadcast_shapes(*(array.shape for array in arrays))
