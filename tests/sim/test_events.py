"""A second kind of event of a neuron: gates, traces, and every backend alike."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import (
    Event,
    LaharError,
    NeuronModel,
    Port,
    Rule,
    State,
    Trace,
    ms,
    post,
    pre,
    w,
)
from lahar.rules.check import check_neuron, check_rule_on_neuron
from lahar.rules.parser import parse_neuron, parse_rule
from lahar.rules.printer import print_neuron, print_rule
from lahar.rules.rule import LearningRule

STEPS = 400


class Pyramidal(NeuronModel):
    """A soma that spikes and an apical dendrite with plateaus."""

    basal = Port()
    apical = Port()
    a = State(leak=30 * ms)
    v = State(leak=20 * ms, reset=0.0)
    seen = State(leak=0.0)
    da = apical
    dv = basal
    spike = v > 1.0
    plateau = Event(a > 0.7)
    both = Event((v > 1.0) * (a > 0.7))
    r = Trace(plateau, tau=50 * ms)
    dseen = plateau


class Gated(Rule):
    """Learns at plateaus alone."""

    x = Trace(pre, tau=40 * ms)
    dw = 0.02 * x * post.plateau - 0.01 * w * post.plateau


class Traced(Rule):
    """Has a trace of plateaus."""

    x = Trace(pre, tau=40 * ms)
    z = Trace(post.both, tau=30 * ms)
    dw = 0.02 * x * post.both - 0.01 * z * pre


class Mixed(Rule):
    """Hears spikes and plateaus."""

    x = Trace(pre, tau=40 * ms)
    y = Trace(post, tau=20 * ms)
    z = Trace(post.plateau, tau=30 * ms)
    dw = (
        0.02 * x * post.plateau
        - 0.01 * w * post
        + 0.01 * z.before * pre
        - 0.01 * y * pre
    )


RULES = (Gated.declared, Traced.declared, Mixed.declared)


def program_of(*rules: LearningRule) -> lahar.Program:
    random = np.random.default_rng(0)
    learning = tuple(
        lahar.Projection(
            f"syn{k}", "in", "n", random.uniform(0, 0.3, (5, 12)), "basal", rule
        )
        for k, rule in enumerate(rules)
    )
    apical = lahar.Projection(
        "ap", "in", "n", random.uniform(0, 0.06, (5, 12)), "apical"
    )
    groups = (lahar.Group("in", 12), lahar.Group("n", 5, Pyramidal.declared))
    return lahar.compile(
        lahar.Network("net", groups, (*learning, apical), 1 * ms), rate=80.0
    )


def stimulus() -> lahar.Stimulus:
    return lahar.Stimulus({"in": np.random.default_rng(1).random((STEPS, 12)) < 0.08})


def run(
    program: lahar.Program, backend: str = "interpreter", **more: object
) -> lahar.Recording:
    return lahar.run(program, stimulus(), STEPS, backend, record="all", **more)  # type: ignore[arg-type]


def test_events_survive_the_text_form() -> None:
    text = print_neuron(Pyramidal.declared)

    assert parse_neuron(text) == Pyramidal.declared
    assert "event plateau = a > 0.7" in text
    assert "trace r = plateau, tau 50 ms" in text
    for rule in RULES:
        assert parse_rule(print_rule(rule)) == rule


def test_an_event_is_what_its_condition_says_before_the_reset() -> None:
    recording = run(program_of(Gated.declared), profile="lava-0.10")

    both = recording["n.both"] != 0
    assert both.any()
    np.testing.assert_array_equal(
        both, (recording["n.s_out"] != 0) & (recording["n.plateau"] != 0)
    )
    # A drive reads the event of the step before.
    seen = recording["n.seen"][1:] != 0
    np.testing.assert_array_equal(seen, recording["n.plateau"][:-1] != 0)


def test_a_rule_that_hears_events_alone_is_gated_by_them() -> None:
    learning = program_of(Gated.declared).connection("syn0")

    assert learning.feedback == {"event": "n_plateau"}
    assert learning.learning is not None
    assert {p.gate for p in learning.learning.products} == {"y0"}
    assert not learning.learning.third_factors


def test_the_report_names_the_event_that_gates_a_term() -> None:
    terms = [t.term for t in program_of(Gated.declared).report.terms]

    assert terms == ["0.02 * post.plateau * x", "-0.01 * post.plateau * w"]


def test_of_two_kinds_spikes_gate_and_events_are_sent() -> None:
    learning = program_of(Mixed.declared).connection("syn0")

    assert not learning.feedback
    assert learning.learning is not None
    assert set(learning.learning.third_factors.values()) == {
        *("syn0_y", "syn0_z", "syn0_plateau"),
    }


@pytest.mark.parametrize(
    "profile", ["loihi2", pytest.param("lava-0.10", marks=pytest.mark.slow)]
)
def test_kernels_and_interpreter_hear_the_same_events(profile: str) -> None:
    program = program_of(*RULES)

    runs = [run(program, backend=b, profile=profile) for b in ("sim", "interpreter")]

    lahar.compare(*runs).require()


@pytest.mark.slow
def test_lava_hears_the_same_events() -> None:
    program = program_of(*RULES)

    runs = [run(program, backend=b, profile="lava-0.10") for b in ("sim", "lava")]

    verdict = lahar.compare(*runs)
    verdict.require()
    assert {f"syn{k}.weights" for k in range(3)} <= {v.name for v in verdict.variables}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_reference_learns_at_the_same_events(rule: LearningRule) -> None:
    program = program_of(rule)
    recording = run(program)

    reference = run(program, backend="reference", given=recording)

    lahar.compare(recording, reference).require()
    moved = np.abs(reference["syn0.weights"][-1] - reference["syn0.weights"][0])
    assert moved.max() > 0.1


def test_the_reference_raises_the_same_events() -> None:
    recording, reference = (
        run(program_of(Gated.declared), b) for b in ("interpreter", "reference")
    )

    differ = (recording["n.plateau"] != 0) != (reference["n.plateau"] != 0)
    assert (recording["n.plateau"] != 0).any()
    assert differ.mean() < 0.1


def test_a_trace_of_what_is_no_event_is_refused() -> None:
    rule = parse_rule("rule R:\n    trace z = post.a, tau 20 ms\n    dw = z * pre\n")

    problems = check_rule_on_neuron(rule, Pyramidal.declared)

    assert [p.code for p in problems] == ["R158"]


def test_a_trace_of_a_neuron_follows_its_spikes_or_events_only() -> None:
    text = "neuron N:\n    port i\n    state v\n    dv = i\n    spike = v > 1\n"

    neuron = parse_neuron(text + "    trace r = v, tau 20 ms\n")

    assert [d.code for d in check_neuron(neuron)] == ["R141"]


def test_a_condition_cannot_read_an_event_of_its_own_step() -> None:
    text = "neuron N:\n    port i\n    state v\n    dv = i\n    event e = v > 1\n"

    neuron = parse_neuron(text + "    event f = e > 0\n")

    assert [d.code for d in check_neuron(neuron)] == ["R130"]


def test_a_network_of_an_event_that_the_neuron_lacks_is_refused() -> None:
    rule = parse_rule(
        "rule R:\n    trace x = pre, tau 20 ms\n    dw = x * post.burst\n"
    )

    with pytest.raises(LaharError) as caught:
        program_of(rule)

    assert [d.code for d in caught.value.diagnostics] == ["R146"]
