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
from ..rules.network import Group, Network
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
        self._ways = [(s, self.groups[s.projection.source]) for s in self.synapses]
        self._updated = [self._update_of(group) for group in network.groups]
        self._learning = [
            (s, self.groups[s.projection.source], self.groups[s.projection.target])
            for s in self.synapses
            if s.projection.rule is not None
        ]
        self._read = {
            s.projection.name: quantities_read(rule)
            for s in self.synapses
            if (rule := s.projection.rule) is not None
        }
        for synapses, _, post in self._learning:
            for quantity in self._read[synapses.projection.name]:
                values = as_column(post.values[quantity])
                synapses.values[f"post {quantity}"] = values

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
        for update in self._updated:
            update(t)
        for synapses, source in self._ways:
            synapses.propagate(source.sent)
        for synapses, pre, post in self._learning:
            signals = {n: as_column(self.presented[n]) for n in synapses.modulators}
            if synapses.reads_values:
                signals[PRE_VALUE] = pre.sent
            synapses.hear(t, pre.sent_at_all, post.spikes, signals)
            synapses.learn()

    def _update_of(self, group: Group) -> Callable[[int], None]:
        """Give the function that computes a group's part of event 2."""
        state = self.groups[group.name]
        if group.neuron is None:
            return partial(self._present, group.name, state)
        ports = [
            (state.values[port.name], self._that_end_at(group, port.name))
            for port in group.neuron.ports
        ]
        names = tuple(m.name for m in group.neuron.modulators)
        noises = self._noises[group.name]
        return partial(self._update, state, ports, names, noises)

    def _that_end_at(self, group: Group, port: str) -> list[ReferenceSynapses]:
        end = (group.name, port)
        return [
            s for s in self.synapses if (s.projection.target, s.projection.port) == end
        ]

    def _present(self, name: str, state: ReferenceGroup, t: int) -> None:
        row = t - 1 - self._steps_before
        state.present(self.spikes[name][row].astype(np.float64))

    def _update(
        self,
        state: ReferenceGroup,
        ports: list[tuple[Floats, list[ReferenceSynapses]]],
        modulators: tuple[str, ...],
        noises: GroupNoises,
        t: int,
    ) -> None:
        for sums, sources in ports:
            sums.fill(0.0)
            for synapses in sources:
                sums += synapses.arrived
        signals = noises.draw(t)
        for name in modulators:
            signals[name] = self.presented[name]
        state.step(signals, t)

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
    return value[:, None] if value.ndim == 1 else value


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
