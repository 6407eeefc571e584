"""The tempotron: a neuron that learns from the moment at which it was most excited.

The neuron tells its synapses whenever its voltage rises above all of the trial so far;
they keep what their trace was then, and move by it if the answer was wrong.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, exp, maximum, minimum, post, pre, where
from ..language import NeuronModel, Rule
from ..symbols import Event, Modulator, Output, Param, Port, State, Tag, Trace


class TempotronNeuron(NeuronModel):
    """Sums double-exponential potentials and remembers their highest sum in a trial.

    Guetig & Sompolinsky 2006, Nature Neuroscience 9:420-428: V(t) = sum of
    w * K(t - ti) with K(t) = V0 (exp(-t/tau_m) - exp(-t/tau_s)) of peak 1, tau_m =
    15 ms and tau_s = tau_m / 4. ``begin`` is 1 in the first step of a trial; ``teach``
    in its last is 1 where V should pass the threshold, -1 where not; else both are 0.
    ``error`` is that of the answer, and ``best`` happens at each new maximum.
    """

    tau_m = Param(15 * ms)
    tau_s = Param(3.75 * ms)
    peak = Param(2.1165)
    threshold = Param(1.0)
    current = Port()
    begin = Modulator(low=0.0, high=1.0)
    teach = Modulator(low=-1.0, high=1.0)
    slow = State()
    fast = State()
    v = State(leak=0.0)
    rises = State(leak=0.0)
    highest = State()
    dslow = current - slow * (1.0 - exp(-dt / tau_m))
    dfast = current - fast * (1.0 - exp(-dt / tau_s))
    dv = peak * (slow - fast)
    drises = where(begin > 0.5, 1.0, where(v > highest, 1.0, 0.0))
    dhighest = where(rises > 0.5, v - highest, 0.0)
    spike = v > threshold
    best = Event(rises > 0.5)
    error = Output(
        where(highest > threshold, minimum(teach, 0.0), maximum(teach, 0.0)),
        low=-1.0,
        high=1.0,
    )


class Tempotron(Rule):
    """Wrong answers move each weight by its potential at the time of the maximum.

    Guetig & Sompolinsky 2006, Nature Neuroscience 9:420-428: dw = +-lambda * sum of
    K(t_max - ti). The tag takes over the potential at every new maximum, so that at the
    end of the trial it is that of the last one. Traces are read ``before`` this step's
    spike, which arrives one step later. The paper's momentum is left out.
    """

    tau_m = Param(15 * ms)
    tau_s = Param(3.75 * ms)
    peak = Param(2.1165)
    eta = Param(0.05)
    w_max = Param(2.0)
    slow = Trace(pre, tau=tau_m)
    fast = Trace(pre, tau=tau_s)
    held = Tag()
    dheld = post.best * (
        peak * slow.before * exp(dt / tau_m)
        - peak * fast.before * exp(dt / tau_s)
        - held
    )
    dw = eta * post.error * held
    bounds = (-w_max, w_max)
    polarity = "mixed"


class RankRelay(NeuronModel):
    """Passes on one spike of a trial: the ``rank``-th of its input, counted from 1.

    With a ``rank`` of 0 it passes on all of them. Each neuron is given its own:
    Group(initial={"rank": ...}).
    """

    current = Port()
    begin = Modulator(low=0.0, high=1.0)
    rank = State(initial=1.0)
    count = State()
    chosen = State(leak=0.0)
    drank = 0.0
    dcount = where(begin > 0.5, -count, current)
    dchosen = where(count > rank - 0.5, 1.0, 0.0) * where(count < rank + 0.5, 1.0, 0.0)
    spike = maximum(chosen, where(rank < 0.5, 1.0, 0.0)) * current > 0.5
