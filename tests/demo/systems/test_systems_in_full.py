"""Systems that are said to work: the whole experiment on seeds of its own, and Lava."""

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

SEVERAL = range(11, 16)
"""In place of it where bars are of more than three seeds: one says too little then."""

STATUS = {system.id: system.status for system in SYSTEMS}
WORKING = [i for i in modules() if STATUS.get(system_of(i)) == "works"]


@pytest.mark.slow
@pytest.mark.parametrize("identity", WORKING)
def test_a_system_that_works_meets_its_criteria(identity: str) -> None:
    experiment = find_experiment(identity)

    seeds = SEVERAL if len(experiment.seeds) > 3 else (SEED,)
    figures = [experiment.measure(DECIDING, seed, False).figures for seed in seeds]

    judged = {
        criterion: criterion.deciding([f[criterion.figure] for f in figures])
        for criterion in experiment.criteria
    }
    missed = {c.name: v for c, v in judged.items() if not all(map(c.passes, v))}
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
