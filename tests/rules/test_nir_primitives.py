"""Every primitive of NIR is read as the equation that its documentation gives.

A graph is run here node by node by those equations, in the same step, on arrays of
their own shapes; the network that is read from it has to give the same values, its
latency later. What torch says of kernels is in test_nir_kernels.py.
"""

from itertools import pairwise

import nir
import numpy as np
import pytest

import lahar
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir

DT = 0.001
STEPS = 120


class Runner:
    """The equations of nir's own docstrings, by forward Euler."""

    def __init__(self, nodes, edges, back=()):
        self.nodes, self.edges, self.back = nodes, edges, set(back)
        self.v = dict.fromkeys(nodes, 0.0)
        self.i = dict.fromkeys(nodes, 0.0)
        self.past = {n: [] for n in nodes}
        self.given = {n: [] for n in nodes}

    def step(self, t, inputs, order):
        for name in order:
            terms = [
                self.given[a][t - ((a, b) in self.back)]
                for a, b in self.edges
                if b == name and t >= ((a, b) in self.back)
            ]
            none = np.zeros(self.nodes[name].input_type["input"])
            arrived = inputs[name] if name in inputs else sum(terms, none)
            self.given[name].append(self.node(name, self.nodes[name], arrived, t))

    def node(self, name, node, x, t):
        kind = type(node).__name__
        match kind:
            case "Linear":
                return np.einsum("...oi,...i->...o", node.weight, x)
            case "Affine":
                return np.einsum("...oi,...i->...o", node.weight, x) + node.bias
            case "Scale":
                return node.scale * x
            case "Flatten":
                return x.reshape(-1)
            case "Delay":
                self.past[name].append(x)
                late = t - np.rint(node.delay / DT).astype(int)
                rows = np.array(self.past[name])
                flat = rows.reshape(len(rows), -1)
                values = [
                    flat[when, k] if when >= 0 else 0.0
                    for k, when in enumerate(late.reshape(-1))
                ]
                return np.array(values).reshape(late.shape)
            case "Threshold":
                return (x > node.threshold) * 1.0
        if kind in ("Input", "Output"):
            return x
        if "Cuba" in kind:
            self.i[name] += DT / node.tau_syn * (-self.i[name] + node.w_in * x)
            x = self.i[name]
        if kind in ("I", "IF"):
            v = self.v[name] + DT * node.r * x
        else:
            tau = node.tau_mem if "Cuba" in kind else node.tau
            v = self.v[name] + DT / tau * (node.v_leak - self.v[name] + node.r * x)
        self.v[name] = v
        if not hasattr(node, "v_threshold"):
            return v
        spiked = v > node.v_threshold
        self.v[name] = np.where(spiked, node.v_reset, v)
        return spiked * 1.0


def _shape(*n):
    return np.array(n)


def _neurons(random, kind, *shape, reset=False):
    def one(low, high):
        return random.uniform(low, high, shape)

    values = {"r": one(5.0, 20.0)}
    if kind in ("LIF", "LI"):
        values |= {"tau": one(0.005, 0.03), "v_leak": one(-0.2, 0.3)}
    if "Cuba" in kind:
        values |= {"tau_syn": one(0.002, 0.01), "tau_mem": one(0.005, 0.03)}
        values |= {"v_leak": one(-0.2, 0.3), "w_in": one(0.5, 2.0)}
    if kind in ("I", "IF"):
        values["r"] = one(100.0, 300.0)
    if kind in ("LIF", "IF", "CubaLIF"):
        values["v_threshold"] = one(0.5, 1.0)
        values["v_reset"] = one(-0.3, 0.2) if reset else np.zeros(shape)
    return getattr(nir, kind)(**values)


def _chain(*nodes):
    named = dict(zip("abcdefgh", nodes, strict=False))
    names = list(named)
    return named, list(pairwise(names))


def _affine(random, out, into, leading=()):
    weight = random.normal(0.1, 0.4, (*leading, out, into))
    return nir.Affine(weight, random.normal(0.0, 0.1, (*leading, out)))


def _check(tmp_path, nodes, edges, observed, back=(), order=None, **options):
    """Compare spikes or values of the observed nodes with those of the network."""
    graph = nir.NIRGraph(dict(nodes), list(edges), type_check=False)
    nir.write(tmp_path / "net.nir", graph)
    network = read_nir(tmp_path / "net.nir", DT, **options)
    random = np.random.default_rng(9)
    sources = {n: v for n, v in nodes.items() if isinstance(v, nir.Input)}
    inputs = {
        n: (random.random((STEPS, *node.input_type["input"])) < 0.4) * 1.0
        for n, node in sources.items()
    }
    runner = Runner(nodes, edges, back)
    for t in range(STEPS):
        runner.step(t, {n: x[t] for n, x in inputs.items()}, order or nodes)
    _compare(network, inputs, runner, observed)
    _compare(_rewritten(tmp_path, network, options), inputs, runner, observed)
    return network


def _rewritten(tmp_path, network, options):
    """Write the network, and read what a tool sees that knows nothing of lahar."""
    write_nir(network, tmp_path / "again.nir")
    graph = nir.read(tmp_path / "again.nir")
    assert read_nir(tmp_path / "again.nir") == network
    graph.metadata = {}
    nir.write(tmp_path / "again.nir", graph)
    return read_nir(tmp_path / "again.nir", DT, **options)


def _compare(network, inputs, runner, observed):
    tail = max(g.latency for g in network.groups)
    stimulus = lahar.Stimulus(
        {
            n: np.vstack([x.reshape(STEPS, -1), np.zeros((tail, x[0].size))])
            for n, x in inputs.items()
        }
    )
    program = lahar.compile(network, chip="loihi2")
    recording = lahar.run(
        program, stimulus, steps=STEPS + tail, backend="reference", record="all"
    )
    for name, variable in observed.items():
        behind = network.group(name).latency
        wanted = np.array(runner.given[name]).reshape(STEPS, -1)
        got = recording[f"{name}.{variable}"][behind : behind + STEPS]
        if variable == "s_out" and set(np.unique(wanted)) <= {0.0, 1.0}:
            assert 0 < wanted.mean() < 1
            assert np.array_equal(got, wanted), name
        else:
            assert np.ptp(wanted) > 0
            assert np.allclose(got, wanted, rtol=1e-9, atol=1e-12), name


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("kind", ["LIF", "IF", "CubaLIF"])
def test_spiking_neurons_that_all_differ(tmp_path, kind, reset):
    random = np.random.default_rng(1)
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        _affine(random, 6, 4),
        _neurons(random, kind, 6, reset=reset),
        nir.Output({"output": _shape(6)}),
    )

    _check(tmp_path, nodes, edges, {"c": "s_out"})


@pytest.mark.parametrize("kind", ["LI", "CubaLI", "I"])
def test_integrators_are_read_outs(tmp_path, kind):
    random = np.random.default_rng(2)
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        _affine(random, 3, 4),
        _neurons(random, kind, 3),
        nir.Output({"output": _shape(3)}),
    )

    _check(tmp_path, nodes, edges, {"c": "v"})


@pytest.mark.parametrize("kind", ["LI", "CubaLI"])
def test_integrators_send_their_values_on(tmp_path, kind):
    random = np.random.default_rng(3)
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        _affine(random, 3, 4),
        _neurons(random, kind, 3),
        _affine(random, 5, 3),
        _neurons(random, "LIF", 5),
        nir.Output({"output": _shape(5)}),
    )

    bounds = {"c": (-20.0, 20.0)}
    _check(tmp_path, nodes, edges, {"c": "v", "e": "s_out"}, bounds=bounds)


def test_threshold_spikes_in_the_same_step(tmp_path):
    random = np.random.default_rng(4)
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        _affine(random, 5, 4),
        nir.Threshold(random.uniform(0.1, 0.3, 5)),
        _affine(random, 3, 5),
        _neurons(random, "LIF", 3),
        nir.Output({"output": _shape(3)}),
    )

    _check(tmp_path, nodes, edges, {"c": "s_out", "e": "s_out"})


def test_weights_follow_weights_and_end_in_an_output(tmp_path):
    random = np.random.default_rng(5)
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        _affine(random, 5, 4),
        nir.Scale(random.uniform(0.5, 2.0, 5)),
        nir.Linear(random.normal(0.0, 0.5, (3, 5))),
        _neurons(random, "IF", 3),
        _affine(random, 2, 3),
        nir.Output({"output": _shape(2)}),
    )

    network = _check(tmp_path, nodes, edges, {"e": "s_out", "g": "v"})

    assert [p.name for p in network.projections] == ["d", "f"]


def test_weights_and_neurons_of_several_dimensions(tmp_path):
    random = np.random.default_rng(6)
    nodes, edges = _chain(
        nir.Input({"input": _shape(2, 3)}),
        _affine(random, 4, 3, leading=(2,)),
        _neurons(random, "LIF", 2, 4, reset=True),
        nir.Scale(random.uniform(0.5, 2.0, (2, 4))),
        nir.Delay(random.integers(0, 4, (2, 4)) * DT),
        nir.Flatten({"input": _shape(2, 4)}, 0, -1),
        _affine(random, 3, 8),
        _neurons(random, "CubaLIF", 3),
    )
    nodes["out"] = nir.Output({"output": _shape(3)})
    edges.append(("h", "out"))

    _check(tmp_path, nodes, edges, {"c": "s_out", "h": "s_out"})


def test_several_inputs_skipped_layers_and_a_recurrence_meet_in_time(tmp_path):
    random = np.random.default_rng(7)
    nodes = {
        "x": nir.Input({"input": _shape(3)}),
        "y": nir.Input({"input": _shape(2)}),
        "xa": _affine(random, 4, 3),
        "ya": nir.Linear(random.normal(0.0, 0.5, (4, 2))),
        "rec": nir.Linear(random.normal(0.0, 0.5, (4, 4))),
        "a": _neurons(random, "LIF", 4),
        "ab": _affine(random, 3, 4),
        "yb": nir.Linear(random.normal(0.0, 0.5, (3, 2))),
        "b": _neurons(random, "LIF", 3, reset=True),
        "out": nir.Output({"output": _shape(3)}),
    }
    edges = [("x", "xa"), ("xa", "a"), ("y", "ya"), ("ya", "a"), ("a", "rec")]
    edges += [("rec", "a"), ("a", "ab"), ("ab", "b"), ("y", "yb"), ("yb", "b")]
    edges += [("b", "out")]
    order = ["x", "y", "xa", "ya", "rec", "a", "ab", "yb", "b", "out"]

    network = _check(
        tmp_path, nodes, edges, {"a": "s_out", "b": "s_out"}, {("a", "rec")}, order
    )

    assert network.projection("yb").delay == 1


def test_a_loop_with_a_delay_takes_what_the_delay_says(tmp_path):
    random = np.random.default_rng(8)
    nodes = {
        "x": nir.Input({"input": _shape(3)}),
        "xa": _affine(random, 4, 3),
        "late": nir.Delay(np.array([2, 3, 2, 5]) * DT),
        "rec": nir.Linear(random.normal(0.0, 0.6, (4, 4))),
        "a": _neurons(random, "LIF", 4),
        "out": nir.Output({"output": _shape(4)}),
    }
    edges = [("x", "xa"), ("xa", "a"), ("a", "late"), ("late", "rec")]
    edges += [("rec", "a"), ("a", "out")]
    runs = dict(nodes)
    runs["late"] = nir.Delay(nodes["late"].delay - DT)  # the edge back takes the rest

    graph = nir.NIRGraph(nodes, edges)
    nir.write(tmp_path / "net.nir", graph)
    network = read_nir(tmp_path / "net.nir", DT)

    assert network.projection("rec").delays[0].tolist() == [1.0, 2.0, 1.0, 4.0]


def test_subgraphs_are_joined_by_their_ends(tmp_path):
    random = np.random.default_rng(9)
    inner = {
        "input": nir.Input({"input": _shape(4)}),
        "lif": _neurons(random, "CubaLIF", 4),
        "w_rec": _affine(random, 4, 4),
        "output": nir.Output({"output": _shape(4)}),
    }
    loop = [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")]
    nodes = {
        "input": nir.Input({"input": _shape(3)}),
        "fc1": _affine(random, 4, 3),
        "lif1": nir.NIRGraph(inner, loop),
        "fc2": _affine(random, 2, 4),
        "lif2": _neurons(random, "LIF", 2),
        "output": nir.Output({"output": _shape(2)}),
    }
    inner["w_rec"].bias[:] = 1.0  # in the first step already, without any spike
    names = list(nodes)
    nir.write(
        tmp_path / "net.nir",
        nir.NIRGraph(nodes, list(pairwise(names))),
    )
    flat = {f"lif1.{n}": node for n, node in inner.items()}
    flat = {"input": nodes["input"], "fc1": nodes["fc1"], **flat}
    flat |= {n: nodes[n] for n in ("fc2", "lif2", "output")}
    edges = [(f"lif1.{a}", f"lif1.{b}") for a, b in loop]
    edges += [("input", "fc1"), ("fc1", "lif1.input"), ("lif1.output", "fc2")]
    edges += [("fc2", "lif2"), ("lif2", "output")]

    nested = read_nir(tmp_path / "net.nir", DT)
    order = ["input", "fc1", "lif1.w_rec", "lif1.lif", "fc2", "lif2"]
    for end in ("input", "output"):
        del flat[f"lif1.{end}"]
    edges = [("input", "fc1"), ("fc1", "lif1.lif"), ("lif1.lif", "lif1.w_rec")]
    edges += [("lif1.w_rec", "lif1.lif"), ("lif1.lif", "fc2"), ("fc2", "lif2")]
    edges += [("lif2", "output")]
    plain = _check(
        tmp_path,
        flat,
        edges,
        {"lif1.lif": "s_out", "lif2": "s_out"},
        {("lif1.lif", "lif1.w_rec")},
        [*order, "output"],
    )

    assert nested == plain


def test_one_value_for_all_neurons_is_enough(tmp_path):
    lif = nir.LIF(*(np.full(1, v) for v in (0.01, 10.0, 0.0, 1.0)))
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        nir.Linear(np.eye(4)),
        lif,
        nir.Output({"output": _shape(4)}),
    )

    _check(tmp_path, nodes, edges, {"c": "s_out"})


@pytest.mark.parametrize("reset", ["subtract", "subtract-late"])
def test_a_soft_reset_is_said_by_the_reader(tmp_path, reset):
    random = np.random.default_rng(10)
    nodes, edges = _chain(
        nir.Input({"input": _shape(4)}),
        nir.Linear(random.uniform(0.1, 0.5, (5, 4))),
        nir.LIF(*(np.full(5, v) for v in (0.01, 10.0, 0.0, 1.0))),
        nir.Output({"output": _shape(5)}),
    )
    nir.write(tmp_path / "net.nir", nir.NIRGraph(nodes, edges))
    network = read_nir(tmp_path / "net.nir", DT, reset=reset)
    inputs = np.random.default_rng(1).random((STEPS, 4)) < 0.6
    v, before, wanted = np.zeros(5), np.zeros(5), []
    for row in inputs:
        v = 0.9 * v + nodes["b"].weight @ row
        v -= before if reset == "subtract-late" else 0.0
        before = (v > 1.0) * 1.0
        wanted.append(before)
        v = v - before if reset == "subtract" else v

    recording = lahar.run(
        lahar.compile(network, chip="loihi2"),
        lahar.Stimulus({"a": np.vstack([inputs, np.zeros((1, 4))])}),
        steps=STEPS + 1,
        backend="reference",
    )

    assert 0.1 < np.mean(wanted) < 0.9
    assert np.array_equal(recording["c.s_out"][1:], wanted)
