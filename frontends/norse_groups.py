"""Groups of neurons as Norse's cells: the way back of norse_cells.py.

Norse multiplies what arrives by dt/tau of the membrane; a group's gain undoes that, so
weights are those of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..diagnostics import LaharError
from ..rules.layer_graph import READOUT
from ..rules.library.neurons import LIF, CubaLIF
from ..rules.library.norse_neurons import RestingCubaLIF, RestingLIF, SubtractLIF
from ..rules.library.standard_neurons import IF, LI, CubaLI
from ..rules.network import FloatArray, Group
from ..rules.neuron import Neuron
from .extra import need
from .known_neurons import KnownNeurons
from .refusals import NumberOfNoCell
from .torch_network import TorchGroup


class NorseGroup(TorchGroup):
    """Neurons of a group as a cell that gets its states as one tuple."""

    def __init__(self, cell: Any, state_of: Callable[..., Any], **rest: Any) -> None:
        super().__init__(cell, **rest)
        self.state_of = state_of

    def stepped(self, current: Any, state: tuple[Any, ...]) -> tuple[Any, Any]:
        """Call the cell: spikes, or a membrane, and its state."""
        named = dict(zip(self.states, state, strict=True))
        sent, after = self.cell(current, self.state_of(**named))
        return sent, tuple(getattr(after, name) for name in self.states)


def norse_group(
    group: Group, known: KnownNeurons, dt_seconds: float, dtype: Any
) -> TorchGroup:
    """Make the cell of a group that was recognised.

    Raises
    ------
    LaharError
        N815 for numbers that the cell has no place for.

    """
    maker = _Maker(group, known, dt_seconds, dtype)
    return MAKERS[known.model](maker)


@dataclass
class _Maker:
    group: Group
    known: KnownNeurons
    dt_seconds: float
    dtype: Any

    def value(self, name: str) -> FloatArray:
        return self.known.values.get(name, np.zeros(self.group.size))

    def step(self, state: str) -> FloatArray:
        """Give dt/tau, what a step takes of a state."""
        for parameter in ("tau", f"tau_{state}"):
            if parameter in self.known.values:
                return self.dt_seconds / self.known.values[parameter]
        return 1.0 - self.known.kept[state]

    def rate(self, state: str) -> FloatArray:
        """Give the same for a second; a membrane without leak has no gain."""
        step = self.step(state)
        if state == "v" and np.any(step == 0.0):
            reason = "a cell that multiplies its input by dt/tau has to leak"
            raise LaharError(NumberOfNoCell(self.group.name, "Norse", "tau", reason))
        return step / self.dt_seconds

    # --- the cells

    def box(self) -> TorchGroup:
        if np.all(self.step("v") == 0.0):
            return self.integrating()
        return self.lif_box("reset_value", self.value("v_reset"), self.value("rest"))

    def subtracting(self) -> TorchGroup:
        zeros = np.zeros(self.group.size)
        return self.lif_box("reset_subtract", zeros, zeros)

    def lif_box(self, reset: str, v_reset: FloatArray, rest: FloatArray) -> TorchGroup:
        norse = need("norse.torch.functional.lif_box")
        p = norse.LIFBoxParameters(
            tau_mem_inv=self.tensor(self.rate("v")),
            v_leak=self.tensor(rest),
            v_th=self.tensor(self.value("threshold")),
            v_reset=self.tensor(v_reset),
            reset_method=getattr(need("norse.torch.functional.reset"), reset),
        )
        return self.made(
            "LIFBoxCell", p, norse.LIFBoxFeedForwardState, gain=1.0 / self.step("v")
        )

    def integrating(self) -> TorchGroup:
        norse = need("norse.torch.functional.iaf")
        p = norse.IAFParameters(
            v_th=self.tensor(self.value("threshold")),
            v_reset=self.tensor(self.value("v_reset")),
        )
        return self.made("IAFCell", p, norse.IAFFeedForwardState)

    def leaky(self) -> TorchGroup:
        norse = need("norse.torch.functional.leaky_integrator_box")
        zeros = self.tensor(np.zeros(self.group.size))
        p = norse.LIBoxParameters(tau_mem_inv=self.tensor(self.rate("v")), v_leak=zeros)
        return self.made("LIBoxCell", p, norse.LIBoxState, gain=1.0 / self.step("v"))

    def current_based_leaky(self) -> TorchGroup:
        norse = need("norse.torch.functional.leaky_integrator")
        gain = 1.0 / (self.rate("v") * self.dt_seconds)
        p = norse.LIParameters(
            tau_syn_inv=self.tensor(self.rate("u")),
            tau_mem_inv=self.tensor(self.rate("v")),
            v_leak=self.tensor(self.value("bias") * gain),
        )
        return self.made("LICell", p, norse.LIState, gain=gain, current=gain)

    def current_based(self) -> TorchGroup:
        gain = 1.0 / (self.rate("v") * self.dt_seconds)
        return self.lif(self.value("bias") * gain, gain)

    def resting_current_based(self) -> TorchGroup:
        return self.lif(self.value("rest"), np.ones(self.group.size))

    def lif(self, rest: FloatArray, gain: FloatArray) -> TorchGroup:
        norse = need("norse.torch.functional.lif")
        p = norse.LIFParameters(
            tau_syn_inv=self.tensor(self.rate("u")),
            tau_mem_inv=self.tensor(self.rate("v")),
            v_leak=self.tensor(rest),
            v_th=self.tensor(self.value("threshold")),
            v_reset=self.tensor(self.value("v_reset")),
        )
        state = norse.LIFFeedForwardState
        return self.made("LIFCell", p, state, gain=gain, current=gain)

    def made(
        self,
        cell: str,
        p: Any,
        state_of: Callable[..., Any],
        gain: FloatArray | None = None,
        current: FloatArray | None = None,
    ) -> TorchGroup:
        """Make the group; ``current`` is the unit of Norse's, kept decayed."""
        states = {"v": self.known.first["v"]}
        shown = {"v": ("v", np.ones(self.group.size))}
        constant = self.known.constant
        if current is None:
            constant = constant + self.value("bias")
        else:
            unit = (1.0 - self.step("u")) * current
            states["i"] = self.known.first["u"] * unit
            shown["u"] = ("i", unit)  # where a step leaves nothing of i, nobody knows u
        return NorseGroup(
            getattr(need("norse.torch"), cell)(p=p, dt=self.dt_seconds),
            state_of,
            states=states,
            shown=shown,
            constant=constant,
            gain=gain,
            can_send=self.known.model.spike is not None,
            latency=self.group.latency,
            dtype=self.dtype,
        )

    def tensor(self, values: FloatArray) -> Any:
        return need("torch").as_tensor(values, dtype=self.dtype)


MAKERS: Mapping[Neuron, Callable[[_Maker], TorchGroup]] = {
    LIF(): _Maker.box,
    RestingLIF(): _Maker.box,
    SubtractLIF(): _Maker.subtracting,
    IF(): _Maker.integrating,
    LI(): _Maker.leaky,
    READOUT: _Maker.leaky,
    CubaLI(): _Maker.current_based_leaky,
    CubaLIF(): _Maker.current_based,
    RestingCubaLIF(): _Maker.resting_current_based,
}
