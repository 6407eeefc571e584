"""Rules of the neuron's activity that bound themselves: Oja, BCM, scaling."""

from __future__ import annotations

from ...units import ms
from ..expr import every, post, pre, w
from ..language import Rule
from ..symbols import Param, Trace


class Oja(Rule):
    """Oja's rule with spikes: Hebbian growth, forgetting in proportion to the output.

    Oja 1982, Journal of Mathematical Biology 15:267-273: dw = eta * y * (x - y * w).
    Here x and y are rates read from traces, and the outer y is the post spike
    itself, whose mean is the rate.
    """

    tau = Param(20 * ms)
    eta = Param(0.02)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    dw = eta * post * (x - y * w)
    bounds = (0.0, w_max)


class BCM(Rule):
    """BCM: a sliding threshold parts depression from potentiation.

    Bienenstock, Cooper & Munro 1982, Journal of Neuroscience 2:32-48: dm/dt = phi(c) d
    with phi(c) < 0 below the threshold and > 0 above. The pre activity d is the pre
    spike itself, whose mean is the rate; ``post.phi`` and its threshold, which follows
    the neuron's mean activity, are the neuron's. The paper's slow decay of the weight
    is left out. ``eta`` is ours.
    """

    eta = Param(0.01)
    w_max = Param(1.0)
    dw = eta * pre * post.phi
    bounds = (0.0, w_max)


class HomeostaticScaling(Rule):
    """Synaptic scaling: all weights of a neuron grow or shrink by the same factor.

    van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812-8821: dw/dt =
    beta * w * (a_goal - a), without their integral term. The factor is the neuron's
    ``post.deviation``. It acts in every 16th step; ``beta`` is for one of these, much
    faster than in a brain.
    """

    beta = Param(0.02)
    w_max = Param(1.0)
    dw = beta * every(16) * w * post.deviation
    bounds = (0.0, w_max)
