"""Networks read from NIR: on the chip, simulator and Lava agree in every bit."""

from itertools import pairwise

import nir
import numpy as np
import pytest

import lahar
from lahar.rules.nir_read import read_nir

DT = 0.001
STEPS = 300


def _neurons(random, kind, *shape):
    """Neurons that differ, with the gain of a step and a reset potential."""
    threshold = random.uniform(0.8, 1.2, shape)
    if kind == "IF":
        return nir.IF(np.full(shape, 1 / DT), threshold)
    tau = random.uniform(0.005, 0.03, shape)
    leak = random.uniform(-0.1, 0.2, shape)
    return nir.LIF(tau, tau / DT, leak, threshold, random.uniform(-0.3, 0.0, shape))


def _picture_network(random):
    """Make Conv2d, IF, SumPool2d, Conv2d, IF, AvgPool2d, Flatten, Affine, LIF."""

    def conv(size, out, into, padding):
        weight = random.normal(0.1, 0.4, (out, into, 3, 3))
        return nir.Conv2d(size, weight, 1, padding, 1, 1, random.normal(0, 0.05, out))

    two, none = np.array([2, 2]), np.array([0, 0])
    nodes = {
        "input": nir.Input({"input": np.array([2, 10, 10])}),
        "conv1": conv((10, 10), 3, 2, 1),
        "if1": _neurons(random, "IF", 3, 10, 10),
        "sum": nir.SumPool2d(two, two, none),
        "conv2": conv((5, 5), 4, 3, "same"),
        "if2": _neurons(random, "IF", 4, 5, 5),
        "average": nir.AvgPool2d(two, two, none),
        "flat": nir.Flatten({"input": np.array([4, 2, 2])}, 0, -1),
        "fc": nir.Affine(random.normal(0.1, 0.5, (5, 16)), random.normal(0, 0.1, 5)),
        "lif": _neurons(random, "LIF", 5),
        "output": nir.Output({"output": np.array([5])}),
    }
    names = list(nodes)
    return nodes, list(pairwise(names))


def _recurrent_network(random):
    """Make a recurrent layer behind a Delay, and a shorter way past it."""

    def affine(out, into):
        weight = random.normal(0.1, 0.4, (out, into))
        return nir.Affine(weight, random.normal(0.0, 0.1, out))

    nodes = {
        "input": nir.Input({"input": np.array([8])}),
        "fc1": affine(10, 8),
        "lif1": _neurons(random, "LIF", 10),
        "w_rec": affine(10, 10),
        "delay": nir.Delay(random.integers(0, 6, 10) * DT),
        "fc2": affine(6, 10),
        "lif2": _neurons(random, "LIF", 6),
        "skip": affine(6, 8),
        "output": nir.Output({"output": np.array([6])}),
    }
    edges = [("input", "fc1"), ("fc1", "lif1"), ("lif1", "w_rec"), ("w_rec", "lif1")]
    edges += [("lif1", "delay"), ("delay", "fc2"), ("fc2", "lif2")]
    edges += [("input", "skip"), ("skip", "lif2"), ("lif2", "output")]
    return nodes, edges


@pytest.mark.slow
@pytest.mark.parametrize("make", [_picture_network, _recurrent_network])
def test_simulator_and_lava_agree_on_a_network_from_nir(tmp_path, make):
    nodes, edges = make(np.random.default_rng(1))
    graph = nir.NIRGraph(nodes, edges, type_check=False)
    nir.write(tmp_path / "net.nir", graph)
    network = read_nir(tmp_path / "net.nir", DT)
    program = lahar.compile(network, chip="loihi2")
    size = network.group("input").size
    spikes = np.random.default_rng(2).random((STEPS, size)) < 0.1

    verdict = lahar.validate(
        program,
        ("sim", "lava"),
        stimulus=lahar.Stimulus({"input": spikes}),
        steps=STEPS,
    )

    verdict.require()
    last = lahar.run(
        program, lahar.Stimulus({"input": spikes}), steps=STEPS, profile="lava-0.10"
    )
    for group in network.groups:
        rate = last[f"{group.name}.s_out"].mean()
        assert 0.005 < rate < 0.9, (group.name, rate)
