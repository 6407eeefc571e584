"""Library neurons do what their papers say, as rules and as compiled integers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar import Group, Network, Projection, Recording, Stimulus, ms
from lahar.rules.library import (
    AdaptiveLIF,
    CalciumLIF,
    EscapeLIF,
    Izhikevich,
    PlateauLIF,
    PoissonNeuron,
    Pyramidal,
    RefractoryLIF,
    SoftmaxLIF,
    TwoCompartment,
)
from lahar.rules.neuron import Neuron
from lahar.sim.recording import in_rule_units

Floats = npt.NDArray[np.float64]
Drive = Mapping[str, tuple[float, slice | list[int] | npt.NDArray[np.int64]]]
"""Port to a weight and to the steps in which a spike arrives there."""

both = pytest.mark.parametrize("backend", ["reference", "interpreter"])


def run(
    neuron: Neuron,
    drive: Drive,
    steps: int,
    backend: str,
    size: int = 1,
    record: tuple[str, ...] = (),
) -> Recording:
    groups = [Group(port, 1) for port in drive] + [Group("n", size, neuron)]
    projections = tuple(
        Projection(f"to {port}", port, "n", np.full((size, 1), weight), port=port)
        for port, (weight, _) in drive.items()
    )
    program = lahar.compile(Network("alone", tuple(groups), projections, 1 * ms))
    spikes = {}
    for port, (_, when) in drive.items():
        spikes[port] = np.zeros((steps, 1), np.uint8)
        spikes[port][when] = 1
    names = list(record) or "all"
    return lahar.run(program, Stimulus(spikes), steps, backend, record=names)


def values(recording: Recording, name: str) -> Floats:
    if recording.provenance.units == "rule":
        return np.asarray(recording[name], np.float64)
    return in_rule_units(recording[name], recording.view(name))


ALWAYS = slice(None)


@both
@pytest.mark.parametrize("period", [2, 5, 7])
def test_a_refractory_neuron_spikes_once_in_a_period(backend: str, period: int) -> None:
    neuron = RefractoryLIF(period=period * 1e-3)

    spikes = run(neuron, {"current": (2.0, ALWAYS)}, 100, backend)["n.s_out"][:, 0]

    assert (np.diff(np.flatnonzero(spikes)) == period).all()


@both
def test_an_adaptive_neuron_slows_down_and_recovers(backend: str) -> None:
    early, late = np.arange(300), np.arange(1500, 1800)
    drive = {"current": (0.2, np.concatenate([early, late]))}

    spikes = run(AdaptiveLIF(), drive, 1800, backend)["n.s_out"][:, 0]

    times = np.flatnonzero(spikes)
    intervals = np.diff(times[times < 300])
    assert intervals[0] < 0.5 * intervals[-1]
    assert np.diff(times[times >= 1500])[0] < 0.7 * intervals[-1]


@both
@pytest.mark.parametrize("current", [5.0, 10.0, 14.0])
def test_an_izhikevich_neuron_spikes_like_the_papers_program(
    backend: str, current: float
) -> None:
    v, u, wanted = -65.0, 0.0, []
    for step in range(1000):
        if v >= 30.0:
            wanted.append(step)
            v, u = -65.0, u + 8.0
        for _ in range(2):
            v = v + 0.5 * (0.04 * v * v + 5.0 * v + 140.0 - u + current)
        u = u + 0.02 * (0.2 * v - u)

    drive = {"current": (current, ALWAYS)}
    spikes = run(Izhikevich(), drive, 1000, backend)["n.s_out"][:, 0]

    times = np.flatnonzero(spikes)
    assert abs(len(times) - len(wanted)) <= 2
    # Ours raises u a step later, and limits the upswing.
    assert np.diff(times)[3:].mean() == pytest.approx(
        np.diff(wanted)[3:].mean(), rel=0.1
    )


@both
def test_a_poisson_neurons_rate_follows_its_input(backend: str) -> None:
    recording = run(PoissonNeuron(), {"current": (0.1, ALWAYS)}, 500, backend, size=40)

    chances = 0.05 * values(recording, "n.v").clip(0, None)
    expected, variance = chances.sum(), (chances * (1 - chances)).sum()
    assert expected == pytest.approx(40 * 500 * 0.1, rel=0.05)
    assert abs(recording["n.s_out"].sum() - expected) < 4 * variance**0.5


def test_an_escape_neuron_spikes_by_the_hazard_of_its_membrane() -> None:
    drive = {"current": (0.06, ALWAYS)}
    names = ("n.v_pre_reset", "n.s_out")
    exact = run(EscapeLIF(), drive, 500, "reference", size=40, record=names)
    chip = run(EscapeLIF(), drive, 500, "interpreter", size=40)

    v = exact["n.v_pre_reset"]
    hazard = 0.1 * np.exp(np.clip((v - 1.0) / 0.1, -8, 4))
    chances = 1 - np.exp(-hazard)
    spread = (chances * (1 - chances)).sum() ** 0.5
    assert chances.sum() > 300
    assert abs(exact["n.s_out"].sum() - chances.sum()) < 4 * spread
    assert abs(float(chip["n.s_out"].sum()) - exact["n.s_out"].sum()) < 4 * spread
    # They draw the same numbers, so most spikes are the same ones.
    assert (chip["n.s_out"] == exact["n.s_out"]).mean() > 0.99


@both
def test_a_softmax_group_shares_its_rate_by_exponentials(backend: str) -> None:
    levels = np.array([0.0, 0.2, 0.4, 0.4])
    group = Network(
        "winners",
        (Group("in", 1), Group("n", 4, SoftmaxLIF(rate=100.0))),
        (
            Projection("up", "in", "n", levels[:, None] / 20.0),
            Projection("across", "n", "n", np.ones((4, 4)), port="lateral"),
        ),
        1 * ms,
    )
    program = lahar.compile(group)
    steps = 12000
    stimulus = Stimulus({"in": np.ones((steps, 1), np.uint8)})

    spikes = lahar.run(program, stimulus, steps, backend)["n.s_out"][500:]

    assert spikes.sum() / (steps - 500) == pytest.approx(0.1, rel=0.05)
    shares = spikes.sum(axis=0) / spikes.sum()
    wanted = np.exp(levels / 0.2) / np.exp(levels / 0.2).sum()
    assert shares == pytest.approx(wanted, abs=0.06)


def last(neuron: Neuron, drive: Drive, quantity: str) -> float:
    """What the exact neuron offers its rules in the steady state."""
    run_exactly = run(neuron, drive, 600, "reference", record=(f"n.{quantity}",))
    return float(run_exactly[f"n.{quantity}"][-1, 0])


def test_a_dendrite_that_predicts_its_soma_has_no_error() -> None:
    drive = {"current": (0.08, ALWAYS), "nudge": (0.0001, ALWAYS)}
    pushed = {**drive, "nudge": (0.05, ALWAYS)}

    assert abs(last(TwoCompartment(), drive, "error")) < 0.01
    assert last(TwoCompartment(), pushed, "error") > 0.2


def test_the_apical_dendrite_tells_a_pyramidal_neuron_its_error() -> None:
    up = {"current": (0.15, ALWAYS), "apical": (0.08, ALWAYS)}
    down = {**up, "apical": (-0.08, ALWAYS)}

    assert last(Pyramidal(), up, "error") > 0.1
    assert last(Pyramidal(), down, "error") < -0.02
    assert last(Pyramidal(), up, "mismatch") == pytest.approx(20 * 0.08, rel=0.01)


@pytest.mark.parametrize("name", ["two-compartment", "pyramidal"])
def test_integers_follow_the_compartments(name: str) -> None:
    neuron = lahar.rules.library.NEURONS[name]
    ports = [p.name for p in neuron.ports]
    random = np.random.default_rng(1)
    drive = {port: (0.3, np.flatnonzero(random.random(400) < 0.3)) for port in ports}

    exact, chip = (run(neuron, drive, 400, b) for b in ("reference", "interpreter"))

    for state in neuron.states:
        off = np.abs(values(chip, f"n.{state.name}") - exact[f"n.{state.name}"])
        assert off.max() < 0.01, state.name
    assert (chip["n.s_out"] != exact["n.s_out"]).mean() < 0.01


@both
def test_a_plateau_lasts_and_leaves_a_slow_signal(backend: str) -> None:
    drive = {"current": (0.001, [0]), "apical": (1.2, [100])}

    recording = run(PlateauLIF(), drive, 800, backend)

    left = values(recording, "n.left")[:, 0]
    assert np.flatnonzero(left > 0)[[0, -1]].tolist() == [
        101,
        pytest.approx(401, abs=3),
    ]
    signal = values(recording, "n.signal")[:, 0]
    assert signal.max() == pytest.approx(10 * (1 - np.exp(-0.3)), rel=0.03)
    spikes = recording["n.s_out"][:, 0]
    assert spikes[100:400].sum() > 3
    assert spikes.sum() == spikes[100:410].sum()


def test_calcium_depresses_in_the_middle_and_potentiates_above() -> None:
    def change(level: float) -> float:
        # in the steady state `influx` is what leaks
        drive = {"current": (0.001, [0]), "influx": (level / 50, ALWAYS)}
        return last(CalciumLIF(), drive, "change")

    assert abs(change(0.2)) < 0.001
    assert change(0.45) == pytest.approx(-0.25, abs=0.02)
    assert change(0.9) == pytest.approx(0.75, abs=0.02)


@both
def test_a_spike_brings_calcium(backend: str) -> None:
    drive = {"current": (1.5, [10]), "influx": (0.001, [0])}

    level = values(run(CalciumLIF(), drive, 100, backend), "n.level")[:, 0]

    assert level[11] < 0.001
    assert level[12] == pytest.approx(0.3, rel=0.01)
    assert level[62] == pytest.approx(0.3 * (1 - 1 / 50) ** 50, rel=0.02)
