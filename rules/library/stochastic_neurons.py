"""Neurons that spike at random: escape noise, Poisson, and a group that competes."""

from __future__ import annotations

from ...units import Hz, ms
from ..expr import clip, dt, exp, maximum
from ..language import NeuronModel
from ..symbols import Noise, Output, Param, Port, State


class PoissonNeuron(NeuronModel):
    """Spikes at a rate that follows its input: max(v, 0) * ``gain``, at most 1 / dt.

    The linear-nonlinear Poisson neuron of Chichilnisky 2001, Network 12:199-213, with
    an exponential filter and a rectifier.
    """

    tau = Param(20 * ms)
    gain = Param(50 * Hz)
    current = Port()
    xi = Noise(0.0, 1.0)
    v = State(leak=tau)
    dv = current
    spike = gain * dt * maximum(v, 0.0) > xi


class EscapeLIF(NeuronModel):
    """LIF with escape noise: the closer to threshold, the likelier a spike.

    Gerstner & Kistler 2002, Spiking Neuron Models, section 5.3 (exponential escape
    rate): rho = ``rate`` * exp((v - threshold) / ``width``), and a step has a spike
    with probability 1 - exp(-rho dt).
    """

    tau = Param(20 * ms)
    threshold = Param(1.0)
    width = Param(0.1)
    rate = Param(100 * Hz)
    current = Port()
    xi = Noise(0.0, 1.0)
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = 1.0 - exp(-rate * dt * exp(clip((v - threshold) / width, -8.0, 4.0))) > xi


class SoftmaxLIF(NeuronModel):
    """One of a group of which about one neuron spikes at a time, by soft competition.

    Nessler, Pfeiffer, Buesing & Maass 2013, PLoS Computational Biology 9:e1003037: the
    rate of neuron k is R * exp(u_k - I), with I shared by the group so that the rates
    sum to R. Give every neuron of the group all spikes of the group at ``lateral``
    (all to all, weight 1): each raises I by ``step``, and I falls by R * step * dt in
    every step, so that it settles where the group spikes at ``rate``. ``softness`` is
    the change of u that makes a neuron e times as likely.
    """

    tau = Param(20 * ms)
    rate = Param(200 * Hz)
    step = Param(0.25)
    softness = Param(0.2)
    current = Port()
    lateral = Port()
    xi = Noise(0.0, 1.0)
    v = State(leak=tau)
    inhibition = State()
    dv = current
    dinhibition = step * (lateral - rate * dt)
    spike = rate * dt * exp(clip(v / softness - inhibition, -8.0, 3.0)) > xi
    chance = Output(
        rate * dt * exp(clip(v / softness - inhibition, -8.0, 3.0)), low=0.0, high=1.0
    )
