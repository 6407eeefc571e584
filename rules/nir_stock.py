"""Show a network as stock nir nodes, so that any NIR tool reads it as a static one.

A Network in, a nir graph out. Neuron models that NIR does not have are shown by the
nearest node that it has, linearised at rest; rules and modulators are not shown at
all. nir_record.py keeps what this view loses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import nir
import numpy as np

from ..diagnostics import LaharError
from .evaluate import evaluate
from .expr import Compare, Expr, Name, walk
from .network import FloatArray, Group, Network, Projection
from .neuron import Neuron, StateDecl


@dataclass(frozen=True)
class StockNeuron:
    """The type of a nir node and its parameters, equal for all neurons of a group."""

    type: str
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class StockGraph:
    """A network as nir nodes, and which node stands for which group or projection."""

    nodes: dict[str, Any]
    edges: list[tuple[str, str]]
    groups: dict[str, str]
    projections: dict[str, str]
    neurons: dict[str, StockNeuron]


def stock_graph(network: Network, dt_seconds: float) -> StockGraph:
    """Make the nodes; every group has a way in and a way out."""
    graph = StockGraph({}, [], {}, {}, {})
    for group in network.groups:
        _add_group(graph, group, dt_seconds)
    for projection in network.projections:
        _add_projection(graph, projection)
    _add_ends(graph, network)
    return graph


def _add_group(graph: StockGraph, group: Group, dt_seconds: float) -> None:
    name = _free(graph, group.name)
    graph.groups[group.name] = name
    if group.neuron is None:
        graph.nodes[name] = nir.Input(input_type={"input": np.array([group.size])})
        return
    stock = stock_neuron(group.neuron, dt_seconds)
    arrays = {k: np.full(group.size, v) for k, v in stock.parameters.items()}
    graph.nodes[name] = getattr(nir, stock.type)(**arrays)
    graph.neurons[name] = stock


def _add_projection(graph: StockGraph, projection: Projection) -> None:
    name = _free(graph, projection.name)
    graph.projections[projection.name] = name
    graph.nodes[name] = nir.Linear(weight=static_weights(projection))
    graph.edges.append((graph.groups[projection.source], name))
    graph.edges.append((name, graph.groups[projection.target]))


def static_weights(projection: Projection) -> FloatArray:
    """Give the weights as they act: those of an inhibitory rule count negative."""
    return projection.dense().weights * sign_of(projection)


def sign_of(projection: Projection) -> float:
    """Give the sign with which a positive weight acts."""
    rule = projection.rule
    return -1.0 if rule is not None and rule.polarity == "inhibitory" else 1.0


def _add_ends(graph: StockGraph, network: Network) -> None:
    """Join groups without a way in or out to an Input or Output: nir wants that."""
    between = [p for p in network.projections if p.source != p.target]
    fed = {p.target for p in between} | {g.name for g in _inputs(network)}
    feeding = {p.source for p in between}
    unfed = [g for g in network.groups if g.name not in fed]
    if not unfed and not _inputs(network):
        unfed = [network.groups[0]]  # a closed loop
    for group in unfed:
        name = _free(graph, f"input_{group.name}")
        graph.nodes[name] = nir.Input(input_type={"input": np.array([group.size])})
        graph.edges.append((name, graph.groups[group.name]))
    silent = [g for g in network.groups if g.name not in feeding]
    for group in silent or [network.groups[-1]]:
        name = _free(graph, f"output_{group.name}")
        graph.nodes[name] = nir.Output(output_type={"output": np.array([group.size])})
        graph.edges.append((graph.groups[group.name], name))


def _inputs(network: Network) -> list[Group]:
    return [g for g in network.groups if g.neuron is None]


def _free(graph: StockGraph, name: str) -> str:
    """Find a node's name: a slash would make the file unreadable for nir."""
    plain = name.replace("/", "_") or "_"
    if plain not in graph.nodes:
        return plain
    return next(n for k in count(2) if (n := f"{plain}_{k}") not in graph.nodes)


# --- the nearest stock node of a neuron model -------------------------------------


def stock_neuron(neuron: Neuron, dt_seconds: float) -> StockNeuron:
    """Find the stock node whose forward Euler steps are the model's, or nearly so.

    tau v' = (v_leak - v) + r I is v <- v * (1 - dt/tau) + (v_leak + r I) * dt/tau, so a
    drive ``gain * current + bias`` is r = gain * tau/dt and v_leak = bias * tau/dt. A
    state without memory has tau = dt.
    """
    return _AtRest(neuron, dt_seconds).stock()


@dataclass(frozen=True)
class _AtRest:
    """A neuron model near the point where everything is 0."""

    neuron: Neuron
    dt_seconds: float

    def stock(self) -> StockNeuron:
        main = self._main()
        if main is None:
            no_memory = {"tau": self.dt_seconds, "r": 1.0, "v_leak": 0.0}
            return self._typed("LI", no_memory, None)
        tau = self._tau(main)
        feed = self._feed(main)
        bias = self._value(main.drive)
        if tau is None:
            gain = self._gain(main, self._port_of(main))
            return self._typed("I", {"r": gain / self.dt_seconds}, main)
        steps = tau / self.dt_seconds
        if feed is None:
            gain = self._gain(main, self._port_of(main))
            integration = {"tau": tau, "r": gain * steps, "v_leak": bias * steps}
            return self._typed("LI", integration, main)
        tau_syn = self._tau(feed) or self.dt_seconds
        inner = self._gain(feed, self._port_of(feed)) * tau_syn / self.dt_seconds
        r = self._gain(main, feed.name) * steps
        integration = {"tau_syn": tau_syn, "tau_mem": tau, "r": r}
        integration |= {"v_leak": bias * steps, "w_in": inner}
        return self._typed("CubaLI", integration, main)

    def _typed(
        self, integrator: str, parameters: dict[str, float], main: StateDecl | None
    ) -> StockNeuron:
        """Add threshold and reset: I becomes IF, LI LIF, CubaLI CubaLIF."""
        if self.neuron.spike is None:
            return StockNeuron(integrator, parameters)
        reset = 0.0
        if main is not None and main.reset is not None:
            reset = self._value(main.reset)
        spiking = {"v_threshold": self._threshold(), "v_reset": reset}
        return StockNeuron(f"{integrator}F", {**parameters, **spiking})

    def _main(self) -> StateDecl | None:
        """Find the state that the spike condition looks at, else the last one."""
        looked_at = set() if self.neuron.spike is None else _names(self.neuron.spike)
        states = self.neuron.states
        wanted = [s for s in states if s.name in looked_at]
        return next(iter((*wanted, *states[-1:])), None)

    def _feed(self, main: StateDecl) -> StateDecl | None:
        """Find the state through which the input comes: a synaptic current."""
        names = _names(main.drive)
        if names & {p.name for p in self.neuron.ports}:
            return None
        others = [s for s in self.neuron.states if s.name in names and s is not main]
        return next((s for s in others if s.leak is not None), None)

    def _port_of(self, state: StateDecl) -> str:
        names = _names(state.drive)
        return next((p.name for p in self.neuron.ports if p.name in names), "")

    def _tau(self, state: StateDecl) -> float | None:
        if state.leak is None:
            return None
        return evaluate(state.leak, self.neuron.param_values) or self.dt_seconds

    def _gain(self, state: StateDecl, name: str) -> float:
        if not name:
            return 1.0
        return self._value(state.drive, **{name: 1.0}) - self._value(state.drive)

    def _threshold(self) -> float:
        spike, main = self.neuron.spike, self._main()
        if isinstance(spike, Compare) and main is not None:
            sides = (spike.left, spike.right)
            bound = [side for side in sides if main.name not in _names(side)]
            return self._value(bound[0]) if bound else 0.0
        return 0.0

    def _value(self, expr: Expr, **names: float) -> float:
        """Evaluate with all that changes in a run at 0; 0 where there is no value."""
        neuron = self.neuron
        inputs = (*neuron.ports, *neuron.modulators, *neuron.noises)
        moving = (*inputs, *neuron.states, *neuron.events, *neuron.traces)
        values = neuron.values_at(self.dt_seconds)
        at_rest = {d.name: 0.0 for d in moving} | values | names
        try:
            return evaluate(expr, at_rest)
        except LaharError:
            return 0.0


def _names(expr: Expr) -> set[str]:
    return {node.name for node in walk(expr) if isinstance(node, Name)}
