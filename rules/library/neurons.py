"""Neuron models of the library, written in the same language as a user's own."""

from __future__ import annotations

from ...units import ms
from ..language import NeuronModel
from ..symbols import Modulator, Output, Param, Port, State, Trace


class LIF(NeuronModel):
    """Leaky integrate-and-fire with instantaneous synapses and hard reset.

    v <- v * (1 - dt/tau) + current + bias; spike when v > threshold, then v = 0.
    """

    tau = Param(20 * ms)
    threshold = Param(1.0)
    bias = Param(0.0)
    current = Port()
    v = State(leak=tau, reset=0.0)
    dv = current + bias
    spike = v > threshold


class CubaLIF(NeuronModel):
    """Current-based leaky integrate-and-fire: an exponential synaptic current.

    Davies et al. 2018, IEEE Micro 38(1):82-99. u <- u * (1 - dt/tau_u) + current;
    v <- v * (1 - dt/tau_v) + u + bias; spike when v > threshold, then v = 0.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(20 * ms)
    threshold = Param(1.0)
    bias = Param(0.0)
    current = Port()
    u = State(leak=tau_u)
    du = current
    v = State(leak=tau_v, reset=0.0)
    dv = u + bias
    spike = v > threshold


class ErrorLIF(NeuronModel):
    """LIF that compares its own firing with a teacher and offers the difference.

    ``error`` = teacher - gain * rate, with ``rate`` a trace of the neuron's own
    spikes: a teacher of 1 asks for the rate at which gain * rate is 1.
    """

    tau = Param(20 * ms)
    tau_rate = Param(20 * ms)
    threshold = Param(1.0)
    gain = Param(1.0)
    current = Port()
    teacher = Modulator(low=-1.0, high=1.0)
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    rate = Trace(spike, tau=tau_rate)
    error = Output(teacher - gain * rate, low=-1.0, high=1.0)
