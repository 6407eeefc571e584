"""S13a: a reward that comes late is credited to the action that earned it."""

from __future__ import annotations

import numpy as np

from lahar.demo.systems import s13a_delayed_reward as s13a
from lahar.demo.systems.frame import Arithmetic, run_in


def test_rewards_come_when_they_are_delivered_and_not_before() -> None:
    trials = 20
    steps = trials * s13a.PERIOD
    given = s13a.stimulus(1, trials, 0, 1)

    run = run_in("reference", s13a.program(("long",), 1), given, steps, ["arm.s_out"])

    rewarded = np.flatnonzero(run["arm.s_out"].sum(axis=1))
    delivered = np.flatnonzero(given.modulators["deliver"])
    assert 0 < len(rewarded) < trials
    assert set(rewarded) <= set(delivered)


def test_sixty_trials_are_enough_to_see_which_tag_is_long_enough(
    arithmetic: Arithmetic,
) -> None:
    figures = s13a.measure(arithmetic, 1, quick=True).figures

    assert figures["long"] > 0.7
    assert figures["short"] < 0.7
