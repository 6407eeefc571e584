"""A rule of more than one synapse's means is learned by connections that add up."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar import (
    Modulator,
    Param,
    Program,
    Recording,
    Rule,
    Tag,
    Trace,
    every,
    ms,
    post,
    pre,
    w,
)
from lahar.compiler.demonstration import network_of_rule
from lahar.hardware.chips import get_chip
from lahar.hardware.program import SignMode
from lahar.hardware.value import Value
from lahar.rules.expr import Const
from lahar.rules.language import as_rule
from lahar.rules.rule import LearningRule

MIXED, EXCITATORY, INHIBITORY = (
    SignMode.MIXED,
    SignMode.EXCITATORY,
    SignMode.INHIBITORY,
)


class TwoEligibilities(Rule):
    """Potentiation and depression leave tags of different length; reward reads both.

    He et al. 2015, Neuron 88:528-538: distinct eligibility traces for LTP and LTD;
    Gerstner et al. 2018, Frontiers in Neural Circuits 12:53.
    """

    tau_p = Param(500 * ms)
    tau_d = Param(200 * ms)
    x = Trace(pre, tau=20 * ms)
    y = Trace(post, tau=20 * ms)
    tag_p = Tag(tau=tau_p)
    tag_d = Tag(tau=tau_d)
    reward = Modulator(low=-1.0, high=1.0)
    dtag_p = 0.10 * x * post
    dtag_d = 0.15 * y * pre
    dw = 0.01 * reward * (tag_p - tag_d)
    bounds = (0.0, 1.0)


class ThreePreTraces(Rule):
    """A kernel of three exponentials before the post spike."""

    a = Trace(pre, tau=5 * ms)
    b = Trace(pre, tau=20 * ms)
    c = Trace(pre, tau=50 * ms)
    y = Trace(post, tau=20 * ms)
    dw = post * (0.02 * a + 0.01 * b - 0.008 * c) - 0.01 * y * pre
    bounds = (0.0, 1.0)


class FourPostTraces(Rule):
    """A kernel of four exponentials after the post spike."""

    a = Trace(post, tau=5 * ms)
    b = Trace(post, tau=20 * ms)
    c = Trace(post, tau=50 * ms)
    d = Trace(post, tau=80 * ms)
    dw = pre * (0.02 * a + 0.01 * b - 0.008 * c - 0.005 * d)
    bounds = (0.0, 1.0)


class TwoPeriods(Rule):
    """Terms that are evaluated every 4 and every 16 steps."""

    x = Trace(pre, tau=20 * ms)
    y = Trace(post, tau=20 * ms)
    dw = 0.002 * every(4) * x - 0.004 * every(16) * y
    bounds = (0.0, 1.0)


class DampedKernel(Rule):
    """Three pre traces, and a term of w that every connection has to learn."""

    a = Trace(pre, tau=5 * ms)
    b = Trace(pre, tau=20 * ms)
    c = Trace(pre, tau=50 * ms)
    y = Trace(post, tau=20 * ms)
    dw = post * (0.02 * a + 0.01 * b + 0.008 * c) - 0.1 * w * y * pre
    bounds = (0.0, 1.0)


KERNEL = as_rule(ThreePreTraces)
RULES: dict[str, LearningRule] = {
    "two eligibilities": as_rule(TwoEligibilities),
    "three pre traces": KERNEL,
    "four post traces": as_rule(FourPostTraces),
    "two periods": as_rule(TwoPeriods),
    "damped kernel": as_rule(DampedKernel),
    "inhibitory kernel": replace(KERNEL, polarity="inhibitory"),
    "mixed kernel": replace(KERNEL, polarity="mixed", bounds=(Const(-1.0), Const(1.0))),
}


def compiled(name: str, **options: object) -> Program:
    return lahar.compile(RULES[name], pre=8, post=4, **options)


# --- what goes where --------------------------------------------------------------


def products_of(program: Program) -> list[list[str]]:
    """Give the terms of each connection, as the user wrote them."""
    return [
        [t.term for t in program.report.terms if t.connection == c.name]
        for c in program.connections
    ]


def test_a_tag_stays_whole_with_the_terms_that_read_it() -> None:
    assert products_of(compiled("two eligibilities")) == [
        ["0.01 * reward * tag_p", "0.1 * post * x", "decay of tag_p"],
        ["-0.01 * reward * tag_d", "0.15 * pre * y", "decay of tag_d"],
    ]


def test_terms_of_one_period_share_a_connection() -> None:
    program = compiled("two periods")

    exponents = [
        c.learning and c.learning.decimate_exponent for c in program.connections
    ]
    assert sorted(exponents, key=str) == [2, 4]
    assert sum(len(terms) for terms in products_of(program)) == 2


def test_a_factor_of_the_weight_is_learned_by_all_connections() -> None:
    first, second = products_of(compiled("damped kernel"))

    assert set(first) & set(second) == {"-0.1 * pre * y * w"}
    assert len({*first, *second}) == 4


@pytest.mark.parametrize(
    ("name", "modes"),
    [
        ("two eligibilities", (EXCITATORY, MIXED)),
        ("damped kernel", (EXCITATORY, EXCITATORY)),
        ("two periods", (EXCITATORY, MIXED)),
        ("mixed kernel", (MIXED, MIXED)),
    ],
)
def test_parts_take_the_signs_that_their_terms_give_them(
    name: str, modes: tuple[SignMode, ...]
) -> None:
    assert tuple(c.sign_mode for c in compiled(name).connections) == modes


def test_one_connection_stores_the_initial_weights_as_it_would_alone() -> None:
    alone = replace(KERNEL, updates=(replace(KERNEL.updates[0], expr=Const(0.1)),))
    one = lahar.compile(alone, pre=8, post=4).connections[0]
    first, second = compiled("three pre traces").connections

    np.testing.assert_array_equal(first.weights, one.weights)
    assert not second.weights.any()
    assert first.weight_exponent == second.weight_exponent


def test_a_falling_part_starts_halfway_and_all_integers_add_up() -> None:
    # It gets the whole range below and, mixed weights being even, the other the rest.
    program = compiled("two periods")
    rising, falling = program.connections
    one = lahar.compile(lahar.rules.library.RULES["stdp"], pre=8, post=4).connections[0]

    assert set(np.unique(rising.weights)) <= {0, 1, 2}
    assert falling.weights.min() > 40
    np.testing.assert_array_equal(rising.weights + falling.weights, one.weights)


def test_parts_draw_from_random_streams_of_their_own() -> None:
    offsets = [
        c.learning and c.learning.seed_offset
        for c in compiled("damped kernel").connections
    ]

    assert len(set(offsets)) == 2


def test_names_that_a_network_uses_are_left_alone() -> None:
    network = network_of_rule(KERNEL, dt_seconds=1 * ms, pre=3, post=2)
    (learns,) = network.projections
    fixed = replace(learns, name="synapse.1", rule=None)
    program = lahar.compile(replace(network, projections=(learns, fixed)))

    names = [c.name for c in program.connections]
    assert names == ["synapse.2", "synapse.3", "synapse.1"]
    assert program.sums[0].connections == ("synapse.2", "synapse.3")


def test_a_rule_that_fits_one_connection_has_no_sum() -> None:
    assert lahar.compile(lahar.rules.library.RULES["stdp-reward"]).sums == ()


def test_a_published_number_of_products_splits_a_rule_too() -> None:
    limit = Value(2, "product", "a made-up data sheet", "high")
    chip = replace(get_chip("loihi2"), name="few", products_per_rule=limit)

    program = compiled("four post traces", chip=chip)

    lengths = [len(c.learning.products) for c in program.connections if c.learning]
    assert sum(len(terms) for terms in products_of(program)) == 4
    assert len(lengths) > 2
    assert max(lengths) <= 2


# --- that it follows the rule ----------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_a_split_rule_stays_within_its_budget(name: str) -> None:
    validation = open_loop(compiled(name), steps=300, seed=3)

    assert validation.level == "within budget"
    (check,) = validation.worst.budgets
    assert check.connection == "synapse"
    assert check.travel > 2  # it learned
    assert check.bound < (300 if name == "two eligibilities" else 64)


def open_loop(program: Program, steps: int, seed: int) -> lahar.Validation:
    return lahar.validate(
        program,
        ("interpreter", "reference"),
        steps=steps,
        seed=seed,
        profile="loihi2",
        record=("*.s_out", "post.*"),
    )


# --- what a run shows -------------------------------------------------------------


def recorded(name: str, record: object = "all") -> Recording:
    return lahar.run(compiled(name), steps=40, backend="interpreter", record=record)


@pytest.mark.parametrize("name", RULES)
def test_the_sum_is_what_a_spike_brings(name: str) -> None:
    recording = recorded(name)
    spikes = np.asarray(recording["pre.s_out"], np.int64)
    arrived = sum(np.asarray(recording[f"synapse.{k}.a_out"], np.int64) for k in (1, 2))

    # What arrives in a step left in the step before, with the weights before that.
    brought = np.einsum("tji,ti->tj", recording["synapse.weights"][:-2], spikes[1:-1])

    # A negative exponent floors what each connection brings.
    exponent = compiled(name).connections[0].weight_exponent
    off = np.abs(arrived[2:] - brought * 2.0**exponent)
    assert off.max() <= (2 if exponent < 0 else 0)
    assert arrived.any()
    if "mixed" not in name:
        assert (arrived.sum() < 0) == (name == "inhibitory kernel")


def test_the_rules_weight_is_recorded_by_its_name() -> None:
    recording = recorded("two eligibilities", record=["synapse.weights"])

    parts = [recording[f"synapse.{k}.weights"] for k in (1, 2)]
    np.testing.assert_array_equal(recording["synapse.weights"], parts[0] + parts[1])
    assert set(recording.names) == {
        "synapse.1.weights",
        "synapse.2.weights",
        "synapse.weights",
    }
    assert recording.view("synapse.weights").scale == 255.0


def test_a_recording_keeps_the_sum_in_its_file(tmp_path) -> None:
    recording = recorded("three pre traces")
    recording.save(tmp_path / "rec.h5")

    loaded = lahar.load_recording(tmp_path / "rec.h5")

    name = "synapse.weights"
    np.testing.assert_array_equal(loaded[name], recording[name])
    assert loaded.checksum == recording.checksum


def test_the_reference_runs_the_rule_as_it_was_written() -> None:
    program = compiled("two eligibilities")

    recording = lahar.run(program, steps=5, backend="reference", record="all")

    assert {"synapse.weights", "synapse.1.tag_1", "synapse.2.tag_1"} <= set(
        recording.names
    )
    assert "synapse.1.weights" not in recording  # the rule knows no such thing


def test_without_learning_all_parts_still_act() -> None:
    program = compiled("three pre traces").frozen()

    runs = [
        lahar.run(program, "poisson:rate=100Hz", 30, backend, record="all", seed=2)
        for backend in ("interpreter", "reference")
    ]

    verdict = lahar.compare(*runs)
    assert verdict.level == "metrics"
    assert verdict.metrics["post.v"]["correlation"] > 0.999


def test_other_weights_of_a_part_are_not_the_rules() -> None:
    program = compiled("three pre traces")
    changed = np.full_like(program.connection("synapse.2").weights, 40)
    program = program.with_weights({"synapse.2": changed})

    with pytest.raises(lahar.LaharError, match="S456"):
        lahar.run(program, steps=5, backend="reference")


def test_a_split_program_survives_its_file(tmp_path) -> None:
    program = compiled("two eligibilities")
    program.save(tmp_path / "split.lahar")

    loaded = lahar.load(tmp_path / "split.lahar")

    assert loaded == program
    assert loaded.report == program.report


# --- Lava -------------------------------------------------------------------------

on_lava = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava runs on Python 3.10 only"
)


def assert_identical(name: str, ours: str, steps: int, seed: int) -> None:
    verdict = lahar.validate(compiled(name), (ours, "lava"), steps=steps, seed=seed)

    verdict.require()
    assert verdict.level == "identical"
    learned = {v.name: v.by for v in verdict.variables if v.name.endswith("weights")}
    assert set(learned) == {"synapse.1.weights", "synapse.2.weights", "synapse.weights"}
    assert set(learned.values()) == {"lava"}


@on_lava
def test_two_eligibilities_are_identical_on_lava() -> None:
    assert_identical("two eligibilities", "interpreter", steps=120, seed=7)


@on_lava
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["two eligibilities", "two periods", "damped kernel", "inhibitory kernel"]
)
def test_a_split_rule_is_identical_on_lava_for_long(name: str) -> None:
    assert_identical(name, "sim", steps=400, seed=1)
