"""Groups of neurons as snnTorch's cells: the way back of snntorch_cells.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..diagnostics import LaharError
from ..rules.layer_graph import READOUT
from ..rules.library.neurons import LIF, CubaLIF
from ..rules.library.snntorch_neurons import (
    LateSubtractCubaLIF,
    LateSubtractLIF,
    LateZeroCubaLIF,
    LateZeroLIF,
    NoResetCubaLIF,
    NoResetLIF,
    PromptSubtractCubaLIF,
    PromptSubtractLIF,
)
from ..rules.library.standard_neurons import IF, LI, CubaLI, Integrator, Step
from ..rules.network import FloatArray, Group
from ..rules.neuron import Neuron
from .extra import need
from .known_neurons import KnownNeurons
from .refusals import NumberOfNoCell
from .torch_network import TorchGroup

LATE, PROMPT = True, False
# The kind of cell, its reset, and whether that is late.
CELLS: Mapping[Neuron, tuple[str, str, bool]] = {
    LIF(): ("Leaky", "zero", PROMPT),
    IF(): ("Leaky", "zero", PROMPT),
    LateSubtractLIF(): ("Leaky", "subtract", LATE),
    PromptSubtractLIF(): ("Leaky", "subtract", PROMPT),
    NoResetLIF(): ("Leaky", "none", LATE),
    LateZeroLIF(): ("RLeaky", "zero", LATE),
    LI(): ("Leaky", "none", LATE),
    Integrator(): ("Leaky", "none", LATE),
    READOUT: ("Leaky", "none", LATE),
    Step(): ("Leaky", "none", LATE),
    CubaLIF(): ("Synaptic", "zero", PROMPT),
    LateSubtractCubaLIF(): ("Synaptic", "subtract", LATE),
    PromptSubtractCubaLIF(): ("Synaptic", "subtract", PROMPT),
    LateZeroCubaLIF(): ("Synaptic", "zero", LATE),
    NoResetCubaLIF(): ("Synaptic", "none", LATE),
    CubaLI(): ("Synaptic", "none", LATE),
}


class SnnTorchGroup(TorchGroup):
    """Neurons of a group as a cell that gets its states as arguments."""

    def stepped(self, current: Any, state: tuple[Any, ...]) -> tuple[Any, Any]:
        """Call the cell: spikes first, then what it wants back."""
        result = self.cell(current, *state)
        return result[0], tuple(result[-len(self.states) :])


def snntorch_group(
    group: Group, known: KnownNeurons, dt_seconds: float, spike_grad: Any, dtype: Any
) -> TorchGroup:
    """Make the cell of a group that was recognised.

    Raises
    ------
    LaharError
        N815 for numbers that the cell has no place for.

    """
    kind, reset, late = CELLS[known.model]
    options: dict[str, Any] = {
        "threshold": known.values.get("threshold", np.full(group.size, np.inf)),
        "beta": _share(known, "v", dt_seconds),
    }
    states = {"v": known.first["v"]}
    if kind == "Synaptic":
        options["alpha"] = _share(known, "u", dt_seconds)
        states = {"u": known.first["u"], **states}
    _check(group, known, kind, reset, options)
    tensors: dict[str, Any] = {n: _tensor(v, dtype) for n, v in options.items()}
    if kind == "RLeaky":  # alone it takes away what arrives in the step of its reset
        states = {"sent": np.zeros(group.size), **states}
        tensors |= {"V": _tensor(np.zeros(group.size), dtype)}
        tensors |= {"all_to_all": False, "learn_recurrent": False}
    cell = getattr(need("snntorch"), kind)(
        **tensors,
        spike_grad=_in_its_own_type(spike_grad),
        reset_mechanism=reset,
        reset_delay=late,
    )
    bias = known.values.get("bias", 0.0)
    return SnnTorchGroup(
        cell,
        states,
        {n: (n, np.ones(group.size)) for n in states if n != "sent"},
        constant=known.constant + (0.0 if kind == "Synaptic" else bias),
        can_send=known.model.spike is not None,
        latency=group.latency,
        dtype=dtype,
    )


def _check(
    group: Group, known: KnownNeurons, kind: str, reset: str, options: Mapping[str, Any]
) -> None:
    for name in ("alpha", "beta"):
        shares = options.get(name, 0.0)
        if np.any(np.asarray(shares) < 0.0) or np.any(np.asarray(shares) > 1.0):
            reason = "snnTorch clamps what a step keeps to 0 to 1"
            raise LaharError(NumberOfNoCell(group.name, "snnTorch", name, reason))
    if kind == "Synaptic" and np.any(known.values.get("bias", 0.0)):
        reason = "Synaptic has no constant input to its membrane"
        raise LaharError(NumberOfNoCell(group.name, "snnTorch", "bias", reason))
    if reset == "zero" and np.any(options["threshold"] < 0):
        reason = "below 0 the reset leads back above the threshold"
        raise LaharError(NumberOfNoCell(group.name, "snnTorch", "threshold", reason))


def _share(known: KnownNeurons, state: str, dt_seconds: float) -> FloatArray:
    """Give what a step keeps of a state, also where the drive says it."""
    for parameter in ("tau", f"tau_{state}"):
        if parameter in known.values:
            return 1.0 - dt_seconds / known.values[parameter]
    return known.kept[state]


def _tensor(values: Any, dtype: Any) -> Any:
    return need("torch").as_tensor(values, dtype=dtype)


def _in_its_own_type(spike_grad: Any) -> Any:
    """Let spikes have the type of the membrane: snnTorch's are float32."""
    surrogate = need("snntorch").surrogate.atan() if spike_grad is None else spike_grad
    return lambda x: surrogate(x).to(x.dtype)
