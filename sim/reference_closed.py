"""The closed loop of the float reference: a whole network, step by step.

docs/semantics.md section 1. A network and a stimulus in; every step computes neurons,
traces and weights from nothing but the rules themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.expr import PRE_VALUE
from ..rules.network import Network
from .reference_expressions import Floats, Values
from .reference_names import (
    modulators_of,
    quantities_read,
    reference_variables,
    signals_of,
)
from .reference_neurons import ReferenceGroup
from .reference_noise import GroupNoises
from .reference_synapses import DELAY, WEIGHT, ReferenceSynapses
from .stimulus_needs import Stimulus, needs_of

Reader = Callable[[], Any]


class ClosedLoop:
    """All groups and projections of a network, and the stimulus that drives them."""

    def __init__(
        self, network: Network, stimulus: Stimulus, dt_seconds: float, seed: int
    ) -> None:
        self.network = network
        self._noises = {
            group.name: GroupNoises(group, position, seed)
            for position, group in enumerate(network.groups)
        }
        self.groups = {g.name: ReferenceGroup(g, dt_seconds) for g in network.groups}
        self.synapses = [ReferenceSynapses(p, dt_seconds) for p in network.projections]
        self.present(stimulus, 0)
        self.presented: Values = {}
        self._ports = _ports(network, self.synapses)
        self._own = {
            g.name: tuple(m.name for m in g.neuron.modulators)
            for g in network.groups
            if g.neuron is not None
        }
        self._learning = [
            (s, self.groups[s.projection.target], s.projection.rule)
            for s in self.synapses
            if s.projection.rule is not None
        ]
        self._read = {
            s.projection.name: quantities_read(rule) for s, _, rule in self._learning
        }

    def present(self, stimulus: Stimulus, steps_before: int) -> None:
        """Take the stimulus of the next steps; its row 0 is of the first of them."""
        self.spikes = {n: np.asarray(s) for n, s in stimulus.spikes.items()}
        self.modulators = bounded_modulators(self.network, stimulus)
        self._steps_before = steps_before

    def step(self, t: int) -> None:
        """Go through the events of step t, counted from 1."""
        for synapses in self.synapses:
            synapses.deliver()
        row = t - 1 - self._steps_before
        self.presented = {name: rows[row] for name, rows in self.modulators.items()}
        for group in self.groups.values():
            self._update_group(group, t)
        for synapses in self.synapses:
            synapses.propagate(self.groups[synapses.projection.source].sent)
        for synapses, post, rule in self._learning:
            pre = self.groups[synapses.projection.source]
            names = (m.name for m in rule.modulators)
            signals = {name: as_column(self.presented[name]) for name in names}
            for quantity in self._read[synapses.projection.name]:
                signals[f"post {quantity}"] = as_column(post.values[quantity])
            signals[PRE_VALUE] = pre.sent[None, :]
            synapses.hear(t, pre.sent_at_all, post.spikes, signals)
            synapses.learn()

    def _update_group(self, group: ReferenceGroup, t: int) -> None:
        if group.model is None:
            row = t - 1 - self._steps_before
            group.present(self.spikes[group.name][row].astype(np.float64))
            return
        signals = {
            port: sum((s.arrived for s in sources), np.zeros(group.size))
            for port, sources in self._ports[group.name].items()
        }
        for name in self._own[group.name]:
            signals[name] = self.presented[name]
        signals.update(self._noises[group.name].draw(t))
        group.step(signals, t)

    def readers(self) -> dict[str, Reader]:
        """Give a function for each variable that reads its value of this step."""
        found: dict[str, Reader] = {}
        for group in self.network.groups:
            state = self.groups[group.name]
            found[f"{group.name}.s_out"] = partial(getattr, state, "sent")
            for quantity in group.neuron.quantities if group.neuron is not None else ():
                found[f"{group.name}.{quantity}"] = partial(
                    state.values.__getitem__, quantity
                )
            for name in modulators_of(self.network, group):
                found[f"{group.name}.{name}"] = partial(self._modulator, name)
        for synapses in self.synapses:
            name = synapses.projection.name
            found[f"{name}.a_out"] = partial(getattr, synapses, "arrived")
            for signal in signals_of(synapses.projection):
                found[f"{name}.{signal}"] = self._signal(synapses, signal)
            found.update(synapse_readers(synapses))
        return {name: found[name] for name in reference_variables(self.network)}

    def _signal(self, synapses: ReferenceSynapses, name: str) -> Reader:
        if name in self._read[synapses.projection.name]:
            values = self.groups[synapses.projection.target].values
            return partial(values.__getitem__, name)
        return partial(self._modulator, name)

    def _modulator(self, name: str) -> Any:
        return self.presented[name]

    def extra_final(self) -> Mapping[str, Floats]:
        """Nothing but the variables themselves."""
        return {}


def _ports(
    network: Network, synapses: list[ReferenceSynapses]
) -> dict[str, dict[str, list[ReferenceSynapses]]]:
    """List for each port of each group the projections that end there."""
    return {
        group.name: {
            port.name: [
                s
                for s in synapses
                if (s.projection.target, s.projection.port) == (group.name, port.name)
            ]
            for port in group.neuron.ports
        }
        for group in network.groups
        if group.neuron is not None
    }


def synapse_readers(synapses: ReferenceSynapses) -> dict[str, Reader]:
    """Give readers of what a learning projection computes."""
    if synapses.rule is None:
        return {}
    keys = {"weights": WEIGHT, "delay": DELAY}
    keys.update({t.name: t.name for t in synapses.rule.traces})
    keys.update({tag: tag for tag in synapses.rule.tag_decays})
    name = synapses.projection.name
    values = synapses.values
    return {f"{name}.{k}": partial(values.__getitem__, v) for k, v in keys.items()}


def as_column(value: Any) -> Any:
    """Turn post-side values (post,) into a column; what all share stays a number."""
    return value[:, None] if np.ndim(value) == 1 else value


def bounded_modulators(
    network: Network, stimulus: Stimulus
) -> dict[str, npt.NDArray[np.float64]]:
    """Clip modulators to the bounds that their readers declare, as a port does."""
    needs = needs_of(network).modulators
    return {
        name: np.clip(np.asarray(values, np.float64), needs[name].low, needs[name].high)
        for name, values in stimulus.modulators.items()
        if name in needs
    }
