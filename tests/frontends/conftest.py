"""Run a torch module in float64 as its framework does; compare with the reference."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.sim.reference import run_reference


@pytest.fixture
def torch():
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    return torch


@pytest.fixture
def snn(torch):
    return pytest.importorskip("snntorch")


@pytest.fixture
def norse(torch):
    return pytest.importorskip("norse.torch")


class Watched:
    """What each cell of a module gives in a run, by the cell's name: (steps, n)."""

    def __init__(self, torch, module, cells):
        self.spikes = {name: [] for name in cells}
        self.torch = torch
        for name, submodule in module.named_modules():
            if hasattr(submodule, "spike_grad"):
                # snnTorch's surrogates give float32, which layers in float64 refuse.
                submodule.spike_grad = lambda x: (x > 0).to(x.dtype)
            if name in self.spikes:
                submodule.register_forward_hook(self._hook(name))
        module.double()

    def _hook(self, name):
        def noted(_module, _inputs, result):
            first = result[0] if isinstance(result, tuple) else result
            self.spikes[name].append(first.detach().numpy().reshape(-1).copy())

        return noted

    def __getitem__(self, name):
        return np.array(self.spikes[name])


@pytest.fixture
def differing(torch):
    """Count bins in which the reference of a network and the module's cells differ."""

    def count(network, module, x, run, quiet=()):
        cells = {g.name for g in network.groups if g.neuron is not None}
        cells &= {name for name, _ in module.named_modules()}
        watched = Watched(torch, module, cells)
        steps = len(x)
        with torch.no_grad():
            run(module, torch.tensor(x, dtype=torch.float64)[:, None])
        longest = max(g.latency for g in network.groups)
        padded = np.concatenate([x, np.zeros((longest, *x.shape[1:]))])
        stimulus = lahar.Stimulus({"input": padded.reshape(len(padded), -1)})
        record = frozenset(f"{name}.{v}" for name in cells for v in ("s_out", "v"))
        found = run_reference(network, stimulus, len(padded), record=record).variables
        total = 0
        for name in cells:
            first = network.group(name).latency
            spiking = network.group(name).neuron.can_send
            rows = found[f"{name}.s_out" if spiking else f"{name}.v"]
            there = watched[name][:steps]
            if spiking:
                total += int((rows[first : first + steps] != there).sum())
                assert name in quiet or 0.0 < there.mean() < 1.0, name
            else:
                np.testing.assert_allclose(
                    rows[first : first + steps], there, rtol=0, atol=1e-9
                )
        return total

    return count


@pytest.fixture
def each_step():
    """Run a module once a step; a state that it returns it gets back."""

    def run(module, x):
        for now in x:
            module(now)

    return run


def poisson_input(seed, steps, *shape, rate=0.2):
    return np.random.default_rng(seed).random((steps, *shape)) < rate


@pytest.fixture
def poisson():
    return poisson_input
