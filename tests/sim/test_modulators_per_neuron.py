"""A modulator may differ between the neurons of the group that reads it."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import (
    Group,
    Hz,
    Modulator,
    Network,
    NeuronModel,
    Port,
    Projection,
    Rule,
    State,
    Tag,
    Trace,
    ms,
    post,
    pre,
)
from lahar.rules.language import as_neuron, as_rule

STEPS, POSTS = 80, 4


class Driven(NeuronModel):
    """A leaky integrator that a current of its own drives."""

    current = Port()
    drive = Modulator(low=-1.0, high=1.0)
    v = State(leak=10 * ms, reset=0.0)
    dv = current + drive
    spike = v > 1.5


class Rewarded(Rule):
    """A tag times a reward."""

    reward = Modulator(low=-1.0, high=1.0)
    x = Trace(pre, tau=20 * ms)
    eligibility = Tag(tau=200 * ms)
    deligibility = 0.06 * x * post
    dw = 0.25 * reward * eligibility
    bounds = (0.0, 1.0)


def network() -> Network:
    weights, rule = np.full((POSTS, 6), 0.5), as_rule(Rewarded)
    return Network(
        "per_neuron",
        (Group("in", 6), Group("out", POSTS, as_neuron(Driven))),
        (Projection("syn", "in", "out", weights, rule=rule),),
        dt_seconds=1 * ms,
    )


def stimulus(reward: np.ndarray, drive: np.ndarray) -> lahar.Stimulus:
    spikes = np.random.default_rng(3).random((STEPS, 6)) < 0.1
    return lahar.Stimulus({"in": spikes}, {"reward": reward, "drive": drive})


def signals() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    return random.uniform(-1, 1, (STEPS, POSTS)), random.uniform(0, 0.5, (STEPS, POSTS))


def test_all_integer_backends_agree_on_it_bit_for_bit() -> None:
    program = lahar.compile(network(), rate=100 * Hz, post_rate=300 * Hz)
    given = stimulus(*signals())

    verdict = lahar.validate(program, ("sim", "interpreter", "lava"), given, STEPS)

    assert verdict.level == "identical"


def test_each_neuron_reads_its_own_column_and_no_other() -> None:
    program = lahar.compile(network(), rate=100 * Hz, post_rate=300 * Hz)
    reward, drive = signals()
    alone = {}
    for j in range(POSTS):
        given = stimulus(reward[:, j], drive[:, j])
        alone[j] = lahar.run(program, given, STEPS, "interpreter", record="all")
    given = stimulus(reward, drive)
    together = lahar.run(program, given, STEPS, "interpreter", record="all")

    for j in range(POSTS):
        for name in ("out.s_out", "out.v"):
            np.testing.assert_array_equal(together[name][:, j], alone[j][name][:, j])
    spikes = together["out.s_out"]
    assert len({column.tobytes() for column in spikes.T}) == POSTS


def test_the_reference_learns_from_it_and_replays_it() -> None:
    program = lahar.compile(network(), rate=100 * Hz, post_rate=300 * Hz)
    reward, drive = signals()
    given = stimulus(reward, drive)
    closed = lahar.run(program, given, STEPS, "reference", record="all")
    chip = lahar.run(program, given, STEPS, "interpreter", record="all")
    opened = lahar.run(program, backend="reference", steps=STEPS, given=chip)
    shared = lahar.run(
        program, stimulus(reward[:, 0], drive), STEPS, "reference", record="all"
    )

    lahar.compare(chip, opened).require()
    differs = closed.final["syn.weights"] != shared.final["syn.weights"]
    assert not differs[0].any()
    assert differs[1:].any()


def test_a_column_for_each_neuron_needs_as_many_columns() -> None:
    program = lahar.compile(network(), rate=100 * Hz, post_rate=300 * Hz)
    reward, drive = signals()

    with pytest.raises(lahar.LaharError, match=r"has shape \(80, 3\)"):
        lahar.run(program, stimulus(reward[:, :3], drive), STEPS)
