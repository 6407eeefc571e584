"""S2: cells compete by a softmax, and states that look alike part."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import s2_state_machine as s2
from lahar.demo.systems.frame import Arithmetic


def test_positions_that_look_alike_part_in_forty_trials(arithmetic: Arithmetic) -> None:
    figures = s2.measure(arithmetic, 1, quick=True).figures

    assert figures["start grey"] > figures["end grey"] + 0.05
    assert figures["end before"] > 0.7


def test_an_input_spikes_only_where_its_observation_is_seen() -> None:
    seen = np.asarray(s2.stimulus(4, 3).spikes["seen"]).reshape(
        4, len(s2.NEAR), 20, s2.SEEN, -1
    )
    on = s2.tracks(4, 3)

    cue = seen[:, 6:10].sum(axis=(1, 2, 4))

    assert (cue[on == 0, 2] > 0).all()
    assert (cue[on == 1, 3] > 0).all()
    assert (cue[on == 0, 3] == 0).all()
    assert seen.sum(axis=(0, 1, 2)).max() <= 4 * 520 / s2.INPUT_SILENT


def test_the_first_block_below_a_correlation_is_counted_in_trials() -> None:
    assert s2.first_below(np.array([0.5, 0.3, 0.1, 0.3])) == 2 * s2.EVERY
    assert s2.first_below(np.array([0.5, 0.3])) == s2.TRIALS


def test_parting_is_looked_for_at_every_trial() -> None:
    rates = np.random.default_rng(1).random((60, len(s2.NEAR), 5))

    finely = s2.courses(rates, s2.tracks(60, 3), s2.EVERY)
    coarsely = s2.courses(rates, s2.tracks(60, 3))

    assert len(finely["after"]) == 60 - s2.BLOCK + 1
    assert finely["after"][-1] == coarsely["after"][-1]


@pytest.mark.parametrize(
    ("parted", "passes"), [(8, True), (5, True), (4, False), (0, False)]
)
def test_five_of_eight_seeds_have_to_part(parted: int, passes: bool) -> None:
    (end,) = (c for c in s2.EXPERIMENT.criteria if c.figure == "end reward 1")
    (share,) = (c for c in s2.EXPERIMENT.criteria if c.figure == "reward 1 parts")
    ends = [-0.05] * parted + [0.7] * (8 - parted)

    for criterion, figures in ((end, ends), (share, [float(e < 0.15) for e in ends])):
        (judged,) = criterion.deciding(figures)
        assert criterion.passes(judged) == passes


def test_places_that_part_together_have_no_order() -> None:
    (order,) = (c for c in s2.EXPERIMENT.criteria if c.figure == "after to reward 1")

    assert order.passes(*order.deciding([0.0, 4.0, 4.0]))
    assert not order.passes(*order.deciding([0.0, 0.0, 4.0]))


@pytest.mark.slow
def test_plasticity_between_cells_parts_the_tracks_and_nothing_else_does() -> None:
    on = s2.tracks(200, 5)

    last = {
        learns: s2.courses(s2.rates_of("loihi2", 5, 200, learns_sequences=learns), on)[
            "reward 1"
        ][-1]
        for learns in (True, False)
    }

    assert last[True] < s2.PARTED
    assert last[False] > 0.5
