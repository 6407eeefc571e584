"""A projection may lack synapses: what is not there neither sends nor learns."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.rules.library import LIF, STDP, RewardSTDP
from lahar.rules.network import Group, Network, Projection
from lahar.rules.parser import parse_network
from lahar.rules.printer import print_network

PAIRS = np.eye(3, dtype=bool)


def network(rule: lahar.LearningRule) -> Network:
    """Three inputs, each onto a neuron of its own."""
    return Network(
        "pairs",
        (Group("pre", 3), Group("post", 3, LIF(threshold=0.3))),
        (
            Projection(
                "own", "pre", "post", np.full((3, 3), 0.5), rule=rule, connected=PAIRS
            ),
        ),
        dt_seconds=1 * lahar.ms,
    )


@pytest.mark.parametrize("backend", ["sim", "interpreter", "reference"])
@pytest.mark.parametrize("rule", [STDP(), RewardSTDP()], ids=["weight", "tag"])
def test_a_missing_synapse_learns_in_no_backend(backend, rule):
    program = lahar.compile(network(rule))

    final = lahar.run(program, "poisson:rate=100Hz", 300, backend).final
    weights = final["own.weights"]

    assert not weights[~PAIRS].any()
    assert len(np.unique(weights[PAIRS])) == 3


def test_each_input_reaches_its_own_neuron_alone():
    program = lahar.compile(network(STDP()))
    spikes = np.zeros((20, 3), np.uint8)
    spikes[5, 1] = 1

    sent = lahar.run(program, lahar.Stimulus({"pre": spikes}), 20)["post.s_out"]

    assert sent.sum(axis=0).tolist() == [0, 1, 0]


def test_the_text_of_a_network_says_where_synapses_are():
    original = network(STDP())

    text, arrays = print_network(original)

    assert "connected @own.connected" in text
    assert parse_network(text, arrays) == original


def test_networks_with_other_synapses_are_not_equal():
    weights = np.eye(3)
    dense = Projection("p", "a", "b", weights)
    sparse = Projection("p", "a", "b", weights, connected=PAIRS)

    assert dense != sparse
