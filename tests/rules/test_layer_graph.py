"""A graph of layers and the network that is made of it give the same spikes.

The graph is run here by another way, node by node in the same step, as frameworks do.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

import lahar
from lahar.diagnostics import LaharError
from lahar.rules.layer_graph import (
    Delay,
    Edge,
    LayerGraph,
    LinearMap,
    Neurons,
    Sink,
    Source,
    network_of,
)
from lahar.rules.library import NEURONS
from lahar.rules.network import Group
from lahar.rules.parser import parse_network
from lahar.rules.printer import print_network

DT = 0.001
STEPS = 300


def _linear(random, out, into, bias=0.1, density=1.0):
    weights = random.normal(0.1, 0.5, (out, into))
    weights *= random.random((out, into)) < density
    return LinearMap(sparse.csr_array(weights), random.normal(0.0, bias, out))


def _deep_graph(seed):
    """Three layers with delays, recurrence and a connection that skips a layer."""
    random = np.random.default_rng(seed)
    lif = NEURONS["lif"]
    differing = {
        "tau": random.uniform(0.005, 0.02, 6),
        "threshold": random.uniform(0.5, 1.0, 6),
        "bias": random.normal(0.0, 0.02, 6),
    }
    nodes = {
        "in": Source(5),
        "fc1": _linear(random, 6, 5),
        "a": Neurons(lif, 6, differing, gain=random.uniform(0.5, 1.5, 6)),
        "delay": Delay(random.integers(0, 4, 6)),
        "fc2": _linear(random, 4, 6),
        "b": Neurons(lif, 4, {"threshold": np.full(4, 0.7)}),
        "loop": _linear(random, 4, 4),
        "skip": _linear(random, 4, 5, density=0.5),
        "fc3": _linear(random, 3, 4),
        "late": Delay(np.array([2, 0, 5])),
        "out": Sink(3),
    }
    edges = [
        *(Edge("in", "fc1"), Edge("fc1", "a"), Edge("a", "delay")),
        *(Edge("delay", "fc2"), Edge("fc2", "b")),
        *(Edge("b", "loop", lag=1), Edge("loop", "b")),
        *(Edge("in", "skip"), Edge("skip", "b")),
        *(Edge("b", "fc3"), Edge("fc3", "late"), Edge("late", "out")),
    ]
    return LayerGraph(nodes, edges)


def _same_step_run(graph, order, inputs):
    """Run node by node; nodes in ``order`` see what those before them gave now."""
    given = {n: [] for n in graph.nodes}
    voltage = dict.fromkeys(graph.nodes, 0.0)
    for t, row in enumerate(inputs):
        for name in order:
            node = graph.nodes[name]
            arrived = sum(
                given[e.source][t - e.lag]
                for e in graph.edges
                if e.target == name and t >= e.lag
            )
            match node:
                case Source():
                    value = row
                case LinearMap():
                    value = node.matrix @ np.broadcast_to(arrived, node.matrix.shape[1])
                    value = value + node.bias
                case Delay():
                    given[f"{name}<"] = [*given.get(f"{name}<", []), arrived]
                    late = [t - d for d in node.steps]
                    value = np.array(
                        [
                            given[f"{name}<"][when][k] if when >= 0 else 0.0
                            for k, when in enumerate(late)
                        ]
                    )
                case Neurons():
                    values = {**node.neuron.param_values, **node.per_neuron}
                    gain = 1.0 if node.gain is None else node.gain
                    v = voltage[name] * (1 - DT / values["tau"])
                    v = v + gain * arrived + values["bias"]
                    value = (v > values["threshold"]).astype(float)
                    voltage[name] = np.where(value > 0, 0.0, v)
                case Sink():
                    value = arrived
            given[name].append(value)
    return {n: np.array(given[n]) for n in graph.nodes}


@pytest.mark.parametrize("seed", range(3))
def test_the_network_gives_the_spikes_of_the_graph_its_latency_later(seed):
    graph = _deep_graph(seed)
    inputs = np.random.default_rng(seed + 50).random((STEPS, 5)) < 0.3
    network = network_of(graph, "deep", DT)
    after = np.zeros((10, 5), bool)
    stimulus = lahar.Stimulus({"in": np.vstack([inputs, after])})
    order = ["in", "fc1", "a", "delay", "fc2", "loop", "skip", "b"]

    wanted = _same_step_run(graph, [*order, "fc3", "late", "out"], inputs)
    program = lahar.compile(network, chip="loihi2")
    got = lahar.run(
        program, stimulus, steps=STEPS + 10, backend="reference", record="all"
    )

    for name, variable in (("a", "a.s_out"), ("b", "b.s_out")):
        behind = network.group(name).latency
        assert wanted[name].sum() > 100
        assert np.array_equal(got[variable][behind : behind + STEPS], wanted[name])
    behind = network.group("out").latency
    assert np.allclose(
        got["out.v"][behind : behind + STEPS], wanted["out"], rtol=0, atol=1e-12
    )


def test_latencies_are_the_longest_ways_and_shorter_ways_get_delays():
    network = network_of(_deep_graph(0), "deep", DT)

    assert {g.name: g.latency for g in network.groups if "clock" not in g.name} == {
        "in": 0,
        "a": 1,
        "b": 2,
        "out": 3,
    }
    assert network.projection("skip").delay == 1
    assert network.projection("loop").delay == 0
    assert np.array_equal(
        network.projection("fc2").delays[0], _deep_graph(0).nodes["delay"].steps
    )


def test_the_text_form_carries_latencies_and_differing_parameters():
    network = network_of(_deep_graph(1), "deep", DT)
    text, arrays = print_network(network)

    assert "latency 2 steps" in text
    assert parse_network(text, arrays, "deep") == network


def test_a_delay_saves_the_latency_that_it_covers():
    lif = NEURONS["lif"]
    nodes = {"in": Source(2), "d": Delay(np.array([1, 3])), "n": Neurons(lif, 2)}
    network = network_of(LayerGraph(nodes, [Edge("in", "d"), Edge("d", "n")]), "n", DT)

    assert network.group("n").latency == 0
    assert network.projection("d").delays.tolist() == [[0, 0], [0, 2]]


def test_delays_that_a_layer_mixes_become_a_projection_each():
    random = np.random.default_rng(0)
    nodes = {
        "in": Source(2),
        "one": _linear(random, 3, 2, bias=0.0),
        "d": Delay(np.array([0, 2, 2])),
        "two": _linear(random, 3, 3, bias=0.0),
        "n": Neurons(NEURONS["lif"], 3),
    }
    names = list(nodes)
    edges = [Edge(a, b) for a, b in pairwise(names)]
    network = network_of(LayerGraph(nodes, edges), "n", DT)

    assert [int(p.delay) for p in network.projections] == [0, 2]
    total = sum(p.weights for p in network.projections)
    both = nodes["two"].matrix @ nodes["one"].matrix
    assert np.allclose(total, both.toarray())


def test_a_large_map_of_few_entries_lists_its_synapses(monkeypatch):
    graph = _deep_graph(3)
    matrix = graph.nodes["skip"].matrix
    matrix.data[0] = 0.0  # a synapse all the same
    dense = network_of(graph, "n", DT)
    for name, value in (("LARGE", 1), ("FEW", 1.1)):
        monkeypatch.setattr(f"lahar.rules.layer_projections.{name}", value)
    listed = network_of(graph, "n", DT)

    maps = [p for p in listed.projections if p.source != "n_clock"]
    assert len(maps) > 4
    assert all(p.pairs is not None for p in maps)
    for one, other in zip(dense.projections, listed.projections, strict=True):
        made = other.dense()
        there = one.is_connected
        assert np.array_equal(made.weights, one.weights)
        assert np.array_equal(made.is_connected, there)
        assert np.array_equal(made.delays[there], one.delays[there])


def _loop(lag, or_more=False):
    random = np.random.default_rng(1)
    nodes = {
        "in": Source(2),
        "a": Neurons(NEURONS["lif"], 2),
        "ab": _linear(random, 2, 2),
        "b": Neurons(NEURONS["lif"], 2),
        "ba": _linear(random, 2, 2),
    }
    edges = [Edge("in", "a"), Edge("a", "ab"), Edge("ab", "b")]
    edges += [Edge("b", "ba", lag, or_more=or_more), Edge("ba", "a")]
    return LayerGraph(nodes, edges)


def test_a_loop_that_is_passed_faster_than_a_chip_can_is_refused():
    with pytest.raises(LaharError, match=r"N723.*takes 1 step there, and 2 steps here"):
        network_of(_loop(lag=1), "n", DT)

    assert network_of(_loop(lag=2), "n", DT).projection("ba").delay == 0
    assert network_of(_loop(lag=4), "n", DT).projection("ba").delay == 2


def test_a_loop_whose_lag_nobody_defines_takes_as_long_as_it_has_to():
    network = network_of(_loop(lag=1, or_more=True), "n", DT)

    assert network.projection("ba").delay == 0
    assert network.group("b").latency == network.group("a").latency + 1


def test_a_loop_of_weights_alone_is_refused():
    random = np.random.default_rng(1)
    nodes = {"in": Source(2), "w": _linear(random, 2, 2), "n": Sink(2)}
    edges = [Edge("in", "w"), Edge("w", "w", 1), Edge("w", "n")]

    with pytest.raises(LaharError, match="N720"):
        network_of(LayerGraph(nodes, edges), "n", DT)


def test_sizes_that_do_not_fit_are_refused():
    nodes = {"in": Source(2), "n": Neurons(NEURONS["lif"], 3)}

    with pytest.raises(LaharError, match="N721"):
        network_of(LayerGraph(nodes, [Edge("in", "n")]), "n", DT)


def test_a_time_constant_of_a_trace_has_to_be_alike():
    differing = {"tau_rate": np.array([0.01, 0.02])}
    nodes = {"in": Source(2), "n": Neurons(NEURONS["error-lif"], 2, differing)}

    with pytest.raises(LaharError, match="N722"):
        network_of(LayerGraph(nodes, [Edge("in", "n")]), "n", DT)


@pytest.mark.parametrize("latency", [-1, 0.5, np.nan])
def test_a_latency_is_a_whole_number_of_steps(latency):
    with pytest.raises(LaharError, match="R177"):
        Group("a", 1, NEURONS["lif"], latency=latency)


def test_the_chips_arithmetic_waits_and_leaks_as_the_reference_does():
    network = network_of(_deep_graph(2), "deep", DT)
    inputs = np.random.default_rng(3).random((STEPS, 5)) < 0.3
    program = lahar.compile(network, chip="loihi2")

    def run(backend):
        return lahar.run(
            program,
            lahar.Stimulus({"in": inputs}),
            steps=STEPS,
            backend=backend,
            record="all",
        )

    exact, slow, fast = (run(b) for b in ("reference", "interpreter", "sim"))

    for name in ("a.s_out", "b.s_out"):
        assert np.array_equal(slow[name], fast[name])
        assert np.mean(slow[name] != exact[name]) < 0.02
    for group in network.groups:
        asleep = slow[f"{group.name}.s_out"][: group.latency]
        assert not asleep.any()


def test_a_resting_neuron_that_waits_is_the_chips_own_lif():
    nodes = {"in": Source(2), "n": Neurons(NEURONS["lif"], 2)}
    network = network_of(LayerGraph(nodes, [Edge("in", "n")]), "n", DT)
    program = lahar.compile(network, chip="loihi1")

    assert network.group("n").latency == 1
    assert "waited" not in {r.name for r in program.populations[1].neuron.registers}
