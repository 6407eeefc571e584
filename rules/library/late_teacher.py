"""Learning from a teacher who speaks late: the rule waits as long as the teacher does.

A parallel fibre's spike makes a Purkinje cell fire at once; the climbing fibre says 120
ms later what was wrong with it. A synapse cannot wait so long by a trace and still know
the moment. Here the fibre says everything twice, and only one of both is heard: steps
come in pairs, one in which the cell listens to fibres, one in which echoes arrive.
"""

from __future__ import annotations

from ..expr import post, pre
from ..language import NeuronModel, Rule
from ..symbols import Graded, Modulator, Output, Param, Port, State


class LateTeacher(Rule):
    """A spike of a fibre that meets the climbing fibre's signal changes its weight.

    Suvrathan, Payne & Raymond 2016, Neuron 92:959-967: plasticity of parallel fibres
    is tuned to the delay of the circuit's feedback, some 120 ms in the flocculus. The
    spike that meets it is the echo. ``eta`` is ours.
    """

    eta = Param(0.002)
    w_max = Param(0.25)
    dw = eta * pre * post.teach
    bounds = (-w_max, w_max)
    polarity = "mixed"


class PurkinjeCell(NeuronModel):
    """A cell whose simple spikes follow its fibres, and whose complex spikes teach.

    Suvrathan, Payne & Raymond 2016, Neuron 92:959-967. ``phase`` is 1 in the steps in
    which fibres are heard. What is sent is how far the movement is off; it comes back
    to the port ``climbing``. Rates are graded values around those at rest.
    """

    fibre = Port()
    climbing = Port()
    target = Modulator(low=-1.0, high=1.0)
    phase = Modulator(low=0.0, high=1.0)
    simple = State(leak=0.0)
    dsimple = phase * fibre
    send = Graded(phase * (target - simple), low=-1.0, high=1.0)
    teach = Output(climbing, low=-1.0, high=1.0)
