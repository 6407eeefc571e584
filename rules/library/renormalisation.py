"""Synapses of a dendrite that share what they gain, and a cell that holds its rate.

A segment of a dendrite is a compartment of its own: it adds up its synapses, weighted
and unweighted, so it knows how much they would gain together. The soma tells all
segments how far it was driven; a slow sensor of its activity scales all weights.
"""

from __future__ import annotations

from ..expr import maximum, post, pre, w
from ..language import NeuronModel, Rule
from ..symbols import Graded, Modulator, Output, Param, Port, State


class LocalRenormalisation(Rule):
    """Hebb's rule, paid for by all synapses of the segment, and synaptic scaling.

    El-Boustani et al. 2018, Science 360:1349-1354: spines that are active while the
    cell is grow, and those beside them shrink. Turrigiano 2008, Cell 135:422-435:
    scaling multiplies. The form and its numbers are ours.
    """

    eta = Param(0.036)
    w_max = Param(1.5)
    dw = (
        eta * pre.value * post.potentiation * (w_max - w)
        - post.loss * w
        + post.scaling * w
    )
    bounds = (0.0, w_max)


class DendriticSegment(NeuronModel):
    """A stretch of dendrite: what its synapses gain together, each pays a share of.

    After El-Boustani et al. 2018, Science 360:1349-1354. ``kappa`` is the share of the
    gain that is lost again, were all weights at ``half``; 0 is the knock-out. What a
    synapse gains is proportional to activity times (w_max - w), so the two sums
    ``presence`` (unit weights) and ``spines`` (learned ones) give that of all.
    """

    eta = Param(0.036)
    w_max = Param(1.5)
    half = Param(0.5)
    size = Param(5.0)
    stimuli = Param(16.0)
    strength = Param(0.0025)
    spines = Port()
    presence = Port()
    soma = Port()
    sensor = Port()
    learn = Modulator(low=0.0, high=1.0)
    rescale = Modulator(low=0.0, high=1.0)
    kappa = State(initial=1.0)
    v = State(leak=0.0)
    room = State(leak=0.0)
    driven = State(leak=0.0)
    dkappa = 0.0
    dv = spines
    droom = w_max * presence - spines
    ddriven = learn * soma
    send = Graded(v, low=0.0, high=7.5)
    potentiation = Output(driven, low=0.0, high=4.0)
    loss = Output(eta / size / half * kappa * driven * room, low=0.0, high=0.2)
    scaling = Output(strength * stimuli * rescale * sensor, low=-0.04, high=0.04)


class PairedSoma(NeuronModel):
    """A soma that light can drive beside its dendrite; it sends its drive over theta.

    After El-Boustani et al. 2018, Science 360:1349-1354: spikes are paired with a
    visual stimulus by light. Drive is in units of the largest one before.
    """

    theta = Param(0.9)
    power = Param(2.0)
    dendrite = Port()
    light = Modulator(low=0.0, high=1.0)
    v = State(leak=0.0)
    dv = dendrite
    send = Graded(maximum(v + power * light - theta, 0.0), low=0.0, high=4.0)


class ActivitySensor(NeuronModel):
    """A slow average of the drive, in units of its target, whose lack scales weights.

    Turrigiano 2008, Cell 135:422-435: calcium integrates activity over hours. ``rate``
    is one over the stimuli that it averages, ``sample`` is 1 once in each of them.
    """

    rate = Param(0.01)
    dendrite = Port()
    sample = Modulator(low=0.0, high=1.0)
    average = State(initial=1.0)
    daverage = rate * sample * (dendrite - average)
    send = Graded(1.0 - average, low=-1.0, high=1.0)
