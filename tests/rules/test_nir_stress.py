"""Random NIR graphs: read, written and read again, they do what the graph says.

random_graphs.py draws them. They are run here node by node, straight from the equations
of nir and from nothing of lahar's.
"""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import nir
import numpy as np
import pytest

import lahar
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir
from lahar.sim.reference import run_reference


def neighbour(name):
    """Import a file beside this one: tests are no package."""
    spec = importlib.util.spec_from_file_location(
        name, Path(__file__).with_name(f"{name}.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GRAPHS = neighbour("random_graphs")
STEPS = 40
CASES = 30


def executed(drawn, inputs):
    """Run a graph; node to what it gives, (steps, ...)."""
    gave = {p: np.zeros((STEPS, *shape)) for p, shape in drawn.shapes.items()}
    v, i = dict.fromkeys(gave, 0.0), dict.fromkeys(gave, 0.0)
    for t in range(STEPS):
        for path in drawn.order:
            node, shape = drawn.flat[path], drawn.shapes[path]
            if isinstance(node, nir.Delay):
                (source,) = drawn.hears[path]
                late = t - np.rint(node.delay / drawn.dt).astype(int)
                rows = np.take_along_axis(gave[source], late.clip(0)[None], 0)[0]
                gave[path][t] = np.where(late >= 0, rows, 0.0)
                continue
            x = inputs[path][t] if path in inputs else 0.0
            for source in drawn.hears[path]:
                behind = (source, path) in drawn.late
                x = x + gave[source][t - behind] * (t >= behind)
            if not hasattr(node, "r"):
                gave[path][t] = GRAPHS.computed(node, x)
                continue
            numbers = {k: np.asarray(a, float) for k, a in parameters_of(node)}
            gave[path][t], v[path], i[path] = stepped(
                numbers, np.broadcast_to(x, shape), v[path], i[path], drawn.dt
            )
    return gave


def parameters_of(node):
    names = ("tau", "tau_mem", "tau_syn", "r", "v_leak", "w_in")
    known = (*names, "v_threshold", "v_reset")
    return [(k, getattr(node, k)) for k in known if hasattr(node, k)]


def stepped(p, x, v, i, dt):
    """Go a step of forward Euler: what is sent, the membrane, the current."""
    if "tau_syn" in p:
        i = i + dt / p["tau_syn"] * (p["w_in"] * x - i)
        x = i
    tau = p.get("tau", p.get("tau_mem"))
    v = (
        v + dt * p["r"] * x
        if tau is None
        else v + dt / tau * (p["v_leak"] - v + p["r"] * x)
    )
    if "v_threshold" not in p:
        return v, v, i
    spiked = v > p["v_threshold"]
    return spiked * 1.0, np.where(spiked, p["v_reset"], v), i


def differing(drawn, network, inputs, gave):
    """Name the observed nodes that do something else in the network."""
    tail = max(g.latency for g in network.groups)
    rows = {
        n: np.vstack([x.reshape(STEPS, -1), np.zeros((tail, x[0].size))])
        for n, x in inputs.items()
    }
    for group in network.groups:  # what drives a bias behind a Delay, in nir's words
        if group.neuron is None and group.name not in rows:
            assert group.name.startswith("input_")
            rows[group.name] = np.zeros((STEPS + tail, group.size))
    record = frozenset(f"{n}.{v}" for n, v in drawn.observed.items())
    stimulus = lahar.Stimulus(rows)
    found = run_reference(network, stimulus, STEPS + tail, record=record).variables
    wrong = []
    for name, variable in drawn.observed.items():
        behind = network.group(name).latency
        here = found[f"{name}.{variable}"][behind : behind + STEPS]
        there = gave[name].reshape(STEPS, -1)
        if not np.allclose(here, there, rtol=1e-8, atol=1e-9):
            wrong.append(name)
    return wrong


def inputs_of(drawn, seed):
    random = np.random.default_rng(seed)
    return {
        name: (random.random((STEPS, *drawn.shapes[name])) < 0.4) * 1.0
        for name, node in drawn.flat.items()
        if isinstance(node, nir.Input)
    }


@pytest.mark.parametrize("seed", range(CASES))
def test_a_random_graph_does_what_its_nodes_say(tmp_path, seed):
    drawn = GRAPHS.Drawn(seed)
    path, options = tmp_path / "net.nir", {"bounds": drawn.bounds}
    nir.write(path, drawn.graph)
    inputs = inputs_of(drawn, seed)
    gave = executed(drawn, inputs)

    network = read_nir(path, drawn.dt, **options)

    assert not differing(drawn, network, inputs, gave)
    write_nir(network, path)
    assert read_nir(path) == network
    plain = nir.read(path)
    plain.metadata = {}  # what another tool reads
    nir.write(path, plain)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        again = read_nir(path, drawn.dt, **options)
    if any(g.latency for g in network.groups):  # else nobody knows the graph's steps
        assert not differing(drawn, again, inputs, gave)


def test_what_is_drawn_is_worth_it():
    kinds, spiking = set(), 0
    for seed in range(CASES):
        drawn = GRAPHS.Drawn(seed)
        kinds |= {type(node).__name__ for node in drawn.flat.values()}
        kinds |= {"subgraph" for path in drawn.flat if path.endswith(".lif")}
        inputs = inputs_of(drawn, seed)
        gave = executed(drawn, inputs)
        observed = drawn.observed.items()
        spiking += any(gave[n].any() for n, v in observed if v == "s_out")

    assert kinds >= {"LIF", "IF", "CubaLIF", "Threshold", "LI", "CubaLI", "I"}
    assert kinds >= {"Linear", "Affine", "Scale", "Delay", "Flatten", "subgraph"}
    assert kinds >= {"Conv1d", "Conv2d", "SumPool2d", "AvgPool2d"}
    assert spiking > 0.9 * CASES


def test_a_name_with_a_dot_is_no_node_of_a_subgraph(tmp_path):
    def lif():
        return nir.LIF(*(np.full(3, v) for v in (0.01, 10.0, 0.0, 1.0)))

    ends = {
        "input": nir.Input({"input": np.array([3])}),
        "output": nir.Output({"output": np.array([3])}),
    }
    inner = nir.NIRGraph({**ends, "lif": lif()}, [("input", "lif"), ("lif", "output")])
    nodes = {**ends, "1": inner, "1.lif": lif()}
    edges = [("input", "1"), ("1", "1.lif"), ("1.lif", "output")]
    nir.write(tmp_path / "net.nir", nir.NIRGraph(nodes, edges))

    network = read_nir(tmp_path / "net.nir", 0.001)

    assert [g.latency for g in network.groups] == [0, 1, 2]
    assert {g.name for g in network.groups} == {"input", "1.lif", "1.lif_2"}
