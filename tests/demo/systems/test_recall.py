"""B22: one-shot storage and recall in CA1, in the simulator and in float64."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.demo.systems.b22_recall import (
    EXPERIMENT,
    LOADS,
    STORAGE_STEPS,
    measure,
    patterns,
    program,
    stimulus,
)
from lahar.demo.systems.frame import weights_of


def test_one_presentation_takes_a_synapse_to_its_bound_and_no_other() -> None:
    run = lahar.run(program(), stimulus(LOADS[:1], 1), STORAGE_STEPS, seed=1)

    weights = weights_of(run, "schaffer")
    together = np.outer(patterns(1)[0], patterns(1)[0])
    assert np.array_equal(weights == 1.0, together)
    assert (weights[~together] == 0.0).all()


@pytest.mark.parametrize("arithmetic", ["reference", "loihi2"])
def test_ten_patterns_meet_every_bar(arithmetic: str) -> None:
    figures = measure(arithmetic, 4, quick=True).figures

    missed = [c.name for c in EXPERIMENT.criteria if not c.passes(figures[c.figure])]
    assert missed == []


def test_without_storage_nothing_is_recalled() -> None:
    given = stimulus(LOADS[:1], 2)
    never = {**given.modulators, "storing": 0.0 * given.modulators["storing"]}

    run = lahar.run(program(), lahar.Stimulus(given.spikes, never), 400, seed=2)

    recalled = run["pyramidal.s_out"][STORAGE_STEPS:]
    assert recalled.sum() == 0


@pytest.mark.slow
def test_twenty_patterns_are_more_than_doubled_excitation_can_tell_apart() -> None:
    figures = measure("loihi2", 5).figures

    assert figures["rise"] <= 0
    assert figures["fall"] > 0.2
    assert figures["wrong synapses"] == 0
