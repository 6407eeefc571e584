"""Run a module for some steps with our numbers in the place of all that it passes on.

Every cell and every layer is stood in for: it notes what it was given, with torch's
history of it, and gives back numbers that are drawn here. So the module's own forward
says what leads where, whatever its code looks like, loops and reshapings included.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from .extra import need

Key = tuple[str, int]
"""A module's name, and the number of the call counted from 0."""
Fill = Callable[[tuple[int, ...]], Any]
Runner = Callable[[Any, Any], Any]


@dataclass(eq=False)
class Call:
    """One call of a cell or layer: what it took, and what stood in for its result."""

    taken: Any
    given: Any
    hidden: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class Run:
    """All calls of a run, and the input, (steps, 1, ...)."""

    x: Any
    calls: dict[Key, Call] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, call: Call) -> None:
        """Note a call."""
        index = self.counts.get(name, 0)
        self.counts[name] = index + 1
        self.calls[name, index] = call


def probe(
    module: Any,
    stood_in: Mapping[str, Any],
    runner: Runner,
    shape: tuple[int, ...],
    fill: Fill,
    time_axis: int | None,
) -> Run:
    """Run the module once.

    Parameters
    ----------
    module, runner
        ``runner(module, x)`` runs it.
    stood_in
        Cells and layers by name.
    shape
        Of the whole input: (steps, 1, ...).
    fill
        Gives the numbers for a shape.
    time_axis
        Where the module's own tensors may have the steps, if it takes all at once.

    """
    x = fill(shape).requires_grad_()
    run = Run(x)
    with ExitStack() as stack:
        for name, submodule in stood_in.items():
            steps = None if time_axis is None else (time_axis, shape[0])
            stand_in = _stand_in(name, submodule.forward, run, fill, steps)
            stack.enter_context(_forward_of(submodule, stand_in))
        runner(module, x)
    return run


@contextmanager
def _forward_of(module: Any, forward: Callable[..., Any]) -> Iterator[None]:
    had = module.__dict__.get("forward")
    module.forward = forward
    try:
        yield
    finally:
        if had is None:
            del module.__dict__["forward"]
        else:
            module.forward = had


def _stand_in(
    name: str,
    forward: Callable[..., Any],
    run: Run,
    fill: Fill,
    steps: tuple[int, int] | None,
) -> Callable[..., Any]:
    torch = need("torch")

    @functools.wraps(forward)
    def stand_in(taken: Any, *rest: Any, **named: Any) -> Any:
        with torch.no_grad():
            shown = _each_tensor(lambda t: t.detach(), (taken, rest, named))
            result = forward(shown[0], *shown[1], **shown[2])
        hidden: list[Any] = []

        def hide(tensor: Any) -> Any:
            hidden.append(fill(tuple(tensor.shape)).requires_grad_())
            return hidden[-1]

        first, others = (result[0], result[1:]) if _is_tuple(result) else (result, ())
        axis = _axis_of_steps(taken, steps)
        given = _given(run, name, taken, tuple(first.shape), fill, axis, hidden)
        if not _is_tuple(result):
            return given
        return _tuple_like(result, [given, *(_each_tensor(hide, o) for o in others)])

    return stand_in


def _given(
    run: Run,
    name: str,
    taken: Any,
    shape: tuple[int, ...],
    fill: Fill,
    axis: int | None,
    hidden: list[Any],
) -> Any:
    torch = need("torch")
    if axis is None:
        given = fill(shape).requires_grad_()
        run.add(name, Call(taken, given, hidden))
        return given
    one = (*shape[:axis], *shape[axis + 1 :])
    parts = []
    for now in taken.unbind(axis):
        parts.append(fill(one).requires_grad_())
        run.add(name, Call(now, parts[-1], hidden))
    return torch.stack(parts, axis)


def _axis_of_steps(taken: Any, steps: tuple[int, int] | None) -> int | None:
    """Find the axis of a tensor that holds all steps, where a layer takes all at once.

    A step has one sample, so in a tensor of one step the leading axis has length 1.
    """
    if steps is None:
        return None
    axis, count = steps
    if taken.shape[0] == count:  # (steps, 1, ...), or steps and samples made one axis
        return 0
    if axis == 1 and taken.ndim > 2 and taken.shape[:2] == (1, count):
        return 1
    return None


def _is_tuple(value: Any) -> bool:
    return isinstance(value, tuple | list)


def _tuple_like(like: Any, members: list[Any]) -> Any:
    if hasattr(like, "_fields"):
        return type(like)(*members)
    return type(like)(members)


def _each_tensor(function: Callable[[Any], Any], value: Any) -> Any:
    """Put a function's value in the place of every tensor in nested tuples."""
    if isinstance(value, need("torch").Tensor):
        return function(value)
    if _is_tuple(value):
        return _tuple_like(value, [_each_tensor(function, v) for v in value])
    if isinstance(value, dict):
        return {k: _each_tensor(function, v) for k, v in value.items()}
    return value
