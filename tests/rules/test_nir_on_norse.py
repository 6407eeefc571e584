"""What Norse makes of a NIR file is what lahar makes of it, spike by spike.

Norse 1.1.0 ignores r and v_reset of a LIF, so r is 1 here and v_reset 0. It runs in
float64, on numbers that float32 holds.
"""

from itertools import pairwise

import nir
import numpy as np
import pytest

import lahar
from lahar.rules.nir_read import read_nir

DT = 0.001
STEPS = 400


def _rounded(values):
    """Round to what Norse keeps: its parameters and weights come in as float32."""
    return np.asarray(values, np.float32).astype(np.float64)


def _lif(random, *shape):
    """Make neurons with an r of 1: the weights before them are the larger."""
    tau = random.choice([0.004, 0.008, 0.016], shape)  # float32 holds 1/tau
    threshold = _rounded(random.uniform(0.5, 1.0, shape))
    # Norse begins at v_leak, and lahar at 0.
    return nir.LIF(tau, np.ones(shape), np.zeros(shape), threshold)


def _graph(random):
    """Make a convolution and a layer with biases: what Norse reads as NIR means it."""
    weight = _rounded(random.normal(0.1, 0.4, (3, 2, 3, 3)) * 8.0)
    fc = _rounded(random.normal(0.02, 0.2, (5, 108)) * 8.0)
    nodes = {
        "input": nir.Input({"input": np.array([2, 6, 6])}),
        "conv": nir.Conv2d(
            (6, 6), weight, 1, 1, 1, 1, _rounded(random.normal(0.0, 0.5, 3))
        ),
        "lif1": _lif(random, 3, 6, 6),
        "flat": nir.Flatten({"input": np.array([3, 6, 6])}, 0, -1),
        "fc": nir.Affine(fc, _rounded(random.normal(0.0, 0.5, 5))),
        "lif2": _lif(random, 5),
        "output": nir.Output({"output": np.array([5])}),
    }
    names = list(nodes)
    return nir.NIRGraph(nodes, [*pairwise(names)])


@pytest.mark.frontends
@pytest.mark.parametrize("seed", range(2))
def test_norse_and_the_reference_give_the_same_spikes(tmp_path, seed):
    import norse.torch
    import torch

    torch.set_num_threads(1)
    graph = _graph(np.random.default_rng(seed))
    nir.write(tmp_path / "net.nir", graph)
    network = read_nir(tmp_path / "net.nir", DT)
    inputs = np.random.default_rng(seed + 9).random((STEPS, 2, 6, 6)) < 0.15

    module = norse.torch.from_nir(nir.read(tmp_path / "net.nir"), dt=DT).double()
    state, theirs = None, []
    with torch.no_grad():
        for row in inputs:
            out, state = module(torch.from_numpy(row * 1.0), state)
            theirs.append(out.numpy())

    behind = network.group("lif2").latency
    flat = inputs.reshape(STEPS, -1)
    stimulus = lahar.Stimulus({"input": np.vstack([flat, np.zeros((behind, 72))])})
    program = lahar.compile(network, chip="loihi2")
    ours = lahar.run(program, stimulus, steps=STEPS + behind, backend="reference")
    wanted = np.array(theirs)
    assert 0.02 < wanted.mean() < 0.9
    assert np.count_nonzero(ours["lif2.s_out"][behind:] != wanted) == 0
