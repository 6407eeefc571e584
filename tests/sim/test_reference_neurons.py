"""Neuron models in the float reference against values computed by hand.

docs/semantics.md sections 1 and 2.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.rules.language import NeuronModel, Output, Port, State
from lahar.rules.library import LIF, CubaLIF, ErrorLIF
from lahar.rules.network import Group, Network, Projection
from lahar.rules.neuron import Neuron
from lahar.rules.parser import parse_neuron
from lahar.sim.backend import Trajectory
from lahar.sim.reference import run_reference
from lahar.sim.reference_names import reference_variables
from lahar.sim.stimulus import Stimulus

DT = 1e-3
TAU = 20e-3


def single(
    neuron: Neuron, steps: int, weight: float = 1.0, **kwargs: object
) -> Trajectory:
    """Run one neuron that an input drives with `spikes`."""
    network = Network(
        "single",
        (Group("in", 1), Group("n", 1, neuron)),
        (Projection("c", "in", "n", np.full((1, 1), weight)),),
        DT,
    )
    spikes = kwargs.pop("spikes", np.zeros((steps, 1)))
    stimulus = Stimulus({"in": spikes}, kwargs)  # type: ignore[dict-item,arg-type]
    record = frozenset(reference_variables(network))
    return run_reference(network, stimulus, steps, record=record)


def test_a_leaky_membrane_follows_forward_euler() -> None:
    trajectory = single(LIF(bias=0.01), 50)

    kept = 1 - DT / TAU
    closed_form = 0.01 * (1 - kept ** np.arange(1, 51)) / (1 - kept)
    assert trajectory.variables["n.v"][:, 0] == pytest.approx(closed_form, rel=1e-12)


def test_a_spike_is_strictly_above_threshold_and_resets() -> None:
    spikes = np.array([[1], [0], [0]])

    at = single(LIF(threshold=1.0), 3, 1.0, spikes=spikes)
    above = single(LIF(threshold=0.999), 3, 1.0, spikes=spikes)

    assert at.variables["n.s_out"][:, 0].tolist() == [0, 0, 0]
    assert above.variables["n.s_out"][:, 0].tolist() == [0, 1, 0]
    assert above.variables["n.v"][1, 0] == 0.0
    assert above.variables["n.v_pre_reset"][1, 0] == 1.0


def test_later_states_see_the_new_values_of_earlier_ones() -> None:
    trajectory = single(CubaLIF(), 3, 0.5, spikes=np.array([[1], [0], [0]]))

    u = [0.0, 0.5, 0.5 * (1 - 0.2)]
    assert trajectory.variables["n.u"][:, 0] == pytest.approx(u)
    assert trajectory.variables["n.v"][:, 0] == pytest.approx(
        [0.0, u[1], u[1] * 0.95 + u[2]]
    )


def test_a_state_without_memory_is_its_drive_and_one_without_leak_keeps_all() -> None:
    class Sums(NeuronModel):
        current = Port()
        now = State(leak=0)
        dnow = 2 * current + 1
        total = State()
        dtotal = now

    trajectory = single(Sums(), 4, 1.0, spikes=np.array([[1], [0], [1], [0]]))

    assert trajectory.variables["n.now"][:, 0].tolist() == [1, 3, 1, 3]
    assert trajectory.variables["n.total"][:, 0].tolist() == [1, 4, 5, 8]


def test_an_error_neuron_sends_teacher_minus_rate_clipped() -> None:
    spikes = np.array([[1], [0], [0], [0]])
    trajectory = single(
        ErrorLIF(gain=1.5),
        4,
        2.0,
        spikes=spikes,
        teacher=np.array([0.5, 0.5, 0.5, 1.0]),
    )

    decay = math.exp(-DT / TAU)
    rates = [0.0, 1.0, decay, decay**2]  # the neuron's trace includes its spike of t
    assert trajectory.variables["n.rate"][:, 0] == pytest.approx(rates)
    teacher = [0.5, 0.5, 0.5, 1.0]
    error = [max(-1.0, e - 1.5 * r) for e, r in zip(teacher, rates, strict=True)]
    assert trajectory.variables["n.error"][:, 0] == pytest.approx(error, rel=1e-14)


def test_an_output_is_computed_after_the_reset() -> None:
    class Shows(NeuronModel):
        current = Port()
        v = State(reset=0.25)
        dv = current
        spike = v > 0.5
        seen = Output(v, low=-2.0, high=2.0)

    trajectory = single(Shows(), 2, 1.0, spikes=np.array([[1], [0]]))

    assert trajectory.variables["n.seen"][:, 0].tolist() == [0, 0.25]


def test_a_recurrent_ring_passes_a_spike_on_step_by_step() -> None:
    ring = np.roll(np.eye(3), 1, axis=0) * 2
    network = Network(
        "ring",
        (Group("in", 3), Group("n", 3, LIF())),
        (
            Projection("kick", "in", "n", 2 * np.eye(3)),
            Projection("ring", "n", "n", ring),
        ),
        DT,
    )
    start = np.zeros((7, 3))
    start[0, 0] = 1

    trajectory = run_reference(
        network, Stimulus({"in": start}), 7, record=frozenset({"n.s_out"})
    )

    who = trajectory.variables["n.s_out"]
    assert who[0].sum() == 0
    assert who[1:].argmax(axis=1).tolist() == [0, 1, 2, 0, 1, 2]
    assert (who[1:].sum(axis=1) == 1).all()


def test_projections_onto_one_port_add_up_and_ports_stay_apart() -> None:
    class TwoPorts(NeuronModel):
        soma = Port()
        apical = Port()
        v = State(leak=0)
        dv = soma
        a = State(leak=0)
        da = apical

    weights = np.full((1, 1), 1.0)
    network = Network(
        "ports",
        (Group("in", 1), Group("n", 1, TwoPorts())),
        (
            Projection("p", "in", "n", 1 * weights, "soma"),
            Projection("q", "in", "n", 2 * weights, "soma"),
            Projection("r", "in", "n", -4 * weights, "apical"),
        ),
        DT,
    )

    trajectory = run_reference(network, Stimulus({"in": np.ones((2, 1))}), 2)

    assert (trajectory.final["n.v"][0], trajectory.final["n.a"][0]) == (3, -4)


def test_a_state_that_runs_away_stops_the_run() -> None:
    class Explodes(NeuronModel):
        current = Port()
        v = State()
        dv = v * v + 10

    with pytest.raises(LaharError) as error:
        single(Explodes(), 30)

    assert error.value.diagnostics[0].code == "S451"


def test_resets_read_each_other_as_they_were_before_any() -> None:
    neuron = parse_neuron(
        """
neuron Swap:
    port current
    state a, reset b
    da = current
    state b, reset a
    db = 2.0 * current
    spike = b > 0.5
"""
    )

    swapped = single(neuron, 2, 1.0, spikes=np.array([[1], [0]])).variables

    assert (swapped["n.a"][1, 0], swapped["n.b"][1, 0]) == (2.0, 1.0)
    assert (swapped["n.a_pre_reset"][1, 0], swapped["n.b_pre_reset"][1, 0]) == (1, 2)
