"""The network between float and chip: with some of its numbers rounded already.

A network and the Program compiled from it in; networks out in which only weights, or
weights and decays, or thresholds and biases too, are what the chip holds. Run in
float64, they say which rounding costs what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..compiler.calibration import Calibration, with_threshold_times
from ..compiler.lif_shape import lif_shape
from ..compiler.weights import threshold_of
from ..hardware.program import Connection, Program
from ..rules.expr import Const
from ..rules.network import FloatArray, Group, Network
from ..rules.neuron import Neuron


def stages_of(
    network: Network, program: Program, calibration: Calibration
) -> Iterator[tuple[str, Network]]:
    """Name the stages between float and chip, each with its network."""
    weights = with_stored_weights(network, program)
    yield "weights", weights
    decays = _with_groups(weights, lambda g: with_stored_decays(g, program))
    yield "+ decays", decays
    yield (
        "+ thresholds",
        _with_groups(decays, lambda g: with_stored_levels(g, program, calibration)),
    )


def with_stored_weights(network: Network, program: Program) -> Network:
    """Put the weights that the chip holds, in the network's units."""
    stored = stored_weights(program)
    return replace(
        network,
        projections=tuple(
            replace(p, weights=stored[p.name]) for p in network.projections
        ),
    )


def stored_weights(program: Program) -> dict[str, FloatArray]:
    """Give each connection's weights as the chip holds them, in rule units."""
    scales = {v.variable: v.scale for v in program.views}
    return {
        c.name: _dense(c) / scales[f"{c.name}.weights"] for c in program.connections
    }


def _dense(connection: Connection) -> FloatArray:
    """Give stored weights (post, pre), also where only some synapses exist."""
    stored = np.asarray(connection.weights, np.float64)
    pairs = connection.pairs
    return stored if pairs is None else np.asarray(pairs.dense(stored))


def with_stored_decays(group: Group, program: Program) -> Group:
    """Put the time constants that decay registers hold."""
    if group.neuron is None:
        return group
    states = []
    for state in group.neuron.states:
        got = _got(program, f"{group.name}.{state.name}.leak")
        states.append(state if got is None else replace(state, leak=Const(got)))
    return replace(group, neuron=replace(group.neuron, states=tuple(states)))


def with_stored_levels(
    group: Group, program: Program, calibration: Calibration
) -> Group:
    """Put the threshold and the bias that the chip holds."""
    threshold = threshold_of(group)
    if group.neuron is None or threshold is None:
        return group
    factor = calibration.thresholds.get(group.name, 1.0)
    stored = _got(program, f"{group.name}.threshold") or threshold * factor
    neuron = group.neuron
    if stored != threshold:
        neuron = with_threshold_times(neuron, stored / threshold)
    return replace(group, neuron=_with_stored_bias(neuron, group.name, program))


def _with_stored_bias(neuron: Neuron, owner: str, program: Program) -> Neuron:
    shape, got = lif_shape(neuron), _got(program, f"{owner}.bias")
    if shape is None or got is None or not any(p.name == "bias" for p in neuron.params):
        return neuron
    return neuron.with_params(bias=got)


def _with_groups(network: Network, change: object) -> Network:
    assert callable(change)
    return replace(network, groups=tuple(change(g) for g in network.groups))


def _got(program: Program, parameter: str) -> float | None:
    """Find what a number became; None if it is held exactly."""
    found = (r.got for r in program.report.roundings if r.parameter == parameter)
    return next(found, None)
