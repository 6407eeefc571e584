"""Which model of the library a group's neurons are, and with which numbers.

A group and models in; out comes the first one whose equations the group has, whether
its parameters are one number, an array, or hidden in a factor (rules/per_neuron.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.expr import Binary, Const, Expr, Name, transform, walk
from ..rules.network import FloatArray, Group
from ..rules.neuron import Neuron, StateDecl
from ..rules.per_neuron import is_constant_state


@dataclass(frozen=True, eq=False)
class KnownNeurons:
    """A group as neurons of a known model; all arrays have the shape (size,).

    kept
        State to the share of it that a step keeps.
    values
        Parameter to values, without those that only set what is kept.
    first
        State to values before the first step.
    constant
        What arrives in every step beside the spikes, where the model has no parameter
        for it.
    """

    model: Neuron
    kept: Mapping[str, FloatArray]
    values: Mapping[str, FloatArray]
    first: Mapping[str, FloatArray]
    constant: FloatArray


def recognise(
    group: Group, models: Iterable[Neuron], dt_seconds: float
) -> KnownNeurons | None:
    """Find the model of a group among some; None if it is none of them."""
    numbers = _Numbers(group, dt_seconds)
    found = (_Match(numbers, model).known() for model in models)
    return next((known for known in found if known is not None), None)


class _Numbers:
    """The constants of a group's neurons, an array each, and the states that change."""

    def __init__(self, group: Group, dt_seconds: float) -> None:
        assert group.neuron is not None, "an input is no neuron"
        self.neuron = group.neuron
        self.group = group
        self.dt_seconds = dt_seconds
        constants = [s for s in self.neuron.states if is_constant_state(s)]
        self.states = [s for s in self.neuron.states if s not in constants]
        self.arrays = {
            name: np.full(group.size, value)
            for name, value in self.neuron.param_values.items()
        }
        self.arrays |= {s.name: self.first(s) for s in constants}

    def first(self, state: StateDecl) -> FloatArray:
        if state.name in self.group.initial:
            return self.group.initial[state.name]
        params = self.neuron.param_values
        value = 0.0 if state.initial is None else evaluate(state.initial, params)
        return np.full(self.group.size, value)

    def kept(self, state: StateDecl) -> tuple[FloatArray, Expr]:
        """Give the share that a step keeps, and the drive beside it."""
        size = self.group.size
        if state.leak is None:
            return np.ones(size), state.drive
        match state.drive:
            case Binary(operator="+", left=Binary() as share, right=drive) if (
                state.leak == Const(0.0)
                and (share.operator, share.right) == ("*", Name(state.name))
                and isinstance(share.left, Name)
                and share.left.name in self.arrays
            ):
                return self.arrays[share.left.name], drive
        tau = evaluate(state.leak, self.neuron.param_values)
        share_kept = 1.0 - self.dt_seconds / tau if tau > 0 else 0.0
        return np.full(size, share_kept), state.drive


class _Match:
    def __init__(self, numbers: _Numbers, model: Neuron) -> None:
        self.numbers = numbers
        self.model = model
        names = {p.name for p in model.params}
        self.spare = [n for n in numbers.arrays if n not in names]

    def known(self) -> KnownNeurons | None:
        """Give the group as neurons of the model, or None."""
        numbers, model = self.numbers, self.model
        if not self._has_the_parts():
            return None
        extra = self._constant_input()
        if extra is None:
            return None
        read = _names_in(model)
        params = [p.name for p in model.params if p.name in read]
        if any(name not in numbers.arrays for name in params):
            return None
        zeros = np.zeros(numbers.group.size)
        return KnownNeurons(
            model,
            {s.name: numbers.kept(s)[0] for s in numbers.states},
            {name: numbers.arrays[name] for name in params},
            {s.name: numbers.first(s) for s in numbers.states},
            numbers.arrays[extra] if extra else zeros,
        )

    def _has_the_parts(self) -> bool:
        mine, model = self.numbers.neuron, self.model
        beyond = (*mine.modulators, *mine.traces, *mine.outputs, *mine.noises)
        return (
            not beyond
            and not mine.events
            and mine.send is None
            and mine.ports == model.ports
            and mine.spike == model.spike
            and len(self.numbers.states) == len(model.states)
        )

    def _constant_input(self) -> str | None:
        """Find what is added to the port: its name, "" if nothing, None if no match."""
        return next((n for n in ("", *self.spare) if self._fits(n)), None)

    def _fits(self, extra: str) -> bool:
        pairs = zip(self.numbers.states, self.model.states, strict=True)
        return all(self._is_state(mine, own, extra) for mine, own in pairs)

    def _is_state(self, mine: StateDecl, own: StateDecl, extra: str) -> bool:
        kept, drive = self.numbers.kept(mine)
        wanted = _with_constant(own.drive, self.model.ports[0].name, extra)
        if (mine.name, mine.reset, drive) != (own.name, own.reset, wanted):
            return False
        if own.leak is None:
            return bool(np.all(kept == 1.0))
        return own.leak != Const(0.0) or bool(np.all(kept == 0.0))


def _with_constant(drive: Expr, port: str, constant: str) -> Expr:
    if not constant:
        return drive
    total = Binary("+", Name(port), Name(constant))
    return transform(drive, lambda node: total if node == Name(port) else node)


def _names_in(model: Neuron) -> set[str]:
    """List what a model reads beside its leaks and first values."""
    exprs = [s.drive for s in model.states]
    exprs += [s.reset for s in model.states if s.reset is not None]
    exprs += [] if model.spike is None else [model.spike]
    return {n.name for expr in exprs for n in walk(expr) if isinstance(n, Name)}
