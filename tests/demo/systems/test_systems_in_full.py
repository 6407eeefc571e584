"""Systems that are said to work: the whole experiment on its own seed, and Lava."""

from __future__ import annotations

import importlib.util

import pytest

from lahar.demo.lava_check import compare_with_lava
from lahar.demo.listener import NobodyListens
from lahar.demo.systems.frame import DECIDING, LAVA_STEPS
from lahar.demo.systems.registry import find_experiment, modules, system_of
from lahar.rules.systems import SYSTEMS

SEED = 3
"""Neither one that the bars were judged on, nor a reason to change them."""

STATUS = {system.id: system.status for system in SYSTEMS}
WORKING = [i for i in modules() if STATUS.get(system_of(i)) == "works"]


@pytest.mark.slow
@pytest.mark.parametrize("identity", WORKING)
def test_a_system_that_works_meets_its_criteria(identity: str) -> None:
    experiment = find_experiment(identity)

    measured = experiment.measure(DECIDING, SEED, False)

    missed = {
        criterion.name: measured.figures[criterion.figure]
        for criterion in experiment.criteria
        if not all(
            criterion.passes(value)
            for value in criterion.deciding([measured.figures[criterion.figure]])
        )
    }
    assert missed == {}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("lava") is None, reason="needs Lava")
@pytest.mark.parametrize("identity", WORKING)
def test_lava_repeats_every_bit_of_a_system_that_works(identity: str) -> None:
    program, stimulus, steps = find_experiment(identity).judged()

    check = compare_with_lava(program, stimulus, steps, 0, NobodyListens())

    (verdict,) = check.verdicts.values()
    assert verdict.level == "identical"
    assert verdict.steps >= LAVA_STEPS
