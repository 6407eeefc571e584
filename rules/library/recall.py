"""Recall in area CA1: one-shot Hebbian storage, and a cell whose pathways are gated.

The rule and the pyramidal cell of a reduced CA1. Theta phases and the strengths of the
pathways arrive as modulators, so that one network stores, recalls, and is manipulated.
"""

from __future__ import annotations

from ...units import ms
from ..expr import post, pre
from ..language import NeuronModel, Rule
from ..symbols import Modulator, Param, Port, State, Trace


class OneShotHebb(Rule):
    """Clipped Hebb: one coincidence while ``storing`` takes a synapse to its bound.

    Cutsuridis, Cobb & Graham 2010, Hippocampus 20:423-446: a Schaffer synapse is strong
    if its two cells were active together in one stored pattern at least (after
    Willshaw), and learns in the storage half of the theta cycle only.
    """

    tau = Param(2 * ms)
    gain = Param(2.0)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    storing = Modulator(low=0.0, high=1.0)
    dw = gain * storing * x * post
    bounds = (0.0, w_max)


class CA1Pyramidal(NeuronModel):
    """Pyramidal cell of CA1 that sums three pathways, each with a gain from outside.

    Cutsuridis, Cobb & Graham 2010, Hippocampus 20:423-446, reduced to a point neuron in
    the units of a Schaffer synapse: excitation from CA3 (``schaffer`` times
    ``excitation``), inhibition in proportion to the cue (``basket``) and to the cells
    that fire (``lateral``, with a memory of 5 ms). The input of the entorhinal cortex
    makes it fire, which is what a pattern is stored with. Gains of 0 stand for the
    storage phase, in which the paper's OLM and bistratified cells close the pathways.
    """

    tau = Param(8 * ms)
    tau_lateral = Param(5 * ms)
    threshold = Param(12.0)
    entorhinal = Port()
    schaffer = Port()
    basket = Port()
    lateral = Port()
    excitation = Modulator(low=0.0, high=2.0)
    inhibition = Modulator(low=0.0, high=2.0)
    feedback = Modulator(low=0.0, high=2.0)
    surround = State(leak=tau_lateral)
    dsurround = lateral
    v = State(leak=tau, reset=0.0)
    dv = entorhinal + excitation * schaffer + inhibition * basket + feedback * surround
    spike = v > threshold
