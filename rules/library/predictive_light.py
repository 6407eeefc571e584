"""Predictive coding light: inhibition by those neurons that foretell a spike.

One rule and one neuron. No error travels anywhere: what can be predicted is inhibited,
so that few spikes are left of it, and what is unexpected gets through.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, maximum, post, pre, w, where
from ..language import NeuronModel, Rule
from ..symbols import Param, Port, State, Trace


class PredictiveInhibition(Rule):
    """Inhibition that grows where a spike foretells another, and fades else.

    N'dri, Barbier, Teuliere & Triesch 2025, Nature Communications 16, eq. of inhibitory
    plasticity: at a post spike towards w_max by the pre spikes before it, at a pre
    spike towards 0 by the post spikes before it; tau = 7 ms is that of their code.
    Amplitudes are ours, and the paper's normalisation of all weights onto a neuron is
    left out.

    A weight lies between -w_max and 0, declared as one of both signs. A synapse of a
    neuron onto itself learns too; FeatureLIF does not hear it.
    """

    tau = Param(7 * ms)
    a_plus = Param(0.03)
    a_minus = Param(0.06)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    dw = -a_plus * (w_max + w) * x * post - a_minus * w * y * pre
    bounds = (-w_max, w_max)
    polarity = "mixed"


class FeatureLIF(NeuronModel):
    """LIF with a current of inhibition, which takes the voltage no lower than a floor.

    The simple cell of N'dri et al. 2025, Nature Communications 16, in a reduced form:
    leak, reset below rest, no adaptation, deaf to inhibition right after its own spike.
    """

    tau = Param(10 * ms)
    tau_inhibition = Param(2.5 * ms)
    threshold = Param(60.0)
    after_spike = Param(-10.0)
    floor = Param(-20.0)
    gain = Param(28.0)
    current = Port()
    lateral = Port()
    instant = Param(0.1 * ms)
    inhibition = State(leak=tau_inhibition)
    v = State(leak=tau, reset=after_spike)
    spike = v > threshold
    fired = Trace(spike, tau=instant)
    # `fired` is that of the step before, whose spike now comes back as inhibition.
    dinhibition = where(fired > 0.5, 0.0, gain * lateral)
    dv = maximum(current + inhibition, floor - v * (1.0 - dt / tau))
