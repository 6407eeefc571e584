"""A network as one torch module: groups and projections by name, stepped in order.

Only imported where torch is there. The order of a step is that of docs/semantics.md
section 1; neurons are cells of a framework, weights are torch.nn.Linear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rules.network import FloatArray, Network, Projection
from .extra import need

torch: Any = need("torch")
Tensor = Any


@dataclass(frozen=True)
class NetworkState:
    """What a network keeps between two steps.

    steps_done
        Steps since the start: groups with a latency wait.
    cells
        Group to the states of its cell.
    sent
        Group to what it sent, the latest step first.
    """

    steps_done: int
    cells: Mapping[str, tuple[Tensor, ...]]
    sent: Mapping[str, tuple[Tensor, ...]]


class TorchGroup(torch.nn.Module):  # type: ignore[misc]
    """Neurons of one group: a framework's cell, and what always arrives beside spikes.

    ``states`` names what the cell carries from step to step; ``shown`` which state of
    the neuron model each tells, and in which unit. ``can_send`` is false of read-outs.
    """

    def __init__(
        self,
        cell: Any,
        states: Mapping[str, FloatArray],
        shown: Mapping[str, tuple[str, FloatArray]],
        *,
        constant: FloatArray,
        gain: FloatArray | None = None,
        can_send: bool = True,
        latency: int = 0,
        dtype: Any,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.shown = {n: kept for n, kept in shown.items() if np.all(kept[1])}
        self.can_send = can_send
        self.latency = latency
        self.states = tuple(states)
        for name, values in states.items():
            self.register_buffer(f"first_{name}", torch.as_tensor(values, dtype=dtype))
        factor = None if gain is None else torch.as_tensor(gain, dtype=dtype)
        self.register_buffer("gain", factor)
        always = torch.as_tensor(constant, dtype=dtype)
        self.bias = torch.nn.Parameter(always) if np.any(constant) else None

    def told(self, state: tuple[Tensor, ...]) -> dict[str, FloatArray]:
        """Give the states of the neuron model that the cell's states tell, (..., n)."""
        carried = dict(zip(self.states, state, strict=True))
        return {
            name: carried[own].detach().numpy() / unit
            for name, (own, unit) in self.shown.items()
        }

    def start(self, batch: Sequence[int]) -> tuple[Tensor, ...]:
        """Give the states before the first step, (*batch, n) each."""
        firsts = (getattr(self, f"first_{name}") for name in self.states)
        return tuple(first.expand(*batch, len(first)).clone() for first in firsts)

    def forward(
        self, arriving: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Go one step: what is sent, and the new states."""
        current = arriving if self.bias is None else arriving + self.bias
        current = current if self.gain is None else current * self.gain
        spikes, after = self.stepped(current, state)
        return (spikes if self.can_send else torch.zeros_like(current)), after

    def stepped(
        self, current: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Call the cell as its framework wants it."""
        raise NotImplementedError


class TorchProjection(torch.nn.Linear):  # type: ignore[misc]
    """Synapses: a Linear without bias; `masks` keep apart synapses of other delays."""

    def __init__(self, projection: Projection, dtype: Any) -> None:
        post, pre = projection.weights.shape
        super().__init__(pre, post, bias=False, dtype=dtype)
        with torch.no_grad():
            self.weight.copy_(torch.as_tensor(projection.weights))
        self.source, self.target = projection.source, projection.target
        there = projection.is_connected
        self.delays = [int(d) for d in np.unique(projection.delays[there])]
        masks = np.array([there & (projection.delays == d) for d in self.delays])
        trivial = bool(masks.all())
        kept = None if trivial else torch.as_tensor(masks, dtype=dtype)
        self.register_buffer("masks", kept)

    @property
    def longest(self) -> int:
        """The largest delay of a synapse."""
        return max(self.delays, default=0)

    def forward(self, sent: Sequence[Tensor]) -> Tensor:
        """Sum what arrives now of what the source sent, the latest step first."""
        if self.masks is None and self.delays:
            return super().forward(sent[self.delays[0]])
        total = sent[0].new_zeros(*sent[0].shape[:-1], self.out_features)
        for place, delay in enumerate(self.delays):
            weight = self.weight * self.masks[place]
            total = total + torch.nn.functional.linear(sent[delay], weight)
        return total


class TorchNetwork(torch.nn.Module):  # type: ignore[misc]
    """A network for training: weights are ``module.projection(name).weight``.

    Called with x (steps, ..., inputs), or a dict of such for several inputs; gives what
    the last group sends, (steps, ..., n), or its membrane if it never spikes.
    """

    def __init__(
        self, network: Network, groups: Mapping[str, TorchGroup], dtype: Any
    ) -> None:
        super().__init__()
        self.sizes = {g.name: g.size for g in network.groups}
        self.bounds = {g.name: g.graded for g in network.groups if g.neuron is None}
        self.places = {
            p.name: (p.target, p.port, place)
            for place, p in enumerate(network.projections)
        }
        self.names = [g.name for g in network.groups if g.neuron is not None]
        self.groups = torch.nn.ModuleDict(
            {_key(k, n): groups[n] for k, n in enumerate(self.names)}
        )
        made = [TorchProjection(p, dtype) for p in network.projections]
        keys = [_key(k, p.name) for k, p in enumerate(network.projections)]
        self.projections = torch.nn.ModuleDict(zip(keys, made, strict=True))
        self.longest = dict.fromkeys(self.sizes, 0)
        for p in made:
            self.longest[p.source] = max(self.longest[p.source], p.longest)
        self.dtype = dtype

    def group(self, name: str) -> TorchGroup:
        """Give the module of a group."""
        return self.groups[_key(self.names.index(name), name)]  # type: ignore[no-any-return]

    def projection(self, name: str) -> TorchProjection:
        """Give the module of a projection; its ``weight`` is (post, pre)."""
        return self.projections[_key(self.places[name][2], name)]  # type: ignore[no-any-return]

    def start(self, *batch: int) -> NetworkState:
        """Give the state before the first step, for samples of shape ``batch``."""
        like = next(iter(self.parameters()), torch.zeros(0, dtype=self.dtype))
        silent = {n: like.new_zeros(*batch, size) for n, size in self.sizes.items()}
        cells = {name: self.group(name).start(batch) for name in self.names}
        sent = {n: (silent[n],) * (self.longest[n] + 1) for n in self.sizes}
        return NetworkState(0, cells, sent)

    def step(
        self, inputs: Mapping[str, Tensor], state: NetworkState
    ) -> tuple[dict[str, Tensor], dict[str, Tensor], NetworkState]:
        """Go one step.

        Returns
        -------
        tuple
            Group to what it sends (..., n), projection to what it delivers (..., post),
            and the new state.

        """
        arrived = {
            name: self.projection(name)(state.sent[self.projection(name).source])
            for name in self.places
        }
        sent, cells = {}, {}
        for name, bounds in self.bounds.items():
            given = inputs[name]
            sent[name] = given if bounds is None else given.clamp(*bounds)
        for name in self.names:
            cells[name] = state.cells[name]
            into = [arrived[p] for p, (to, *_) in self.places.items() if to == name]
            current = sum(into, torch.zeros_like(state.sent[name][0]))
            sent[name] = torch.zeros_like(current)
            if state.steps_done >= self.group(name).latency:
                sent[name], cells[name] = self.group(name)(current, cells[name])
        kept = {n: (sent[n], *before[:-1]) for n, before in state.sent.items()}
        return sent, arrived, NetworkState(state.steps_done + 1, cells, kept)

    def forward(self, x: Tensor | Mapping[str, Tensor]) -> Tensor:
        """Run all steps from the start."""
        inputs = x if isinstance(x, Mapping) else {next(iter(self.bounds)): x}
        first = next(iter(inputs.values()))
        state = self.start(*first.shape[1:-1])
        last, rows = self.names[-1], []
        for t in range(len(first)):
            sent, _, state = self.step({n: v[t] for n, v in inputs.items()}, state)
            rows.append(sent[last] if self.group(last).can_send else self.seen(state))
        return torch.stack(rows)

    def seen(self, state: NetworkState) -> Tensor:
        """Give the membranes of the last group."""
        last = self.names[-1]
        return state.cells[last][self.group(last).states.index("v")]


def _key(place: int, name: str) -> str:
    """Give a key that torch takes: no dots, and no name of a method of its dicts."""
    plain = name.replace(".", "_") or "_"
    taken = hasattr(torch.nn.ModuleDict, plain) or plain != name
    return (
        f"{plain}_{place}" if taken or hasattr(torch.nn.ModuleDict(), plain) else plain
    )
