"""Kernels of listed synapses give the interpreter's bits, whatever learns there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lahar
from lahar import Group, Network, Projection, Sparse, Stimulus, ms
from lahar.hardware.profile import Profile, find_profile
from lahar.hardware.program import Program
from lahar.rules.library import NEURONS, RULES
from lahar.sim import kernel_threads
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.kernel_lists import lists_of
from lahar.sim.stimulus import poisson, prepare

PRE, POST, STEPS = 23, 19, 24
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
Same = Callable[[Trajectory, Trajectory], None]


def network(rule: str | None, *, delays: bool, mixed: bool = False) -> Network:
    """Two groups that are sparsely joined, and one of them to itself."""
    random = np.random.default_rng(5)
    learned = None if rule is None else RULES[rule]
    groups = (Group("in", PRE), Group("out", POST, NEURONS["lif"]))
    projections = []
    for name, source, pre in (("a", "in", PRE), ("b", "out", POST)):
        post_of, pre_of = np.nonzero(random.random((POST, pre)) < 0.3)
        weights = random.uniform(-0.5 if mixed else 0.0, 1.0, post_of.size)
        listed = Sparse(pre=pre_of, post=post_of, weights=weights, shape=(POST, pre))
        later: Any = 0
        if delays:
            later = listed.with_values(random.integers(0, 4, listed.pairs.count))
        projections.append(
            Projection(name, source, "out", listed, rule=learned, delay=later)
        )
    return Network("n", groups, tuple(projections), dt_seconds=1 * ms)


def inputs_of(program: Program) -> Inputs:
    stimulus = poisson(program, 90.0, STEPS, 0.001, 1)
    rewards = np.random.default_rng(0).random(STEPS) * (np.arange(STEPS) % 5 == 0)
    given = {m.name: rewards for m in program.modulators}
    return prepare(program, Stimulus(stimulus.spikes, given), STEPS)


@pytest.mark.parametrize("profile", ["loihi2", "lava-0.10"])
@pytest.mark.parametrize("epoch", [1, 4])
@pytest.mark.parametrize("delays", [False, True])
@pytest.mark.parametrize("rule", [None, "stdp", "stdp-reward", "stdp-triplet", "oja"])
def test_they_are_the_interpreters_bits(
    rule: str | None,
    delays: bool,
    epoch: int,
    profile: str,
    run_plain: RunAll,
    interpret: RunAll,
    assert_same: Same,
) -> None:
    program = lahar.compile(network(rule, delays=delays), epoch=epoch)
    inputs, arithmetic = inputs_of(program), find_profile(profile)

    wanted = interpret(program, inputs, STEPS, arithmetic, 3)
    found = run_plain(program, inputs, STEPS, arithmetic, 3)

    assert wanted.variables["out.s_out"].any()
    assert_same(wanted, found)


def test_weights_of_both_signs_are_listed_too(
    run_plain: RunAll, interpret: RunAll, assert_same: Same
) -> None:
    program = lahar.compile(network(None, delays=False, mixed=True))
    assert program.connections[0].weights.min() < 0
    inputs, profile = inputs_of(program), find_profile("loihi2")

    assert_same(
        interpret(program, inputs, STEPS, profile, 3),
        run_plain(program, inputs, STEPS, profile, 3),
    )


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_no_bit(
    threads: int, monkeypatch: pytest.MonkeyPatch, assert_same: Same, interpret: RunAll
) -> None:
    monkeypatch.setattr(kernel_threads, "pays", lambda program: True)
    monkeypatch.setenv("LAHAR_THREADS", str(threads))
    program = lahar.compile(network("stdp", delays=False))
    inputs, profile = inputs_of(program), find_profile("loihi2")
    wanted = interpret(program, inputs, STEPS, profile, 3)
    names = frozenset(wanted.variables)

    from lahar.sim.kernels import execute

    found = execute(program, inputs, STEPS, profile=profile, record=names, seed=3)

    assert_same(wanted, found)


@pytest.mark.parametrize(("post", "width"), [(1 << 16, 2), ((1 << 16) + 1, 4)])
def test_places_take_two_bytes_where_these_are_enough(post: int, width: int) -> None:
    random = np.random.default_rng(0)
    post_of = np.append(random.integers(0, post, 40), post - 1)
    pre_of = np.arange(post_of.size)
    shape = (post, pre_of.size)
    listed = Sparse(pre=pre_of, post=post_of, weights=1.0, shape=shape)
    groups = (Group("in", pre_of.size), Group("out", post, NEURONS["lif"]))
    projection = Projection("a", "in", "out", listed, rule=RULES["stdp"])
    plan = Network("n", groups, (projection,), dt_seconds=1 * ms)
    (connection,) = lahar.compile(plan, chip="loihi2:hala-point").connections

    lists = lists_of(connection, find_profile("lava-0.10"))

    assert lists["post_of"].dtype == np.dtype(f"u{width}")
    np.testing.assert_array_equal(lists["post_of"], post_of)
    np.testing.assert_array_equal(
        pre_of[lists["column_synapses"]], lists["column_pres"]
    )
