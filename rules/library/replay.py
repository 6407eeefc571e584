"""Replay that generalises: symmetric plasticity of excitation and of inhibition.

Two rules and two neurons of a reduced area CA3. What fires together while an animal
runs is joined by excitation, and whatever fires with an interneuron is inhibited by it.
"""

from __future__ import annotations

from ...units import ms
from ..expr import post, pre, where
from ..language import NeuronModel, Rule
from ..symbols import Modulator, Param, Port, State, Trace


class SymmetricSTDP(Rule):
    """Symmetric Hebbian STDP: a pair of spikes adds to the weight in either order.

    Liao et al. 2024, Nature Neuroscience 27:1987-1994, between pyramidal cells: tau =
    62.5 ms, additive, from near zero up to w_max. Their step is 4e-3 w_max. Ours is
    smaller, since a lap is compressed and its spikes are six times as dense.
    """

    tau = Param(62.5 * ms)
    rate = Param(0.00017)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    dw = rate * x * post + rate * y.before * pre
    bounds = (0.0, w_max)


class InhibitoryHebb(Rule):
    """The same from interneurons to pyramidal cells, with a short window.

    Liao et al. 2024, Nature Neuroscience 27:1987-1994: tau = 5 ms. The weight counts
    positive and acts with a minus sign.
    """

    tau = Param(5 * ms)
    rate = Param(0.0018)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    dw = rate * x * post + rate * y.before * pre
    bounds = (0.0, w_max)
    polarity = "inhibitory"


class ReplayLIF(NeuronModel):
    """Pyramidal cell that follows its place field awake, and its synapses at rest.

    While ``rest`` is 0 a spike at the port ``field`` makes it fire and nothing else
    counts, as in the learning phase of Liao et al. 2024; while it is 1 it integrates
    random ``mossy`` input, recurrent excitation and inhibition, and each spike is
    followed by adaptation and a short after-hyperpolarisation. The paper's neuron is an
    adaptive exponential one with conductances; this is a current-based LIF whose slow
    synapses make a population event travel instead of flash.
    """

    tau = Param(80 * ms)
    tau_excitation = Param(96 * ms)
    tau_inhibition = Param(67 * ms)
    tau_adaptation = Param(195 * ms)
    tau_refractory = Param(8 * ms)
    excitation = Param(0.145)
    inhibition = Param(0.134)
    adaptation = Param(0.71)
    refractory = Param(5.6)
    threshold = Param(1.0)
    field = Port()
    mossy = Port()
    current = Port()
    interneurons = Port()
    rest = Modulator(low=0.0, high=1.0)
    e = State(leak=tau_excitation)
    de = current
    i = State(leak=tau_inhibition)
    di = interneurons
    v = State(leak=tau, reset=0.0)
    spike = v > threshold
    tired = Trace(spike, tau=tau_adaptation)
    after = Trace(spike, tau=tau_refractory)
    dv = field + where(
        rest > 0.5,
        mossy
        + excitation * e
        + inhibition * i
        - adaptation * tired
        - refractory * after,
        0.0,
    )


class RestingInterneuron(NeuronModel):
    """Interneuron that follows the track awake and the pyramidal cells at rest.

    The basket cell of Liao et al. 2024, Nature Neuroscience 27:1987-1994, as a LIF.
    """

    tau = Param(30 * ms)
    threshold = Param(1.0)
    field = Port()
    current = Port()
    rest = Modulator(low=0.0, high=1.0)
    v = State(leak=tau, reset=0.0)
    dv = field + where(rest > 0.5, current, 0.0)
    spike = v > threshold
