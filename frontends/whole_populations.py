"""Make a population of a neuron model from arrays of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..rules.expr import Name, walk
from ..rules.layer_graph import Neurons
from ..rules.network import FloatArray
from ..rules.neuron import Neuron

LONGEST = 1e300
"""Seconds, in the place of infinity: 1 - dt/tau is exactly 1."""


def population(
    neuron: Neuron,
    size: int,
    values: Mapping[str, FloatArray],
    *,
    gain: FloatArray | None = None,
    initial: Mapping[str, FloatArray] | None = None,
) -> Neurons:
    """Give each neuron its parameters; what never leaks in any has no leak."""
    forever = {n for n, v in values.items() if np.all(np.isinf(v))}
    finite = {n: np.minimum(v, LONGEST) for n, v in values.items()}
    first = {} if initial is None else initial
    return Neurons(_without_leak(neuron, forever), size, finite, gain, first)


def _without_leak(neuron: Neuron, forever: set[str]) -> Neuron:
    states = tuple(
        replace(s, leak=None) if s.leak is not None and _reads(s.leak, forever) else s
        for s in neuron.states
    )
    if states == neuron.states:
        return neuron
    return replace(neuron, name=f"{neuron.name}WithoutLeak", states=states)


def _reads(leak: object, names: set[str]) -> bool:
    return any(isinstance(n, Name) and n.name in names for n in walk(leak))  # type: ignore[arg-type]
