"""Every cell of snnTorch: the float64 reference spikes as snnTorch does in float64.

Three random networks each, 1,000 steps: not one bin differs.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import lahar
from lahar import LaharError, ms

pytestmark = pytest.mark.frontends
SIX = list(itertools.product(("subtract", "zero", "none"), (True, False)))
STEPS = 1000


def cell(snn, torch, kind, size, seed, **options):
    """A cell; of the second network every neuron has parameters of its own."""
    beta, alpha, threshold = 0.9, 0.95, 1.0
    if seed == 1:
        beta, threshold = 0.3 + 0.6 * torch.rand(size), 0.5 + torch.rand(size)
        alpha = beta + 0.05 + 0.04 * torch.rand(size)
    given = {"beta": beta, "threshold": threshold, "init_hidden": True, **options}
    if kind in ("Synaptic", "RSynaptic", "Alpha"):
        given["alpha"] = alpha
    if kind in ("RLeaky", "RSynaptic"):
        given |= {"linear_features": size} if seed else {"all_to_all": False, "V": -0.3}
    if kind == "Lapicque" and seed:
        del given["beta"]
        given |= {"R": 1.5, "C": 7.0, "time_step": 0.8}
    return getattr(snn, kind)(**given)


def network(snn, torch, kind, seed, strength, **options):
    torch.manual_seed(seed)
    made = torch.nn.Sequential(
        torch.nn.Linear(20, 30),
        cell(snn, torch, kind, 30, seed, **options),
        torch.nn.Linear(30, 10, bias=seed != 2),
        cell(snn, torch, kind, 10, seed, **options),
    )
    with torch.no_grad():
        made[0].weight *= strength
        made[2].weight *= strength
    return made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("reset", "late"), SIX)
@pytest.mark.parametrize("kind", ["Leaky", "Synaptic", "RLeaky"])
def test_six_ways_to_reset(
    snn, torch, differing, each_step, poisson, kind, reset, late, seed
):
    strength = 1.0 if kind == "Synaptic" else 4.0
    options = {"reset_mechanism": reset, "reset_delay": late}
    module = network(snn, torch, kind, seed, strength, **options)

    read = lahar.from_snntorch(module, dt=1 * ms)

    x = poisson(seed, STEPS, 20)
    assert differing(read, module, x, each_step) == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
@pytest.mark.parametrize("kind", ["RSynaptic", "Alpha", "Lapicque"])
def test_three_ways_to_reset(
    snn, torch, differing, each_step, poisson, kind, reset, seed
):
    strength = {"RSynaptic": 1.0, "Alpha": 6.0, "Lapicque": 20.0}[kind]
    module = network(snn, torch, kind, seed, strength, reset_mechanism=reset)

    read = lahar.from_snntorch(module, dt=1 * ms)

    x = poisson(seed, STEPS, 20)
    assert differing(read, module, x, each_step) == 0


def test_a_prompt_reset_of_rsynaptic_is_read_as_what_snntorch_computes(
    snn, torch, differing, poisson
):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.Linear(20, 30)
            self.lif = snn.RSynaptic(0.8, 0.9, linear_features=30, reset_delay=False)

        def forward(self, x, spk, syn, mem):
            return self.lif(self.fc(x), spk, syn, mem)

    def run(module, x):
        spk = syn = mem = torch.zeros(1, 30, dtype=x.dtype)
        for now in x:
            spk, syn, mem = module(now, spk, syn, mem)

    module = Net()
    with pytest.warns(UserWarning, match="N811"):
        read = lahar.from_snntorch(module, dt=1 * ms, run=run)

    assert differing(read, module, poisson(0, STEPS, 20), run) == 0


def test_graded_spikes_are_in_the_weights_that_follow(
    snn, torch, differing, each_step, poisson
):
    first = snn.Leaky(0.9, init_hidden=True, graded_spikes_factor=0.37)
    second = snn.Leaky(0.8, init_hidden=True)
    module = torch.nn.Sequential(
        torch.nn.Linear(20, 30), first, torch.nn.Linear(30, 10), second
    )
    with torch.no_grad():
        module[0].weight *= 4
        module[2].weight *= 10
    with pytest.warns(UserWarning, match="N812"):
        read = lahar.from_snntorch(module, dt=1 * ms)

    x = poisson(0, STEPS, 20)
    wrong = differing(read, module, x, each_step, quiet=("1",))
    # The first cell gives 0.37 where the network has 1; the second has to agree.
    late = np.concatenate([x, np.zeros((1, 20))])
    scaled = int((run_spikes(read, late, "1") != 0).sum())
    assert wrong == scaled > 0


def run_spikes(network, x, name):
    from lahar.sim.reference import run_reference

    stimulus = lahar.Stimulus({"input": x})
    found = run_reference(
        network, stimulus, len(x), record=frozenset([f"{name}.s_out"])
    )
    return found.variables[f"{name}.s_out"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inhibition": True}, "largest membrane"),
        ({"state_quant": lambda x: x.round()}, "state_quant"),
        ({"spike_grad": lambda x: torch_rand_like(x)}, "spike_grad"),
        ({"threshold": -0.5, "reset_mechanism": "zero"}, "below 0"),
        ({"threshold": float("nan")}, "not finite"),
    ],
)
def test_what_neurons_cannot_do_is_refused_by_name(snn, torch, options, said):
    options = {"beta": 0.9, "init_hidden": True, **options}
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), snn.Leaky(**options))

    with pytest.raises(LaharError, match=f"N802.*`1` .Leaky.*{said}"):
        lahar.from_snntorch(module, dt=1 * ms)


def torch_rand_like(x):
    import torch

    return torch.rand_like(x)


def test_a_cell_without_equal_is_refused_by_name(snn, torch):
    module = torch.nn.Sequential(
        torch.nn.Linear(4, 5), snn.SLSTM(5, 5, init_hidden=True)
    )

    with pytest.raises(LaharError, match=r"N802.*`1` .SLSTM."):
        lahar.from_snntorch(module, dt=1 * ms)
