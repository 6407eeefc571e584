"""Turn the neuron nodes of NIR into neuron models.

One nir node and the time step in, a model and a gain for its incoming weights out:
forward Euler of tau v' = (v_leak - v) + r I is v <- v * (1 - dt/tau) + bias + gain * I
with gain = r * dt/tau and bias = v_leak * dt/tau.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic
from .library import NEURONS
from .network import FloatArray
from .neuron import Neuron


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
    help = "replace the node, such as a convolution by the Linear node that it equals"

    node: str
    type: str
    supported: str


@dataclass(frozen=True)
class ParametersDiffer(Diagnostic):
    """The neurons of one node have different parameters.

    A group here is of equal neurons. Different ``r`` and ``w_in`` are fine: they go
    into the weights.
    """

    code = "N712"
    title = "node `{node}` ({type}): `{parameter}` runs from {low} to {high}"
    note = "the neurons of a group are equal; only r and w_in may differ"
    help = "split the node into one for each value"

    node: str
    type: str
    parameter: str
    low: float
    high: float


@dataclass(frozen=True)
class ValueIsNotSupported(Diagnostic):
    """A node has a value that lahar cannot express yet.

    Leaving the value out would change what the network computes, so nothing is
    read.
    """

    code = "N713"
    title = "node `{node}` ({type}): {what} is {value}"
    note = "lahar reads {wanted} there"
    help = "change the node with the tool that wrote the file"

    node: str
    type: str
    what: str
    value: str
    wanted: str


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
class ReadNeuron:
    """A model, and for each neuron the factor that its incoming weights get."""

    neuron: Neuron
    gain: FloatArray
    problems: tuple[Diagnostic, ...]


NEURON_TYPES = ("LIF", "CubaLIF", "IF", "LI")


def read_neuron(name: str, node: Any, dt_seconds: float) -> ReadNeuron:
    """Turn a node into a model; problems are collected."""
    reader = _Node(name, node, dt_seconds, [])
    read = {
        "LIF": reader.lif,
        "CubaLIF": reader.cuba_lif,
        "IF": reader.integrate_and_fire,
        "LI": reader.leaky_integrator,
    }
    neuron, gain = read[reader.type]()
    return ReadNeuron(neuron, gain, tuple(reader.problems))


@dataclass
class _Node:
    name: str
    node: Any
    dt_seconds: float
    problems: list[Diagnostic]

    @property
    def type(self) -> str:
        return type(self.node).__name__

    def array(self, parameter: str) -> FloatArray:
        return np.asarray(getattr(self.node, parameter), np.float64)

    def one(self, parameter: str) -> float:
        """Read a parameter that is equal for all neurons."""
        values = self.array(parameter)
        low, high = float(values.min()), float(values.max())
        if low != high:
            self.problems.append(
                ParametersDiffer(self.name, self.type, parameter, low, high)
            )
        return low

    def steps(self, parameter: str) -> tuple[float, float]:
        """Read a time constant: in seconds, and the share that a step lets go."""
        tau, dt = self.one(parameter), self.dt_seconds
        if tau < dt * (1 - 1e-6):  # float32 may round a tau of dt down
            self.problems.append(
                TimeStepTooLong(self.name, self.type, parameter, tau, dt)
            )
        tau = max(tau, dt)
        return tau, dt / tau

    def reset_to_zero(self) -> None:
        v_reset = self.array("v_reset")
        if np.any(v_reset != 0):
            value = repr(float(v_reset[v_reset != 0].flat[0]))
            self.problems.append(
                ValueIsNotSupported(self.name, self.type, "`v_reset`", value, "0")
            )

    def lif(self) -> tuple[Neuron, FloatArray]:
        tau, step = self.steps("tau")
        self.reset_to_zero()
        bias = self.one("v_leak") * step
        threshold = self.one("v_threshold")
        neuron = NEURONS["lif"].with_params(tau=tau, threshold=threshold, bias=bias)
        return neuron, self.array("r") * step

    def cuba_lif(self) -> tuple[Neuron, FloatArray]:
        tau_u, step_u = self.steps("tau_syn")
        tau_v, step_v = self.steps("tau_mem")
        self.reset_to_zero()
        neuron = NEURONS["cuba-lif"].with_params(
            tau_u=tau_u,
            tau_v=tau_v,
            threshold=self.one("v_threshold"),
            bias=self.one("v_leak") * step_v,
        )
        return neuron, self.array("w_in") * step_u * self.array("r") * step_v

    def leaky_integrator(self) -> tuple[Neuron, FloatArray]:
        tau, step = self.steps("tau")
        bias = self.one("v_leak") * step
        neuron = NEURONS["li"].with_params(tau=tau, bias=bias)
        return neuron, self.array("r") * step

    def integrate_and_fire(self) -> tuple[Neuron, FloatArray]:
        self.reset_to_zero()
        threshold = self.one("v_threshold")
        neuron = NEURONS["if"].with_params(threshold=threshold)
        return neuron, self.array("r") * self.dt_seconds


def check_finite(name: str, node: Any) -> Iterator[Diagnostic]:
    """Check all arrays of a node."""
    for parameter, value in vars(node).items():
        if parameter in ("input_type", "output_type", "metadata"):
            continue
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
