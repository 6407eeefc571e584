"""B07: what inhibition learns about a cue, and what replay makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems.b07_replay import EXPERIMENT, LAP_STEPS, PLACE, laps, measure
from lahar.demo.systems.frame import Arithmetic
from lahar.demo.systems.replayed_order import population_events


def test_a_sweep_over_the_track_is_an_event_in_order_and_a_volley_is_none() -> None:
    spikes = np.zeros((200, PLACE), np.bool_)
    spikes[20 + np.arange(30), np.arange(30)] = True
    spikes[21 + np.arange(30), np.arange(30)] = True
    spikes[120, ::2] = True

    sweep, volley = population_events(spikes)

    assert sweep.order > 0.99
    assert volley.order == 0.0


def test_cue_cells_fire_at_another_place_in_each_lap() -> None:
    track = laps(12, 3).spikes["track"].reshape(12, LAP_STEPS, -1)
    middle = [
        np.average(np.arange(LAP_STEPS), weights=lap[:, PLACE:].sum(1)) for lap in track
    ]

    assert np.std(middle) > LAP_STEPS / 20


def test_a_few_laps_already_teach_inhibition_the_cue(arithmetic: Arithmetic) -> None:
    figures = measure(arithmetic, 4, quick=True).figures

    assert figures["onto cue"] > 2
    assert figures["learned"] < figures["uniform"]


@pytest.mark.slow
def test_replay_meets_every_bar_on_the_chip() -> None:
    figures = measure("loihi2", 5).figures

    missed = [c.name for c in EXPERIMENT.criteria if not c.passes(figures[c.figure])]
    assert missed == []
