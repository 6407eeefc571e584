"""Brian2, a simulator by others, computes what the float reference computes.

All of it needs the extra: `uv run --extra brian2 pytest -m brian2`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar.exporting_brian2 import export_brian2
from lahar.hardware.program import Program
from lahar.rules.expr import post, pre, sigmoid, tanh
from lahar.rules.language import NeuronModel, Rule
from lahar.rules.library import RULES
from lahar.rules.library.learning_neurons import VoltageLIF
from lahar.rules.library.stdp import STDP
from lahar.rules.network import Group, Network, Projection
from lahar.rules.symbols import Event, Noise, Output, Param, Port, State, Trace
from lahar.sim.brian2_runner import run_brian2
from lahar.sim.recording import Recording
from lahar.sim.reference import run_reference
from lahar.sim.reference_names import reference_variables
from lahar.sim.stimulus import Stimulus, poisson
from lahar.units import Hz, ms

pytestmark = pytest.mark.brian2

STEPS = 2000
TOLERANCE = 1e-9  # absolute, in the rule's units
RICHEST = ("burst", "clopath", "e-prop")
RULES_BY_COST = [
    pytest.param(rule, marks=() if rule in RICHEST else pytest.mark.slow)
    for rule in sorted(RULES)
]
ASKED_FOR = ("stdp", "stdp-triplet", "stdp-reward", "oja", "stdp-inhibitory")


def program_of(rule: str, pre: int = 12, post: int = 6) -> Program:
    return lahar.compile(RULES[rule], dt=1 * ms, pre=pre, post=post, rate=40 * Hz)


def stimulus_of(program: Program, steps: int, seed: int = 5) -> Stimulus:
    """Poisson inputs at 40 Hz, and a pulse of each modulator every 50 steps."""
    drawn = poisson(program, 40 * Hz, steps, program.dt_seconds, seed)
    pulses = (np.arange(steps) % 50 == 49) * 1.0
    highest = {m.name: m.high / m.scale for m in program.modulators}
    return Stimulus(drawn.spikes, {n: pulses * high for n, high in highest.items()})


def both(program: Program, steps: int, **options: Recording) -> tuple[Recording, ...]:
    stimulus = stimulus_of(program, steps)
    return tuple(
        lahar.run(program, stimulus, steps, backend, record="all", **options)
        for backend in ("reference", "brian2")
    )


def largest_difference(a: Recording, b: Recording) -> float:
    """Give the largest difference of any recorded or final value."""
    assert set(a.variables) == set(b.variables)
    assert set(a.final) == set(b.final)
    return max(_largest(a.variables, b.variables), _largest(a.final, b.final))


def _largest(
    a: Mapping[str, npt.NDArray[np.generic]], b: Mapping[str, npt.NDArray[np.generic]]
) -> float:
    pairs = ((a[k].astype(np.float64), b[k].astype(np.float64)) for k in a)
    return max((float(np.abs(x - y).max()) for x, y in pairs), default=0.0)


@pytest.mark.parametrize("rule", ASKED_FOR)
def test_same_spikes_given_the_weights_are_brian2s(rule: str) -> None:
    program = program_of(rule)
    chip = lahar.run(program, stimulus_of(program, STEPS), STEPS, record="all")
    ours, theirs = both(program, STEPS, given=chip)
    assert largest_difference(ours, theirs) < TOLERANCE
    moved = ours["synapse.weights"][-1] - ours["synapse.weights"][0]
    assert np.abs(moved).max() > 0.01
    assert lahar.compare(chip, theirs).level == "within budget"


@pytest.mark.parametrize("rule", RULES_BY_COST)
def test_a_whole_network_of_each_library_rule_is_brian2s(rule: str) -> None:
    ours, theirs = both(program_of(rule), 300)
    assert ours["post.s_out"].sum() > 0
    assert largest_difference(ours, theirs) < TOLERANCE
    verdict = lahar.compare(ours, theirs)
    assert verdict.level in ("identical", "within tolerance")
    assert not verdict.not_kept


def test_coincident_spikes_meet_both_traces_of_this_step() -> None:
    """Brian2 itself runs on_pre before on_post; the script leaves nothing to that.

    With both spikes in step 1, x = y = 1 there, so dw = A+ - A- whatever the order.
    """
    program = lahar.compile(STDP(a_plus=0.25, a_minus=0.0625), dt=1 * ms, pre=1, post=1)
    spikes = lahar.run(program, "silent", 3, record="all")
    coincident = {**spikes.variables}
    for side in ("pre", "post"):
        rows = np.zeros((3, 1), np.uint8)
        rows[0] = 1
        coincident[f"{side}.s_out"] = rows
    given = Recording(
        variables=coincident,
        final=spikes.final,
        provenance=spikes.provenance,
        views=spikes.views,
        budgets=spikes.budgets,
    )
    ours, theirs = both(program, 3, given=given)
    first = float(np.asarray(theirs["synapse.weights"])[0, 0, 0])
    start = lahar.run(program, "silent", 1, "reference", record="all")
    before = float(np.asarray(start["synapse.weights"])[0, 0, 0])
    assert first - before == pytest.approx(0.25 - 0.0625, abs=TOLERANCE)
    assert largest_difference(ours, theirs) < TOLERANCE


class Everything(NeuronModel):
    """A neuron with all that the language has."""

    tau = Param(20 * ms)
    current = Port()
    drift = Noise(low=-0.1, high=0.1)
    bias = State(initial=0.05)
    dbias = 0.0
    v = State(leak=tau, reset=0.0, initial=0.3)
    dv = current + bias + drift + 0.1 * tanh(bias)
    spike = v > 1.0
    plateau = Event(v > 0.6)
    rate = Trace(spike, tau=tau)
    often = Trace(plateau, tau=tau)
    error = Output(0.5 - sigmoid(rate) + 0.1 * often, low=-1.0, high=1.0)


class ByPlateau(Rule):
    """Learns at plateaus and by what the neuron sends."""

    x = Trace(pre, tau=20 * ms)
    y = Trace(post.plateau, tau=20 * ms)
    dw = 0.01 * x * post.plateau - 0.005 * y * pre + 0.001 * post.error * pre


def test_noise_events_first_values_functions_and_delays_are_brian2s() -> None:
    random = np.random.default_rng(3)
    neuron, rule = Everything.declared, ByPlateau.declared
    delays = random.integers(0, 4, (3, 3))
    network = Network(
        "everything",
        (
            Group("pre", 5),
            Group("post", 3, neuron, initial={"bias": np.array([0.0, 0.02, 0.1])}),
        ),
        (
            Projection("in", "pre", "post", random.random((3, 5)), rule=rule),
            Projection(
                "lateral",
                "post",
                "post",
                -0.3 * random.random((3, 3)),
                connected=~np.eye(3, dtype=bool),
                delay=delays,
            ),
        ),
        dt_seconds=1 * ms,
    )
    spikes = {"pre": (random.random((400, 5)) < 0.05).astype(np.uint8)}
    names = frozenset(reference_variables(network))
    runs = (run_reference, run_brian2)
    ours, theirs = (r(network, Stimulus(spikes, {}), 400, record=names) for r in runs)
    assert ours.variables["post.s_out"].sum() > 10
    assert ours.variables["post.plateau"].sum() > 10
    assert _largest(ours.variables, theirs.variables) < TOLERANCE
    assert _largest(ours.final, theirs.final) < TOLERANCE


def test_a_saved_script_runs_alone(tmp_path: Path) -> None:
    program = program_of("clopath")
    _, arrays = export_brian2(program, tmp_path / "net.py", steps=200, seed=3)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.npz", "net.py"]
    assert arrays == tmp_path / "net.npz"
    done = subprocess.run(
        [sys.executable, "net.py", "--output", "out.npz"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = lahar.run(program, None, 200, "reference", record="all", seed=3)
    with np.load(tmp_path / "out.npz") as saved:
        assert np.array_equal(saved["row post.s_out"], wanted["post.s_out"])
        weights = saved["final synapse.weights"].reshape(6, 12)
    assert np.allclose(weights, wanted.final["synapse.weights"], atol=TOLERANCE)
    assert VoltageLIF.declared.name in program.source.text  # type: ignore[union-attr]
