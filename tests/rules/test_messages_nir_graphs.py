"""What is said about NIR graphs that no network of ours can stand for."""

import h5py
import nir
import numpy as np
import pytest

from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir


def _plain(nodes, edges, dt=0.001):
    nir.write("x.nir", nir.NIRGraph(nodes, edges))
    read_nir("x.nir", dt)


def _chain(middle, neuron):
    size = neuron.output_type["output"]
    nodes = {
        "in": nir.Input({"input": np.array([2])}),
        "fc": middle,
        "lif": neuron,
        "out": nir.Output({"output": np.array(size)}),
    }
    return nodes, [("in", "fc"), ("fc", "lif"), ("lif", "out")]


def _lif(size=3, **changes):
    values = {"tau": 0.02, "r": 20.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0}
    arrays = {k: np.full(size, changes.get(k, v)) for k, v in values.items()}
    return nir.LIF(**arrays)


def _linear():
    return nir.Linear(np.full((3, 2), 0.5))


def test_a_message_about_a_nir_graph_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("N706")
def _nan_in_stock_weights():
    linear = _linear()
    linear.weight[1, 0] = np.nan
    _plain(*_chain(linear, _lif()))


@pytest.mark.case("N706")
def _nan_in_changed_weights(read_changed):
    def change(graph):
        graph.nodes["syn"].weight[2, 1] = np.inf

    read_changed(change)


@pytest.mark.case("N710")
def _no_time_step():
    _plain(*_chain(_linear(), _lif()), dt=None)


@pytest.mark.case("N711")
def _unknown_node_type(make_network):
    write_nir(make_network(), "x.nir")
    with h5py.File("x.nir", "r+") as file:
        del file["node/nodes/out/type"]
        file["node/nodes/out/type"] = "Izhikevich"
    read_nir("x.nir")


@pytest.mark.case("N711")
def _unsupported_node():
    scale = nir.Scale(np.ones(2))
    lif = _lif(2)
    _plain(*_chain(scale, lif))


@pytest.mark.case("N712")
def _unequal_neurons():
    lif = _lif()
    lif.v_threshold[:] = 1.0, 1.5, 2.0
    _plain(*_chain(_linear(), lif))


@pytest.mark.case("N713")
def _reset_and_bias():
    affine = nir.Affine(np.full((3, 2), 0.5), np.array([0.0, 0.1, 0.0]))
    _plain(*_chain(affine, _lif()))


@pytest.mark.case("N713")
def _reset_elsewhere():
    _plain(*_chain(_linear(), _lif(v_reset=-0.1)))


@pytest.mark.case("N713")
def _picture_as_input():
    shape = np.array([2, 3])
    nodes = {
        "in": nir.Input({"input": shape}),
        "out": nir.Output({"output": shape}),
    }
    _plain(nodes, [("in", "out")])


@pytest.mark.case("N714")
def _time_step_too_long():
    _plain(*_chain(_linear(), _lif(tau=0.0005)))


@pytest.mark.case("N715")
def _weights_follow_weights():
    nodes, _ = _chain(_linear(), _lif())
    nodes["fc2"] = nir.Linear(np.eye(3))
    _plain(nodes, [("in", "fc"), ("fc", "fc2"), ("fc2", "lif"), ("lif", "out")])


@pytest.mark.case("N715")
def _weights_without_neurons():
    nodes, _ = _chain(_linear(), _lif())
    del nodes["lif"]
    _plain(nodes, [("in", "fc"), ("fc", "out")])


@pytest.mark.case("N716")
def _skipped_layer():
    nodes, edges = _chain(_linear(), _lif())
    nodes |= {"fc2": nir.Linear(np.eye(3)), "lif2": _lif(), "fc3": _linear()}
    edges = [("in", "fc"), ("fc", "lif"), ("lif", "fc2"), ("fc2", "lif2")]
    edges += [("in", "fc3"), ("fc3", "lif2"), ("lif2", "out")]
    _plain(nodes, edges)
