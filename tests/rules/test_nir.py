"""Networks in NIR files: equal when they come back, plain for all other tools."""

import json
import os
import warnings

import nir
import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.rules.evaluate import evaluate
from lahar.rules.library import (
    LIF,
    NEURONS,
    RULES,
    STDP,
    CubaLIF,
    DeltaRule,
    ErrorLIF,
    InhibitorySTDP,
    RewardSTDP,
)
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_stock import stock_neuron
from lahar.rules.nir_write import write_nir
from lahar.rules.parser import parse_neuron

DT = 0.001


@pytest.fixture
def network():
    """Give two variants of one rule, a recurrent and an inhibitory projection."""
    random = np.random.default_rng(1)
    groups = (
        Group("pre", 4),
        Group("a/b", 3, ErrorLIF(tau=0.03)),
        Group("hidden.1", 2, CubaLIF()),
        Group("out", 3, LIF(bias=0.25)),
    )
    projections = (
        Projection("p", "pre", "a/b", random.normal(size=(3, 4)), rule=DeltaRule()),
        Projection("q", "pre", "hidden.1", random.random((2, 4)), rule=STDP()),
        Projection("q/2", "pre", "out", random.random((3, 4)), rule=STDP(a_plus=0.5)),
        Projection("out", "out", "out", random.random((3, 3)), rule=InhibitorySTDP()),
        Projection("r", "hidden.1", "out", random.random((3, 2)), rule=RewardSTDP()),
        Projection("s", "a/b", "out", random.random((3, 3))),
    )
    return Network("all kinds", groups, projections, DT)


@pytest.fixture
def file(tmp_path, network):
    path = tmp_path / "n.nir"
    write_nir(network, path)
    return path


def test_a_network_comes_back_equal(file, network):
    assert read_nir(file) == network


def test_it_comes_back_equal_after_another_tool_read_and_wrote_it(file, network):
    nir.write(file, nir.read(file))

    assert read_nir(file) == network


def test_it_comes_back_equal_after_a_tool_that_computes_in_float32(file, network):
    graph = nir.read(file)
    for node in graph.nodes.values():
        for name, value in vars(node).items():
            if isinstance(value, np.ndarray) and value.dtype == np.float64:
                setattr(node, name, value.astype(np.float32))
    nir.write(file, graph)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_nir(file) == network


def test_another_tool_reads_a_plain_static_network(file, network):
    graph = nir.read(file)

    types = {name: type(node).__name__ for name, node in graph.nodes.items()}
    assert types == {
        "pre": "Input",
        "a_b": "LIF",
        "hidden.1": "CubaLIF",
        "out": "LIF",
        "p": "Linear",
        "q": "Linear",
        "q_2": "Linear",
        "out_2": "Linear",
        "r": "Linear",
        "s": "Linear",
        "output_out": "Output",
    }
    assert ("out", "out_2") in graph.edges
    assert ("out_2", "out") in graph.edges
    weights = network.projection("p").weights
    assert np.array_equal(graph.nodes["p"].weight, weights)
    assert np.array_equal(graph.nodes["a_b"].tau, np.full(3, 0.03))


def test_an_inhibitory_rule_is_shown_by_negative_weights(file, network):
    shown = nir.read(file).nodes["out_2"].weight

    assert np.array_equal(shown, -network.projection("out").weights)


def test_the_record_is_one_json_string_and_flat_arrays(file):
    metadata = nir.read(file).metadata

    record = json.loads(metadata.pop("lahar"))
    assert record["groups"]["a/b"] == ["a_b"]
    assert record["discretisation"]["dt_seconds"] == DT
    assert set(metadata) == set(record["arrays"].values())
    assert all(key.startswith("lahar_array_") for key in metadata)


@pytest.mark.parametrize("polarity", ["excitatory", "inhibitory"])
def test_changed_weights_of_the_stock_node_win_with_a_warning(tmp_path, polarity):
    rule = RULES["stdp" if polarity == "excitatory" else "stdp-inhibitory"]
    groups = (Group("pre", 1), Group("post", 1, LIF()))
    half = np.full((1, 1), 0.5)
    projections = (Projection("p", "pre", "post", half, rule=rule),)
    path = tmp_path / "n.nir"
    write_nir(Network("n", groups, projections, DT), path)
    graph = nir.read(path)
    graph.nodes["p"].weight *= 1.5
    nir.write(path, graph)

    with pytest.warns(UserWarning, match="N709"):
        back = read_nir(path)

    assert back.projection("p").weights == 0.75
    assert back.projection("p").rule == rule


def test_a_given_time_step_replaces_that_of_the_file(file):
    assert read_nir(file, dt=0.0005).dt_seconds == 0.0005


@pytest.mark.parametrize("dt", [0.0, -0.001, float("nan"), float("inf")])
def test_a_time_step_that_is_none_is_refused(file, dt):
    with pytest.raises(LaharError, match="R150"):
        read_nir(file, dt=dt)


@pytest.mark.parametrize(
    "groups",
    [
        (Group("only", 2),),
        (Group("only", 2, LIF()),),
        (Group("a", 2, LIF()), Group("b", 2, LIF())),
    ],
)
@pytest.mark.parametrize("in_a_loop", [False, True])
def test_networks_without_a_way_in_or_out_are_written_too(tmp_path, groups, in_a_loop):
    names = [g.name for g in groups if g.neuron is not None]
    pairs = zip(names, names[1:] + names[:1], strict=True) if in_a_loop else ()
    projections = tuple(Projection(f"{a}{b}", a, b, np.eye(2)) for a, b in pairs)
    network = Network("n", groups, projections, DT)

    write_nir(network, tmp_path / "n.nir")

    assert read_nir(tmp_path / "n.nir") == network


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(
    file, network, monkeypatch
):
    def fail(path, graph):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr(nir, "write", fail)

    with pytest.raises(LaharError, match=r"N717.*No space left"):
        write_nir(network, file)

    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]


def test_a_network_with_nan_weights_is_not_written(tmp_path):
    weights = np.full((1, 1), np.nan)
    groups = (Group("a", 1), Group("b", 1, LIF()))
    network = Network("n", groups, (Projection("p", "a", "b", weights),), DT)

    with pytest.raises(LaharError, match="R123"):
        write_nir(network, tmp_path / "n.nir")

    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("keep", [0, 100, 2000, 0.5, 0.99])
def test_a_truncated_file_is_a_diagnostic(file, keep):
    data = file.read_bytes()
    file.write_bytes(data[: int(keep * len(data) if 0 < keep < 1 else keep)])

    with pytest.raises(LaharError, match=r"N70[23]"):
        read_nir(file)


def test_a_record_with_any_part_replaced_is_a_diagnostic_or_does_no_harm(file):
    graph = nir.read(file)
    record = json.loads(graph.metadata["lahar"])
    random = np.random.default_rng(3)
    refused = 0

    for _ in range(25):
        graph.metadata["lahar"] = json.dumps(_with_a_part_replaced(record, random))
        nir.write(file, graph)
        try:
            read_nir(file)
        except LaharError:
            refused += 1

    assert refused > 12


def _with_a_part_replaced(record, random):
    junk = [None, 0, -1, 1.5, 10**400, "", "a", [], ["a"], {}, {"a": 1}, [["a"]], True]
    copy = part = json.loads(json.dumps(record))
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = keys[random.integers(len(keys))]
        if not (isinstance(part[key], (dict, list)) and part[key]):
            break
        if random.random() < 0.3:
            break
        part = part[key]
    part[key] = junk[random.integers(len(junk))]
    return copy


# --- the equations of the nodes ---------------------------------------------------


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
