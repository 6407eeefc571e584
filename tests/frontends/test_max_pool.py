"""A MaxPool of spikes is an OR, which neurons with a threshold compute exactly."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import LaharError, ms

pytestmark = pytest.mark.frontends
STEPS = 120


def picture_module(torch, snn, pool, then=None):
    """Conv2d, Leaky, a pool, Conv2d, Leaky, Linear, Leaky on pictures of 2 x 9 x 9."""
    nn = torch.nn
    cells = [snn.Leaky(b, init_hidden=True) for b in (0.8, 0.9, 0.9)]
    front = [nn.Conv2d(2, 3, 3, padding=1), cells[0], pool]
    features = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), pool)
    size = features(torch.zeros(1, 2, 9, 9)).shape
    back = [nn.Conv2d(3, 4, 2), cells[1], nn.Flatten()]
    into = 4 * (size[2] - 1) * (size[3] - 1)
    module = nn.Sequential(*front, *back, nn.Linear(into, 5), cells[2])
    with torch.no_grad():
        for layer, gain in zip(
            (module[0], module[3], module[6]), (4, 4, 8), strict=True
        ):
            layer.weight *= gain
    return module


POOLS = {
    "two": lambda nn: nn.MaxPool2d(2),
    "overlapping, with padding": lambda nn: nn.MaxPool2d(3, stride=2, padding=1),
    "dilated": lambda nn: nn.MaxPool2d(2, stride=1, dilation=2),
    "ceiling": lambda nn: nn.MaxPool2d(2, ceil_mode=True),
    "adaptive": lambda nn: nn.AdaptiveMaxPool2d(4),
}


@pytest.mark.parametrize("pool", POOLS)
def test_a_max_pool_of_spikes_is_read(torch, snn, differing, each_step, poisson, pool):
    module = picture_module(torch, snn, POOLS[pool](torch.nn))

    read = lahar.from_snntorch(module, dt=1 * ms, input_shape=(2, 9, 9))

    assert read.group("2").neuron.name == "Step"
    x = poisson(0, STEPS, 2, 9, 9, rate=0.1)
    assert differing(read, module, x, each_step) == 0


def test_pools_of_the_input_and_of_pools_are_read(
    torch, snn, differing, each_step, poisson
):
    nn = torch.nn
    module = nn.Sequential(
        *(nn.MaxPool2d(2), nn.MaxPool2d(2, stride=1), nn.Flatten()),
        *(nn.Linear(9, 5), snn.Leaky(0.9, init_hidden=True)),
    )

    read = lahar.from_snntorch(module, dt=1 * ms, input_shape=(1, 8, 8))

    x = poisson(0, STEPS, 1, 8, 8, rate=0.05)
    assert differing(read, module, x, each_step) == 0


def test_a_pool_on_the_chip_spikes_as_the_module_does(torch, snn):
    module = torch.nn.Sequential(
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(16, 5),
        snn.Leaky(0.9, init_hidden=True),
    )
    network = lahar.from_snntorch(module, dt=1 * ms, input_shape=(1, 8, 8))
    x = np.random.default_rng(0).random((STEPS, 64)) < 0.1

    ran = lahar.run(lahar.compile(network), lahar.Stimulus({"input": x}), STEPS)

    pooled = x.reshape(STEPS, 4, 2, 4, 2).any(axis=(2, 4)).reshape(STEPS, 16)
    np.testing.assert_array_equal(ran["0.s_out"][1:], pooled[:-1])


@pytest.mark.parametrize("before", ["Conv2d", "Graded", "Sum"])
def test_a_max_pool_of_anything_else_is_refused_by_name(torch, snn, before):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(1, 1, 3, padding=1)
            graded = {"graded_spikes_factor": 2.0} if before == "Graded" else {}
            self.cell = snn.Leaky(0.9, init_hidden=True, **graded)
            self.pool = torch.nn.MaxPool2d(2)
            self.last = snn.Leaky(0.9, init_hidden=True)

        def forward(self, x):
            sent = self.cell(x)
            if before == "Conv2d":
                sent = self.conv(sent)
            if before == "Sum":
                sent = sent + x
            return self.last(self.pool(sent))

    with pytest.raises(LaharError, match=r"N817.*`pool`"):
        lahar.from_snntorch(Net(), dt=1 * ms, input_shape=(1, 6, 6))


def test_places_of_maxima_and_functions_are_refused(torch, snn):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = snn.Leaky(0.9, init_hidden=True)
            self.last = snn.Leaky(0.9, init_hidden=True)

        def forward(self, x):
            return self.last(torch.nn.functional.max_pool2d(self.cell(x), 2))

    with pytest.raises(LaharError, match=r"N803(.|\n)*MaxPool2d of spikes"):
        lahar.from_snntorch(Net(), dt=1 * ms, input_shape=(1, 6, 6))
