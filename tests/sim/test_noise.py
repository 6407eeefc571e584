"""Noise of neurons: one draw for each neuron and step, the same in every backend."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import LaharError, Network, NeuronModel, Noise, Output, Port, State, ms
from lahar.rules.check import check_neuron
from lahar.rules.neuron import Neuron
from lahar.rules.parser import parse_neuron
from lahar.rules.printer import print_neuron
from lahar.sim.recording import in_rule_units
from lahar.sim.reference_noise import GroupNoises

STEPS = 200


class Escape(NeuronModel):
    """Spikes where a membrane is above a random threshold; sends what it drew."""

    current = Port()
    xi = Noise(0.0, 1.0)
    eta = Noise(-1.0, 3.0)
    v = State(leak=20 * ms)
    seen = State(leak=0.0)
    again = State(leak=0.0)
    other = State(leak=0.0)
    dv = current
    dseen = xi
    dagain = xi
    dother = eta
    spike = v > xi


def program_of(*sizes: int) -> lahar.Program:
    groups = [lahar.Group("in", 3)]
    groups += [lahar.Group(f"g{k}", n, Escape.declared) for k, n in enumerate(sizes)]
    projections = tuple(
        lahar.Projection(f"to_{g.name}", "in", g.name, np.full((g.size, 3), 0.2))
        for g in groups[1:]
    )
    return lahar.compile(Network("noisy", tuple(groups), projections, 1 * ms))


def drawn(program: lahar.Program, name: str, seed: int = 0, **more: str) -> np.ndarray:
    run = lahar.run(program, steps=STEPS, record="all", seed=seed, **more)
    values = np.asarray(run[name], np.float64)
    if run.provenance.units == "rule":
        return values
    return in_rule_units(values, run.view(name))


def test_noise_survives_the_text_form() -> None:
    assert parse_neuron(print_neuron(Escape.declared)) == Escape.declared
    assert "noise eta in [-1.0, 3.0]" in print_neuron(Escape.declared)


def test_noise_without_room_between_its_bounds_is_refused() -> None:
    neuron = parse_neuron("neuron N:\n    noise xi in [1, 1]\n    spike = xi > 0\n")

    assert [d.code for d in check_neuron(neuron)] == ["R137"]


@pytest.mark.parametrize("profile", ["loihi2", "lava-0.10"])
def test_kernels_and_interpreter_draw_the_same(profile: str) -> None:
    runs = [
        lahar.run(
            program_of(4, 7), steps=STEPS, backend=b, record="all", profile=profile
        )
        for b in ("sim", "interpreter")
    ]

    lahar.compare(*runs).require()


def test_profiles_draw_the_same() -> None:
    values = [
        drawn(program_of(4), "g0.seen", backend="interpreter", profile=p)
        for p in ("loihi2", "lava-0.10")
    ]

    assert (values[0] == values[1]).all()


def test_the_reference_reads_the_numbers_that_the_program_draws() -> None:
    program = program_of(4, 7)

    for name in ("g0.seen", "g1.seen", "g1.other"):
        ours, exact = (
            drawn(program, name, backend=b) for b in ("interpreter", "reference")
        )
        # a state has 255 * 64 parts to a weight of 1
        assert np.abs(ours - exact).max() <= 1 / (255 * 64) + 1e-4 * np.abs(exact).max()


def test_a_draw_is_one_number_in_a_step_and_fills_its_range() -> None:
    program = program_of(50)
    seen, again = (
        drawn(program, f"g0.{n}", backend="reference") for n in ("seen", "again")
    )
    other = drawn(program, "g0.other", backend="reference")

    assert (seen == again).all()
    assert 0 <= seen.min() < 0.01
    assert 0.99 < seen.max() < 1
    assert -1 <= other.min() < -0.98
    assert seen.mean() == pytest.approx(0.5, abs=4 * (1 / 12 / seen.size) ** 0.5)
    assert abs(np.corrcoef(seen.ravel(), other.ravel())[0, 1]) < 0.05
    assert abs(np.corrcoef(seen[:-1].ravel(), seen[1:].ravel())[0, 1]) < 0.05


def test_populations_and_seeds_draw_other_numbers() -> None:
    program = program_of(5, 5)
    first, second = (drawn(program, f"g{k}.seen") for k in (0, 1))

    assert not (first == second).any(axis=0).all()
    assert not np.array_equal(first, drawn(program, "g0.seen", seed=1))
    assert np.array_equal(first, drawn(program, "g0.seen"))


def test_a_name_that_no_noise_has_is_told_at_its_line() -> None:
    with pytest.raises(LaharError, match="R130"):
        lahar.compile(
            Network(
                "n",
                (lahar.Group("g", 1, _misspelt()),),
                (),
                1 * ms,
            )
        )


def _misspelt() -> Neuron:
    lines = ["noise xi in [0, 1]", "state v", "dv = xy", "spike = v > 1"]
    return parse_neuron("neuron N:\n" + "".join(f"    {line}\n" for line in lines))


def test_an_output_may_be_noise() -> None:
    class Sends(NeuronModel):
        current = Port()
        xi = Noise(-1.0, 1.0)
        v = State(leak=20 * ms, reset=0.0)
        dv = current
        spike = v > 1.0
        sent = Output(xi * xi, low=0.0, high=1.0)

    assert Sends.declared.noises[0].name == "xi"
    assert Sends.declared.quantities == ("v", "v_pre_reset", "sent")


def test_numbers_that_were_drawn_ahead_are_those_of_their_step() -> None:
    group = lahar.Group("g", 3, Escape.declared)
    ahead = GroupNoises(group, 1, seed=7)

    for step in (1, 2, 1300, 3000, 2999, 2):
        alone = GroupNoises(group, 1, seed=7).draw(step)
        for name, values in ahead.draw(step).items():
            assert np.array_equal(values, alone[name])
