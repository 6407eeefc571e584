"""Turn the neuron nodes of NIR into populations of neurons.

One nir node and the time step in, a model with its parameters and a gain for all that
arrives out:
forward Euler of tau v' = (v_leak - v) + r I is v <- v * (1 - dt/tau) + bias + gain * I
with gain = r * dt/tau and bias = v_leak * dt/tau.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from .expr import Binary, Expr, Name
from .layer_nodes import Neurons
from .library import NEURONS
from .network import FloatArray
from .neuron import EventDecl, Neuron, SendDecl
from .nir_exporters import Exporter
from .nir_maps import Shape, ShapeDoesNotFit, ValueIsNotSupported
from .rule import ParamDecl


@dataclass(frozen=True)
class NumberInNodeIsNotFinite(Diagnostic):
    """A parameter or weight in a NIR node is NaN or infinite.

    No chip holds such a number, and a simulation would spread it to every neuron
    that it reaches.
    """

    code = "N706"
    title = "node `{node}` ({type}): `{parameter}`{index} is {value}"
    note = "{count} of {total} numbers are not finite"
    help = "mend the array with the tool that wrote the file"

    node: str
    type: str
    parameter: str
    index: str
    value: str
    count: int
    total: int


@dataclass(frozen=True)
class NodeIsNotSupported(Diagnostic):
    """A node of the graph is of a type that lahar does not read yet.

    Reading the rest alone would give another network, so nothing is read.
    """

    code = "N711"
    title = "node `{node}` is of type {type}, which lahar does not read"
    note = "lahar reads: {supported}"
    help = "replace the node by others that do the same"

    node: str
    type: str
    supported: str


@dataclass(frozen=True)
class TimeStepTooLong(Diagnostic):
    """A time constant is shorter than the time step.

    Forward Euler then turns the sign of the state in every step, which no membrane
    does.
    """

    code = "N714"
    title = "node `{node}` ({type}): `{parameter}` is {tau} s, dt is {dt} s"
    note = "a time constant is at least one time step"
    help = "give the dt that the network was made for; snnTorch writes for 0.1 ms"

    node: str
    type: str
    parameter: str
    tau: float
    dt: float


@dataclass(frozen=True)
class ValuesNeedBounds(Diagnostic):
    """A node without spikes leads on to others: it sends values, within bounds.

    A chip's graded spike has a few bits for the range of what is sent, so the range
    has to be known, and NIR does not say it.
    """

    code = "N729"
    title = "node `{node}` ({type}) sends values, and nobody says how large they are"
    note = "{known}"
    help = "say it: read_nir(..., bounds={example}), or --bounds {option}"

    node: str
    type: str
    known: str
    example: str
    option: str


Reset = Literal["hard", "subtract", "subtract-late"]
"""To v_reset; by the threshold; by the threshold after the leak of the next step."""


@dataclass(frozen=True)
class NoSuchReset(Diagnostic):
    """A way to reset the membrane is asked for that there is not.

    ``hard`` sets it to v_reset, as NIR says. ``subtract`` takes the threshold away at
    once, ``subtract-late`` in the next step after the leak, as snnTorch does.
    """

    code = "N732"
    title = "there is no reset `{reset}`"
    note = "known: {known}"
    help = "use one of these"

    reset: str
    known: str


def check_reset(reset: str | None) -> Reset | None:
    """Check the name of a reset; None where nobody says it.

    Raises
    ------
    LaharError
        N732.

    """
    if reset is not None and reset not in get_args(Reset):
        raise LaharError(NoSuchReset(reset, ", ".join(get_args(Reset))))
    return cast("Reset | None", reset)


@dataclass(frozen=True)
class ReadOptions:
    """What a NIR file does not say, and whoever reads it has to.

    reset
        For all neurons that spike; hard where nobody says it.
    bounds
        Nodes that send values, not spikes, to what these can be.
    exporter
        The framework whose exporter wrote it, if its losses are to be undone.
    """

    dt_seconds: float
    reset: Reset | None = None
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    exporter: Exporter | None = None


@dataclass(frozen=True)
class ReadNeurons:
    """A population of the layer graph, and the shape that it has."""

    node: Neurons
    shape: Shape


def read_neurons(
    name: str, node: Any, shape: Shape, options: ReadOptions
) -> ReadNeurons:
    """Turn a node into a population.

    Raises
    ------
    LaharError
        N713, N714, N728, all of the node at once.

    """
    reader = _Node(name, node, shape, options, [])
    read: dict[str, Callable[[], Neurons]] = {
        "LIF": reader.lif,
        "CubaLIF": reader.cuba_lif,
        "IF": reader.integrate_and_fire,
        "LI": reader.leaky_integrator,
        "CubaLI": reader.cuba_li,
        "I": reader.integrator,
        "Threshold": reader.step,
    }
    own = own_shape(node)
    if math.prod(own) == math.prod(shape):
        reader.shape = own
    neurons = read[reader.type]()
    if reader.problems:
        raise LaharError(reader.problems)
    return ReadNeurons(neurons, reader.shape)


def own_shape(node: Any) -> Shape:
    """Give the shape that a node's parameters have."""
    shapes = [np.shape(v) for v in _parameters(node).values()]
    return np.broadcast_shapes(*shapes)


def _parameters(node: Any) -> dict[str, Any]:
    virtual = ("input_type", "output_type", "metadata")
    return {k: v for k, v in vars(node).items() if k not in virtual and v is not None}


@dataclass
class _Node:
    name: str
    node: Any
    shape: Shape
    options: ReadOptions
    problems: list[Diagnostic]

    @property
    def type(self) -> str:
        return type(self.node).__name__

    def array(self, parameter: str) -> FloatArray:
        """Read a parameter, one value for each neuron."""
        given = np.asarray(getattr(self.node, parameter), np.float64)
        try:
            whole = np.broadcast_to(given, self.shape)
        except ValueError:
            facts = (self.name, self.type, str(self.shape), str(given.shape))
            raise LaharError(ShapeDoesNotFit(*facts)) from None
        return whole.reshape(-1).copy()

    def steps(self, parameter: str) -> tuple[FloatArray, FloatArray]:
        """Read a time constant: in seconds, and the share that a step lets go."""
        tau, dt = self.array(parameter), self.options.dt_seconds
        shortest = float(tau.min())
        if shortest < dt * (1 - 1e-6):  # float32 may round a tau of dt down
            facts = (self.name, self.type, parameter, shortest, dt)
            self.problems.append(TimeStepTooLong(*facts))
        tau = np.maximum(tau, dt)
        return tau, dt / tau

    def neurons(
        self, model: str, values: dict[str, FloatArray], gain: FloatArray
    ) -> Neurons:
        neuron = NEURONS[model]
        if neuron.spike is None:
            neuron = self._sending(neuron)
        elif model != "step":
            neuron = self._resetting(neuron, values)
        return Neurons(neuron, len(gain), values, gain)

    def _sending(self, neuron: Neuron) -> Neuron:
        bounds = self.options.bounds.get(self.name)
        sent = None if bounds is None else SendDecl(Name("v"), *bounds)
        return replace(neuron, send=sent)

    def _resetting(self, neuron: Neuron, values: dict[str, FloatArray]) -> Neuron:
        v_reset = self.array("v_reset")
        is_hard = self.options.reset in (None, "hard")
        if is_hard and not np.any(v_reset):
            return neuron
        if is_hard:
            values["v_reset"] = v_reset
            return reset_to(neuron, "v_reset")
        if np.any(v_reset):
            value = f"{v_reset[v_reset != 0][0]:g}"
            facts = (self.name, self.type, "`v_reset`", value)
            self.problems.append(ValueIsNotSupported(*facts, "0 with this reset"))
        late = self.options.reset == "subtract-late"
        return (reset_by_threshold_late if late else reset_by_threshold)(neuron)

    # --- the types of nodes

    def lif(self) -> Neurons:
        tau, step = self.steps("tau")
        values = {"tau": tau, "threshold": self.array("v_threshold")}
        values["bias"] = self.array("v_leak") * step
        return self.neurons("lif", values, self.array("r") * step)

    def leaky_integrator(self) -> Neurons:
        tau, step = self.steps("tau")
        values = {"tau": tau, "bias": self.array("v_leak") * step}
        return self.neurons("li", values, self.array("r") * step)

    def cuba_lif(self) -> Neurons:
        values, gain = self._current_based()
        values["threshold"] = self.array("v_threshold")
        return self.neurons("cuba-lif", values, gain)

    def cuba_li(self) -> Neurons:
        return self.neurons("cuba-li", *self._current_based())

    def _current_based(self) -> tuple[dict[str, FloatArray], FloatArray]:
        tau_u, step_u = self.steps("tau_syn")
        tau_v, step_v = self.steps("tau_mem")
        values = {"tau_u": tau_u, "tau_v": tau_v}
        values["bias"] = self.array("v_leak") * step_v
        return values, self.array("w_in") * step_u * self.array("r") * step_v

    def integrate_and_fire(self) -> Neurons:
        values = {"threshold": self.array("v_threshold")}
        return self.neurons("if", values, self.array("r") * self.options.dt_seconds)

    def integrator(self) -> Neurons:
        gain = self.array("r") * self.options.dt_seconds
        return self.neurons("integrator", {}, gain)

    def step(self) -> Neurons:
        threshold = self.array("threshold")
        return self.neurons("step", {"threshold": threshold}, np.ones(len(threshold)))


# --- how a spike resets the membrane ------------------------------------------------


def reset_to(neuron: Neuron, parameter: str) -> Neuron:
    """Let a spike set v to a parameter."""
    params = (*neuron.params, ParamDecl(parameter, 0.0))
    return replace(_with_reset(neuron, Name(parameter)), params=params)


def reset_by_threshold(neuron: Neuron) -> Neuron:
    """Let a spike take the threshold from v at once."""
    return _with_reset(neuron, Binary("-", Name("v"), Name("threshold")))


def reset_by_threshold_late(neuron: Neuron) -> Neuron:
    """Let a spike take the threshold from v in the next step, after the leak.

    So does snnTorch with reset_mechanism="subtract", its default.
    """
    assert neuron.spike is not None
    spiked = EventDecl("spiked", neuron.spike)
    less = Binary("*", Name("threshold"), Name(spiked.name))
    states = tuple(
        replace(s, reset=None, drive=Binary("-", s.drive, less)) if s.name == "v" else s
        for s in neuron.states
    )
    return replace(neuron, states=states, events=(spiked,))


def _with_reset(neuron: Neuron, value: Expr) -> Neuron:
    states = (replace(s, reset=value) if s.name == "v" else s for s in neuron.states)
    return replace(neuron, states=tuple(states))


def check_finite(name: str, node: Any) -> Iterator[Diagnostic]:
    """Check all arrays of a node."""
    for parameter, value in _parameters(node).items():
        if parameter == "padding" and isinstance(value, str):
            continue  # "same" or "valid"
        values, kind = np.asarray(value), type(node).__name__
        if values.dtype.kind not in "fiub":
            shown = f"of type {values.dtype}"
            yield ValueIsNotSupported(name, kind, f"`{parameter}`", shown, "numbers")
            continue
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            first = tuple(int(k) for k in bad[0])
            index = f"[{', '.join(str(k) for k in first)}]" if first else ""
            shown = str(values[first])
            yield NumberInNodeIsNotFinite(
                name, kind, parameter, index, shown, len(bad), values.size
            )
