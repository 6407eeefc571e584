"""B03b: bursts of the output teach the hidden ensemble, and only through feedback."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import b03b_burst_spikes as b03b
from lahar.demo.systems.b03b_burst_spikes import Phase
from lahar.demo.systems.frame import run_in, weights_of

TAUGHT = (Phase(2500, 30.0),)


def gained(feedback: float) -> tuple[float, float]:
    """Let a teacher want much; give the shares by which both weights have grown."""
    net = b03b.network(3, feedback)
    program, given = b03b.compiled(net), b03b.stimulus(3, TAUGHT)
    run = run_in("loihi2", program, given, TAUGHT[0].steps, [], 3)
    before = {p.name: p.weights.mean() for p in net.projections}
    hidden, output = (weights_of(run, n).mean() / before[n] for n in ("W_1", "W_2"))
    return float(hidden - 1), float(output - 1)


def test_bursts_of_the_output_teach_both_ensembles() -> None:
    hidden, output = gained(b03b.FEEDBACK)

    assert hidden > 0.02
    assert output > 0.002


def test_the_hidden_ensemble_learns_nothing_of_the_teacher_without_feedback() -> None:
    hidden, output = gained(b03b.FEEDBACK / 64)

    assert abs(hidden) < 0.005
    assert output > 0.002


def test_rates_are_judged_at_the_end_of_each_phase() -> None:
    phases = [Phase(10), Phase(10, 10.0), Phase(10), Phase(10, 5.0), Phase(10)]
    output = np.repeat([4.0, 9.0, 11.5, 5.5, 4.0], 10)
    hidden = np.repeat([3.0, 8.0, 8.0, 5.0, 5.0], 10)

    figures = b03b.figures_of(np.stack([hidden, output], axis=1), phases)

    assert figures == pytest.approx(
        {
            "before": 4.0,
            "hidden moved": 3.0,
            "up missed": 1.0,
            "up left": 1.5,
            "down missed": 0.5,
            "down left": 1.0,
        }
    )


def test_a_rate_that_drifts_off_without_the_teacher_is_left() -> None:
    steps = b03b.WINDOW
    phases = [
        Phase(10),
        Phase(10, 10.0),
        Phase(2 * steps),
        Phase(10, 5.0),
        Phase(10),
    ]
    output = np.repeat(
        [4.0, 10.0, 13.0, 10.0, 5.0, 5.0], [10, 10, steps, steps, 10, 10]
    )

    figures = b03b.figures_of(np.stack([output, output], axis=1), phases)

    assert figures["up left"] == pytest.approx(3.0)
