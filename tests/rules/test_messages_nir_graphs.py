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
def _unknown_node_in_a_subgraph(make_network):
    inner = nir.NIRGraph(*_chain(_linear(), _lif()))
    nodes = {
        "in": nir.Input({"input": np.array([2])}),
        "sub": inner,
        "out": nir.Output({"output": np.array([3])}),
    }
    nir.write("x.nir", nir.NIRGraph(nodes, [("in", "sub"), ("sub", "out")]))
    with h5py.File("x.nir", "r+") as file:
        del file["node/nodes/sub/nodes/lif/type"]
        file["node/nodes/sub/nodes/lif/type"] = "ALIF"
    read_nir("x.nir", 0.001)


@pytest.mark.case("N713")
def _delay_between_two_steps():
    _plain(*_chain(nir.Delay(np.array([0.001, 0.0015])), _lif(2)))


@pytest.mark.case("N713")
def _same_padding_with_a_stride():
    conv = nir.Conv2d((4, 4), np.ones((1, 1, 3, 3)), 2, "same", 1, 1, np.zeros(1))
    nodes, edges = _chain(conv, _lif((1, 4, 4)))
    nodes["in"] = nir.Input({"input": np.array([1, 4, 4])})
    _plain(nodes, edges)


@pytest.mark.case("N713")
def _reset_potential_and_subtraction():
    nodes, edges = _chain(_linear(), _lif(v_reset=-0.1))
    nir.write("x.nir", nir.NIRGraph(nodes, edges))
    read_nir("x.nir", 0.001, reset="subtract")


@pytest.mark.case("N714")
def _time_step_too_long():
    _plain(*_chain(_linear(), _lif(tau=0.0005)))


@pytest.mark.case("N715")
def _an_output_in_the_middle():
    nodes, _ = _chain(_linear(), _lif())
    nodes["end"] = nir.Output({"output": np.array([3])})
    edges = [("in", "fc"), ("fc", "out"), ("out", "lif"), ("lif", "end")]
    _plain(nodes, edges)


@pytest.mark.case("N715")
def _back_into_the_input():
    nodes, edges = _chain(nir.Linear(np.eye(2)), _lif(2))
    _plain(nodes, [*edges, ("lif", "in")])


@pytest.mark.case("N716")
def _loop_over_two_groups():
    nodes, edges = _chain(_linear(), _lif())
    nodes |= {"ab": nir.Linear(np.eye(3)), "b": _lif(), "ba": nir.Linear(np.eye(3))}
    edges += [("lif", "ab"), ("ab", "b"), ("b", "ba"), ("ba", "lif")]
    _plain(nodes, edges)


def _unchecked(nodes, edges):
    nir.write("x.nir", nir.NIRGraph(nodes, edges, type_check=False))
    read_nir("x.nir", 0.001)


@pytest.mark.case("N724")
def _edge_to_a_node_that_is_gone():
    nodes, edges = _chain(_linear(), _lif())
    _unchecked(nodes, [*edges, ("lif", "fc2")])


@pytest.mark.case("N725")
def _node_that_nothing_leads_to():
    nodes, edges = _chain(_linear(), _lif())
    nodes["fc2"] = _linear()
    _unchecked(nodes, [*edges, ("fc2", "lif")])


@pytest.mark.case("N725")
def _node_that_is_joined_to_nothing():
    nodes, edges = _chain(_linear(), _lif())
    nodes["lost"] = _lif()
    _unchecked(nodes, edges)


@pytest.mark.case("N726")
def _edge_that_stands_twice():
    nodes, edges = _chain(_linear(), _lif())
    _unchecked(nodes, [*edges, edges[0]])


@pytest.mark.case("N727")
def _subgraph_with_two_inputs():
    nodes, edges = _chain(_linear(), _lif())
    nodes["in2"] = nir.Input({"input": np.array([2])})
    inner = nir.NIRGraph(nodes, [*edges, ("in2", "fc")])
    outer = {
        "in": nir.Input({"input": np.array([2])}),
        "sub": inner,
        "out": nir.Output({"output": np.array([3])}),
    }
    _unchecked(outer, [("in", "sub"), ("sub", "out")])


@pytest.mark.case("N728")
def _weights_for_other_inputs():
    _unchecked(*_chain(nir.Linear(np.ones((3, 5))), _lif()))


@pytest.mark.case("N728")
def _kernel_for_other_channels():
    conv = nir.Conv2d((4, 4), np.ones((1, 2, 3, 3)), 1, 0, 1, 1, np.zeros(1))
    nodes, edges = _chain(conv, _lif((1, 2, 2)))
    nodes["in"] = nir.Input({"input": np.array([3, 4, 4])})
    _unchecked(nodes, edges)


@pytest.mark.case("N729")
def _values_without_bounds():
    nodes, edges = _chain(_linear(), _lif())
    li = nir.LI(np.full(3, 0.01), np.full(3, 2.0), np.zeros(3))
    nodes |= {"li": li, "fc2": nir.Linear(np.eye(3))}
    edges = [("in", "fc"), ("fc", "li"), ("li", "fc2"), ("fc2", "lif"), ("lif", "out")]
    _plain(nodes, edges)


@pytest.mark.case("N729")
def _values_that_nothing_bounds():
    nodes, edges = _chain(_linear(), _lif())
    nodes["i"] = nir.I(np.full(3, 2.0))
    edges = [("in", "fc"), ("fc", "i"), ("i", "lif"), ("lif", "out")]
    _plain(nodes, edges)


@pytest.mark.case("N730")
def _bounds_for_spikes():
    nodes, edges = _chain(_linear(), _lif())
    nir.write("x.nir", nir.NIRGraph(nodes, edges))
    read_nir("x.nir", 0.001, bounds={"lif": (0.0, 1.0)})


@pytest.mark.case("N731")
def _lif_without_a_threshold():
    nir.write("x.nir", nir.NIRGraph(*_chain(_linear(), _lif())))
    with h5py.File("x.nir", "r+") as file:
        del file["node/nodes/lif/v_threshold"]
    read_nir("x.nir", 0.001)


@pytest.mark.case("N732")
def _reset_that_there_is_not():
    nir.write("x.nir", nir.NIRGraph(*_chain(_linear(), _lif())))
    read_nir("x.nir", 0.001, reset="soft")
