"""Cells whose bursts carry credit: BurstCCN in spikes.

Greedy, Zhu, Pemberton, Mellor & Costa 2022, NeurIPS (arXiv 2206.11769), with the rule
of their spiking simulation: a burst is a second spike at most 16 ms after the first,
once; an event is the first spike of a burst, or a single one. At an event a weight
loses p_b * pre, at a burst it gains pre: `BurstDependent` reads one signed ``credit``.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, where
from ..language import NeuronModel
from ..symbols import Event, Graded, Modulator, Noise, Output, Param, Port, State


class BurstingPyramid(NeuronModel):
    """Its soma decides when there is an event, its dendrite whether that is a burst.

    Greedy et al. 2022, arXiv 2206.11769. An event lets the dendrite start a plateau if
    that is above ``theta`` just then, and a plateau drives the soma to one more spike
    within a few ms; else the soma, reset far below rest, needs longer than ``window``.
    So the burst probability follows the dendrite, and hardly the event rate; with the
    default noise it is ``p_b`` while nothing arrives at ``apical``. ``p_b`` is fixed: a
    moving average in its place takes back what was learned once a teacher falls silent
    (decision 73). What arrives at ``apical`` raises ``top_down`` by ``efficacy`` times
    that. Membranes count in thresholds; ``p_b``, ``window`` and the time constants of
    soma and dendrite are the paper's, all other numbers ours.

    There bursts go down through facilitating synapses Y, events through depressing ones
    Q, with Q = p_b Y, which makes the rule exact. A synapse of a chip has no such
    memory. What is sent says which it is: -p_b for an event, 1 for a burst, so that one
    synapse Y gives Y b - Q e.
    """

    tau = Param(16 * ms)
    tau_dendrite = Param(7 * ms)
    tau_apical = Param(200 * ms)
    tau_plateau = Param(10 * ms)
    window = Param(16 * ms)
    within = Param(0.368)  # exp(-1): what is left of `recent` after one window
    p_b = Param(0.375)
    bias = Param(0.2)
    afterwards = Param(-1.0)
    drive = Param(0.8)
    theta = Param(0.18)
    efficacy = Param(0.5)
    noise_soma = Param(0.15)
    noise_dendrite = Param(0.5)
    current = Port()
    apical = Port()
    xi_soma = Noise(-1.0, 1.0)
    xi_dendrite = Noise(-1.0, 1.0)
    top_down = State(leak=tau_apical)
    dendrite = State(leak=tau_dendrite)
    plateau = State(leak=tau_plateau, reset=0.0)
    recent = State(leak=window, reset=1.0)
    v = State(leak=tau, reset=afterwards)
    open = State()
    spike = v > 1.0
    event = Event(where(v > 1.0, recent < within, 0.0))
    burst = Event(where(v > 1.0, where(recent < within, 0.0, open), 0.0))
    dtop_down = efficacy * apical
    ddendrite = top_down * dt / tau_dendrite + noise_dendrite * xi_dendrite
    dplateau = where(dendrite > theta, event, 0.0)
    drecent = 0.0
    dv = current + bias * dt / tau + noise_soma * xi_soma + drive * plateau
    dopen = event - open * (event + burst)
    credit = Output(burst - p_b * event, low=-1.0, high=1.0)
    send = Graded(burst - p_b * event, low=-1.0, high=1.0)


class EventRelay(NeuronModel):
    """Spikes with each event of the pyramidal cell that it hears, and with no burst.

    As depressing synapses do for the first spike of a burst (Greedy et al. 2022).
    """

    current = Port()
    heard = State(leak=0.0)
    dheard = current
    spike = heard < -0.1


class RateTeacher(NeuronModel):
    """Sends by how much the rate of events misses a target, while ``teach`` is 1.

    ``count`` is how many events each cell that it hears had of late, in the mean, if
    its weights are one over their number; ``target`` is in Hz.
    """

    tau = Param(256 * ms)
    current = Port()
    target = Modulator(low=0.0, high=32.0)
    teach = Modulator(low=0.0, high=1.0)
    count = State(leak=tau)
    dcount = current
    send = Graded(teach * (target - count / tau), low=-8.0, high=8.0)
