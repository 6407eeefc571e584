"""A recurrent network of rates whose synapses learn by the rates of both sides.

The rate of a unit is tanh of its state and travels as a graded spike through fixed
synapses. Those that learn hear it as chance spikes of two relays, one for positive
rates and one for negative ones; what they have learned is the difference of the two.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, post, pre, tanh
from ..language import NeuronModel, Rule
from ..symbols import Graded, Noise, Output, Param, Port, State


class RateHebb(Rule):
    """Hebb's rule for rates: the product of both, the pre side's as chance spikes.

    Crespo, Maoutsa, Getz & Gjorgjieva 2024, Bernstein Conference: dJ/dt = eta / N *
    phi_i * phi_j, the term c_11 of polynomial rules. ``eta`` is that of a step, over N.
    """

    eta = Param(0.00015625)
    w_max = Param(0.1)
    dw = eta * pre * post.rate
    bounds = (-w_max, w_max)
    polarity = "mixed"


class HiddenPolynomial(Rule):
    """A rule of two terms, to be found from what it does.

    Crespo, Maoutsa, Getz & Gjorgjieva 2024, Bernstein Conference: sum of c_ab *
    phi_i**a * phi_j**b; here c_11 and c_21, of which the latter depresses.
    """

    c_11 = Param(0.0006)
    c_21 = Param(-0.0004)
    w_max = Param(0.2)
    dw = c_11 * pre * post.rate + c_21 * pre * post.power
    bounds = (-w_max, w_max)
    polarity = "mixed"


class RateUnit(NeuronModel):
    """A leaky unit whose rate is tanh of its state.

    Crespo et al. 2024, after Mastrogiuseppe & Ostojic 2018, Neuron 99:609-623: x' = -x
    + J tanh(x) + I u, in units of ``tau``. ``share`` is what learned weights count: a
    neuron's ports have one scale, and these would make it too fine for the others.
    """

    tau = Param(10 * ms)
    share = Param(0.1)
    recurrent = Port()
    learned = Port()
    outside = Port()
    x = State(leak=tau)
    r = State(leak=0.0)
    dx = (recurrent + outside + share * learned) * dt / tau
    dr = tanh(x)
    send = Graded(r, low=-1.0, high=1.0)
    rate = Output(r, low=-1.0, high=1.0)
    power = Output(r * r, low=0.0, high=1.0)


class ChanceSpikes(NeuronModel):
    """A relay that spikes with the chance ``gain`` * rate.

    Crespo et al. 2024 have rates; spikes of this chance are the same in the mean.
    """

    gain = Param(1.0)
    rate = Port()
    luck = Noise(low=0.0, high=1.0)
    heard = State(leak=0.0)
    dheard = gain * rate
    spike = heard > luck
