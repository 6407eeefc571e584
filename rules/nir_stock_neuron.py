"""Find the stock nir node of a neuron model: the nearest one, linearised at rest.

A model and the numbers in which its neurons differ in; out come the type of a node and
its parameters, an array each. A constant input that the node has no parameter for is
left to the Affine before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..diagnostics import LaharError
from .evaluate import evaluate
from .expr import Compare, Const, Expr, Name, walk
from .network import FloatArray, Group
from .neuron import Neuron, StateDecl
from .per_neuron import is_constant_state
from .rule import ParamDecl

SMALL = 2.0**-20  # of a membrane: far below every threshold


@dataclass(frozen=True)
class StockNeuron:
    """The type of a nir node and its parameters.

    ``constant``: what has to arrive in every step beside the spikes, where the node
    has no v_leak that says it.
    """

    type: str
    parameters: Mapping[str, float]
    constant: float = 0.0


@dataclass(frozen=True)
class StockNeurons:
    """The same for a group: every parameter has a value for each neuron."""

    type: str
    parameters: Mapping[str, FloatArray]
    constant: FloatArray


def stock_neurons(group: Group, dt_seconds: float) -> StockNeurons:
    """Find the node of a group, once for each set of numbers that its neurons have."""
    neuron = group.neuron
    assert neuron is not None, "an input is no neuron"
    constants = [s.name for s in neuron.states if is_constant_state(s)]
    given = [n for n in constants if n in group.initial]
    rows, which = np.zeros((1, 0)), np.zeros(group.size, np.int64)
    if given:
        columns = np.stack([group.initial[n] for n in given], axis=1)
        rows, which = np.unique(columns, axis=0, return_inverse=True)
        which = which.reshape(-1)
    found = []
    for row in rows:
        values = dict(zip(given, row.tolist(), strict=True))
        model = _with_numbers(neuron, constants, values)
        found.append(stock_neuron(model, dt_seconds))
    return StockNeurons(
        found[0].type,
        {
            name: np.array([f.parameters[name] for f in found])[which]
            for name in found[0].parameters
        },
        np.array([f.constant for f in found])[which],
    )


def _with_numbers(
    neuron: Neuron, constants: list[str], values: Mapping[str, float]
) -> Neuron:
    """Turn states that nothing changes into parameters."""
    params = neuron.param_values
    first = {s.name: s.initial for s in neuron.states}
    own = {
        n: 0.0 if (e := first[n]) is None else evaluate(e, params) for n in constants
    }
    decls = tuple(ParamDecl(n, v) for n, v in {**own, **values}.items())
    states = tuple(s for s in neuron.states if s.name not in constants)
    return replace(neuron, params=(*neuron.params, *decls), states=states)


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
            constant = bias / gain if gain else 0.0
            return self._typed("I", {"r": gain / self.dt_seconds}, main, constant)
        steps = tau / self.dt_seconds
        if feed is None:
            gain = self._gain(main, self._port_of(main))
            integration = {"tau": tau, "r": gain * steps, "v_leak": bias * steps}
            return self._typed("LI", integration, main)
        tau_syn = self._tau(feed) or self.dt_seconds
        gain = self._gain(feed, self._port_of(feed))
        r = self._gain(main, feed.name) * steps
        integration = {"tau_syn": tau_syn, "tau_mem": tau, "r": r}
        integration["v_leak"] = bias * steps
        integration["w_in"] = gain * tau_syn / self.dt_seconds
        constant = self._value(feed.drive) / gain if gain else 0.0
        return self._typed("CubaLI", integration, main, constant)

    def _typed(
        self,
        integrator: str,
        parameters: dict[str, float],
        main: StateDecl | None,
        constant: float = 0.0,
    ) -> StockNeuron:
        """Add threshold and reset: I becomes IF, LI LIF, CubaLI CubaLIF."""
        if self.neuron.spike is None:
            return StockNeuron(integrator, parameters, constant)
        reset = 0.0
        if main is not None and main.reset is not None:
            # A reset by subtraction has no number; NIR knows no such reset.
            is_soft = main.name in _names(main.reset)
            reset = 0.0 if is_soft else self._value(main.reset)
        spiking = {"v_threshold": self._threshold(), "v_reset": reset}
        return StockNeuron(f"{integrator}F", {**parameters, **spiking}, constant)

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
        """Give the time constant; a drive that reads its own state keeps a share."""
        own = self._gain(state, state.name) + self._kept_by_another(state)
        if not own and state.leak is None:
            return None
        params = self.neuron.param_values
        leak = None if state.leak is None else evaluate(state.leak, params)
        if not own:
            return leak or self.dt_seconds
        kept = own
        if leak is None:
            kept += 1.0
        elif leak:
            kept += 1.0 - self.dt_seconds / leak
        return None if kept == 1.0 else self.dt_seconds / (1.0 - kept)

    def _kept_by_another(self, state: StateDecl) -> float:
        """Give the share that a state keeps by way of its value after the reset.

        A model may compare ``m`` with the threshold, keep ``v = m - reset`` and go on
        from v.
        """
        share = 0.0
        for other in self.neuron.states:
            if other is not state and other.leak == Const(0.0):
                there = self._slope(other, state.name)
                share += there * self._slope(state, other.name) if there else 0.0
        return share

    def _slope(self, state: StateDecl, name: str) -> float:
        """Give the gain near rest, where no comparison with a threshold has turned."""
        gain, near = self._gain(state, name), self._value(state.drive, **{name: SMALL})
        slope = (near - self._value(state.drive)) / SMALL
        return gain if np.isclose(gain, slope, rtol=1e-6) else slope

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
