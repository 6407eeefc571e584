"""Networks in which names, modulators and quantities meet each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar import Group, Hz, LaharError, Network, Program, Projection, ms
from lahar.hardware.consistency import check_consistency
from lahar.rules.library import NEURONS, RULES
from lahar.rules.neuron import Neuron
from lahar.rules.parser import parse_neuron, parse_rule
from lahar.rules.rule import LearningRule

ERROR_LIF = NEURONS["error-lif"]
WEIGHTS = np.full((2, 3), 0.5)
MIXED = np.full((2, 3), 0.1)


def network(*rules: LearningRule, neuron: Neuron = ERROR_LIF) -> Network:
    """Give each rule a projection from one input onto a group of its own."""
    groups = [Group("in", 3)]
    projections = []
    for k, rule in enumerate(rules):
        groups.append(Group(f"out{k}", 2, neuron))
        weights = WEIGHTS if rule.polarity != "mixed" else MIXED
        projections.append(Projection(f"p{k}", "in", f"out{k}", weights, rule=rule))
    return Network("net", tuple(groups), tuple(projections), 1 * ms)


def rule(body: str) -> LearningRule:
    return parse_rule(f"rule Mine:\n{body}")


def gated_by(low: float, high: float) -> LearningRule:
    return rule(f"    modulator m in [{low}, {high}]\n    dw = 0.1 * m * pre\n")


def learns_within_budget(program: Program, steps: int = 200) -> bool:
    names = ("interpreter", "reference")
    stimulus = "poisson:rate=100Hz"
    found = lahar.validate(program, names, stimulus, steps, profile="loihi2")
    return found.level == "within budget"


# --- modulators -------------------------------------------------------------------


def test_a_modulator_has_one_scale_and_the_range_of_all_its_readers() -> None:
    program = lahar.compile(network(gated_by(-1.0, 4.0), gated_by(-2.0, 1.0)))

    (m,) = [m for m in program.modulators if m.name == "m"]

    assert m.ports == (("out0", "m"), ("out1", "m"))
    assert (m.scale, m.low, m.high) == (63.0, -63, 63)
    assert learns_within_budget(program)


def test_a_modulator_without_negative_values_is_clipped_at_zero() -> None:
    program = lahar.compile(network(gated_by(0.0, 0.5)))

    (m,) = [m for m in program.modulators if m.name == "m"]

    assert (m.low / m.scale, m.high / m.scale) == (0.0, 0.5)


def test_rule_and_neuron_share_a_modulator_of_one_name() -> None:
    teaching = rule(
        "    modulator teacher in [-1.0, 1.0]\n    dw = 0.1 * teacher * pre\n"
    )
    program = lahar.compile(network(teaching))

    (teacher,) = program.modulators

    assert teacher.ports == (("out0", "teacher"),)


def test_a_modulator_called_like_an_output_is_not_the_output() -> None:
    both = rule("    modulator error in [-1.0, 1.0]\n    dw = 0.1 * error * pre\n")
    program = lahar.compile(network(both))
    stimulus = lahar.Stimulus(
        {"in": np.ones((50, 3), np.uint8)},
        {"error": np.linspace(-1, 1, 50), "teacher": np.zeros(50)},
    )

    run = lahar.run(program, stimulus, 50, "interpreter", record=["out0.*"])

    sent = (run["out0.p0_error"] - 64) / run.view("out0.p0_error").scale
    assert np.abs(sent[:, 0] - np.linspace(-1, 1, 50)).max() < 1.1 / 16


# --- names ------------------------------------------------------------------------

OWN_X = """neuron Own:
    port current
    state x, leak 20 ms, reset 0.0
    dx = current
    spike = x > 1.0
    output level = 0.5 * x in [-1.0, 1.0]
"""


@pytest.mark.parametrize("quantity", ["post.x", "post.level", "abs(post.x)"])
def test_a_quantity_may_be_called_like_a_trace(quantity: str) -> None:
    name = "level" if "level" in quantity else "x"
    mine = rule(f"""
    trace {name} = pre, tau 20 ms
    dw = 0.05 * {name} * post - 0.05 * pre * {quantity}
    """)

    program = lahar.compile(network(mine, neuron=parse_neuron(OWN_X)))

    slots = program.connection("p0").learning
    assert slots is not None
    assert set(slots.traces) == {"x1"}
    assert set(slots.third_factors) == {"y1"}
    assert learns_within_budget(program)


def test_any_text_may_be_a_name() -> None:
    net = network(RULES["delta"])
    net = replace(
        net,
        groups=(Group("the input", 3), Group("1. layer", 2, ERROR_LIF)),
        projections=(
            replace(
                net.projections[0], name="a.b c", source="the input", target="1. layer"
            ),
        ),
    )

    program = lahar.compile(net)

    assert check_consistency(program) == []
    assert learns_within_budget(program)


def test_a_group_and_a_projection_of_one_name_are_refused() -> None:
    net = network(RULES["stdp"])
    same = replace(net.projections[0], name="in")

    with pytest.raises(LaharError, match=r"R131.*`in` twice"):
        lahar.compile(replace(net, projections=(same,)))


# --- shapes -----------------------------------------------------------------------


def test_two_rules_learn_onto_one_group() -> None:
    net = network(RULES["delta"], RULES["stdp-reward"])
    onto_one = replace(net.projections[1], target="out0")
    program = lahar.compile(
        replace(net, groups=net.groups[:2], projections=(net.projections[0], onto_one))
    )

    neuron = program.population("out0").neuron
    assert neuron is not None
    sent = {c.name: c.learning.third_factors for c in program.connections if c.learning}
    outputs = {o.name for o in neuron.outputs}
    assert set(sent["p0"].values()) | set(sent["p1"].values()) == outputs
    assert learns_within_budget(program)


def test_a_group_may_learn_onto_itself() -> None:
    net = network(RULES["stdp"])
    around = Projection(
        "around", "out0", "out0", np.full((2, 2), 0.3), rule=RULES["stdp"]
    )

    both = replace(net, projections=(*net.projections, around))
    program = lahar.compile(both, rate=100 * Hz)  # traces stop counting where it is 20

    assert learns_within_budget(program)


def test_a_group_without_synapses_keeps_its_threshold() -> None:
    alone = Group("alone", 2, NEURONS["lif"].with_params(threshold=400.0, bias=30.0))
    program = lahar.compile(Network("net", (alone,), (), 1 * ms))
    quiet = lahar.Stimulus()

    run = lahar.run(program, quiet, 200, "interpreter", record=["alone.s_out"])
    model = lahar.run(program, quiet, 200, "reference", record=["alone.s_out"])

    assert 2 < model["alone.s_out"].sum() / 2 < 100
    assert run["alone.s_out"].sum() == pytest.approx(model["alone.s_out"].sum(), abs=2)


# --- epochs -----------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [1, 4, 16])
def test_an_ungated_rule_learns_at_the_same_speed_in_any_epoch(epoch: int) -> None:
    toward = rule("    dw = 0.0078125 * (0.8 - w)\n")
    program = lahar.compile(network(toward), epoch=epoch)
    names = ["*.s_out", "out0.*"]

    chip = lahar.run(program, None, 160, "interpreter", record=names, profile="loihi2")
    model = lahar.run(program, None, 160, "reference", given=chip, record=None)

    got = chip.final["p0.weights"] / chip.view("p0.weights").scale
    assert got.mean() == pytest.approx(model.final["p0.weights"].mean(), abs=0.01)
