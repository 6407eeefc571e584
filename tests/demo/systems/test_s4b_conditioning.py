"""S4b: cues come to stand for rewards, and a host's surprise says how fast."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import compound_trials as compounds
from lahar.demo.systems import pavlovian_trials as trials
from lahar.demo.systems import s4b_conditioning as s4b
from lahar.demo.systems.frame import Arithmetic


@pytest.fixture(scope="module")
def quick_figures(arithmetic: Arithmetic) -> dict[str, float]:
    return dict(s4b.measure(arithmetic, 1, quick=True).figures)


def test_half_of_the_trials_make_cues_stand_for_their_rewards(quick_figures) -> None:
    assert quick_figures["before"] < 0.5
    assert quick_figures["worst"] > 0.85


def test_patterns_are_as_far_apart_as_the_paper_asks() -> None:
    drawn = trials.patterns(np.random.default_rng(1), 4)

    apart = np.abs(drawn[:, None] - drawn[None, :]).sum(axis=2)

    assert (apart[~np.eye(4, dtype=bool)] >= trials.APART).all()


@pytest.mark.slow
def test_no_surprise_changes_no_weight() -> None:
    animal = trials.Animal("loihi2", 1, 2)

    before = animal.weights()
    for _ in range(3):
        animal.respond(animal.cues[1])
    animal.learn(animal.cues[1], animal.rewards[1], 0.99 / trials.GRAIN)
    unsurprised = animal.weights()
    animal.trial(animal.cues[1], 1)

    assert np.array_equal(unsurprised, before)
    assert not np.array_equal(animal.weights(), before)


def test_a_learned_cue_blocks_a_second_one_by_the_gate_alone(
    arithmetic: Arithmetic,
) -> None:
    before, blocked = compounds.compound(arithmetic, 3, pretrained=True)
    _, ungated = compounds.compound(arithmetic, 3, pretrained=True, gated=False)

    assert blocked - before <= 0.04
    assert ungated > 0.9


def test_both_populations_learn_by_one_surprise(arithmetic: Arithmetic) -> None:
    cues = compounds.TwoCues(arithmetic, 3)
    first, second = cues.first.weights(), cues.second.weights()

    cues.trial((1.0, 1.0), gated=True)

    assert np.array_equal(cues.first.rewards, cues.second.rewards)
    assert not np.array_equal(first, second)
    assert not np.array_equal(cues.first.weights(), first)
    assert not np.array_equal(cues.second.weights(), second)


def test_the_rates_of_a_reward_are_those_the_soma_comes_to_without_its_dendrite() -> (
    None
):
    drawn = trials.network(1, trials.PAPER)
    reward = trials.patterns(np.random.default_rng(1), 1)[0]

    rates = trials.rates_of_reward(drawn, reward)

    assert rates.std() > 0.1
    assert ((rates > 0) & (rates < 1)).all()


def test_what_lava_repeats_is_long_enough() -> None:
    _, given, steps = s4b.judged()

    assert steps >= 500
    assert all(len(values) == steps for values in given.spikes.values())
