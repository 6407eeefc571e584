"""The rules that meta-learning searches in spiking networks, and their neuron."""

from __future__ import annotations

from ...units import ms
from ..expr import post, pre
from ..language import NeuronModel, Rule
from ..symbols import Param, Port, State, Trace


class FourTermInhibition(Rule):
    """A change at each pre and each post spike, with a trace of the other side.

    Confavreux, Ramesh, Goncalves, Macke & Vogels 2023, NeurIPS: dw = eta * (alpha +
    kappa * y) at a pre spike and eta * (beta + gamma * x) at a post spike, here for
    synapses of inhibitory neurons. The defaults are a member that they name as known:
    the balancing rule of Vogels et al. 2011, alpha = -2 * rate * tau, for 5 Hz.
    """

    tau_pre = Param(20 * ms)
    tau_post = Param(20 * ms)
    eta = Param(0.01)
    alpha = Param(-0.2)
    beta = Param(0.0)
    gamma = Param(1.0)
    kappa = Param(1.0)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_pre)
    y = Trace(post, tau=tau_post)
    dw = eta * (alpha + kappa * y) * pre + eta * (beta + gamma * x) * post
    bounds = (0.0, w_max)
    polarity = "inhibitory"


class TwoCurrentLIF(NeuronModel):
    """LIF with an excitatory and an inhibitory current, each with a time constant.

    Time constants of the currents are those of Confavreux et al. 2023 (VogelsLab/fSBI:
    AMPA 5 ms, GABA 10 ms; their NMDA current and reversal potentials are left out).
    """

    tau = Param(20 * ms)
    tau_excitation = Param(5 * ms)
    tau_inhibition = Param(10 * ms)
    threshold = Param(1.0)
    excitation = Port()
    inhibition = Port()
    e = State(leak=tau_excitation)
    i = State(leak=tau_inhibition)
    v = State(leak=tau, reset=0.0)
    de = excitation
    di = inhibition
    dv = e + i
    spike = v > threshold
