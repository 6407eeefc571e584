"""States may start from other values than 0, and each neuron from its own."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.rules.expr import Const
from lahar.rules.library import LIF
from lahar.rules.network import Group, Network, Projection
from lahar.rules.parser import parse_network, parse_neuron
from lahar.rules.printer import print_network, print_neuron
from lahar.sim.recording import in_rule_units

BIASES = np.array([0.0, 0.05, 0.1, 0.2])
CHARGES = np.array([0.9, 0.5, 0.0, -0.5])


class Biased(lahar.NeuronModel):
    """A LIF with a bias of its own for each neuron, and a charge to start from."""

    current = lahar.Port()
    bias = lahar.State()
    dbias = 0.0
    v = lahar.State(leak=20 * lahar.ms, reset=0, initial=0.25)
    dv = current + bias
    spike = v > 1.0


def network(neuron, initial) -> Network:
    return Network(
        "starts",
        (Group("pre", 2), Group("post", 4, neuron, initial=initial)),
        (Projection("p", "pre", "post", np.full((4, 2), 0.3)),),
        dt_seconds=1 * lahar.ms,
    )


def test_a_state_starts_from_the_values_of_its_group():
    program = lahar.compile(network(LIF(), {"v": CHARGES}))

    silent = lahar.Stimulus({"pre": np.zeros((1, 2), np.uint8)})
    stored = lahar.run(program, silent, 1, "interpreter", record=["post.v"])
    meant = lahar.run(program, silent, 1, "reference", record=["post.v"])

    assert meant["post.v"][0] == pytest.approx(CHARGES * 0.95)
    got = in_rule_units(stored["post.v"], stored.view("post.v"))
    assert got[0] == pytest.approx(CHARGES * 0.95, abs=1e-3)


@pytest.mark.parametrize("backend", ["sim", "interpreter", "reference"])
def test_a_state_that_never_changes_is_a_constant_of_each_neuron(backend):
    program = lahar.compile(network(Biased(), {"bias": BIASES}))
    silent = lahar.Stimulus({"pre": np.zeros((400, 2), np.uint8)})

    sent = lahar.run(program, silent, 400, backend)["post.s_out"].sum(axis=0)

    assert sent[0] == sent[1] == 0
    assert 0 < sent[2] < sent[3]


@pytest.mark.parametrize(
    ("neuron", "initial"),
    [(LIF(), {"v": CHARGES}), (Biased(), {"bias": BIASES}), (Biased(), {})],
    ids=["lava's own", "generated", "of the model"],
)
def test_lava_starts_from_the_same_values(neuron, initial):
    program = lahar.compile(network(neuron, initial))

    verdict = lahar.validate(
        program, ("interpreter", "lava"), stimulus="poisson:rate=100Hz", steps=60
    )

    assert verdict.level == "identical"


def test_the_text_keeps_first_values():
    original = network(Biased(), {"bias": BIASES, "v": 0.5})

    text, arrays = print_network(original)

    assert "initial bias @post.bias, initial v @post.v" in text
    assert parse_network(text, arrays) == original
    assert parse_neuron(print_neuron(Biased())) == Biased()
    assert Biased().states[1].initial == Const(0.25)


def test_a_text_may_give_one_first_value_for_all():
    text, arrays = print_network(network(Biased(), {"v": 0.5}))

    assert parse_network(text.replace("@post.v", "0.5"), arrays) == parse_network(
        text, arrays
    )


def test_groups_that_start_otherwise_are_not_equal():
    assert Group("a", 4, LIF()) != Group("a", 4, LIF(), initial={"v": BIASES})
