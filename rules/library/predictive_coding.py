"""Predictive coding with local rules: neurons of errors, neurons of causes, two rules.

An error neuron is told what is there and hears what was predicted; a cause hears its
errors and changes until they are small. A synapse has to know a signed error of its
source, so an error neuron speaks at a tonic rate, more of it or less; causes take that
rate away again, as they hear it whenever all errors are silent.
"""

from __future__ import annotations

from ..expr import clip, post, pre, where
from ..language import NeuronModel, Rule
from ..symbols import Graded, Modulator, Output, Param, Port, State

TONIC = 1.0
"""What an error neuron sends that has no error; the largest error on either side."""


class PredictionHebb(Rule):
    """A prediction grows by the error it left, times the cause that made it.

    Rao & Ballard 1999, Nature Neuroscience 2:79-87; Whittington & Bogacz 2017,
    Neural Computation 29:1229-1262: dW = eta * error * cause, once a cause has settled.
    """

    eta = Param(0.4)
    w_max = Param(1.0)
    dw = eta * pre.value * post.error
    bounds = (0.0, w_max)
    polarity = "excitatory"


class ErrorHebb(Rule):
    """The way back learns by the same product, with its ends exchanged.

    Rao & Ballard 1999 and Whittington & Bogacz 2017 take the transpose, which no
    synapse knows; what starts as it stays near it. The error is what is sent above the
    tonic rate.
    """

    eta = Param(0.4)
    tonic = Param(TONIC)
    w_max = Param(1.0)
    dw = eta * post.cause * (pre.value - tonic)
    bounds = (0.0, w_max)
    polarity = "excitatory"


class InputHebb(Rule):
    """A prediction from an input grows by the error of the cause that it predicts.

    Whittington & Bogacz 2017, for the layer above the input.
    """

    eta = Param(0.04)
    w_max = Param(0.8)
    dw = eta * pre.value * post.deviation
    bounds = (-w_max, w_max)
    polarity = "mixed"


class SignedPredictionHebb(Rule):
    """PredictionHebb with weights of both signs."""

    eta = Param(0.04)
    w_max = Param(1.5)
    dw = eta * pre.value * post.error
    bounds = (-w_max, w_max)
    polarity = "mixed"


class SignedErrorHebb(Rule):
    """ErrorHebb with weights of both signs."""

    eta = Param(0.04)
    tonic = Param(TONIC)
    w_max = Param(1.5)
    dw = eta * post.cause * (pre.value - tonic)
    bounds = (-w_max, w_max)
    polarity = "mixed"


class PredictionError(NeuronModel):
    """What is there less what was predicted, sent as a rate above or below a tonic one.

    Rao & Ballard 1999; that a rate codes errors of both signs is ours, two cells with a
    rate each are usual. ``listen`` is 1 where all errors are silent, ``learn`` where
    synapses learn.
    """

    tonic = Param(TONIC)
    predicted = Port()
    target = Modulator(low=0.0, high=1.0)
    listen = Modulator(low=0.0, high=1.0)
    learn = Modulator(low=0.0, high=1.0)
    e = State(leak=0.0)
    de = target - predicted
    send = Graded(
        tonic + (1.0 - listen) * clip(e, -tonic, tonic), low=0.0, high=2.0 * TONIC
    )
    error = Output(learn * e, low=-1.0, high=1.0)


class Cause(NeuronModel):
    """A cause of what is seen: never negative, it grows while errors ask for more.

    Rao & Ballard 1999, the linear form: dr = rate * (feedback - prior). ``tonic`` is
    what silent errors send, as it was heard last; it is taken from the feedback. While
    they are silent the cause is 0.
    """

    rate = Param(1.0 / 64.0)
    prior = Param(0.032)
    most = Param(2.0)
    feedback = Port()
    listen = Modulator(low=0.0, high=1.0)
    learn = Modulator(low=0.0, high=1.0)
    tonic = State()
    dtonic = where(listen > 0.5, feedback - tonic, 0.0)
    r = State(leak=0.0)
    dr = where(
        listen > 0.5, 0.0, clip(r + rate * (feedback - tonic - prior), 0.0, most)
    )
    send = Graded(r, low=0.0, high=2.0)
    cause = Output(learn * r, low=0.0, high=2.0)


class HiddenCause(NeuronModel):
    """A cause that an input predicts, and that predicts an output.

    Whittington & Bogacz 2017: dx = rate * (expected - x + f'(x) * feedback).
    f is a rectifier that saturates, so that f' is 0 or 1. While errors are silent, x is
    what is expected; ``deviation``, how far x then moves, is the neuron's own error.
    """

    rate = Param(0.3)
    most = Param(2.0)
    feedback = Port()
    expected = Port()
    listen = Modulator(low=0.0, high=1.0)
    learn = Modulator(low=0.0, high=1.0)
    tonic = State()
    dtonic = where(listen > 0.5, feedback - tonic, 0.0)
    x = State(leak=0.0)
    dx = where(
        listen > 0.5,
        expected,
        x
        + rate * (expected - x)
        + rate * where((x > 0.0) * (x < most) > 0.0, feedback - tonic, 0.0),
    )
    send = Graded(clip(x, 0.0, 2.0), low=0.0, high=2.0)
    cause = Output(learn * clip(x, 0.0, 2.0), low=0.0, high=2.0)
    deviation = Output(learn * (x - expected), low=-0.5, high=0.5)
