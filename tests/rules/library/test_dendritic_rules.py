"""The voltage rule and the burst rule against what their papers show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lahar.rules.library import BurstDependent, Clopath

REST = (30.0, 55.0, 80.0, 105.0)


# --- voltage ----------------------------------------------------------------------


def test_a_pre_spike_at_rest_changes_nothing(told: Callable) -> None:
    run = told(Clopath(), REST, [], 200, weight=0.5)

    # The synapse's own potentials are 0.5 % of the threshold.
    assert abs(run.change) < 1e-4


@pytest.mark.parametrize("lift", [0.3, 0.6, 0.9])
def test_depolarisation_below_the_spike_depresses_only(
    told: Callable, lift: float
) -> None:
    run = told(Clopath(), np.arange(100, 300, 10), [], 350, lift=lift)

    assert run.post.sum() == 0
    assert (np.diff(run.w) <= 0).all()
    p = Clopath().param_values
    # At a steady voltage each spike takes A_LTD times what is above theta_minus.
    assert run.change == pytest.approx(-20 * p["a_ltd"] * 20.2 * lift, rel=0.05)


def test_post_spikes_alone_change_nothing(told: Callable) -> None:
    assert told(Clopath(), [], np.arange(30, 200, 10), 250).change == 0.0


def test_pre_before_post_potentiates_more_at_higher_rates(told: Callable) -> None:
    # Sjoestrom's pairs at +10 ms, as in the paper's figure of the frequencies.
    def pairs(rate: float) -> float:
        starts = 30 + np.arange(5) * 1000.0 / rate
        run = told(Clopath(), starts, starts + 10, int(starts[-1]) + 100)
        return run.change

    slow, fast = pairs(5.0), pairs(50.0)

    assert fast > 0.01
    assert fast > 2 * slow


# --- bursts -----------------------------------------------------------------------


def events(count: int, bursts: int, start: float, isi: float = 6.0) -> list[float]:
    """Give events 80 ms apart, of which ``bursts`` of ten are two spikes."""
    first = start + 80.0 * np.arange(count)
    second = [t + isi for k, t in enumerate(first) if 7 * k % 10 < bursts]
    return sorted([*first, *second])


def burst_run(told: Callable, post: list[float], steps: int) -> object:
    pre = np.arange(0, steps, 4)  # so that a burst finds the trace that its event found
    return told(
        BurstDependent(),
        pre,
        post,
        steps,
        modulators={"teacher": np.zeros(steps)},
        rate_p=0.1,
        record=("post.p", "post.event", "post.burst"),
    )


def test_spikes_within_16_ms_are_one_event_and_a_burst_once(told: Callable) -> None:
    # An isolated spike, two spikes, four spikes, and two that are too far apart.
    post = [50, 150, 160, 250, 255, 262, 275, 400, 417]

    run = burst_run(told, post, 500)

    # Each is known in the step after it.
    assert list(np.flatnonzero(run.variables["post.event"].round())) == [
        *(51, 151, 251, 401, 418),
    ]
    assert list(np.flatnonzero(run.variables["post.burst"].round())) == [161, 256]


def test_the_burst_probability_is_learned(told: Callable) -> None:
    run = burst_run(told, events(70, 4, 80), 5700)

    assert run.variables["post.p"][-800:].mean() == pytest.approx(0.4, abs=0.08)


def test_more_bursts_than_usual_potentiate_and_fewer_depress(told: Callable) -> None:
    usual = events(40, 4, 80)
    until = 80 + 40 * 80

    changes = {}
    for share in (0, 4, 8):
        post = usual + events(20, share, until)
        run = burst_run(told, post, until + 1700)
        changes[share] = float(run.w[-1] - run.w[until])

    assert changes[0] < -0.01
    assert changes[8] > 0.01
    assert abs(changes[4]) < min(changes[8], -changes[0]) / 2


def test_the_dendrite_makes_bursts_and_no_events(told: Callable) -> None:
    def fired(teacher: float) -> int:
        level = np.full(1000, teacher)
        run = told(
            BurstDependent(),
            [],
            np.arange(100, 1000, 100),
            1000,
            modulators={"teacher": level},
        )
        return int(run.post.sum())

    assert fired(-1.0) == fired(0.0) == 9
    assert fired(1.0) > 15
