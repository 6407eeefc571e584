"""The cells of snnTorch 1.0.0, step by step as its modules compute them.

snnTorch asks at the start of a step whether the membrane it kept is above the
threshold; so the default reset comes a step after the spike, and after the decay.
`beta` of a cell is 1 - dt/tau here, `alpha` 1 - dt/tau_u. With hard reset and without
recurrence Leaky is the library's LIF, whether snnTorch delays the reset or not.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, where
from ..language import NeuronModel
from ..symbols import Param, Port, State


class LateSubtractLIF(NeuronModel):
    """LIF whose threshold is subtracted in the step after a spike.

    snnTorch's Leaky by default: v <- beta * v + current, less the threshold if v was
    above it. What is subtracted does not decay before.
    """

    tau = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau)
    dv = current - where(v > threshold, threshold, 0.0)
    spike = v > threshold


class PromptSubtractLIF(NeuronModel):
    """LIF whose threshold is subtracted in the step of the spike, as snnTorch does it.

    Leaky with reset_delay=False. If v is still above the threshold after that, snnTorch
    subtracts it once more from what it compares in the next step, ``m``.
    """

    tau = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    m = State(leak=0.0)
    v = State(leak=0.0)
    dm = (1.0 - dt / tau) * v + current - where(v > threshold, threshold, 0.0)
    dv = m - threshold * (
        where(m > threshold, 1.0, 0.0) - where(v > threshold, 1.0, 0.0)
    )
    spike = m > threshold


class NoResetLIF(NeuronModel):
    """LIF that nothing resets: it spikes in every step that v is above the threshold.

    snnTorch's Leaky with reset_mechanism="none".
    """

    tau = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau)
    dv = current
    spike = v > threshold


class LateZeroLIF(NeuronModel):
    """LIF that is 0 throughout the step after a spike, whatever arrives then.

    snnTorch's RLeaky and Lapicque with reset_mechanism="zero".
    """

    tau = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=0.0)
    dv = where(v > threshold, 0.0, (1.0 - dt / tau) * v + current)
    spike = v > threshold


class LateSubtractCubaLIF(NeuronModel):
    """Current-based LIF whose threshold is subtracted in the step after a spike.

    snnTorch's Synaptic by default.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    u = State(leak=tau_u)
    v = State(leak=tau_v)
    du = current
    dv = u - where(v > threshold, threshold, 0.0)
    spike = v > threshold


class PromptSubtractCubaLIF(NeuronModel):
    """Current-based LIF with the subtraction of PromptSubtractLIF.

    snnTorch's Synaptic with reset_delay=False.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    u = State(leak=tau_u)
    m = State(leak=0.0)
    v = State(leak=0.0)
    du = current
    dm = (1.0 - dt / tau_v) * v + u - where(v > threshold, threshold, 0.0)
    dv = m - threshold * (
        where(m > threshold, 1.0, 0.0) - where(v > threshold, 1.0, 0.0)
    )
    spike = m > threshold


class LateZeroCubaLIF(NeuronModel):
    """Current-based LIF that is 0 throughout the step after a spike; u goes on.

    snnTorch's Synaptic and RSynaptic with reset_mechanism="zero".
    """

    tau_u = Param(5 * ms)
    tau_v = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    u = State(leak=tau_u)
    v = State(leak=0.0)
    du = current
    dv = where(v > threshold, 0.0, (1.0 - dt / tau_v) * v + u)
    spike = v > threshold


class NoResetCubaLIF(NeuronModel):
    """Current-based LIF that nothing resets.

    snnTorch's Synaptic and RSynaptic with reset_mechanism="none".
    """

    tau_u = Param(5 * ms)
    tau_v = Param(20 * ms)
    threshold = Param(1.0)
    current = Port()
    u = State(leak=tau_u)
    v = State(leak=tau_v)
    du = current
    dv = u
    spike = v > threshold
