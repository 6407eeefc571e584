"""Spike-timing-dependent plasticity of two factors: a trace of each side."""

from __future__ import annotations

from ...units import ms
from ..expr import exp, post, pre, w
from ..language import Rule
from ..symbols import Param, Trace


class STDP(Rule):
    """Pair-based additive STDP, online form.

    Song, Miller & Abbott 2000, Nature Neuroscience 3:919-926.
    """

    tau_plus = Param(20 * ms)
    tau_minus = Param(20 * ms)
    a_plus = Param(0.010)
    a_minus = Param(0.012)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_plus)
    y = Trace(post, tau=tau_minus)
    dw = a_plus * x * post - a_minus * y * pre
    bounds = (0.0, w_max)


class NearestSTDP(Rule):
    """Pair STDP in which only the nearest spike of the other side counts.

    Morrison, Diesmann & Gerstner 2008, Biological Cybernetics 98:459-478 (nearest
    neighbour pairing schemes).
    """

    tau_plus = Param(20 * ms)
    tau_minus = Param(20 * ms)
    a_plus = Param(0.020)
    a_minus = Param(0.024)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_plus, pairing="nearest")
    y = Trace(post, tau=tau_minus, pairing="nearest")
    dw = a_plus * x * post - a_minus * y * pre
    bounds = (0.0, w_max)


class MultiplicativeSTDP(Rule):
    """Pair STDP with soft bounds: each change is proportional to the room that is left.

    van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812-8821; Guetig et
    al. 2003, Journal of Neuroscience 23:3697-3714 (mu = 1).
    """

    tau_plus = Param(20 * ms)
    tau_minus = Param(20 * ms)
    a_plus = Param(0.02)
    a_minus = Param(0.02)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_plus)
    y = Trace(post, tau=tau_minus)
    dw = a_plus * (w_max - w) * x * post - a_minus * w * y * pre
    bounds = (0.0, w_max)


class TripletSTDP(Rule):
    """STDP of triplets: potentiation needs a second, earlier post spike.

    Pfister & Gerstner 2006, Journal of Neuroscience 26:9673-9682, all-to-all minimal
    model of visual cortex: A2+ = 0, A3+ = 6.5e-3, A2- = 7.1e-3, tau+ = 16.8 ms, tau- =
    33.7 ms, tau_y = 114 ms; amplitudes relative to w_max.
    """

    tau_plus = Param(16.8 * ms)
    tau_minus = Param(33.7 * ms)
    tau_y = Param(114 * ms)
    a2_plus = Param(0.0)
    a3_plus = Param(0.0065)
    a2_minus = Param(0.0071)
    w_max = Param(1.0)
    r1 = Trace(pre, tau=tau_plus)
    o1 = Trace(post, tau=tau_minus)
    o2 = Trace(post, tau=tau_y)
    dw = (a2_plus + a3_plus * o2.before) * r1 * post - a2_minus * o1 * pre
    bounds = (0.0, w_max)


class PowerLawSTDP(Rule):
    """Pair STDP whose potentiation grows with the weight to the power of 0.4.

    Morrison, Aertsen & Diesmann 2007, Neural Computation 19:1437-1467: dw+ = lambda *
    w0**(1 - mu) * w**mu, dw- = -lambda * alpha * w, with mu = 0.4, lambda = 0.1, alpha
    = 0.11, tau = 20 ms, w0 = 1 pA. Here w_max stands for 100 pA, so w0 = 0.01.
    """

    tau_plus = Param(20 * ms)
    tau_minus = Param(20 * ms)
    rate = Param(0.1)
    alpha = Param(0.11)
    mu = Param(0.4)
    w_0 = Param(0.01)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_plus)
    y = Trace(post, tau=tau_minus)
    dw = rate * (w_0 ** (1.0 - mu) * w**mu * x * post - alpha * w * y * pre)
    bounds = (0.0, w_max)


class SoftBoundSTDP(Rule):
    """Potentiation that fades as exp(-w): the weight becomes a log-probability.

    Nessler, Pfeiffer, Buesing & Maass 2013, PLoS Computational Biology 9:e1003037, in
    the form of Sun et al. 2025, Nature 640:165-175: at a post spike w += beta *
    (exp(-w) * x - 0.1) with beta = 0.1 and tau = 20 ms, w not below 0. The mean of
    exp(w) settles where it is 10 times that of x at post spikes; w_max is ours.
    """

    tau = Param(20 * ms)
    beta = Param(0.1)
    decay = Param(0.1)
    w_max = Param(4.0)
    x = Trace(pre, tau=tau)
    dw = beta * (exp(-w) * x - decay) * post
    bounds = (0.0, w_max)


class InhibitorySTDP(Rule):
    """Symmetric plasticity of inhibitory synapses that balances excitation.

    Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569-1573:
    dw = eta * (x - alpha) at a pre spike and eta * x at a post spike, with
    alpha = 2 * rate * tau. The weight counts positive and acts with a minus sign.
    """

    tau = Param(20 * ms)
    eta = Param(0.01)
    alpha = Param(0.2)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    dw = eta * (y - alpha) * pre + eta * x * post
    bounds = (0.0, w_max)
    polarity = "inhibitory"
