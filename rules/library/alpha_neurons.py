"""snnTorch's Alpha: a membrane that is the difference of two currents.

v follows an alpha function of what arrives. The three ways to reset it are those of
snnTorch 1.0.0; each comes a step after the spike, when v is found above the threshold.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, where
from ..language import NeuronModel
from ..symbols import Param, Port, State


class AlphaZero(NeuronModel):
    """Alpha neuron that is 0 throughout the step after a spike, its currents too.

    ``peak`` is snnTorch's tau_alpha: log(alpha) / (log(beta) - log(alpha)) + 1.
    """

    tau_exc = Param(10 * ms)
    tau_inh = Param(5 * ms)
    peak = Param(1.4)
    threshold = Param(1.0)
    current = Port()
    exc = State(leak=0.0)
    inh = State(leak=0.0)
    v = State(leak=0.0)
    dexc = where(v > threshold, 0.0, (1.0 - dt / tau_exc) * exc + current)
    dinh = where(v > threshold, 0.0, (1.0 - dt / tau_inh) * inh - current)
    dv = peak * (exc + inh)
    spike = v > threshold


class AlphaSubtract(NeuronModel):
    """Alpha neuron with snnTorch's reset "subtract".

    In the step after a spike the threshold is subtracted from the excitatory current,
    the inhibitory one is 0, and the membrane gets what that was before.
    """

    tau_exc = Param(10 * ms)
    tau_inh = Param(5 * ms)
    peak = Param(1.4)
    threshold = Param(1.0)
    current = Port()
    rising = State(leak=0.0)
    falling = State(leak=0.0)
    m = State(leak=0.0)
    exc = State(leak=0.0)
    inh = State(leak=0.0)
    v = State(leak=0.0)
    drising = (1.0 - dt / tau_exc) * exc + current
    dfalling = (1.0 - dt / tau_inh) * inh - current
    dm = peak * (rising + falling) + where(v > threshold, inh, 0.0)
    dexc = rising - where(v > threshold, threshold, 0.0)
    dinh = where(v > threshold, 0.0, falling)
    dv = m
    spike = v > threshold


class AlphaNoReset(NeuronModel):
    """Alpha neuron that nothing resets."""

    tau_exc = Param(10 * ms)
    tau_inh = Param(5 * ms)
    peak = Param(1.4)
    threshold = Param(1.0)
    current = Port()
    exc = State(leak=tau_exc)
    inh = State(leak=tau_inh)
    v = State(leak=0.0)
    dexc = current
    dinh = -current
    dv = peak * (exc + inh)
    spike = v > threshold
