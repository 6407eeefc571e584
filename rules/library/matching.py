"""Choice between two rewarded odours in a fly: four rules, the neuron that chooses.

Rajagopalan et al. 2023, after Loewenstein & Seung 2006, PNAS 103:15224: a rule that
follows the covariance of reward and sensory input leads to matching, choices in
proportion to rewards. The covariance needs the expected reward, the expected input, or
both. In the fly dopamine depresses synapses onto an output neuron (MBON) that drives
away from the odour.
"""

from __future__ import annotations

import math

from ...units import ms
from ..expr import abs_, post, pre, sigmoid, where
from ..language import NeuronModel, Rule
from ..symbols import Modulator, Noise, Output, Param, Port, State, Trace

TRIAL_STEPS = 5
"""Odour, other odour, (delay), choice, outcome: in the step of the next first odour."""
KEPT = 5 / 6
"""What a trial leaves of the expected input: an average over some six trials. Ten
trials, as in the theory, would take the trace beyond seven bits."""
# Before an outcome each odour is smelled once too, 3 or 4 steps earlier. That adds a
# constant to its trace, which the rules take off again.
_SMELLED = sum(KEPT ** (k / TRIAL_STEPS) for k in (3, 4)) / 2 / (1.0 - KEPT)


class DopamineOnly(Rule):
    """No expectation: reward depresses the odour that was chosen.

    Rajagopalan, Darshan, Hibbard, Fitzgerald & Turner 2023, PNAS 120:e2221415120. This
    is no covariance and does not match: the fly ends with one odour. ``eta`` is ours.
    """

    eta = Param(0.2)
    w_max = Param(8.0)
    dw = -eta * pre * post.dopamine
    bounds = (-w_max, w_max)
    polarity = "mixed"


class RewardExpectation(Rule):
    """The covariance by the expected reward, which the dopamine neuron takes off.

    Rajagopalan et al. 2023, PNAS 120:e2221415120: dw = -eta * S * (R - E[R]).
    """

    eta = Param(0.2)
    w_max = Param(8.0)
    dw = -eta * pre * post.surprise
    bounds = (-w_max, w_max)
    polarity = "mixed"


class InputExpectation(Rule):
    """The covariance by the expected input: a slow trace of the choices of an odour.

    Rajagopalan et al. 2023, PNAS 120:e2221415120: dw = -eta * (S - E[S]) * R.
    """

    eta = Param(0.2)
    w_max = Param(8.0)
    tau = Param(-TRIAL_STEPS / math.log(KEPT) * ms)
    share = Param((1.0 - KEPT) / KEPT)
    smelled = Param(_SMELLED)
    x = Trace(pre, tau=tau)
    dw = -eta * post.dopamine * ((1.0 + share) * pre - share * (x - smelled))
    bounds = (-w_max, w_max)
    polarity = "mixed"


class BothExpectations(Rule):
    """The covariance with both averages taken off.

    Rajagopalan et al. 2023, PNAS 120:e2221415120: dw = -eta * (S - E[S]) * (R - E[R]).
    """

    eta = Param(0.2)
    w_max = Param(8.0)
    tau = Param(-TRIAL_STEPS / math.log(KEPT) * ms)
    share = Param((1.0 - KEPT) / KEPT)
    smelled = Param(_SMELLED)
    x = Trace(pre, tau=tau)
    dw = -eta * post.surprise * ((1.0 + share) * pre - share * (x - smelled))
    bounds = (-w_max, w_max)
    polarity = "mixed"


class ChoosingMBON(NeuronModel):
    """Compares two odours that come one after the other, and spikes for the first arm.

    Rajagopalan et al. 2023, PNAS 120:e2221415120, with the dopamine neuron in it. The
    odour with less drive is chosen, with probability sigmoid(beta * difference).
    ``go`` is +1 or -1 in the step of the choice: which arm's odour came first. In the
    step of the ``outcome`` the dopamine neuron, which is part of this model, takes the
    expected reward off, unless ``light`` keeps its expectation at 0.
    """

    beta = Param(1.0)
    rate = Param(0.1)
    odour = Port()
    reward = Port()
    light = Port()
    go = Modulator(low=-1.0, high=1.0)
    outcome = Modulator(low=0.0, high=1.0)
    luck = Noise(low=0.0, high=1.0)
    difference = State(leak=0.0)
    smelled = State(leak=0.0)
    error = State(leak=0.0)
    expected = State()
    ddifference = go * (odour - smelled)
    dsmelled = odour
    derror = outcome * (reward - where(light > 0.5, 0.0, expected))
    dexpected = rate * outcome * (reward - expected)
    spike = abs_(go) * sigmoid(beta * difference) > luck
    surprise = Output(error, low=-1.0, high=1.0)
    dopamine = Output(outcome * reward, low=0.0, high=2.0)


class BaitedArm(NeuronModel):
    """An arm that holds a reward from when it is baited until it is visited.

    The task of Rajagopalan et al. 2023, PNAS 120:e2221415120: rewards by baiting.
    """

    bait = Port()
    visit = Port()
    baited = State(reset=0.0)
    dbaited = where(bait > 0.5, 1.0 - baited, 0.0)
    spike = where(visit > 0.5, baited, 0.0) > 0.5
