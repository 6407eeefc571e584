"""A neuron that predicts its inputs, and the rule by which it learns to.

The neuron compares what arrives with what its own voltage foretold; each synapse moves
so that the difference shrinks. Early inputs of a sequence win: they foretell the rest.
"""

from __future__ import annotations

from ...units import ms
from ..expr import dt, exp, post, pre, sign, w
from ..language import NeuronModel, Rule
from ..symbols import Output, Param, Port, State, Tag, Trace


class PredictiveLIF(NeuronModel):
    """LIF that knows its prediction error; a spike takes the threshold off one step on.

    Saponati & Vinck 2023, Nature Communications 14:4985 (their code: NeuronClass.py):
    v_t = (1 - dt/tau) v_{t-1} + w.x_t - threshold * z_{t-1}, with x the inputs filtered
    by tau_x, and E_t = w.(x_t - v_{t-1} w) = w.x_t - v_{t-1} |w|^2. A neuron cannot see
    |w|^2. Here it takes it from its own input: inputs that arrive one at a time, each
    once in ``period``, have a mean squared current of |w|^2 / period.
    """

    tau = Param(10 * ms)
    tau_x = Param(2 * ms)
    threshold = Param(0.6)
    period = Param(100 * ms)
    tau_norm = Param(1000 * ms)
    current = Port()
    before = State(leak=0.0)
    u = State()
    norm = State(leak=tau_norm)
    v = State(leak=tau)
    fired = State(leak=0.0, reset=1.0)
    dbefore = v
    du = current - u * (1.0 - exp(-dt / tau_x))
    dnorm = current * current * period / tau_norm
    dv = u - threshold * fired
    dfired = 0.0
    spike = v > threshold
    voltage = Output(before, low=0.0, high=1.0)
    power = Output(before * before, low=0.0, high=1.0)
    error = Output(u - before * norm, low=-0.5, high=0.5)


class Predictive(Rule):
    """Synapses that come to predict: dw = eta * w * (v * (x - v * w) + E * p).

    Saponati & Vinck 2023, Nature Communications 14:4985, with soft bound: v is the
    voltage of the step before, E the neuron's error (PredictiveLIF), x the filtered
    input and p its trace, p_t = (1 - dt/tau) p_{t-1} + x_t. A sum of two exponentials
    is the same: p_{t-1} = (slow/a - fast/b) / (a - b) with a and b their decay of a
    step. Traces are read ``before`` this step's spike, which has not yet arrived.

    Changes are far below an 8-bit weight's last bit. The tag collects them; at
    ``quantum`` it hands that much to the weight.
    """

    tau = Param(10 * ms)
    tau_x = Param(2 * ms)
    eta = Param(0.002)
    w_max = Param(0.4)
    quantum = Param(0.4 / 255)
    fast = Trace(pre, tau=tau_x)
    slow = Trace(pre, tau=tau)
    part = Tag()
    dpart = eta * w * (
        post.voltage * fast.before * exp(dt / tau_x)
        - post.power * w
        + post.error
        * (slow.before * exp(dt / tau) - fast.before * exp(dt / tau_x))
        / (exp(-dt / tau) - exp(-dt / tau_x))
    ) - quantum / 2 * (sign(part - quantum) + sign(part + quantum))
    dw = quantum / 2 * (sign(part - quantum) + sign(part + quantum))
    bounds = (0.0, w_max)
