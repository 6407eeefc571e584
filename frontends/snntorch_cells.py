"""snnTorch's cells as neuron models: which one computes what a module computes.

A module and the shape of its neurons in, a Cell out. The numbers are the module's own;
what snnTorch clamps or works out in a step is clamped and worked out here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic
from ..rules.layer_graph import LinearMap, Neurons
from ..rules.library.alpha_neurons import AlphaNoReset, AlphaSubtract, AlphaZero
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
from ..rules.network import FloatArray
from ..rules.neuron import Neuron
from .extra import need
from .layers import linear_map_of
from .parts import Cell, Shape, diagonal, refused, spread
from .refusals import FactorOfTheOutput, ResetIsLate
from .whole_populations import population

LATE, PROMPT = True, False
PLAIN: Mapping[tuple[str, bool], Neuron] = {
    ("subtract", LATE): LateSubtractLIF(),
    ("subtract", PROMPT): PromptSubtractLIF(),
    # Leaky decays what the late reset has set to 0: only its recorded membrane is late.
    ("zero", LATE): LIF(),
    ("zero", PROMPT): LIF(),
    ("none", LATE): NoResetLIF(),
    ("none", PROMPT): NoResetLIF(),
}
# RLeaky and Lapicque take what arrives in the step of a late reset away too.
LOSING_INPUT: Mapping[tuple[str, bool], Neuron] = {
    **PLAIN,
    ("zero", LATE): LateZeroLIF(),
}
CURRENT_BASED: Mapping[tuple[str, bool], Neuron] = {
    ("subtract", LATE): LateSubtractCubaLIF(),
    ("subtract", PROMPT): PromptSubtractCubaLIF(),
    ("zero", LATE): LateZeroCubaLIF(),
    ("zero", PROMPT): CubaLIF(),
    ("none", LATE): NoResetCubaLIF(),
    ("none", PROMPT): NoResetCubaLIF(),
}
ALPHA: Mapping[tuple[str, bool], Neuron] = {
    ("subtract", LATE): AlphaSubtract(),
    ("zero", LATE): AlphaZero(),
    ("none", LATE): AlphaNoReset(),
}
CELLS = ("Leaky", "Synaptic", "RLeaky", "RSynaptic", "Alpha", "Lapicque")


def is_cell(module: Any) -> bool:
    """Tell whether a module is one of snnTorch's neurons, known here or not."""
    return isinstance(module, need("snntorch").SpikingNeuron)


def check_cell(name: str, module: Any) -> None:
    """Refuse a cell, or an option of one, that neurons cannot compute on their own.

    Raises
    ------
    LaharError
        N802.

    """
    if type(module).__name__ not in CELLS:
        advice = f"use one of {', '.join(CELLS)}"
        raise refused(name, module, "this cell has no equal here", advice)
    if module.inhibition:
        reason = "inhibition lets only the neuron with the largest membrane spike"
        advice = "add inhibitory synapses between the neurons instead"
        raise refused(name, module, reason, advice)
    if module.state_quant:
        reason = "state_quant rounds its states in a way of its own"
        advice = "leave state_quant out: lahar's compiler rounds as the chip does"
        raise refused(name, module, reason, advice)
    if not _is_step_function(module.spike_grad):
        reason = "spike_grad gives something else than 1 above 0, else 0"
        raise refused(name, module, reason, "use one of snntorch.surrogate")


def spike_in_double(module: Any) -> None:
    """Let a cell's spikes have the type of its membrane: snnTorch's are float32."""
    module.spike_grad = _step_function


def read_cell(name: str, module: Any, shape: Shape, dt_seconds: float) -> Cell:
    """Read a cell that was checked.

    Raises
    ------
    LaharError
        N802 for parameters that have no equal here.

    """
    reader = _Reader(name, module, shape, dt_seconds)
    kinds: Mapping[str, Callable[[], Cell]] = {
        "Leaky": reader.leaky,
        "RLeaky": reader.recurrent_leaky,
        "Synaptic": reader.synaptic,
        "RSynaptic": reader.recurrent_synaptic,
        "Lapicque": reader.lapicque,
        "Alpha": reader.alpha,
    }
    if reader.is_prompt and np.any(reader.factor == 0):
        reason = "graded_spikes_factor is 0, and a prompt reset divides by it"
        raise refused(name, module, reason, "use another factor")
    cell = kinds[type(module).__name__]()
    factor = reader.factor
    if np.all(factor == 1.0):
        return cell
    warned = (*cell.warnings, FactorOfTheOutput(name))
    return replace(cell, leaving=factor, warnings=warned)


@dataclass
class _Reader:
    name: str
    module: Any
    shape: Shape
    dt_seconds: float

    @property
    def is_prompt(self) -> bool:
        return not getattr(self.module, "reset_delay", True)

    @cached_property
    def reset(self) -> tuple[str, bool]:
        return self.module.reset_mechanism, not self.is_prompt

    @cached_property
    def factor(self) -> FloatArray:
        return self.values("graded_spikes_factor")

    def values(self, what: str) -> FloatArray:
        return self.spread(what, getattr(self.module, what))

    def spread(self, what: str, value: Any) -> FloatArray:
        return spread(self.name, self.module, what, value, self.shape)

    def tau(self, decay: FloatArray) -> FloatArray:
        """Give the time constant whose step keeps this share: 1 - dt/tau."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.dt_seconds / (1.0 - decay), np.float64)

    @cached_property
    def threshold(self) -> FloatArray:
        values = self.values("threshold")
        if self.module.reset_mechanism == "zero" and np.any(values < 0):
            reason = "a threshold is below 0, where the reset leads back above it"
            advice = "use thresholds of 0 or more, or another reset_mechanism"
            raise refused(self.name, self.module, reason, advice)
        return values

    def neurons(self, neuron: Neuron, **values: FloatArray) -> Neurons:
        size = int(np.prod(self.shape))
        return population(neuron, size, {**values, "threshold": self.threshold})

    # --- the cells

    def leaky(self) -> Cell:
        tau = self.tau(np.clip(self.values("beta"), 0.0, 1.0))
        return Cell(self.neurons(PLAIN[self.reset], tau=tau))

    def recurrent_leaky(self) -> Cell:
        tau = self.tau(np.clip(self.values("beta"), 0.0, 1.0))
        neurons = self.neurons(LOSING_INPUT[self.reset], tau=tau)
        return Cell(neurons, recurrent=self.recurrent())

    def synaptic(self) -> Cell:
        return Cell(self.current_based(self.reset))

    def recurrent_synaptic(self) -> Cell:
        warned: tuple[Diagnostic, ...] = ()
        if self.is_prompt:
            if self.module.init_hidden:
                reason = "snnTorch 1.0.0 cannot run reset_delay=False with init_hidden"
                raise refused(self.name, self.module, reason, "use reset_delay=True")
            warned = (ResetIsLate(self.name),)
        neurons = self.current_based((self.module.reset_mechanism, LATE))
        return Cell(neurons, recurrent=self.recurrent(), warnings=warned)

    def current_based(self, reset: tuple[str, bool]) -> Neurons:
        tau_u = self.tau(np.clip(self.values("alpha"), 0.0, 1.0))
        tau_v = self.tau(np.clip(self.values("beta"), 0.0, 1.0))
        return self.neurons(CURRENT_BASED[reset], tau_u=tau_u, tau_v=tau_v)

    def lapicque(self) -> Cell:
        step = self.module.time_step
        resistance, capacity = self.module.R, self.module.C
        gain = resistance * (1 / (resistance * capacity)) * step
        keeps = 1 - step / (resistance * capacity)
        tau = self.tau(self.spread("R * C", keeps))
        neurons = self.neurons(LOSING_INPUT[self.reset], tau=tau)
        return Cell(replace(neurons, gain=self.spread("C", gain)))

    def alpha(self) -> Cell:
        torch = need("torch")
        alpha, beta = self.module.alpha.clamp(0, 1), self.module.beta.clamp(0, 1)
        fast = torch.log(beta) - torch.log(alpha)
        peak = self.spread("tau_alpha", torch.log(alpha) / fast + 1)
        tau_exc = self.tau(self.spread("alpha", alpha))
        tau_inh = self.tau(self.spread("beta", beta))
        model = ALPHA[self.reset]
        return Cell(self.neurons(model, tau_exc=tau_exc, tau_inh=tau_inh, peak=peak))

    def recurrent(self) -> LinearMap:
        """Read what the cell's own spikes of the step before are multiplied by."""
        layer = self.module.recurrent
        if self.module.all_to_all:
            read = linear_map_of(f"{self.name}.recurrent", layer, self.shape)
        else:
            read = diagonal(self.spread("V", layer.V))
        size = int(np.prod(self.shape))
        if read.matrix.shape == (size, size):
            return scaled(read, self.factor)
        reason = f"its recurrent weights are {read.matrix.shape} for {size} neurons"
        advice = "give linear_features the number of neurons"
        raise refused(self.name, self.module, reason, advice)


def scaled(linear: LinearMap, factor: FloatArray) -> LinearMap:
    """Multiply what enters a linear map."""
    if np.all(factor == 1.0):
        return linear
    matrix = linear.matrix.copy()
    matrix.data = matrix.data * factor[matrix.indices]
    return replace(linear, matrix=matrix)


def _step_function(x: Any) -> Any:
    return (x > 0).to(x.dtype)


def _is_step_function(spike_grad: Callable[[Any], Any]) -> bool:
    """Tell whether a surrogate fires as all of snnTorch's do; two looks, for chance."""
    torch = need("torch")
    x = torch.tensor([-10.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 10.0])
    with torch.no_grad():
        looks = [spike_grad(x.repeat(8)).double() for _ in range(2)]
    return all(bool((fired == (x.repeat(8) > 0)).all()) for fired in looks)
