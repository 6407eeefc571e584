"""B17a: a coefficient of the rule at inhibitory synapses sets the rate of a neuron."""

from __future__ import annotations

import numpy as np

from lahar.demo.systems import b17a_balance as b17a
from lahar.demo.systems.frame import Arithmetic, run_in, weights_of


def test_a_higher_target_means_a_higher_rate_after_six_seconds(
    arithmetic: Arithmetic,
) -> None:
    measured = b17a.measure(arithmetic, 3, quick=True)

    assert measured.figures["step"] > 1
    assert 0.8 < measured.figures["ratio_20"] < 1.5


def test_inhibition_has_grown_where_the_target_is_low(arithmetic: Arithmetic) -> None:
    steps = 2_000
    given = b17a.stimulus(steps, 3)

    run = run_in(arithmetic, b17a.program(3), given, steps, [], 3)

    low, high = (weights_of(run, f"learn_{t}").mean() for t in (3, 20))
    assert low > high


def test_all_cells_hear_as_many_inputs() -> None:
    drawn = b17a.network(3)

    heard = [(drawn.projection(f"excite_{t}").weights > 0).sum(1) for t in b17a.TARGETS]

    assert (np.array(heard) == b17a.HEARD).all()
