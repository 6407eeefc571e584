"""Rules with a third factor: a reward from outside, an error from the neuron."""

from __future__ import annotations

from ...units import ms
from ..expr import post, pre
from ..language import Rule
from ..symbols import Modulator, Param, Tag, Trace


class RewardSTDP(Rule):
    """Reward-modulated STDP: pairings leave a tag that decays; reward writes it down.

    Izhikevich 2007, Cerebral Cortex 17:2443-2452: c' = -c/tau_c + STDP,
    w' = c * d, with d the dopamine signal.
    """

    tau_plus = Param(20 * ms)
    tau_minus = Param(20 * ms)
    tau_tag = Param(1000 * ms)
    a_plus = Param(0.10)
    a_minus = Param(0.15)
    rate = Param(0.01)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau_plus)
    y = Trace(post, tau=tau_minus)
    tag = Tag(tau=tau_tag)
    reward = Modulator(low=-1.0, high=1.0)
    dtag = a_plus * x * post - a_minus * y * pre
    dw = rate * reward * tag
    bounds = (0.0, w_max)


class DeltaRule(Rule):
    """Error-modulated delta rule: a pre spike moves the weight by the neuron's error.

    Widrow & Hoff 1960 (IRE WESCON Convention Record 4:96-104), with the error
    carried by the post-synaptic neuron as a third factor: ``post.error``. Needs a
    neuron that declares it, such as ErrorLIF.
    """

    eta = Param(0.01)
    w_max = Param(1.0)
    dw = eta * pre * post.error
    bounds = (-w_max, w_max)
    polarity = "mixed"


class EProp(Rule):
    """Eligibility propagation: a filtered eligibility times the learning signal.

    Bellec et al. 2020, Nature Communications 11:3625: dw = -eta * L * F(psi * z), with
    z the pre spikes filtered by the membrane (20 ms), F the filter of the readout
    (20 ms), psi the neuron's pseudo-derivative and L its learning signal. The paper
    multiplies by the z of the step before, which moves the eligibility by one step.
    """

    tau = Param(20 * ms)
    tau_out = Param(20 * ms)
    eta = Param(0.01)
    w_max = Param(1.0)
    z = Trace(pre, tau=tau)
    eligibility = Tag(tau=tau_out)
    deligibility = post.psi * z
    dw = -eta * post.learning * eligibility
    bounds = (-w_max, w_max)
    polarity = "mixed"


class TwoTraceReward(Rule):
    """Two eligibilities with time constants of their own, one up and one down.

    Huertas, Schwettmann & Shouval 2016, Frontiers in Synaptic Neuroscience 8:37, after
    He et al. 2015, Neuron 88:528-538: a pairing leaves one trace for potentiation and
    one for depression, and reward writes their difference down. A strong, short trace
    against a weak, long one makes an early reward potentiate and a late one depress.
    The traces last seconds in the papers, less here; amplitudes are ours.
    """

    tau = Param(20 * ms)
    tau_up = Param(50 * ms)
    tau_down = Param(200 * ms)
    a_up = Param(0.2)
    a_down = Param(0.1)
    rate = Param(0.02)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    up = Tag(tau=tau_up)
    down = Tag(tau=tau_down)
    reward = Modulator(low=0.0, high=1.0)
    dup = a_up * x * post
    ddown = a_down * x * post
    dw = rate * reward * (up - down)
    bounds = (0.0, w_max)
