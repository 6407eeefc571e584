"""Who sends values in a NIR graph, and how large they can be.

Integrators that lead on to others send their membrane. In: the layers and what the
caller says. Out: a diagnostic for each that lacks bounds, with bounds that hold surely
where the weights tell them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from .layer_graph import LayerGraph
from .layer_nodes import Neurons, Sink, Source
from .layer_signals import Signal, Signals, is_plain
from .network import FloatArray
from .nir_graph import INTEGRATORS, FlatGraph
from .nir_neurons import ReadOptions, ValuesNeedBounds

Bounds = tuple[float, float]
Values = dict[str, float | FloatArray]


@dataclass(frozen=True)
class NoSuchSender(Diagnostic):
    """Bounds are given for a node that sends no values.

    An Input sends values if it has bounds, and so do I, LI and CubaLI. Neurons that
    spike send spikes.
    """

    code = "N730"
    title = "bounds are given for `{node}`, which sends no values"
    note = "nodes that can: {known}"
    help = "correct the name, or leave the bounds out"

    node: str
    known: str


def check_senders(flat: FlatGraph, layers: LayerGraph, options: ReadOptions) -> None:
    """Check that each integrator that leads on has bounds.

    Raises
    ------
    LaharError
        N729, N730, all at once.

    """
    kinds = (*INTEGRATORS, "Input")
    can = [n for n in flat.nodes if flat.type_of(n) in kinds]
    known = ", ".join(can) or "none"
    problems: list[Diagnostic] = [
        NoSuchSender(name, known) for name in options.bounds if name not in can
    ]
    problems += _lacking(flat, layers, options)
    if problems:
        raise LaharError(problems)


def _lacking(
    flat: FlatGraph, layers: LayerGraph, options: ReadOptions
) -> Iterator[Diagnostic]:
    signals = Signals(layers.nodes, layers.edges)
    arriving = {
        name: [signals.along(e) for e in layers.edges if e.target == name]
        for name, node in layers.nodes.items()
        if isinstance(node, Neurons | Sink)
    }
    used = {
        route.source
        for name, each in arriving.items()
        for signal in each
        for route in signal.wires
        if not (isinstance(layers.nodes[name], Sink) and is_plain(each))
    }
    for name, node in layers.nodes.items():
        if isinstance(node, Neurons) and not node.neuron.can_send and name in used:
            surely = _surely(node, arriving[name], layers, options.dt_seconds)
            yield _ask(name, flat.type_of(name), surely)


def _ask(node: str, kind: str, bounds: Bounds | None) -> ValuesNeedBounds:
    if bounds is None:
        known, low, high = "the graph does not bound them", -1.0, 1.0
    else:
        low, high = bounds
        known = f"surely within {low:.6g} to {high:.6g}; closer bounds keep more bits"
    example = f'{{"{node}": ({low:.6g}, {high:.6g})}}'
    return ValuesNeedBounds(node, kind, known, example, f"{node}={low:.6g}:{high:.6g}")


def _surely(
    node: Neurons, arriving: list[Signal], layers: LayerGraph, dt_seconds: float
) -> Bounds | None:
    """Bound a leaky membrane by what can arrive in every step."""
    values: Values = {**node.neuron.param_values, **node.per_neuron}
    if "tau" not in values and "tau_v" not in values:
        return None  # it never forgets
    low, high = np.zeros(node.size), np.zeros(node.size)
    for signal in arriving:
        for route, wiring in signal.wires.items():
            sent = _sent(layers, route.source)
            if sent is None:
                return None
            weights = wiring.weights.toarray()
            ends = np.stack([weights * sent[0], weights * sent[1]])
            low += ends.min(axis=0).sum(axis=1)
            high += ends.max(axis=0).sum(axis=1)
        for bias in signal.biases.values():
            low, high = low + bias, high + bias
    return _at_rest(node, values, np.stack([low, high]), dt_seconds)


def _sent(layers: LayerGraph, name: str) -> Bounds | None:
    node = layers.nodes[name]
    if isinstance(node, Source):
        return node.graded or (0.0, 1.0)
    assert isinstance(node, Neurons)
    if node.neuron.send is not None:
        return node.neuron.send.low, node.neuron.send.high
    return None if node.neuron.spike is None else (0.0, 1.0)


def _at_rest(
    node: Neurons,
    values: Values,
    ends: FloatArray,
    dt_seconds: float,
) -> Bounds:
    """Let the extremes arrive for ever; a membrane goes from 0 to there."""
    if node.gain is not None:
        ends = ends * node.gain
    if "tau_u" in values:
        ends = ends * (values["tau_u"] / dt_seconds)
    tau = values["tau" if "tau" in values else "tau_v"]
    ends = (ends + values["bias"]) * (tau / dt_seconds)
    return min(0.0, float(ends.min())), max(0.0, float(ends.max()))
