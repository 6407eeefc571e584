"""Neuron models that carry a third factor: what a rule needs and a synapse cannot see.

Each is a leaky integrate-and-fire with one more idea, given to its rules as outputs.
Voltages are in the units of the weights; an Output turns them into those of its paper.
"""

from __future__ import annotations

from ...units import Hz, ms
from ..expr import abs_, dt, maximum, minimum
from ..language import NeuronModel
from ..symbols import Modulator, Output, Param, Port, State, Trace


class BCMLIF(NeuronModel):
    """LIF with a sliding threshold between depression and potentiation.

    Bienenstock, Cooper & Munro 1982, Journal of Neuroscience 2:32-48: phi(c) =
    c * (c - theta), theta = (mean / c0)**p * mean, here with p = 1. The activity
    ``c`` is the rate over ``tau``, its ``mean`` that over ``tau_mean``, both in units
    of c0 = ``goal`` (Hz), so that theta is mean**2. The time constants are ours: the
    paper only asks that the mean is slow.
    """

    tau = Param(20 * ms)
    tau_rate = Param(100 * ms)
    tau_mean = Param(1000 * ms)
    goal = Param(10 * Hz)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    activity = Trace(spike, tau=tau_rate)
    mean = Trace(spike, tau=tau_mean)
    theta = Output((mean / (tau_mean * goal)) ** 2, low=0.0, high=4.0)
    phi = Output(
        activity
        / (tau_rate * goal)
        * (activity / (tau_rate * goal) - (mean / (tau_mean * goal)) ** 2),
        low=-2.0,
        high=2.0,
    )


class VoltageLIF(NeuronModel):
    """LIF with a spike's shape and two low-passed voltages, rectified for its rules.

    Clopath, Buesing, Vasilaki & Gerstner 2010, Nature Neuroscience 13:344-352: tau_- =
    10 ms, tau_+ = 7 ms; theta_- = -70.6 mV and theta_+ = -45.3 mV are 0 and 25.3 mV
    above rest, the firing threshold (-50.4 mV) is 20.2. Their neuron is an adaptive
    exponential one; here a spike of the LIF is seen as an upswing of ``height`` that
    decays within ``width`` (theirs stays up for 2 ms), one step after it, and of a
    depolarisation ``after`` it (theirs: a current of 400 pA that decays with 40 ms,
    some 8 mV). A spike must not count as its own depolarisation: where simulators delay
    u_minus and u_plus by some 5 ms, here they follow a low-pass of that time, ``late``.

    ``ltd`` = [u_minus - theta_minus]+ in mV; ``ltp`` = [u - theta_plus]+ *
    [u_plus - theta_minus]+ * dt in mV^2 s, since it counts in every step.
    """

    tau = Param(20 * ms)
    tau_minus = Param(10 * ms)
    tau_plus = Param(7 * ms)
    theta_minus = Param(0.0)
    theta_plus = Param(25.3)
    swing = Param(20.2)
    height = Param(100.0)
    width = Param(2 * ms)
    after = Param(8.0)
    tau_after = Param(40 * ms)
    delay_u = Param(5 * ms)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    upswing = Trace(spike, tau=width)
    afterwards = Trace(spike, tau=tau_after)
    # In this order each reads what the next was a step before: two steps of delay more.
    u_minus = State(leak=tau_minus)
    u_plus = State(leak=tau_plus)
    late = State(leak=delay_u)
    u = State(leak=0.0)
    du_minus = late * dt / tau_minus
    du_plus = late * dt / tau_plus
    dlate = u * dt / delay_u
    du = minimum(v, threshold) + threshold / swing * (
        height * upswing + after * afterwards
    )
    ltd = Output(
        maximum(u_minus * swing / threshold - theta_minus, 0.0), low=0.0, high=60.0
    )
    ltp = Output(
        maximum(u * swing / threshold - theta_plus, 0.0)
        * maximum(u_plus * swing / threshold - theta_minus, 0.0)
        * dt,
        low=0.0,
        high=8.0,
    )


class EPropLIF(NeuronModel):
    """LIF with a pseudo-derivative and a learning signal of its own.

    Bellec et al. 2020, Nature Communications 11:3625: psi = gamma * max(0, 1 -
    abs(v - threshold) / threshold) with gamma = 0.3 (times the threshold: the gradient
    is counted in thresholds), and L = y - target. The readout y is the neuron's own
    output, filtered with the time constant of the readout: the identity stands for the
    paper's output and feedback weights.
    """

    tau = Param(20 * ms)
    tau_out = Param(20 * ms)
    threshold = Param(1.0)
    gamma = Param(0.3)
    gain = Param(0.5)
    current = Port()
    target = Modulator(low=0.0, high=1.0)
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    readout = Trace(spike, tau=tau_out)
    psi = Output(
        gamma * maximum(1.0 - abs_(v - threshold) / threshold, 0.0), low=0.0, high=0.3
    )
    learning = Output(gain * readout - target, low=-1.0, high=1.0)


class HomeostaticLIF(NeuronModel):
    """LIF that knows how far its rate is from the one that it should have.

    van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812-8821, eq. of
    synaptic scaling: the factor is a_goal - a(t), here relative to the goal. Their
    activity sensor takes 100 s; ours takes ``tau_rate``, so that a run of seconds shows
    it.
    """

    tau = Param(20 * ms)
    tau_rate = Param(500 * ms)
    goal = Param(10 * Hz)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    rate = Trace(spike, tau=tau_rate)
    deviation = Output(1.0 - rate / (tau_rate * goal), low=-1.0, high=1.0)
