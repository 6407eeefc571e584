"""What is said about graphs of layers that no network here can equal."""

import numpy as np
import pytest
from scipy import sparse

from lahar.rules.layer_graph import (
    Delay,
    Edge,
    LayerGraph,
    LinearMap,
    Neurons,
    Source,
    network_of,
)
from lahar.rules.library import NEURONS


def test_a_message_about_layers_is_the_golden_one(case, assert_golden):
    assert_golden(case)


def _network(edges, **nodes):
    network_of(LayerGraph({"in": Source(2), **nodes}, edges), "n", 0.001)


def _weights(size=2):
    return LinearMap(sparse.csr_array(np.ones((size, 2))))


@pytest.mark.case("N720")
def _a_loop_of_weights_and_delays():
    edges = [Edge("in", "fc"), Edge("fc", "d"), Edge("d", "fc"), Edge("d", "lif")]
    lif = Neurons(NEURONS["lif"], 2)
    _network(edges, fc=_weights(), d=Delay(np.array([1, 1])), lif=lif)


@pytest.mark.case("N721")
def _three_values_for_two_neurons():
    edges = [Edge("in", "fc"), Edge("fc", "lif")]
    _network(edges, fc=_weights(3), lif=Neurons(NEURONS["lif"], 2))


@pytest.mark.case("N722")
def _traces_of_different_time_constants():
    differing = {"tau_rate": np.array([0.01, 0.02])}
    neurons = Neurons(NEURONS["error-lif"], 2, differing)
    _network([Edge("in", "lif")], lif=neurons)


@pytest.mark.case("N723")
def _a_loop_that_no_chip_passes_so_soon():
    a, b = (Neurons(NEURONS["lif"], 2) for _ in "ab")
    edges = [Edge("in", "a"), Edge("a", "b"), Edge("b", "a", lag=1)]
    _network(edges, a=a, b=b)
