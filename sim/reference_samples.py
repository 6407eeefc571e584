"""Many samples of a network that does not learn, side by side in float64.

A network and an array (samples, steps, neurons) for each input in; what was asked for,
and the largest values of all states, out. Each sample starts anew. Neurons are those of
the reference, so docs/semantics.md sections 1 and 2 hold; only what a rule would change
stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..rules.network import Group, Network, Projection
from ..rules.per_neuron import is_constant_state
from .reference_expressions import Floats
from .reference_neurons import ReferenceGroup
from .reference_noise import GroupNoises

SampleArrays = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class SampleRun:
    """What the samples did.

    variables
        ``"<group>.<quantity>"`` or ``"<group>.s_out"`` to (samples, steps, neurons).
    peaks
        ``"<group>.<state or port>"`` to its largest magnitude.
    """

    variables: SampleArrays
    peaks: Mapping[str, float]


def run_samples(
    network: Network,
    inputs: SampleArrays,
    steps: int,
    *,
    dt_seconds: float,
    record: Collection[str] = (),
    seed: int = 0,
) -> SampleRun:
    """Run every sample from the first values.

    Parameters
    ----------
    network
        Rules are left out: weights stay as they are.
    inputs
        Input group to what it sends, (samples, steps, neurons); nothing after the last
        row.
    steps
        Steps of each sample.
    dt_seconds
        Length of a step.
    record
        Names of what is wanted; ``"<group>.s_out"`` is what a group sends.
    seed
        Of the neurons' noise.

    """
    loop = _Loop(network, inputs, dt_seconds, seed)
    rows: dict[str, list[Floats]] = {name: [] for name in record}
    for t in range(1, steps + 1):
        loop.step(t)
        for name, kept in rows.items():
            kept.append(loop.read(name))
    variables = {name: np.stack(kept, axis=1) for name, kept in rows.items()}
    return SampleRun(variables, loop.peaks)


class _Loop:
    def __init__(
        self, network: Network, inputs: SampleArrays, dt_seconds: float, seed: int
    ) -> None:
        self.network, self.inputs = network, inputs
        self.samples = len(next(iter(inputs.values())))
        self.groups = {
            g.name: self._side_by_side(g, dt_seconds) for g in network.groups
        }
        self.noises = [
            GroupNoises(replace(g, size=g.size * self.samples, initial={}), k, seed)
            for k, g in enumerate(network.groups)
        ]
        self.ways = [_Way(p, self.samples) for p in network.projections]
        self.peaks: dict[str, float] = {}

    def _side_by_side(self, group: Group, dt_seconds: float) -> ReferenceGroup:
        first = {n: np.tile(v, self.samples) for n, v in group.initial.items()}
        size = group.size * self.samples
        return ReferenceGroup(replace(group, size=size, initial=first), dt_seconds)

    def step(self, t: int) -> None:
        arrived = [(way.projection, way.deliver()) for way in self.ways]
        for group, noises in zip(self.network.groups, self.noises, strict=True):
            state = self.groups[group.name]
            if group.neuron is None:
                state.present(self._input(group, t))
                continue
            signals: dict[str, Floats] = {
                port.name: np.zeros(state.size) for port in group.neuron.ports
            }
            for projection, sums in arrived:
                if projection.target == group.name:
                    signals[projection.port] = signals[projection.port] + sums
            signals |= {m.name: np.zeros(state.size) for m in group.neuron.modulators}
            signals.update(noises.draw(t))
            state.step(signals, t)
            self._look_at(group, state)
        for way in self.ways:
            way.send(self.groups[way.projection.source].sent)

    def _input(self, group: Group, t: int) -> Floats:
        rows = self.inputs[group.name]
        if t > rows.shape[1]:
            return np.zeros(group.size * self.samples)
        return rows[:, t - 1].reshape(-1).astype(np.float64)

    def _look_at(self, group: Group, state: ReferenceGroup) -> None:
        for name in _registers(group):
            values = state.values.get(name)
            if values is not None and values.size:
                key = f"{group.name}.{name}"
                largest = float(np.abs(values).max())
                self.peaks[key] = max(self.peaks.get(key, 0.0), largest)

    def read(self, name: str) -> Floats:
        owner, _, what = name.rpartition(".")
        group = self.groups[owner]
        values = group.sent if what == "s_out" else group.values[what]
        return np.array(values).reshape(self.samples, -1)


def _registers(group: Group) -> Iterator[str]:
    """Name what a membrane's unit has to hold: ports, states, also before resets."""
    assert group.neuron is not None
    yield from (p.name for p in group.neuron.ports)
    for state in group.neuron.states:
        if is_constant_state(state):
            continue  # a number of each neuron, in a unit of its own
        yield state.name
        if state.reset is not None:
            yield f"{state.name}_pre_reset"


class _Way:
    """Synapses of a projection, and what is on its way through them."""

    def __init__(self, projection: Projection, samples: int) -> None:
        self.projection, self.samples = projection, samples
        rule = projection.rule
        sign = -1.0 if rule is not None and rule.polarity == "inhibitory" else 1.0
        delays = projection.delays.astype(np.int64)
        # (delay, weights (pre, post)) of the synapses that have that delay.
        self.weights = [
            (int(d), np.where(delays == d, sign * projection.weights, 0.0).T.copy())
            for d in np.unique(delays)
        ]
        shape = (int(delays.max(initial=0)) + 1, samples, len(delays))
        self.sums: Floats = np.zeros(shape)

    def deliver(self) -> Floats:
        arrived: Floats = self.sums[0].reshape(-1).copy()
        self.sums[:-1] = self.sums[1:]
        self.sums[-1] = 0.0
        return arrived

    def send(self, sent: Floats) -> None:
        rows = sent.reshape(self.samples, -1)
        for delay, weights in self.weights:
            self.sums[delay] += rows @ weights
