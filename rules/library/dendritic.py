"""Rules of what goes on in a dendrite: its voltage, its bursts."""

from __future__ import annotations

from ...units import ms
from ..expr import post, pre
from ..language import Rule
from ..symbols import Param, Trace


class Clopath(Rule):
    """Voltage-based STDP: depolarisation at a pre spike depresses, a spike potentiates.

    Clopath, Buesing, Vasilaki & Gerstner 2010, Nature Neuroscience 13:344-352: dw/dt =
    -A_LTD * X * [u_minus - theta_minus]+ + A_LTP * x * [u - theta_plus]+ *
    [u_plus - theta_minus]+; visual cortex: A_LTD = 14e-5 / mV, A_LTP = 8e-5 / mV^2,
    tau_x = 15 ms. Their x jumps by 1/tau_x, hence the division; the rectified voltages
    are the neuron's (VoltageLIF). The slow homeostasis of A_LTD is left out.
    """

    tau_x = Param(15 * ms)
    a_ltd = Param(14e-5)
    a_ltp = Param(8e-5)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_x)
    dw = a_ltp / tau_x * x * post.ltp - a_ltd * pre * post.ltd
    bounds = (0.0, w_max)


class BurstDependent(Rule):
    """Bursts potentiate, single spikes depress, in proportion to the usual bursting.

    Payeur, Guerguiev, Zenke, Richards & Naud 2021, Nature Neuroscience 24:1010-1019:
    dw/dt = eta * (B - p * E) * x, with B and E the neuron's burst and event trains, p
    its moving average of the burst probability, and x a trace of the pre side: here of
    its spikes, there of its events. ``post.credit`` = B - p * E is the neuron's
    (BurstingLIF). ``eta`` is ours.
    """

    tau_pre = Param(20 * ms)
    eta = Param(0.02)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_pre)
    dw = eta * x * post.credit
    bounds = (0.0, w_max)
