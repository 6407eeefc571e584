"""Every library rule, one Program on the simulator and on Lava: equal in every bit.

Lava is an independent judge: all learning is its own LearningDense. The long form is
the issue's bar (100 inputs, 20 neurons, 1,000 steps, 3 seeds).
"""

from __future__ import annotations

import importlib.util

import pytest

import lahar
from lahar.hardware.variables import state_variables
from lahar.rules.library import RULES

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava runs on Python 3.10 only"
)


def assert_identical(rule: str, ours: str, steps: int, seed: int) -> None:
    program = lahar.compile(RULES[rule], chip="loihi2", dt=1 * lahar.ms)

    verdict = lahar.validate(program, (ours, "lava"), steps=steps, seed=seed)

    verdict.require()
    state = state_variables(program)
    values = steps * sum(_size(v.shape) for v in state)
    assert verdict.level == "identical"
    assert {v.name for v in verdict.variables} == {v.name for v in state}
    assert verdict.values_compared == values
    learned = {v.name: v.by for v in verdict.variables if v.name.endswith("weights")}
    assert set(learned.values()) == {"lava"}


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


@pytest.mark.parametrize("rule", RULES)
def test_a_library_rule_is_identical_on_lava(rule):
    # The kernels equal the interpreter (tests/sim); it needs no compilation here.
    assert_identical(rule, "interpreter", steps=120, seed=7)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("rule", RULES)
def test_a_library_rule_is_identical_on_lava_for_long(rule, seed):
    assert_identical(rule, "sim", steps=1000, seed=seed)
