"""The ranges of what a neuron sends to its synapses."""

from __future__ import annotations

import numpy as np

import lahar
from lahar import ms
from lahar.compiler.sent_values import quantity_range
from lahar.rules.library import NEURONS
from lahar.rules.parser import parse_rule
from lahar.sim.recording import in_rule_units

RULE = parse_rule("""
rule R:
    trace x = pre, tau 20 ms
    dw = 0.01 * x * post.v_pre_reset
    bounds = [0.0, 1.0]
""")


def test_a_state_before_its_reset_has_room_beyond_the_threshold() -> None:
    neuron = NEURONS["lif"].with_params(threshold=0.8)

    assert quantity_range(neuron, "v") == (-0.8, 0.8)
    assert quantity_range(neuron, "v_pre_reset") == (-1.6, 1.6)


def test_what_a_spike_overshoots_is_sent() -> None:
    neuron = NEURONS["lif"].with_params(threshold=1.0)
    weights = np.full((1, 2), 0.7)
    projection = lahar.Projection("syn", "in", "n", weights, rule=RULE)
    groups = (lahar.Group("in", 2), lahar.Group("n", 1, neuron))
    program = lahar.compile(lahar.Network("net", groups, (projection,), 1 * ms))
    spikes = lahar.Stimulus({"in": np.arange(10)[:, None] == np.array([[4, 4]])})

    recording = lahar.run(program, spikes, 10, "interpreter", record="all")

    name = next(v.variable for v in program.views if v.variable == "n.syn_v_pre_reset")
    sent = in_rule_units(recording[name], recording.view(name))
    assert recording["n.s_out"].sum() == 1
    assert 1.3 < sent.max() < 1.5
