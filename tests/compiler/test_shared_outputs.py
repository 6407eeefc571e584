"""Rules that want the same of a neuron share an output, and expressions their parts."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import ms
from lahar.compiler.common_operations import without_repeats
from lahar.hardware.program import Op
from lahar.rules.parser import parse_neuron, parse_rule

STEPS = 300

NEURON = parse_neuron("""
neuron N:
    port i
    port j
    state a, leak 30 ms
    da = j
    state v, leak 20 ms, reset 0.0
    dv = i
    spike = v > 1.0
    output err = a * v - 0.3 * a in [-1.0, 1.0]
    output other = 2.0 * (a * v - 0.3 * a) - 0.1 in [-2.0, 2.0]
""")
FAST, SLOW = (
    parse_rule(f"""
rule R{k}:
    trace x = pre, tau {tau} ms
    dw = {rate} * x * abs(post.err) - {rate} * post * w
    bounds = [0.0, 1.0]
""")
    for k, (tau, rate) in enumerate([(20, 0.04), (45, 0.017)])
)
SIGNED = parse_rule("""
rule S:
    trace x = pre, tau 20 ms
    dw = 0.02 * x * post.err
    bounds = [-1.0, 1.0]
    polarity = mixed
""")


def program_of(*rules: lahar.rules.rule.LearningRule) -> lahar.Program:
    random = np.random.default_rng(0)
    projections = tuple(
        lahar.Projection(
            f"s{k}", "in", "n", random.uniform(0, 0.2, (4, 9)), "ij"[k % 2], rule
        )
        for k, rule in enumerate(rules)
    )
    groups = (lahar.Group("in", 9), lahar.Group("n", 4, NEURON))
    return lahar.compile(lahar.Network("net", groups, projections, 1 * ms))


def outputs(program: lahar.Program) -> list[str]:
    neuron = program.population("n").neuron
    assert neuron is not None
    return [o.name for o in neuron.outputs]


def run(
    program: lahar.Program, backend: str = "interpreter", **more: object
) -> lahar.Recording:
    spikes = {"in": np.random.default_rng(1).random((STEPS, 9)) < 0.08}
    stimulus = lahar.Stimulus(spikes)
    return lahar.run(program, stimulus, STEPS, backend, record="all", **more)  # type: ignore[arg-type]


def test_rules_that_send_the_same_expression_share_its_output() -> None:
    program = program_of(FAST, SLOW)

    assert outputs(program) == ["s0_f1"]
    sent = [c.learning.third_factors for c in program.connections if c.learning]
    assert sent == [{"y1": "s0_f1"}, {"y1": "s0_f1"}]


def test_other_expressions_have_outputs_of_their_own() -> None:
    assert outputs(program_of(FAST, SIGNED)) == ["s0_f1", "s1_err"]


@pytest.mark.parametrize(
    "profile", ["loihi2", pytest.param("lava-0.10", marks=pytest.mark.slow)]
)
def test_backends_agree_on_what_is_shared(profile: str) -> None:
    program = program_of(FAST, SLOW, SIGNED)

    runs = [run(program, backend=b, profile=profile) for b in ("sim", "interpreter")]

    lahar.compare(*runs).require()


def test_each_rule_learns_from_a_shared_output_what_the_reference_does() -> None:
    program = program_of(FAST, SLOW)
    recording = run(program)

    reference = run(program, backend="reference", given=recording)

    verdict = lahar.compare(recording, reference)
    verdict.require()
    assert {v.name for v in verdict.variables} == {"s0.weights", "s1.weights"}


@pytest.mark.slow
def test_lava_sends_a_shared_output_to_both() -> None:
    program = program_of(FAST, SLOW, SIGNED)

    runs = [run(program, backend=b, profile="lava-0.10") for b in ("sim", "lava")]

    lahar.compare(*runs).require()


def test_equal_parts_of_several_outputs_are_computed_once() -> None:
    neuron = program_of(FAST).population("n").neuron
    assert neuron is not None

    products = [op for op in neuron.ops if op.code == "mul"]
    assert len({op.args for op in products}) == len(products)
    assert sum(set(op.args) == {"a", "v"} for op in products) == 1


def test_what_was_written_between_two_operations_makes_them_differ() -> None:
    twice = (
        Op("add", "t", ("v", 1)),
        Op("copy", "v", ("t",)),
        Op("add", "s", ("v", 1)),
        Op("add", "r", ("v", 1)),
        Op("sub", "u", ("r", "s")),
    )

    kept = without_repeats(twice, {"v", "u"})

    assert kept == (*twice[:3], Op("sub", "u", ("s", "s")))
