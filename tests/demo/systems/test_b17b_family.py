"""B17b: rules that were screened in float64 behave on the chip as they did there."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import b17b_family as b17b
from lahar.demo.systems.rule_screening import (
    DRAWN,
    PIECE,
    SEED,
    Screened,
    draw_rules,
    far_apart,
    screen,
    screened,
    write,
)


def test_the_table_has_the_rules_that_the_seed_draws() -> None:
    assert tuple(one.rule for one in screened()) == draw_rules(DRAWN, SEED)


def test_a_rule_that_ran_away_does_so_again() -> None:
    wild = next(one for one in screened() if np.isinf(one.rate))

    assert not screen(wild.rule).kept


@pytest.mark.slow
def test_a_rule_that_was_kept_is_kept_again() -> None:
    kept = next(one for one in screened() if one.kept)

    again = screen(kept.rule)

    assert again.kept
    assert again.rate == pytest.approx(kept.rate, rel=0.02)


def test_rules_that_are_chosen_are_distinct_and_were_kept() -> None:
    kept = {one.rule for one in screened() if one.kept}

    assert len(set(b17b.accepted())) == b17b.RULES
    assert set(b17b.accepted()) <= kept


def test_far_rules_are_chosen_before_near_ones() -> None:
    first, near, far = draw_rules(3, 1)
    near = type(near)(first.alpha + 0.01, *[getattr(first, n) for n in _OTHERS])
    found = [Screened(rule, 10.0, 0.0, 1.0) for rule in (first, near, far)]

    assert far_apart(found, 2) == (first, far)


def test_a_written_table_reads_back(tmp_path) -> None:
    found = [Screened(rule, 10.0, 0.05, 1.1) for rule in draw_rules(2, 1)]

    write(found, tmp_path / "rules.csv")

    assert screened(tmp_path / "rules.csv") == tuple(found)


@pytest.mark.slow
def test_rates_on_the_chip_are_those_of_float64_after_half_a_second() -> None:
    figures = b17b.measure("loihi2", 3, quick=True).figures

    assert figures["replicated"] >= 3
    assert figures["slowest"] > 1
    assert figures["fastest"] < 60


def test_judged_is_long_enough_and_learns_everywhere() -> None:
    _, given, steps = b17b.judged()

    assert steps >= PIECE
    assert given.spikes["input"].shape[0] == steps


_OTHERS = ("beta", "gamma", "kappa", "tau_pre", "tau_post")
