"""Ensembles of neurons that learn from bursts, as rates: BurstCCN.

Greedy, Zhu, Pemberton, Mellor & Costa 2022, NeurIPS (arXiv 2206.11769): a layer sends
its events upwards and its bursts downwards, and one synapse learns from how far the
burst probability of its neuron is from the usual. An ensemble is two populations here,
since a neuron of the chip sends one value: one sends the event rate, the other how far
the burst rate is from p_b times that.
"""

from __future__ import annotations

from ..expr import clip, post, pre, sigmoid
from ..language import NeuronModel, Rule
from ..symbols import Graded, Modulator, Output, Param, Port, State


class BurstCCN(Rule):
    """Bursts potentiate, events depress: dw = eta * (b - p_b * e) * e_pre.

    Greedy et al. 2022, arXiv 2206.11769. ``post.credit`` = b - p_b * e is the
    neuron's (EventRate), and 0 but in the step of learning. ``eta`` is ours.
    """

    eta = Param(0.98)
    w_max = Param(4.0)
    dw = eta * pre.value * post.credit
    bounds = (-w_max, w_max)
    polarity = "mixed"


class EventRate(NeuronModel):
    """The event rate of an ensemble, driven from below: e = sigmoid(W e_pre).

    Greedy et al. 2022, arXiv 2206.11769. ``bursts`` is ``amplified`` times how far the
    burst rate of the same ensemble is from the usual; a chip adds up all arrivals in
    the unit of the largest weights, which would be too coarse for it.
    """

    amplified = Param(16.0)
    basal = Port()
    bursts = Port()
    learn = Modulator(low=0.0, high=1.0)
    e = State(leak=0.0)
    de = sigmoid(basal)
    send = Graded(e, low=0.0, high=1.0)
    credit = Output(learn * bursts / amplified, low=-0.125, high=0.125)


class HiddenBurstRate(NeuronModel):
    """How far a hidden ensemble bursts from the usual: (p - p_b) e.

    Greedy et al. 2022, arXiv 2206.11769: p = sigmoid(4 u (1 - e)), p_b = 0.5, and the
    apical potential u = Y b - Q e takes the bursts of the layer above by facilitating
    synapses Y, its events by depressing ones Q. With Q = p_b Y, which makes their rule
    exact, u = Y (b - p_b e): one synapse, which carries the difference. ``most``
    bounds u where p is within 0.0004 of 0 or 1: a chip needs to know its range.
    """

    gain = Param(4.0)
    amplified = Param(8.0)
    most = Param(2.0)
    p_b = Param(0.5)
    events = Port()
    apical = Port()
    u = State(leak=0.0)
    b = State(leak=0.0)
    du = clip(apical / amplified, -most, most)
    db = (sigmoid(gain * u * (1.0 - events)) - p_b) * events
    send = Graded(b, low=-0.08, high=0.08)


class OutputBurstRate(NeuronModel):
    """How far an output ensemble bursts from the usual, which a teacher moves.

    Greedy et al. 2022, arXiv 2206.11769: p = p_b ((target - e) (1 - e) + 1). While
    ``teach`` is 0, p = p_b.
    """

    p_b = Param(0.5)
    events = Port()
    teach = Modulator(low=0.0, high=1.0)
    target = Modulator(low=0.0, high=1.0)
    b = State(leak=0.0)
    db = p_b * teach * (target - events) * (1.0 - events) * events
    send = Graded(b, low=-0.08, high=0.08)
