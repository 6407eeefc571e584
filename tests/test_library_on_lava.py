"""Every library rule, one Program on the simulator and on Lava: equal in every bit.

Lava is an independent judge: all learning is its own LearningDense. The long form is
100 inputs, 20 neurons, 1,000 steps and two seeds for rules that bring a kind of
product, trace or gate that no rule before them has, and smaller for the others.
"""

from __future__ import annotations

import importlib.util
import math

import pytest

import lahar
from lahar.hardware.variables import state_variables
from lahar.hardware.weight_sums import variable_of, variables_summed
from lahar.rules.library import RULES

needs_lava = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava runs on Python 3.10 only"
)
PROFILE = "lava-0.10"
LONGEST = ("stdp", "stdp-nearest", "stdp-multiplicative", "stdp-inhibitory")
LONGEST += ("stdp-reward", "delta", "oja")
# A sign of the weight, a sign of the tag, two connections, the longest neuron program;
# the other rules bring nothing more, and run with the slow tests.
SHORT = (*LONGEST, "stdp-power-law", "calcium", "eligibility-two-taus", "burst")


def assert_identical(
    program: lahar.Program, ours: str, stimulus: str, steps: int, seed: int
) -> None:
    backends = (ours, "lava")
    run, lava = (
        lahar.run(program, stimulus, steps, b, PROFILE, record="all", seed=seed)
        for b in backends
    )

    verdict = lahar.compare(run, lava)

    verdict.require()
    state = {v.name: math.prod(v.shape) for v in state_variables(program)}
    # The weights of a rule that was split are the sum of its connections' weights.
    sums = {variable_of(s): state[variables_summed(s)[0]] for s in program.sums}
    assert verdict.level == "identical"
    assert {v.name for v in verdict.variables} == state.keys() | sums.keys()
    compared = sum(state.values()) + sum(sums.values())
    assert verdict.values_compared == steps * compared
    learned = [v for v in verdict.variables if v.name.endswith("weights")]
    assert {v.by for v in learned if v.name in state} == {"lava"}
    weights = run["synapse.weights"]
    assert (weights[-1] != weights[0]).any(), "a rule that learns nothing shows nothing"


@needs_lava
@pytest.mark.parametrize("rule", SHORT)
def test_a_library_rule_is_identical_on_lava(rule: str) -> None:
    # The kernels equal the interpreter (tests/sim); it needs no compilation here.
    program = lahar.compile(RULES[rule], chip="loihi2", pre=20, post=5, dt=1 * lahar.ms)

    assert_identical(program, "interpreter", "poisson:rate=60Hz", steps=80, seed=7)


@needs_lava
@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("rule", LONGEST)
def test_a_library_rule_is_identical_on_lava_for_long(rule: str, seed: int) -> None:
    program = lahar.compile(RULES[rule], chip="loihi2", dt=1 * lahar.ms)

    assert_identical(program, "sim", "poisson:rate=20Hz", steps=1000, seed=seed)


@needs_lava
@pytest.mark.slow
@pytest.mark.parametrize("rule", [name for name in RULES if name not in LONGEST])
def test_the_other_rules_are_identical_for_some_time(rule: str) -> None:
    program = lahar.compile(RULES[rule], "loihi2", pre=40, post=10, dt=1 * lahar.ms)

    assert_identical(program, "interpreter", "poisson:rate=20Hz", steps=400, seed=1)
