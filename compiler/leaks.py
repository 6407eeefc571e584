"""Time constants of a neuron's states, and the one that no chip can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..hardware.formats import DECAY_ONE
from ..rules.evaluate import evaluate
from ..rules.neuron import Neuron, StateDecl


@dataclass(frozen=True)
class LeakIsShorterThanAStep(Diagnostic):
    """A state would forget more than everything in one step.

    s <- s * (1 - dt/leak) turns negative where the leak is shorter than dt, and a
    decay register ends at 1. ``leak=0`` says that the state has no memory.
    """

    code = "R242"
    title = "the leak of `{state}` in `{neuron}` is {leak:.6g} steps"
    note = "a state can lose at most all of its value in a step"
    help = "use a smaller dt, or State(leak=0)"

    state: str
    neuron: str
    leak: float


def leaks_last_a_step(neuron: Neuron, dt_seconds: float) -> Iterator[Diagnostic]:
    """Find the states that would forget more than everything in a step."""
    for state in neuron.states:
        leak = leak_of(state, neuron)
        # Half a 4096th more rounds to a whole decay all the same.
        if leak and dt_seconds / leak > 1 + 0.5 / DECAY_ONE:
            args = (state.name, neuron.name, leak / dt_seconds)
            yield LeakIsShorterThanAStep(*args, span=state.span)


def leak_of(state: StateDecl, neuron: Neuron) -> float | None:
    """Give the time constant of a state in seconds; None: it does not leak."""
    return None if state.leak is None else evaluate(state.leak, neuron.param_values)
