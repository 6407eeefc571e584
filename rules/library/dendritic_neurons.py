"""Neurons of several compartments: predictions, plateaus and calcium for rules."""

from __future__ import annotations

from ...units import Hz, ms, s
from ..expr import dt, maximum, sigmoid, where
from ..language import NeuronModel
from ..symbols import Event, Noise, Output, Param, Port, State, Trace


class TwoCompartment(NeuronModel):
    """Soma and dendrite, whose rules see how far the dendrite's prediction is off.

    Urbanczik & Senn 2014, Neuron 81:521-528: the dendrite low-passes its synapses
    (``current``), the soma follows it with a coupling of ``g`` leaks and whatever comes
    at ``nudge``; undisturbed it would be at V* = g / (1 + g) * dendrite. The neuron
    spikes at random with the rate phi(v), and ``error`` = phi(v) - phi(V*) in shares of
    the largest rate. phi is a sigmoid, as there.
    """

    tau = Param(20 * ms)
    g = Param(2.0)
    threshold = Param(1.0)
    width = Param(0.2)
    largest = Param(150 * Hz)
    current = Port()
    nudge = Port()
    xi = Noise(0.0, 1.0)
    dendrite = State(leak=tau)
    v = State(leak=tau)
    firing = State(leak=0.0)
    ddendrite = current
    dv = g * dt / tau * (dendrite - v) + nudge
    dfiring = sigmoid((v - threshold) / width)
    spike = largest * dt * firing > xi
    error = Output(
        firing - sigmoid((g / (1.0 + g) * dendrite - threshold) / width),
        low=-1.0,
        high=1.0,
    )


class Pyramidal(NeuronModel):
    """Soma between a basal and an apical dendrite.

    Sacramento, Ponte Costa, Bengio & Senn 2018, NeurIPS 31: the soma follows its basal
    dendrite (``current``) with coupling ``g_basal`` and its apical one with
    ``g_apical``, in leaks. Basal synapses learn from ``error``, the rate minus what the
    basal dendrite alone predicts; apical ones from ``mismatch``, how far the apical
    dendrite is from rest. Rates are sigmoids, here drawn as spikes.
    """

    tau = Param(20 * ms)
    g_basal = Param(1.0)
    g_apical = Param(0.8)
    threshold = Param(1.0)
    width = Param(0.2)
    largest = Param(150 * Hz)
    current = Port()
    apical = Port()
    xi = Noise(0.0, 1.0)
    basal = State(leak=tau)
    tuft = State(leak=tau)
    v = State(leak=tau)
    firing = State(leak=0.0)
    dbasal = current
    dtuft = apical
    dv = dt / tau * (g_basal * (basal - v) + g_apical * (tuft - v))
    dfiring = sigmoid((v - threshold) / width)
    spike = largest * dt * firing > xi
    error = Output(
        firing
        - sigmoid((g_basal / (1.0 + g_basal + g_apical) * basal - threshold) / width),
        low=-1.0,
        high=1.0,
    )
    mismatch = Output(tuft, low=-2.0, high=2.0)


class PlateauLIF(NeuronModel):
    """LIF with dendritic plateau potentials, which gate behavioural plasticity.

    Bittner, Milstein, Grienberger, Romani & Magee 2017, Science 357:1033-1036: a
    plateau of about 300 ms starts when the apical dendrite is driven above its
    threshold, and the soma is depolarised as long as it lasts. Milstein et al. 2021,
    eLife 10:e73046: plasticity follows an ``instructive`` signal, a low-pass of the
    plateau (tau_signal there is fitted, some hundred ms to seconds).
    """

    tau = Param(20 * ms)
    tau_apical = Param(20 * ms)
    duration = Param(300 * ms)
    tau_signal = Param(1 * s)
    threshold = Param(1.0)
    threshold_apical = Param(1.0)
    boost = Param(1.5)
    current = Port()
    apical = Port()
    dendrite = State(leak=tau_apical)
    left = State(leak=0.0)
    signal = State(leak=tau_signal)
    v = State(leak=tau, reset=0.0)
    ddendrite = apical
    dleft = where(dendrite > threshold_apical, 1.0, maximum(left - dt / duration, 0.0))
    # Ten times as large as it is sent: it grows by little in a step.
    dsignal = where(left > 0.0, 10.0 * dt / tau_signal, 0.0)
    dv = current + where(left > 0.0, boost * threshold * dt / tau, 0.0)
    spike = v > threshold
    plateau = Event(left > 0.0)
    instructive = Output(signal / 10.0, low=0.0, high=1.0)


class CalciumLIF(NeuronModel):
    """LIF that tells its rules its calcium, and which way that level drives a weight.

    Shouval, Bear & Cooper 2002, PNAS 99:10831-10836: omega(Ca) = 0.25 + sig(Ca - 0.55)
    - 0.25 * sig(Ca - 0.35), each sig of steepness 80; a low calcium leaves a weight
    alone, a middle one depresses and a high one potentiates. ``change`` is omega less
    0.25, so that nothing happens at rest. The calcium is the cell's: a spike brings
    ``per_spike`` of it, spikes that arrive at ``influx`` the sum of their weights.
    """

    tau = Param(20 * ms)
    tau_calcium = Param(50 * ms)
    per_spike = Param(0.3)
    steepness = Param(80.0)
    threshold = Param(1.0)
    instant = Param(0.05 * ms)
    current = Port()
    influx = Port()
    v = State(leak=tau, reset=0.0)
    level = State(leak=tau_calcium)
    dv = current
    spike = v > threshold
    fired = Trace(spike, tau=instant)
    dlevel = influx + per_spike * fired
    calcium = Output(level, low=0.0, high=2.0)
    change = Output(
        sigmoid(steepness * (level - 0.55))
        - 0.25 * sigmoid(steepness * (level - 0.35)),
        low=-1.0,
        high=1.0,
    )
