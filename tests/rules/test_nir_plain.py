"""Plain NIR graphs are read, and our models shown, by the equations of the nodes."""

import warnings

import nir
import numpy as np
import pytest

from lahar.rules.evaluate import evaluate
from lahar.rules.library import (
    LIF,
    NEURONS,
    RULES,
    CubaLIF,
    ErrorLIF,
)
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_stock_neuron import stock_neuron
from lahar.rules.nir_write import write_nir
from lahar.rules.parser import parse_neuron

DT = 0.001


def _share_kept(state, params):
    leak = None if state.leak is None else evaluate(state.leak, params)
    if leak is None:
        return 1.0
    return 0.0 if leak == 0 else 1 - DT / leak


def _steps_of_model(neuron, weight, spikes):
    """Run one neuron as docs/semantics.md section 2 says; give v and spikes."""
    values = {s.name: 0.0 for s in neuron.states} | neuron.param_values
    seen = []
    for spike in spikes:
        values["current"] = weight * spike
        for state in neuron.states:
            keep = _share_kept(state, neuron.param_values)
            drive = evaluate(state.drive, values)
            values[state.name] = values[state.name] * keep + drive
        fired = neuron.spike is not None and evaluate(neuron.spike, values) != 0
        if fired:
            values["v"] = 0.0
        seen.append((values["v"], fired))
    return np.array(seen)


def _steps_of_node(node, spikes, kind):
    """Run one nir node by forward Euler of its published equation."""
    v = current = 0.0
    seen = []
    for spike in spikes:
        if "Cuba" in kind:
            current += DT / node["tau_syn"] * (-current + node["w_in"] * spike)
        else:
            current = spike
        if kind == "IF":
            v += DT * node["r"] * current
        else:
            tau = node.get("tau", node.get("tau_mem"))
            v += DT / tau * (node["v_leak"] - v + node["r"] * current)
        fired = "v_threshold" in node and v > node["v_threshold"]
        v = 0.0 if fired else v
        seen.append((v, fired))
    return np.array(seen)


NODES = {
    "LIF": {"tau": 0.02, "r": 8.0, "v_leak": 0.3, "v_threshold": 1.0, "v_reset": 0.0},
    "CubaLIF": {
        "tau_syn": 0.005,
        "tau_mem": 0.01,
        "r": 3.0,
        "v_leak": 0.1,
        "v_threshold": 0.8,
        "v_reset": 0.0,
        "w_in": 2.0,
    },
    "IF": {"r": 300.0, "v_threshold": 1.0, "v_reset": 0.0},
    "LI": {"tau": 0.02, "r": 8.0, "v_leak": 0.3},
}


@pytest.mark.parametrize("kind", NODES)
def test_a_plain_node_is_read_as_its_forward_euler_steps(tmp_path, kind):
    weight = 1.7
    values = NODES[kind]
    node = getattr(nir, kind)(**{k: np.array([v]) for k, v in values.items()})
    size = np.array([1])
    nodes = {
        "in": nir.Input({"input": size}),
        "fc": nir.Affine(np.array([[weight]]), np.zeros(1)),
        "n": node,
        "out": nir.Output({"output": size}),
    }
    edges = [("in", "fc"), ("fc", "n"), ("n", "out")]
    nir.write(tmp_path / "n.nir", nir.NIRGraph(nodes, edges))
    spikes = np.random.default_rng(0).random(200) < 0.5

    network = read_nir(tmp_path / "n.nir", dt=DT)
    projection = network.projection("fc")
    ours = _steps_of_model(network.group("n").neuron, projection.weights[0, 0], spikes)

    theirs = _steps_of_node(values, spikes * weight, kind)
    assert np.array_equal(ours[:, 1], theirs[:, 1])
    assert np.allclose(ours[:, 0], theirs[:, 0], rtol=1e-9, atol=1e-12)
    assert kind == "LI" or ours[:, 1].sum() > 5


WRITTEN = {
    "lif": LIF(bias=0.1),
    "cuba-lif": CubaLIF(bias=0.05),
    "error-lif": ErrorLIF(),
    "no memory": parse_neuron(
        "neuron N:\n    port current\n    state v, leak 0, reset 0\n"
        "    dv = 3 * current\n    spike = v > 1\n"
    ),
    "no leak": parse_neuron(
        "neuron N:\n    port current\n    state v, reset 0\n"
        "    dv = 0.2 * current\n    spike = v > 1\n"
    ),
    "no spike": parse_neuron(
        "neuron N:\n    port current\n    state v, leak 20 ms\n    dv = current - 0.1\n"
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_stock_node_of_a_model_makes_the_same_steps(name):
    neuron = WRITTEN[name]
    spikes = np.random.default_rng(0).random(300) < 0.4

    stock = stock_neuron(neuron, DT)

    # What ErrorLIF adds to a LIF does not change its spikes.
    ours = _steps_of_model(LIF() if name == "error-lif" else neuron, 0.4, spikes)
    theirs = _steps_of_node(stock.parameters, spikes * 0.4, stock.type)
    assert np.array_equal(ours[:, 1], theirs[:, 1])
    assert np.allclose(ours[:, 0], theirs[:, 0], rtol=1e-9, atol=1e-12)
    assert name == "no spike" or 5 < ours[:, 1].sum() < 200


def test_different_r_and_w_in_go_into_the_weights(tmp_path):
    lif = {k: np.full(2, v) for k, v in NODES["LIF"].items()}
    lif["r"] = np.array([10.0, 40.0])
    size = np.array([2])
    nodes = {
        "in": nir.Input({"input": size}),
        "n": nir.LIF(**lif),
        "out": nir.Output({"output": size}),
    }
    nir.write(tmp_path / "n.nir", nir.NIRGraph(nodes, [("in", "n"), ("n", "out")]))

    network = read_nir(tmp_path / "n.nir", dt=DT)

    (projection,) = network.projections
    assert np.allclose(projection.weights, np.diag([0.5, 2.0]))


def test_a_layered_recurrent_graph_is_read(tmp_path):
    random = np.random.default_rng(0)

    def lif(size):
        values = NODES["LIF"] | {"v_leak": 0.0, "r": 20.0}
        return nir.LIF(**{k: np.full(size, v) for k, v in values.items()})

    nodes = {
        "z_in": nir.Input({"input": np.array([3])}),
        "1.fc": nir.Linear(random.random((4, 3))),
        "1.lif": lif(4),
        "rec": nir.Linear(random.random((4, 4))),
        "2.fc": nir.Linear(random.random((2, 4))),
        "2.lif": lif(2),
        "out": nir.Output({"output": np.array([2])}),
    }
    edges = [("z_in", "1.fc"), ("1.fc", "1.lif"), ("1.lif", "rec"), ("rec", "1.lif")]
    edges += [("1.lif", "2.fc"), ("2.fc", "2.lif"), ("2.lif", "out")]
    nir.write(tmp_path / "net.nir", nir.NIRGraph(nodes, edges))

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a layer onto itself is no uneven path
        network = read_nir(tmp_path / "net.nir", dt=DT)

    assert network.name == "net"
    assert network.dt_seconds == DT
    assert [(g.name, g.size) for g in network.groups] == [
        ("z_in", 3),
        ("1.lif", 4),
        ("2.lif", 2),
    ]
    assert {(p.name, p.source, p.target) for p in network.projections} == {
        ("1.fc", "z_in", "1.lif"),
        ("rec", "1.lif", "1.lif"),
        ("2.fc", "1.lif", "2.lif"),
    }
    assert np.allclose(network.projection("rec").weights, nodes["rec"].weight)


def test_our_file_without_our_record_is_read_as_its_static_network(tmp_path):
    groups = (Group("pre", 3), Group("post", 2, NEURONS["error-lif"]))
    weights = np.random.default_rng(0).normal(size=(2, 3))
    projections = (Projection("p", "pre", "post", weights, rule=RULES["delta"]),)
    path = tmp_path / "n.nir"
    write_nir(Network("n", groups, projections, DT), path)
    graph = nir.read(path)
    graph.metadata = {}
    nir.write(path, graph)

    back = read_nir(path, dt=DT)

    assert back.group("post").neuron == LIF()
    assert back.projection("p").rule is None
    assert np.allclose(back.projection("p").weights, weights, rtol=1e-12)
