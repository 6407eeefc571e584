"""Spike trains compared by elephant and PySpike: what the numbers mean."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar.rules.library import LIF
from lahar.sim import spike_train_distances as of_packages
from lahar.sim.metrics import spike_metrics
from lahar.sim.spike_train_distances import spike_train_distances

DT = 1e-3


def trains(seed: int, neurons: int = 8, steps: int = 1000) -> npt.NDArray[np.bool_]:
    return np.random.default_rng(seed).random((steps, neurons)) < 0.03


def static_program() -> lahar.Program:
    weights = np.random.default_rng(0).normal(0.1, 0.3, (6, 20))
    groups = (lahar.Group("in", 20), lahar.Group("out", 6, LIF))
    fc = lahar.Projection("fc", "in", "out", weights)
    return lahar.compile(lahar.Network("static", groups, (fc,), DT))


def test_a_network_that_does_not_learn_is_validated_in_a_closed_loop() -> None:
    stimulus = "poisson:rate=50Hz"

    result = lahar.validate(static_program(), ("sim", "reference"), stimulus, 300)

    assert result.level == "metrics"
    metrics = result["sim~reference"].metrics["out.s_out"]
    assert metrics["rate_first"] > 5
    assert metrics["coincident"] > 0.9


def test_without_the_packages_the_verdict_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from lahar.demo.page import write_report

    monkeypatch.setattr(of_packages, "PACKAGES", ("no_such_package",))
    program = static_program()

    result = lahar.validate(program, ("sim", "reference"), None, 50)
    write_report(tmp_path / "page.html", program, result)

    verdict = result["sim~reference"]
    assert "tiling" not in verdict.metrics["out.s_out"]
    assert verdict.to_json()["metrics_need"] == ["no_such_package"]
    assert "extra `metrics` brings no_such_package" in verdict.render()
    assert "brings no_such_package" in (tmp_path / "page.html").read_text()


@pytest.mark.metrics
def test_equal_trains_have_no_distance_and_other_ones_have() -> None:
    one, other = trains(1), trains(2)

    same, different = (spike_train_distances(one, b, DT) for b in (one, other))

    assert same == {"spike_distance": 0.0, "isi_distance": 0.0, "tiling": 1.0}
    assert 0.2 < different["spike_distance"] < 0.5
    assert 0.2 < different["isi_distance"] < 0.7
    assert abs(different["tiling"]) < 0.2


@pytest.mark.metrics
def test_a_later_train_is_nearer_than_an_unrelated_one() -> None:
    one = trains(1)
    later = np.roll(one, 2, axis=0)

    near = spike_train_distances(one, later, DT)
    far = spike_train_distances(one, trains(2), DT)

    assert near["spike_distance"] < far["spike_distance"] / 2
    assert near["isi_distance"] < far["isi_distance"] / 2
    assert near["tiling"] > 0.8


@pytest.mark.metrics
def test_our_van_rossum_distance_is_that_of_elephant() -> None:
    """Elephant's has no factor 1/2: one spike alone has the distance 1."""
    import neo
    import quantities as pq
    from elephant.spike_train_dissimilarity import van_rossum_distance

    one, other = trains(1, 3), trains(2, 3)
    tau = 10 * pq.ms
    squares = []
    for pair in zip(one.T, other.T, strict=True):
        both = [
            neo.SpikeTrain(np.flatnonzero(t) * pq.ms, t_stop=1 * pq.s) for t in pair
        ]
        squares.append(van_rossum_distance(both, time_constant=tau)[0, 1] ** 2 / 2)

    ours = spike_metrics(one, other, DT)["van_rossum"]

    assert ours == pytest.approx(math.sqrt(np.mean(squares)), rel=1e-9)


@pytest.mark.metrics
def test_silent_trains_and_large_groups_are_compared_too() -> None:
    silent = np.zeros((100, 3))
    many = trains(3, neurons=5000, steps=60)

    assert spike_train_distances(silent, silent, DT) == {
        "spike_distance": 0.0,
        "isi_distance": 0.0,
    }
    assert spike_train_distances(many, many, DT)["spike_distance"] == 0.0


@pytest.mark.metrics
def test_a_verdict_of_closed_loops_has_the_distances() -> None:
    result = lahar.validate(static_program(), ("sim", "reference"), steps=300)

    verdict = result["sim~reference"]
    assert verdict.metrics_need == ()
    assert verdict.metrics["out.s_out"]["spike_distance"] < 0.1
    assert "spike_distance" in verdict.render()
