"""Modules with a forward of their own: loops, skips, convolutions, recurrences."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import LaharError, ms

pytestmark = pytest.mark.frontends
STEPS = 300


def test_a_forward_that_goes_through_the_steps_with_its_states(
    snn, torch, differing, poisson
):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.lif1 = torch.nn.Linear(20, 30), snn.Leaky(0.9)
            self.fc2, self.lif2 = torch.nn.Linear(30, 10), snn.Leaky(0.8)

        def forward(self, x):
            mem1, mem2, spikes = self.lif1.init_leaky(), self.lif2.init_leaky(), []
            for now in x:
                spk1, mem1 = self.lif1(self.fc1(now.flatten(1)), mem1)
                spk2, mem2 = self.lif2(self.fc2(spk1), mem2)
                spikes.append(spk2)
            return torch.stack(spikes)

    module = Net()
    with torch.no_grad():
        module.fc1.weight *= 4
        module.fc2.weight *= 6

    read = lahar.from_snntorch(module, dt=1 * ms, input_shape=(4, 5), time_axis=0)

    assert [p.name for p in read.projections] == ["fc1", "fc2"]
    x = poisson(0, STEPS, 4, 5)
    assert differing(read, module, x, lambda net, given: net(given)) == 0


def test_skips_and_a_recurrence_by_hand_arrive_when_they_did(
    snn, torch, differing, poisson
):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.lif1 = torch.nn.Linear(20, 30), snn.Leaky(0.9)
            self.back, self.lif2 = torch.nn.Linear(30, 30), snn.Leaky(0.7)
            self.fc2, self.skip = torch.nn.Linear(30, 30), torch.nn.Linear(20, 30)

        def forward(self, x):
            spk1, mem1, mem2 = torch.zeros(1, 30).to(x.dtype), None, None
            for now in x:
                spk1, mem1 = self.lif1(self.fc1(now) + self.back(spk1), mem1)
                _, mem2 = self.lif2(self.fc2(spk1) + 0.5 * self.skip(now) + spk1, mem2)

    module = Net()
    with torch.no_grad():
        module.fc1.weight *= 5

    read = lahar.from_snntorch(module, dt=1 * ms, time_axis=0)

    assert np.all(read.projection("back").delays == 0)
    x = poisson(0, STEPS, 20)
    assert differing(read, module, x, lambda net, given: net(given)) == 0


def test_convolutions_pools_and_normalisation_become_synapses(
    snn, torch, differing, each_step, poisson
):
    module = torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1),
        torch.nn.BatchNorm2d(4),
        snn.Leaky(0.8, init_hidden=True),
        torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(4, 6, 3, stride=2, groups=2),
        snn.Leaky(0.9, init_hidden=True),
        torch.nn.Flatten(),
        torch.nn.Linear(24, 5),
        snn.Leaky(0.9, init_hidden=True),
    )
    with torch.no_grad():
        module[0].weight *= 4
        module[4].weight *= 12
        module[7].weight *= 8
        module[1].running_mean.uniform_(-0.1, 0.1)
        module[1].running_var.uniform_(0.5, 1.5)
    module.eval()

    read = lahar.from_snntorch(module, dt=1 * ms, input_shape=(2, 10, 10))

    x = poisson(0, STEPS, 2, 10, 10)
    assert differing(read, module, x, each_step) == 0


def test_the_module_is_left_as_it_was(snn, torch):
    module = torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.Dropout(), snn.Leaky(0.9, init_hidden=True)
    )
    module(torch.rand(1, 4))
    before = {n: v.clone() for n, v in module.state_dict().items()}
    surrogate, memory = module[2].spike_grad, module[2].mem

    lahar.from_snntorch(module, dt=1 * ms)

    after = module.state_dict()
    assert all(torch.equal(v, after[n]) for n, v in before.items())
    assert all(v.dtype == after[n].dtype for n, v in before.items())
    assert module.training
    assert module[1].training
    assert module[2].spike_grad is surrogate
    assert module[2].mem is memory
    assert "forward" not in vars(module[0])


@pytest.mark.parametrize(
    ("between", "code"),
    [("ReLU", "N802.*not a linear"), ("Bernoulli", "N803"), ("Membrane", "N808")],
)
def test_what_no_synapse_does_is_refused(snn, torch, between, code):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lif1, self.lif2 = snn.Leaky(0.9), snn.Leaky(0.9)
            self.relu = torch.nn.ReLU()

        def forward(self, x):
            spk, mem = self.lif1(x)
            if between == "ReLU":
                spk = self.relu(spk - 0.5)
            if between == "Bernoulli":
                spk = torch.bernoulli(torch.full_like(spk, 0.5)) * spk
            if between == "Membrane":
                spk = spk + mem
            return self.lif2(spk)

    with pytest.raises(LaharError, match=code):
        lahar.from_snntorch(Net(), dt=1 * ms, input_shape=6)


def test_a_module_without_cells_or_shape_is_refused(snn, torch):
    with pytest.raises(LaharError, match="N807"):
        lahar.from_snntorch(torch.nn.Linear(4, 5), dt=1 * ms)
    with pytest.raises(LaharError, match="N810"):
        lahar.from_snntorch(snn.Leaky(0.9), dt=1 * ms)
