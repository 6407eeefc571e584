"""Conditioning at one neuron: the dendrite learns to say what the soma does.

Synapses of a dendrite hear cues, the soma hears what is rewarding. The rule makes the
dendrite foretell the soma, at a pace set by how far the reward was not expected.
"""

from __future__ import annotations

from ...units import ms
from ..expr import clip, dt, exp, maximum, post, pre, sigmoid, where
from ..language import NeuronModel, Rule
from ..symbols import Graded, Modulator, Noise, Output, Param, Port, State


class ForetellSoma(Rule):
    """A synapse learns by the error of its dendrite's prediction, gated by surprise.

    Vafidis & Rangel, "A cellular-level account of classical conditioning" (code:
    PavlovNet, assoc_net.py): dw/dt = eta * C * (r - f(p * V_dend)) * PSP, with C the
    surprise about the reward. ``post.lesson`` is C times the error in brackets,
    ``pre.value`` is the PSP. ``eta`` is that of a step.
    """

    eta = Param(0.03)
    w_max = Param(2.0)
    dw = eta * post.lesson * pre.value
    bounds = (-w_max, w_max)
    polarity = "mixed"


class ForetellSomaRecurrent(Rule):
    """The same at synapses between the neurons, which stay excitatory.

    Vafidis & Rangel, PavlovNet: Dale's law holds for them. Rates here are shares of
    0.1 kHz there, which makes ``eta`` smaller.
    """

    eta = Param(0.0039)
    w_max = Param(1.0)
    dw = eta * post.lesson * pre.value
    bounds = (0.0, w_max)


class SurprisingHebb(Rule):
    """Hebb's rule under the same gate, as a control: the rate takes the error's place.

    Vafidis & Rangel, PavlovNet; without a prediction it does not come to rest.
    """

    eta = Param(0.03)
    w_max = Param(2.0)
    dw = eta * post.association * pre.value
    bounds = (-w_max, w_max)
    polarity = "mixed"


class Cue(NeuronModel):
    """A relay that sends its input after two low-passes: a postsynaptic potential.

    Vafidis & Rangel, PavlovNet: first the synaptic current, then the membrane.
    Filtered before the weight it is as behind it, for weights change slowly.
    """

    tau_s = Param(100 * ms)
    tau_l = Param(20 * ms)
    heard = Port()
    current = State(leak=tau_s)
    psp = State(leak=tau_l)
    dcurrent = (1.0 - exp(-dt / tau_s)) * heard
    dpsp = (1.0 - exp(-dt / tau_l)) * current
    send = Graded(psp, low=0.0, high=3.0)


class AssociativeUnit(NeuronModel):
    """A rate unit whose soma gets conductances, and whose dendrite predicts its rate.

    Vafidis & Rangel, PavlovNet: conductances in units of 1 / g_leak follow the reward's
    synapses with tau_s; the soma has the voltage that it would come to (its time
    constant is below 7 ms with dendrite and leak). The dendrite alone would bring it to
    g / (1 + g) * V_dend; the error is the rate less that of ``shrink`` times so much.
    Rates are in shares of the largest. What is sent is the PSP of the rate.

    A host tells ``surprise``. Where there is one, half a step of what is sent to the
    synapses is added at random (``dither``), so that small lessons count in the mean.
    """

    tau_s = Param(100 * ms)
    tau_l = Param(20 * ms)
    g = Param(2.0)
    excited = Param(14.0 / 3.0)
    inhibited = Param(-1.0 / 3.0)
    threshold = Param(1.5)
    steepness = Param(2.0)
    shrink = Param(0.95)
    share = Param(0.1)
    dither = Param(1.0 / 92.0)
    surprise = Modulator(low=-1.0, high=1.0, host=True)
    luck = Noise(low=-1.0, high=1.0)
    excitation = Port()
    inhibition = Port()
    cue = Port()
    recurrent = Port()
    g_e = State(leak=tau_s)
    g_i = State(leak=tau_s)
    dendrite = State(leak=0.0)
    v = State(leak=0.0)
    r = State(leak=0.0)
    current = State(leak=tau_s)
    psp = State(leak=tau_l)
    dg_e = (1.0 - exp(-dt / tau_s)) * excitation
    dg_i = (1.0 - exp(-dt / tau_s)) * inhibition
    ddendrite = cue + share * recurrent
    dv = (g * dendrite + 10.0 * excited * g_e + 10.0 * inhibited * g_i) / clip(
        1.0 + g + 10.0 * (g_e + g_i), 3.0, 35.0
    )
    dr = sigmoid(steepness * (v - threshold))
    dcurrent = (1.0 - exp(-dt / tau_s)) * r
    dpsp = (1.0 - exp(-dt / tau_l)) * current
    send = Graded(psp, low=0.0, high=1.0)
    lesson = Output(
        where(
            maximum(surprise, -surprise) > 0.0,
            surprise
            * (r - sigmoid(steepness * (shrink * g / (1.0 + g) * dendrite - threshold)))
            + dither * luck,
            0.0,
        ),
        low=-1.0,
        high=1.0,
    )
    association = Output(
        where(maximum(surprise, -surprise) > 0.0, surprise * r + dither * luck, 0.0),
        low=-1.0,
        high=1.0,
    )
