"""A trained network on the chip: what samples choose, and what the report says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar import Group, LaharError, Network, Projection
from lahar.compiler.calibration import Calibration
from lahar.deployment.choose import best_clip, calibrate, float_run
from lahar.deployment.samples import Samples
from lahar.hardware.chips import get_chip
from lahar.rules.library import LI, LIF, STDP
from lahar.sim.reference_run import run_reference
from lahar.sim.reference_samples import run_samples
from lahar.sim.stimulus import Stimulus

DT = 1e-3
Spikes = npt.NDArray[Any]


def layers(tau: float = 0.0103, out: Any = None, delay: int = 0) -> Network:
    random = np.random.default_rng(0)
    groups = (
        Group("in", 20),
        Group("h", 16, LIF(tau=tau), latency=1),
        Group("out", 4, LIF(tau=tau) if out is None else out, latency=2),
    )
    projections = (
        Projection("fc1", "in", "h", random.normal(0.1, 0.3, (16, 20))),
        Projection("rec", "h", "h", random.normal(0, 0.1, (16, 16)), delay=delay),
        Projection("fc2", "h", "out", random.normal(0.1, 0.3, (4, 16))),
    )
    return Network("layers", groups, projections, DT)


def samples(count: int = 40, steps: int = 25, seed: int = 1) -> Spikes:
    return np.random.default_rng(seed).random((count, steps, 20)) < 0.15


def test_samples_side_by_side_are_the_reference_of_each() -> None:
    network, given = layers(delay=3), samples(5)

    run = run_samples(
        network, {"in": given}, 27, dt_seconds=DT, record=["out.s_out", "h.v"]
    )

    for number, rows in enumerate(given):
        padded = np.concatenate([rows, np.zeros((2, 20))])
        alone = run_reference(
            network,
            Stimulus({"in": padded}),
            27,
            record=frozenset(run.variables),
        )
        for name, values in run.variables.items():
            np.testing.assert_allclose(values[number], alone.variables[name], atol=1e-9)


def test_a_deployed_network_does_on_the_chip_what_it_did_in_float() -> None:
    deployment = lahar.deploy(layers(), samples(), test=samples(seed=2))

    report = deployment.report
    names = [s.name for s in report.stages]
    assert names[:4] == ["float", "weights", "+ decays", "+ thresholds"]
    assert report.stage("float").agrees == 1.0
    assert report.stage("chip").coincident > 0.8
    assert report.stage("chip").agrees > 0.85
    assert all(layer.saturated == 0 for layer in report.layers)
    assert report.held_out
    assert "same spikes" in report.render()
    assert report.to_json()["stages"][0]["name"] == "float"


def test_labels_give_an_accuracy_of_every_stage() -> None:
    given = samples()
    answers = lahar.deploy(layers(), given).report
    labels = np.arange(len(given)) % 4

    report = lahar.deploy(layers(), given, labels).report

    assert answers.stage("float").accuracy is None
    for stage in report.stages:
        assert stage.accuracy is not None
        assert 0 <= stage.accuracy <= 1


def test_a_membrane_gets_the_bits_that_the_samples_leave_it() -> None:
    network = layers()
    given = Samples({"in": samples().astype(float)})

    chosen = calibrate(float_run(network, given, DT), get_chip("loihi2"), DT)
    program, plain = (
        lahar.compile(network, calibration=c)
        for c in (Calibration(peaks=chosen.peaks), None)
    )

    finer, coarse = (
        {c.name: c.weight_exponent for c in p.connections} for p in (program, plain)
    )
    assert all(finer[name] > coarse[name] for name in coarse)
    given = Stimulus({"in": samples()[0]})
    ran = lahar.run(program, given, 25, "interpreter", record=["*.v"])
    for name in ("h.v", "out.v"):
        assert 2**20 < np.abs(ran[name]).max() < 2**23 - 1


def test_a_membrane_that_saturates_for_the_worst_case_is_held_with_samples() -> None:
    """A leaky sum of many spikes passes the register that its weights alone ask for."""
    groups = (Group("in", 100), Group("sum", 2, LI(tau=0.5)))
    fc = Projection("fc", "in", "sum", np.full((2, 100), 0.01))
    network = Network("sum", groups, (fc,), DT)
    given = np.ones((3, 200, 100))

    program = lahar.compile(network)
    deployment = lahar.deploy(network, given)

    stimulus = Stimulus({"in": given[0]})
    plain = lahar.run(program, stimulus, 200, "interpreter", record=["sum.v"])
    assert plain["sum.v"].max() == 2**23 - 1
    assert deployment.report.layers[0].saturated == 0
    assert deployment.report.layers[0].high == pytest.approx(165, rel=0.05)


def test_few_large_weights_are_clipped_where_that_costs_less() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(0, 0.1, (40, 60))
    chip = get_chip("loihi2")
    plain = Projection("fc", "a", "b", weights.clip(-0.2, 0.2))
    weights[0, 0] = 0.8
    outlier = Projection("fc", "a", "b", weights)
    counts = random.poisson(3, (50, 60)).astype(float)
    silent = counts.copy()
    silent[:, 0] = 0

    assert best_clip(plain, counts, chip) == 1.0
    assert best_clip(outlier, silent, chip) <= 0.5


def test_calibrated_numbers_reach_the_program_and_its_report() -> None:
    calibration = Calibration(decays={"h.v": 400}, thresholds={"h": 1.01})

    program = lahar.compile(layers(), calibration=calibration)

    roundings = {r.parameter: r for r in program.report.roundings}
    assert roundings["h.v.leak"].got == pytest.approx(DT * 4096 / 400)
    moved = roundings["h.threshold (calibrated)"]
    assert (moved.wanted, moved.got) == (1.0, 1.01)
    plain = {r.parameter: r for r in lahar.compile(layers()).report.roundings}
    assert "h.threshold (calibrated)" not in plain


def test_a_readout_without_spikes_is_read_by_its_membrane() -> None:
    network = layers(out=LI(tau=0.02))

    mean = lahar.deploy(network, samples()).report
    last = lahar.deploy(network, samples(), readout="last").report

    assert mean.output == last.output == "out.v"
    assert mean.stage("chip").agrees > 0.85
    with pytest.raises(LaharError, match="U975"):
        lahar.deploy(network, samples(), readout="count")


def test_a_rule_keeps_the_scales_of_the_deployment() -> None:
    network = layers()
    positive = replace(
        network,
        projections=tuple(
            replace(p, weights=np.abs(p.weights)) if p.name == "fc2" else p
            for p in network.projections
        ),
    )
    deployment = lahar.deploy(positive, samples())
    plastic = positive.attach("fc2", STDP(w_max=1.0))

    program = lahar.compile(plastic, calibration=deployment.calibration)

    kept = {c.name: c for c in deployment.program.connections}
    assert program.connections[2].learning is not None
    np.testing.assert_array_equal(program.connections[0].weights, kept["fc1"].weights)
    with pytest.raises(LaharError, match=r"U976[\s\S]*calibration="):
        lahar.deploy(plastic, samples())


def test_samples_that_do_not_fit_are_refused() -> None:
    good = samples()
    broken = good.astype(float)
    broken[3, 4, 5] = np.nan

    for bad, code in (
        (good[:, :, :7], "U970"),
        (good[0], "U970"),
        ({"other": good}, "U970"),
        (broken, "U971"),
        (good * 0.5, "U971"),
    ):
        with pytest.raises(LaharError, match=code):
            lahar.deploy(layers(), bad)
    for labels in (np.zeros(3, int), np.full(40, 4), np.zeros(40)):
        with pytest.raises(LaharError, match="U972"):
            lahar.deploy(layers(), good, labels)
    with pytest.raises(LaharError, match="U974"):
        lahar.deploy(layers(), good, output="outt")


@pytest.mark.slow
def test_lava_agrees_with_a_deployed_network() -> None:
    pytest.importorskip("lava")
    program = lahar.deploy(layers(delay=2), samples()).program
    given = Stimulus({"in": samples(1, 300)[0]})

    result = lahar.validate(program, ("sim", "lava"), given, 300)

    assert result.level == "identical"
