"""Learning what an action is worth when its reward comes later: a tag bridges the gap.

The plainest reading of dopamine-gated learning in the cerebrum: what was done leaves a
tag at the synapse, and the error of the predicted reward writes it into the weight.
"""

from __future__ import annotations

from ...units import ms
from ..expr import abs_, post, pre, sigmoid, where
from ..language import NeuronModel, Rule
from ..symbols import Event, Modulator, Noise, Output, Param, Port, State, Tag


class ActionValue(Rule):
    """The synapse of the chosen action is tagged; the reward's error writes it down.

    Sutton & Barto 1998, Reinforcement Learning; Izhikevich 2007, Cerebral Cortex
    17:2443-2452, for the tag: e <- e * exp(-dt/tau) + pre * post, dw = eta * (R - V) *
    e. Gains and time constants are ours.
    """

    tau = Param(100 * ms)
    eta = Param(1.0)
    w_max = Param(4.0)
    tag = Tag(tau=tau)
    dtag = pre * post.acted
    dw = eta * post.error * tag
    bounds = (-w_max, w_max)
    polarity = "mixed"


class ActionCell(NeuronModel):
    """Weighs two actions, one after the other, and spikes for the first of them.

    Sutton & Barto 1998: a choice by sigmoid(beta * difference), and the error of a
    running mean of rewards. ``go`` is +1 or -1 in the step of the choice: which action
    came first. The event ``acted`` is the step of the action, ``outcome`` that of its
    reward or of none.
    """

    beta = Param(1.0)
    rate = Param(0.1)
    option = Port()
    reward = Port()
    go = Modulator(low=-1.0, high=1.0)
    act = Modulator(low=0.0, high=1.0)
    outcome = Modulator(low=0.0, high=1.0)
    luck = Noise(low=0.0, high=1.0)
    difference = State(leak=0.0)
    first = State(leak=0.0)
    surprise = State(leak=0.0)
    value = State()
    ddifference = go * (first - option)
    dfirst = option
    dsurprise = outcome * (reward - value)
    dvalue = rate * outcome * (reward - value)
    spike = abs_(go) * sigmoid(beta * difference) > luck
    acted = Event(act > 0.5)
    error = Output(surprise, low=-1.0, high=1.0)


class HoldingArm(NeuronModel):
    """An arm of a bandit that keeps what a visit earned until it is delivered.

    The task of delayed rewards: Sutton & Barto 1998, Reinforcement Learning.
    """

    pays = Port()
    visit = Port()
    deliver = Modulator(low=0.0, high=1.0)
    held = State(reset=0.0)
    dheld = where(visit > 0.5, where(pays > 0.5, 1.0 - held, 0.0 - held), 0.0)
    spike = deliver * held > 0.5
