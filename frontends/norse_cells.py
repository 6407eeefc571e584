"""Norse's cells as neuron models: which one computes what a module computes.

A module and the shape of its input in, a Cell out. Rates times dt are taken as Norse
multiplies them, in the precision of its parameters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..diagnostics import LaharError
from ..rules.layer_graph import Neurons
from ..rules.library.neurons import LIF, CubaLIF
from ..rules.library.norse_neurons import (
    AdExLIF,
    ExponentialLIF,
    RestingCubaLIF,
    RestingLIF,
    SubtractLIF,
)
from ..rules.library.standard_neurons import IF, LI, CubaLI
from ..rules.network import FloatArray
from ..rules.neuron import Neuron
from .extra import need
from .parts import Cell, Shape, array, dense, refused, spread
from .refusals import TimeStepOfTheCells
from .whole_populations import population

CELLS = (
    *("LIFCell", "LIFRecurrentCell", "LIFBoxCell", "LICell", "LIBoxCell", "IAFCell"),
    *("LIFAdExCell", "LIFAdExRecurrentCell", "LIFExCell", "LIFExRecurrentCell"),
    *("LIF", "LIFRecurrent", "LI", "LILinearCell", "IAF", "LIFAdEx"),
    *("LIFAdExRecurrent", "LIFEx", "LIFExRecurrent"),
)


def is_cell(module: Any) -> bool:
    """Tell whether a module is one of Norse's neurons, known here or not."""
    need("norse.torch")
    if not type(module).__module__.startswith("norse.torch.module."):
        return False
    stateful = "state" in inspect.signature(type(module).forward).parameters
    return stateful and not list(module.children())


def check_cell(name: str, module: Any) -> None:
    """Refuse a cell that has no equal here.

    Raises
    ------
    LaharError
        N802.

    """
    if type(module).__name__ not in CELLS:
        advice = f"use one of {', '.join(CELLS)}"
        raise refused(name, module, "this cell has no equal here", advice)


def time_step_of(cells: Mapping[str, Any]) -> float:
    """Give the dt that all cells have; without one there is none to give.

    Raises
    ------
    LaharError
        N806 if they differ.

    """
    (_, first), *others = cells.items()
    for name, module in others:
        if float(module.dt) != float(first.dt):
            own, given = float(module.dt), float(first.dt)
            raise LaharError(TimeStepOfTheCells(name, own, given))
    return float(first.dt)


def read_cell(name: str, module: Any, shape: Shape, dt_seconds: float) -> Cell:
    """Read a cell.

    Raises
    ------
    LaharError
        N802 for a cell that has no equal here, N806 for another dt.

    """
    kind = type(module).__name__.removesuffix("Cell").removesuffix("Recurrent")
    kinds: Mapping[str, Callable[[_Reader], Neurons]] = {
        "LIF": _Reader.lif,
        "LIFBox": _Reader.lif_box,
        "LI": _Reader.li,
        "LILinear": _Reader.li,
        "LIBox": _Reader.li_box,
        "IAF": _Reader.iaf,
        "LIFAdEx": _Reader.adex,
        "LIFEx": _Reader.exponential,
    }
    if not np.isclose(float(module.dt), dt_seconds, rtol=1e-9, atol=0.0):
        raise LaharError(TimeStepOfTheCells(name, float(module.dt), dt_seconds))
    entering = getattr(module, "input_weights", None)
    recurrent = getattr(module, "recurrent_weights", None)
    if entering is not None:
        shape = (int(entering.shape[0]),)
    return Cell(
        kinds[kind](_Reader(name, module, shape, dt_seconds)),
        entering=None if entering is None else dense(array(entering)),
        recurrent=None if recurrent is None else dense(array(recurrent)),
    )


@dataclass
class _Reader:
    name: str
    module: Any
    shape: Shape
    dt_seconds: float

    def values(self, what: str) -> FloatArray:
        value = getattr(self.module.p, what)
        return spread(self.name, self.module, what, value, self.shape)

    def step(self, rate: str) -> FloatArray:
        """Give what a state loses in a step: dt * tau_inv, as Norse multiplies."""
        product = self.module.dt * getattr(self.module.p, rate)
        return spread(self.name, self.module, rate, product, self.shape)

    def tau(self, rate: str) -> FloatArray:
        with np.errstate(divide="ignore"):
            return np.asarray(self.dt_seconds / self.step(rate), np.float64)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @cached_property
    def rest(self) -> FloatArray:
        return self.values("v_leak")

    @cached_property
    def v_reset(self) -> FloatArray:
        return self.values("v_reset")

    @cached_property
    def resets_to_zero(self) -> bool:
        return not np.any(self.v_reset)

    # --- the cells

    def lif(self) -> Neurons:
        values = {"tau_u": self.tau("tau_syn_inv"), "tau_v": self.tau("tau_mem_inv")}
        values["threshold"] = self.values("v_th")
        step = self.step("tau_mem_inv")
        if self.resets_to_zero:  # the chip's own LIF, with dt/tau in the weights
            values["bias"] = step * self.rest
            return self.made(CubaLIF(), values, gain=step, v=self.rest)
        values |= {"rest": self.rest, "v_reset": self.v_reset}
        return self.made(RestingCubaLIF(), values)

    def lif_box(self) -> Neurons:
        step = self.step("tau_mem_inv")
        values = {"tau": self.tau("tau_mem_inv"), "threshold": self.values("v_th")}
        resets = need("norse.torch.functional.reset")
        method = getattr(self.module.p, "reset_method", resets.reset_value)
        if method is resets.reset_subtract:
            values["bias"] = step * self.rest
            return self.made(SubtractLIF(), values, gain=step, v=self.rest)
        if method is not resets.reset_value:
            reason = "its reset_method is none of Norse's"
            advice = "use reset_value or reset_subtract of norse.torch.functional.reset"
            raise refused(self.name, self.module, reason, advice)
        if self.resets_to_zero:
            values["bias"] = step * self.rest
            return self.made(LIF(), values, gain=step, v=self.rest)
        values |= {"rest": self.rest, "v_reset": self.v_reset}
        return self.made(RestingLIF(), values, gain=step)

    def iaf(self) -> Neurons:
        values = {"threshold": self.values("v_th")}
        if self.resets_to_zero:
            return self.made(IF(), values)
        values |= {"rest": self.v_reset, "v_reset": self.v_reset}
        values["tau"] = np.full(self.size, np.inf)
        return self.made(RestingLIF(), values)

    def li(self) -> Neurons:
        values = {"tau_u": self.tau("tau_syn_inv"), "tau_v": self.tau("tau_mem_inv")}
        step = self.step("tau_mem_inv")
        values["bias"] = step * self.rest
        return self.made(CubaLI(), values, gain=step, v=self.rest)

    def li_box(self) -> Neurons:
        step = self.step("tau_mem_inv")
        values = {"tau": self.tau("tau_mem_inv"), "bias": step * self.rest}
        return self.made(LI(), values, gain=step, v=self.rest)

    def exponential(self) -> Neurons:
        return self.made(ExponentialLIF(), self.exponential_values())

    def exponential_values(self) -> dict[str, FloatArray]:
        if np.any(np.maximum(self.rest, self.v_reset) > self.values("v_th")):
            reason = "v_leak or v_reset is above v_th, where its exponential explodes"
            advice = "use a threshold above both"
            raise refused(self.name, self.module, reason, advice)
        return {
            "tau_u": self.tau("tau_syn_inv"),
            "tau_v": self.tau("tau_mem_inv"),
            "rest": self.rest,
            "v_reset": self.v_reset,
            "threshold": self.values("v_th"),
            "sharpness": self.values("delta_T"),
        }

    def adex(self) -> Neurons:
        values = self.exponential_values()
        values["tau_a"] = self.tau("tau_ada_inv")
        values["coupling"] = self.values("adaptation_current")
        values["jump"] = self.values("adaptation_spike")
        return self.made(AdExLIF(), values)

    def made(
        self,
        neuron: Neuron,
        values: Mapping[str, FloatArray],
        gain: FloatArray | None = None,
        v: FloatArray | None = None,
    ) -> Neurons:
        initial = {} if v is None or not np.any(v) else {"v": v}
        return population(neuron, self.size, values, gain=gain, initial=initial)
