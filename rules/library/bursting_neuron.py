"""A neuron of two compartments that bursts, and tells bursts from single spikes."""

from __future__ import annotations

from ...units import ms
from ..expr import dt, maximum, where
from ..language import NeuronModel
from ..symbols import Modulator, Output, Param, Port, State, Trace


class BurstingLIF(NeuronModel):
    """LIF whose apical dendrite turns spikes into bursts.

    Payeur, Guerguiev, Zenke, Richards & Naud 2021, Nature Neuroscience 24:1010-1019:
    spikes less than 16 ms apart are one event; an event of at least two is a burst.
    ``credit`` = burst - p * event, with p the neuron's estimate of its own burst
    probability. The paper's p is a ratio of two moving averages; without a division
    it is one moving average over events: p <- p + rate_p * (burst - p * event).

    The dendrite follows its port and the ``teacher``. While it is depolarised, a spike
    drives the soma on for about a ``window``, as the paper's calcium spikes do; gains
    and time constants of this are ours. A spike is classified in the step after it.
    """

    tau = Param(20 * ms)
    tau_apical = Param(7 * ms)
    window = Param(16 * ms)
    within = Param(0.368)  # exp(-1): what is left of `recent` after one window
    coupling = Param(3.0)
    rate_p = Param(0.05)
    threshold = Param(1.0)
    instant = Param(0.1 * ms)
    current = Port()
    apical = Port()
    teacher = Modulator(low=-1.0, high=1.0)
    dendrite = State(leak=tau_apical)
    ddendrite = apical + threshold * teacher * dt / tau_apical
    recent = State(leak=window, reset=1.0)
    drecent = 0.0
    v = State(leak=tau, reset=0.0)
    dv = current + coupling * dt / window * recent * maximum(dendrite, 0.0)
    spike = v > threshold
    fired = Trace(spike, tau=instant)
    # The states below still read `fired` and `lag` of the step before: whether the
    # neuron spiked, and how much of `recent` was left when it did.
    event = State(leak=0.0)
    burst = State(leak=0.0)
    open = State()
    p = State()
    lag = State(leak=0.0)
    devent = where(lag < within, fired, 0.0)
    dburst = where(lag < within, 0.0, fired * open)
    dopen = event * (1.0 - open) - burst * open
    dp = rate_p * (burst - p * event)
    dlag = recent
    credit = Output(burst - p * event, low=-1.0, high=1.0)
