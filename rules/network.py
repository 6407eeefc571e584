"""A network: populations, connections with float weights, the rules bound to them.

What a NIR graph holds plus what NIR lacks (rules, modulators by name, dt). Weights
are arrays (post, pre) in the rule's units. dt is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, SourceSpan, maker_span
from ..pairs import Pairs, Sparse
from .delays import (
    DelayArray,
    WrongDelayShape,
    as_delays,
    check_delays,
    whole_steps,
)
from .first_values import WrongInitialShape, check_initial
from .network_errors import (
    InputHasNoNeuron,
    UnknownGroup,
    UnknownPort,
    WeightIsNotFinite,
    WrongMaskShape,
    WrongWeightShape,
)
from .neuron import Neuron
from .rule import LearningRule

if TYPE_CHECKING:
    from .language import NeuronModel, Rule

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Group:
    """A population of equal neurons; without a neuron model it is an input.

    initial
        State to values (size,) before the first step, where they are not the model's
        own; one number serves all neurons.
    graded
        Of an input: it sends values of the stimulus, clipped to these bounds, and
        nothing where they are 0. None: spikes.
    latency
        Steps that its neurons wait before their first one: they keep their first
        values and send nothing. Of a network made from layers that passed spikes on
        in the same step, its step t is theirs of step t - latency.
    """

    name: str
    size: int
    neuron: Neuron | None = None
    initial: Mapping[str, FloatArray] = field(default_factory=dict, kw_only=True)
    graded: tuple[float, float] | None = field(default=None, kw_only=True)
    latency: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "latency", whole_steps(self.name, self.latency))
        first = {n: self._for_all(n, v) for n, v in self.initial.items()}
        object.__setattr__(self, "initial", first)
        # The class that declares a neuron model will do.
        neuron = getattr(self.neuron, "declared", self.neuron)
        object.__setattr__(self, "neuron", neuron)

    def _for_all(self, state: str, values: object) -> FloatArray:
        try:
            array = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            shape, wanted = "no single shape", f"({self.size},), all numbers"
            problem = WrongInitialShape(self.name, state, shape, wanted)
            raise LaharError(problem) from None
        return np.full(self.size, array) if array.ndim == 0 else array

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Group):
            return NotImplemented
        first = self.initial.items()
        return (
            (self.name, self.size, self.neuron, self.graded, self.latency)
            == (other.name, other.size, other.neuron, other.graded, other.latency)
            and self.initial.keys() == other.initial.keys()
            and all(np.array_equal(v, other.initial[n]) for n, v in first)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def sends(self) -> tuple[float, float] | None:
        """Bounds of the values that it sends; None if it sends plain spikes."""
        if self.neuron is None:
            return self.graded
        sent = self.neuron.send
        return None if sent is None else (sent.low, sent.high)


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one group to a port of another.

    weights
        float64 (post, pre), in the rule's units. A spike adds its weight to the port
        one step later; with an inhibitory rule it subtracts. Given as a `Sparse`, only
        the synapses that it lists exist: ``pairs`` says which, and this has a value
        for each, (synapses,).
    connected
        bool (post, pre): where there is a synapse. None: everywhere. Where there is
        none nothing is learned, and the weight is 0.
    delay
        Steps that a spike takes beside the one it always takes: a whole number, or
        (post, pre), of a sparse projection a `Sparse` of the same synapses. A rule's
        ``pre`` is the spike as it is sent.
    """

    name: str
    source: str
    target: str
    weights: FloatArray
    port: str = "current"
    rule: LearningRule | None = None
    span: SourceSpan | None = field(default=None, repr=False)
    connected: BoolArray | None = field(default=None, kw_only=True)
    delay: DelayArray | int = field(default=0, kw_only=True)
    pairs: Pairs | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.span is None:
            object.__setattr__(self, "span", maker_span())
        if isinstance(self.weights, Sparse):
            object.__setattr__(self, "pairs", self.weights.pairs)
            object.__setattr__(self, "weights", self.weights.weights)
        if isinstance(self.delay, Sparse):
            object.__setattr__(self, "delay", self._listed_delays(self.delay))
        delay = as_delays(self.name, self.delay, self.span)
        object.__setattr__(self, "delay", delay)
        # The class that declares a rule will do.
        object.__setattr__(self, "rule", getattr(self.rule, "declared", self.rule))
        try:
            weights = self._numbers()
        except (TypeError, ValueError):
            wanted = "(post, pre), all numbers"
            problem = WrongWeightShape(self.name, "no single shape", wanted)
            raise LaharError(replace(problem, span=self.span)) from None
        if self.connected is not None:
            connected = np.asarray(self.connected) != 0
            object.__setattr__(self, "connected", connected)
            if connected.shape == weights.shape:  # else a check will say so
                weights = np.where(connected, weights, 0.0)
        object.__setattr__(self, "weights", weights)

    def _numbers(self) -> FloatArray:
        """Give the weights as floats; many of them keep a narrower type."""
        if self.pairs is None:
            return np.asarray(self.weights, dtype=np.float64)
        given: FloatArray = np.asarray(self.weights)
        narrow = given.dtype in (np.float32, np.float64)
        return given if narrow else given.astype(np.float64)

    def _listed_delays(self, delay: Sparse) -> DelayArray:
        if self.pairs != delay.pairs:
            wanted = "those of the weights"
            problem = WrongDelayShape(self.name, "other synapses", wanted)
            raise LaharError(replace(problem, span=self.span))
        return delay.weights

    def dense(self) -> Projection:
        """Give the same projection with a place for every pair of neurons, or R181."""
        if self.pairs is None:
            return self
        delay = np.asarray(self.delay)
        return replace(
            self,
            weights=self.pairs.dense(self.weights.astype(np.float64)),
            connected=self.pairs.dense(np.ones(self.pairs.count, np.bool_)),
            delay=self.pairs.dense(delay) if delay.ndim else delay,
            pairs=None,
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """(post, pre), if the weights have the shape they should have."""
        return self.weights.shape if self.pairs is None else self.pairs.shape

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Projection):
            return NotImplemented
        return (
            (self.name, self.source, self.target, self.port, self.rule)
            == (other.name, other.source, other.target, other.port, other.rule)
            and self.pairs == other.pairs
            and np.array_equal(self.weights, other.weights)
            and np.array_equal(self.is_connected, other.is_connected)
            and np.array_equal(self.delays, other.delays)
        )

    @property
    def delays(self) -> DelayArray:
        """Further steps of each synapse, in the shape of the weights."""
        delay = np.asarray(self.delay)
        return np.full(self.weights.shape, delay) if delay.ndim == 0 else delay

    @property
    def is_connected(self) -> BoolArray:
        """Where there is a synapse, in the shape of the weights."""
        if self.connected is None:
            return np.ones(self.weights.shape, np.bool_)
        return self.connected

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Network:
    """Groups and projections, with the time step in seconds (None: not yet said)."""

    name: str
    groups: tuple[Group, ...]
    projections: tuple[Projection, ...]
    dt_seconds: float | None = None

    def dense(self) -> Network:
        """Give the same network with a place for every pair of neurons, or R181."""
        return replace(self, projections=tuple(p.dense() for p in self.projections))

    def group(self, name: str) -> Group:
        """Find a group by name; KeyError if there is none."""
        for group in self.groups:
            if group.name == name:
                return group
        raise KeyError(name)

    def projection(self, name: str) -> Projection:
        """Find a projection by name; KeyError if there is none."""
        for projection in self.projections:
            if projection.name == name:
                return projection
        raise KeyError(name)

    def attach(
        self,
        projection: str,
        rule: LearningRule | type[Rule],
        neuron: Neuron | type[NeuronModel] | None = None,
    ) -> Network:
        """Give the network in which a projection learns by a rule.

        Parameters
        ----------
        projection
            Its name. It must not learn yet.
        rule
            Its bounds have to hold the weights as they are.
        neuron
            Another model for the neurons that learn, where theirs lacks what the rule
            reads. A class takes over the parameters that both models have.

        Raises
        ------
        LaharError
            R185, R186; R146 with the models that have what the rule reads.

        """
        from .attach import attach  # it checks, and checks read networks

        return attach(self, projection, rule, neuron)


def check_network(network: Network) -> list[Diagnostic]:
    """Check names, shapes and numbers; all problems at once."""
    found: list[Diagnostic] = []
    groups = {g.name: g for g in network.groups}
    known = ", ".join(groups) or "none"
    for group in network.groups:
        states = () if group.neuron is None else group.neuron.states
        names = [s.name for s in states]
        found += check_initial(group.name, group.size, group.initial, names)
    for p in network.projections:
        ends = [n for n in (p.source, p.target) if n not in groups]
        found += [UnknownGroup(p.name, n, known, span=p.span) for n in ends]
        if not ends:
            found += _check_projection(p, groups[p.source], groups[p.target])
    return found


def _check_projection(p: Projection, pre: Group, post: Group) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if post.neuron is None:
        found.append(InputHasNoNeuron(p.name, post.name, span=p.span))
    elif p.port not in {d.name for d in post.neuron.ports}:
        ports = ", ".join(d.name for d in post.neuron.ports) or "none"
        found.append(UnknownPort(p.name, post.neuron.name, p.port, ports, span=p.span))
    wanted = (post.size, pre.size)
    if p.shape != wanted:
        found.append(WrongWeightShape(p.name, str(p.shape), str(wanted), span=p.span))
    values = wanted if p.pairs is None else (p.pairs.count,)
    if p.pairs is not None and p.weights.shape != values:
        shape = str(p.weights.shape)
        found.append(WrongWeightShape(p.name, shape, str(values), span=p.span))
    if p.connected is not None and p.connected.shape != p.weights.shape:
        shape = str(p.connected.shape)
        found.append(WrongMaskShape(p.name, shape, str(values), span=p.span))
    found += check_delays(p.name, np.asarray(p.delay), values, p.span)
    finite = np.isfinite(p.weights)
    if not finite.all() and p.weights.ndim == len(values):
        bad = np.argwhere(~finite)
        first = tuple(int(k) for k in bad[0])
        i, j = first if p.pairs is None else p.pairs.ends(first[0])
        value = str(p.weights[first])
        total = p.weights.size
        found.append(
            WeightIsNotFinite(p.name, i, j, value, len(bad), total, span=p.span)
        )
    return found
