"""The cells of Norse 1.1.0 that the library did not have, as Norse computes them.

Norse multiplies what arrives by dt/tau of the membrane; here that factor is in the
weights where a model has no parameter for it. Its LIFBox with hard reset, IAF and
LIBox are the library's LIF, IF and LI.
"""

from __future__ import annotations

from ...units import ms
from ..expr import clip, dt, exp, where
from ..language import NeuronModel
from ..symbols import Param, Port, State


class SubtractLIF(NeuronModel):
    """LIF from which the threshold is subtracted in the step of a spike.

    Norse's LIFBox with reset_subtract. ``m`` is the membrane before that.
    """

    tau = Param(10 * ms)
    threshold = Param(1.0)
    bias = Param(0.0)
    current = Port()
    m = State(leak=0.0)
    v = State(leak=0.0)
    dm = (1.0 - dt / tau) * v + (current + bias)
    dv = m - where(m > threshold, threshold, 0.0)
    spike = m > threshold


class RestingLIF(NeuronModel):
    """LIF with a resting potential and a reset potential of its own."""

    tau = Param(10 * ms)
    rest = Param(0.0)
    v_reset = Param(0.0)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau, reset=v_reset, initial=rest)
    dv = dt / tau * rest + current
    spike = v > threshold


class RestingCubaLIF(NeuronModel):
    """Current-based LIF with a resting potential and a reset potential of its own.

    Norse's LIF: u jumps with what arrives before it acts on v in the same step.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(10 * ms)
    rest = Param(0.0)
    v_reset = Param(0.0)
    threshold = Param(1.0)
    current = Port()
    u = State(leak=tau_u)
    v = State(leak=tau_v, reset=v_reset, initial=rest)
    du = current
    dv = dt / tau_v * (rest + u)
    spike = v > threshold


class AdExLIF(NeuronModel):
    """Adaptive exponential integrate and fire: Norse's LIFAdEx.

    Brette & Gerstner 2005, Journal of Neurophysiology 94:3637-3642, with an exponential
    current. `a` and v follow each other's values of the step before. v starts a step at
    the threshold at most, so 0 limits nothing; nor does exp(-40) in float64.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(10 * ms)
    tau_a = Param(500 * ms)
    rest = Param(0.0)
    v_reset = Param(0.0)
    threshold = Param(1.0)
    sharpness = Param(0.5)
    coupling = Param(4.0)
    jump = Param(0.02)
    current = Port()
    u = State(leak=tau_u)
    m = State(leak=0.0)
    a = State(leak=0.0)
    v = State(leak=0.0, initial=rest)
    du = current
    dm = v + dt / tau_v * (
        rest
        - v
        + sharpness * exp(clip((v - threshold) / sharpness, -40.0, 0.0))
        + u
        - a
    )
    da = a + dt / tau_a * (coupling * (v - rest) - a) + where(m > threshold, jump, 0.0)
    dv = where(m > threshold, v_reset, m)
    spike = m > threshold


class ExponentialLIF(NeuronModel):
    """Exponential integrate and fire: Norse's LIFEx.

    Fourcaud-Trocme, Hansel, van Vreeswijk & Brunel 2003, Journal of Neuroscience
    23:11628-11640, with an exponential current. Limits as in AdExLIF.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(10 * ms)
    rest = Param(0.0)
    v_reset = Param(0.0)
    threshold = Param(1.0)
    sharpness = Param(0.5)
    current = Port()
    u = State(leak=tau_u)
    v = State(leak=0.0, reset=v_reset, initial=rest)
    du = current
    dv = v + dt / tau_v * (
        rest - v + sharpness * exp(clip((v - threshold) / sharpness, -40.0, 0.0)) + u
    )
    spike = v > threshold
