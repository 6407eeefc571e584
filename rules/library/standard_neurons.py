"""Point neurons that the literature and other tools take for granted."""

from __future__ import annotations

from ...units import ms
from ..expr import dt, maximum, minimum, where
from ..language import NeuronModel
from ..symbols import Param, Port, State, Trace


class IF(NeuronModel):
    """Integrate and fire without leak; hard reset.

    Lapicque 1907, Journal de physiologie 9:620-635; NIR's IF.
    """

    threshold = Param(1.0)
    current = Port()
    v = State(reset=0.0)
    dv = current
    spike = v > threshold


class LI(NeuronModel):
    """Leaky integrator that never spikes: a read-out, or a membrane to look at."""

    tau = Param(20 * ms)
    bias = Param(0.0)
    current = Port()
    v = State(leak=tau)
    dv = current + bias


class Integrator(NeuronModel):
    """Integrator without leak that never spikes; NIR's I."""

    current = Port()
    v = State()
    dv = current


class CubaLI(NeuronModel):
    """Leaky integrator of an exponential synaptic current that never spikes.

    NIR's CubaLI; u and v as in CubaLIF.
    """

    tau_u = Param(5 * ms)
    tau_v = Param(20 * ms)
    bias = Param(0.0)
    current = Port()
    u = State(leak=tau_u)
    du = current
    v = State(leak=tau_v)
    dv = u + bias


class Step(NeuronModel):
    """Spikes in a step in which more than ``threshold`` arrives; NIR's Threshold.

    McCulloch & Pitts 1943, Bulletin of Mathematical Biophysics 5:115-133.
    """

    threshold = Param(1.0)
    current = Port()
    v = State(leak=0.0)
    dv = current
    spike = v > threshold


class RefractoryLIF(NeuronModel):
    """LIF that hears nothing for a ``period`` after a spike.

    ``rest`` is 1 at a spike and falls to 0 in the period; the first spike that can
    follow is a period later.
    """

    tau = Param(20 * ms)
    period = Param(5 * ms)
    threshold = Param(1.0)
    current = Port()
    rest = State(leak=0.0, reset=1.0)
    v = State(leak=tau, reset=0.0)
    drest = maximum(rest - dt / period, 0.0)
    # Half a step below: what rounding leaves of `rest` is no rest.
    dv = where(rest > 0.5 * dt / period, 0.0, current)
    spike = v > threshold


class AdaptiveLIF(NeuronModel):
    """LIF whose threshold rises by ``beta`` with every spike and recovers slowly.

    Bellec, Salaj, Subramoney, Legenstein & Maass 2018, NeurIPS 31 (LSNN), with a hard
    reset. tau_adaptation there is 200 to 700 ms, beta 1.7 thresholds times 1 - decay.
    """

    tau = Param(20 * ms)
    tau_adaptation = Param(200 * ms)
    threshold = Param(1.0)
    beta = Param(0.1)
    current = Port()
    v = State(leak=tau, reset=0.0)
    barrier = State(leak=0.0)
    dv = current
    spike = v > barrier
    adaptation = Trace(spike, tau=tau_adaptation)
    dbarrier = threshold * (1.0 + beta * adaptation)


class Izhikevich(NeuronModel):
    """Quadratic neuron with a recovery variable; regular spiking by its defaults.

    Izhikevich 2003, IEEE Transactions on Neural Networks 14:1569-1572: v' = 0.04 v^2 +
    5 v + 140 - u + I, u' = a (b v - u), in mV and ms; at 30 mV v <- c and u <- u + d.
    As in the paper's program, v takes two half steps in a step. ``peak`` limits the
    upswing, and u is raised in the step after the spike.
    """

    a = Param(0.02)
    b = Param(0.2)
    c = Param(-65.0)
    d = Param(8.0)
    threshold = Param(30.0)
    peak = Param(60.0)
    unit = Param(1 * ms)
    instant = Param(0.05 * ms)
    current = Port()
    half = State(leak=0.0)
    v = State(leak=0.0, reset=c, initial=c)
    u = State()
    dhalf = minimum(
        v + 0.5 * dt / unit * (0.04 * v**2 + 5.0 * v + 140.0 - u + current), peak
    )
    dv = minimum(
        half + 0.5 * dt / unit * (0.04 * half**2 + 5.0 * half + 140.0 - u + current),
        peak,
    )
    spike = v > threshold
    fired = Trace(spike, tau=instant)
    du = a * dt / unit * (b * v - u) + d * fired
