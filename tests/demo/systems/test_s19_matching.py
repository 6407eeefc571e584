"""S19: choices match rewards where the rule has an expectation."""

from __future__ import annotations

import numpy as np

from lahar.demo.systems import s19_matching as s19
from lahar.demo.systems.frame import Arithmetic, run_in


def test_a_fly_is_rewarded_only_in_an_arm_that_was_baited() -> None:
    trials = 60
    steps = trials * s19.TRIAL_STEPS + 1
    given = s19.stimulus(trials, 3)
    record = ["enter.s_out", "arm.s_out"]

    run = run_in("reference", s19.program(), given, steps, record, 3)

    visited, rewarded = run["enter.s_out"], run["arm.s_out"]
    baited = np.cumsum(given.spikes["bait"], axis=0) > 0
    assert rewarded.sum() > 0
    assert not (rewarded > visited).any()
    assert not (rewarded[1:] > baited[:-1]).any()


def test_light_takes_the_expectation_away_and_nothing_else(
    arithmetic: Arithmetic,
) -> None:
    measured = s19.measure(arithmetic, 3, quick=True)

    light, reward = (measured.figures[f"{c}_reward"] for c in ("light", "reward"))
    assert 0.2 < light < 0.45
    assert 0.2 < reward < 0.45
    assert measured.figures["reward_extreme"] <= 0.25
