"""Bursting cells: what they send, and how often an event becomes a burst."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar import Hz, ms
from lahar.rules.library.burst_spikes import BurstingPyramid, EventRelay, RateTeacher
from lahar.rules.network import Group, Network, Projection

CELLS, STEPS = 100, 2000
P_B, WINDOW = 0.375, 16


def sent_by_cells(bias: float, apical: float = 0.0) -> lahar.Recording:
    """Run cells with a relay each; an input spikes in every step at their dendrites."""
    net = Network(
        "cells",
        (
            Group("above", 1),
            Group("cells", CELLS, BurstingPyramid(bias=bias)),
            Group("relays", CELLS, EventRelay()),
        ),
        (
            Projection("down", "above", "cells", np.full((CELLS, 1), apical), "apical"),
            Projection("up", "cells", "relays", np.eye(CELLS)),
        ),
        dt_seconds=1 * ms,
    )
    program = lahar.compile(net, rate=1000 * Hz)
    given = lahar.Stimulus({"above": np.ones((STEPS, 1))})
    names = ["cells.s_out", "relays.s_out"]
    return lahar.run(program, given, STEPS, "reference", record=names, seed=1)


def share_of_bursts(sent: npt.NDArray[np.float64]) -> float:
    return float((sent > 0).sum() / (sent < 0).sum())


@pytest.mark.parametrize(("bias", "low", "high"), [(0.55, 3, 8), (1.0, 15, 30)])
def test_as_many_events_become_bursts_at_any_rate(
    bias: float, low: float, high: float
) -> None:
    sent = sent_by_cells(bias)["cells.s_out"]

    rate = 1000 * (sent < 0).mean()
    assert low < rate < high
    assert share_of_bursts(sent) == pytest.approx(P_B, abs=0.06)


def test_what_arrives_at_the_dendrite_decides_about_bursts_and_not_events() -> None:
    usual = sent_by_cells(0.55)["cells.s_out"]
    above = sent_by_cells(0.55, apical=0.02)["cells.s_out"]
    below = sent_by_cells(0.55, apical=-0.02)["cells.s_out"]

    assert share_of_bursts(above) > 0.9
    assert share_of_bursts(below) < 0.05
    events = [(sent < 0).sum() for sent in (below, usual, above)]
    assert max(events) < 1.25 * min(events)


def test_a_burst_follows_its_event_within_the_window_and_once() -> None:
    sent = sent_by_cells(0.6)["cells.s_out"]

    assert set(np.unique(sent)) == {-P_B, 0.0, 1.0}
    for cell in sent.T:
        steps = np.flatnonzero(cell)
        bursts = np.flatnonzero(cell[steps] > 0)
        assert (cell[steps[bursts - 1]] < 0).all()
        assert (np.diff(steps)[bursts - 1] <= WINDOW).all()


def test_a_relay_spikes_a_step_after_each_event() -> None:
    run = sent_by_cells(0.55)

    events = run["cells.s_out"][:-1] < 0
    np.testing.assert_array_equal(run["relays.s_out"][1:] > 0, events)


def test_a_teacher_says_what_is_missing_while_it_speaks() -> None:
    net = Network(
        "teacher",
        (Group("events", 10), Group("teacher", 1, RateTeacher())),
        (Projection("mean", "events", "teacher", np.full((1, 10), 0.1)),),
        dt_seconds=1 * ms,
    )
    spikes = np.zeros((4000, 10))
    spikes[::100] = 1.0  # 10 Hz
    speaks = np.repeat([1.0, 0.0], 2000)
    told = {"target": np.full(4000, 12.0), "teach": speaks}

    run = lahar.run(
        lahar.compile(net, rate=20 * Hz),
        lahar.Stimulus({"events": spikes}, told),
        4000,
        "reference",
        record=["teacher.s_out"],
    )

    said = run["teacher.s_out"][:, 0]
    assert said[1000:2000].mean() == pytest.approx(2.0, abs=0.1)
    assert (said[2000:] == 0).all()
