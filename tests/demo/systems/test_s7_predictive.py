"""S7: the neuron fires earlier and earlier, and pairs of spikes act by their order."""

from __future__ import annotations

import numpy as np
import pytest

from lahar.demo.systems import s7_predictive
from lahar.demo.systems.frame import Arithmetic, Measured


@pytest.fixture(scope="module")
def quick() -> Measured:
    return s7_predictive.measure("loihi2", 3, quick=True)


@pytest.mark.slow
def test_the_latency_falls_within_250_epochs(quick: Measured) -> None:
    assert quick.figures["latency before"] >= 20
    assert quick.figures["latency after"] <= 12


@pytest.mark.slow
def test_distractors_lose(quick: Measured) -> None:
    assert quick.figures["distractors"] <= 0.8


@pytest.mark.slow
def test_the_order_of_a_pair_decides_the_sign(quick: Measured) -> None:
    window = dict(zip(s7_predictive.LAGS, quick.curves["window"], strict=True))

    assert window[4] > 0 > window[-4]


def test_the_neuron_finds_the_norm_of_its_weights() -> None:
    clean = s7_predictive.CLEAN
    spikes = clean.spikes(100, 0)
    program = clean.program(weight=0.1)
    stimulus = s7_predictive.Stimulus({"pre": spikes})
    record = ["post.norm", "synapse.weights"]

    for arithmetic in ("reference", "loihi2"):
        kind: Arithmetic = arithmetic
        recording = s7_predictive.run_in(kind, program, stimulus, len(spikes), record)
        norm = s7_predictive.value_in_rule_units(recording, "post.norm")[:, 0]
        weights = s7_predictive.value_in_rule_units(recording, "synapse.weights")
        squares = np.square(weights[:, 0]).sum(1)

        # It lags by ten epochs, while |w|^2 grows.
        assert norm[-1] == pytest.approx(squares[-10 * clean.steps], rel=0.2)
