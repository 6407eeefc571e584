"""Rules may read what the source sends: `pre.value`, and traces of it."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.rules.library import LIF
from lahar.rules.network import Group, Network, Projection
from lahar.rules.parser import parse_rule
from lahar.rules.printer import print_rule
from lahar.sim.recording import in_rule_units

NOW = """\
rule Now:
    trace y = post, tau 20 ms
    dw = 0.05 * pre.value * y - 0.02 * pre
"""
BOTH = """\
rule Both:
    trace x = pre.value, tau 20 ms, nearest
    dw = 0.05 * post * x - 0.02 * pre.value
"""
SUMMED = """\
rule Summed:
    trace x = pre.value, tau 20 ms
    trace s = pre, tau 10 ms
    dw = 0.05 * post * x - 0.01 * pre - 0.01 * post * s
"""


def network(rule, low=0.0) -> Network:
    rule = parse_rule(rule) if isinstance(rule, str) else rule
    learns = Projection("p", "in", "out", np.full((3, 4), 0.4), rule=rule)
    groups = (Group("in", 4, graded=(low, 1.0)), Group("out", 3, LIF(threshold=0.9)))
    return Network("values", groups, (learns,), dt_seconds=1 * lahar.ms)


def values(steps: int, share: float = 0.1) -> lahar.Stimulus:
    random = np.random.default_rng(7)
    given = random.uniform(0.1, 1.0, (steps, 4)) * (random.random((steps, 4)) < share)
    given[:, 3] = 0.0
    return lahar.Stimulus({"in": given})


@pytest.mark.parametrize("rule", [NOW, BOTH, SUMMED])
def test_weights_learn_from_values_as_the_reference_does(rule):
    program = lahar.compile(network(rule))

    stored = lahar.run(program, values(150), 150, "interpreter", record="all")
    meant = lahar.run(program, None, 150, "reference", given=stored)

    got = in_rule_units(stored.final["p.weights"], stored.view("p.weights"))
    wanted = meant.final["p.weights"]
    learned = np.abs(wanted - 0.4).max()
    assert learned > 0.05
    assert np.abs(got - wanted).max() < 0.02 + 0.12 * learned


@pytest.mark.parametrize("rule", [NOW, BOTH, SUMMED])
def test_lava_learns_from_values_alike(rule):
    program = lahar.compile(network(rule))

    verdict = lahar.validate(program, ("interpreter", "lava"), values(80), 80)

    assert verdict.level == "identical"


@pytest.mark.parametrize(
    "profile", ["loihi2", pytest.param("lava-0.10", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("rule", [NOW, BOTH, SUMMED])
def test_kernels_learn_from_values_alike(rule, profile):
    program = lahar.compile(network(rule))

    verdict = lahar.validate(
        program, ("sim", "interpreter"), values(80), 80, profile=profile
    )

    assert verdict.level == "identical"


def test_x1_holds_half_of_what_was_sent():
    program = lahar.compile(network(NOW))

    run = lahar.run(program, values(60), 60, record=["p.x1", "in.s_out"])

    sent = run["in.s_out"]
    assert np.array_equal(run["p.x1"][sent != 0], np.rint(sent[sent != 0] / 2))
    close = in_rule_units(run["p.x1"], run.view("p.x1"))[sent != 0]
    assert np.abs(close - np.asarray(values(60).spikes["in"])[sent != 0]).max() < 0.008


def test_where_nothing_is_sent_the_value_is_0():
    rule = parse_rule("rule Gated:\n    dw = 0.1 * post * pre.value\n")
    program = lahar.compile(network(rule))

    run = lahar.run(program, values(100, 0.3), 100, "interpreter")
    weights = run.final["p.weights"]

    assert len(np.unique(weights[:, 3])) == 1
    assert (weights[:, :3] > weights[0, 3]).any()


def test_the_value_of_a_plain_spike_is_1():
    rule, spikes = parse_rule(NOW), parse_rule(NOW.replace("pre.value", "pre"))

    products = [lahar.compile(r).connections[0].learning for r in (rule, spikes)]

    assert products[0] == products[1]


def test_a_class_says_the_same_as_the_text():
    class Both(lahar.Rule):
        x = lahar.Trace(lahar.pre.value, tau=20 * lahar.ms, pairing="nearest")
        dw = 0.05 * lahar.post * x - 0.02 * lahar.pre.value

    assert Both() == parse_rule(BOTH)
    assert parse_rule(print_rule(Both())) == Both()


def test_negative_values_are_refused_with_what_to_do():
    with pytest.raises(LaharError, match="positive and the negative part"):
        lahar.compile(network(NOW, low=-1.0))


@pytest.mark.parametrize(
    "line",
    [
        "    trace z = pre.value, tau 5 ms\n    dw = post * x + post * z\n",
        "    dw = post * x.before\n",
        "    dw = post * x + pre.value\n",
    ],
)
def test_what_one_trace_cannot_hold_is_refused(line):
    rule = "rule R:\n    trace x = pre.value, tau 9 ms\n" + line

    with pytest.raises(LaharError, match="follows what is sent in one trace"):
        lahar.compile(network(rule))
