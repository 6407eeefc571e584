"""How an electric fish learns to ignore its own signals: a rule, a cell of two spikes.

Granule cells tile the time after the fish's motor command. A Purkinje-like cell (MG)
adds them to what its sense organ says; anti-Hebbian learning makes of their input the
negative image of what always follows the command.
"""

from __future__ import annotations

import math

from ...units import ms
from ..expr import post, pre, sigmoid
from ..language import NeuronModel, Rule
from ..symbols import Event, Modulator, Noise, Param, Port, State, Trace


class NegativeImage(Rule):
    """A granule spike potentiates; one that a broad spike follows depresses.

    Bell, Han, Sugawara & Grant 1997, Nature 387:278-281; Kennedy et al. 2014, Nature
    Neuroscience 17:416-422. At rest are the delays at which the chance of a broad spike
    is ``up / down`` over the area under the trace, here one half: the cell's input is
    cancelled there. Amplitudes and the time constant are ours.
    """

    tau = Param(-1.0 / math.log(0.7) * ms)
    up = Param(0.025)
    down = Param(0.015)
    w_max = Param(6.0)
    x = Trace(pre, tau=tau)
    dw = up * pre - down * x * post.broad
    bounds = (-w_max, w_max)
    polarity = "mixed"


class MGCell(NeuronModel):
    """A cell whose narrow spikes speak to others and whose broad spikes teach itself.

    Muller, Zadina, Abbott & Sawtell 2019, Cell 179:1382-1392: axonal spikes have the
    lower threshold, so that what is sent does not depend on what is learned from. Both
    thresholds are soft: a spike has the chance sigmoid((v - threshold) / width). ``v``
    is the deviation from the rate at rest, in steps of the sense organ's signal.
    """

    width = Param(10.0)
    noise = Param(3.0 * math.sqrt(3.0))  # uniform, so that its deviation is 3
    narrow = Param(-10.0)
    granule = Port()
    sensory = Modulator(low=-64.0, high=64.0)
    jitter = Noise()
    chance = Noise(low=0.0, high=1.0)
    broad_chance = Noise(low=0.0, high=1.0)
    v = State(leak=0.0)
    dv = granule + sensory + noise * jitter
    excited = State(leak=0.0)
    dexcited = sigmoid(v / width)
    spike = sigmoid((v - narrow) / width) > chance
    broad = Event(excited > broad_chance)
