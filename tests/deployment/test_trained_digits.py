"""Digits trained in snnTorch keep their accuracy on the chip's arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

import lahar

pytestmark = pytest.mark.frontends

STEPS = 16
TRAINED = 1300


@pytest.fixture(scope="module")
def digits() -> tuple[Any, Any]:
    """Even spike trains (images, steps, 64), and labels."""
    data = load_digits()
    random = np.random.default_rng(0)
    order = random.permutation(len(data.target))
    rate = data.data[order][:, None, :] / 16 * 0.6
    phase, t = random.random((len(order), 1, 64)), np.arange(STEPS)[None, :, None]
    spikes = np.floor((t + 1) * rate + phase) - np.floor(t * rate + phase)
    return spikes, data.target[order]


def cell(snn: Any, **options: Any) -> Any:
    return snn.Leaky(
        beta=0.9, init_hidden=True, reset_mechanism="zero", reset_delay=False, **options
    )


def trained(torch: Any, module: Any, spikes: Any, labels: Any) -> Any:
    from snntorch import utils

    torch.set_num_threads(1)
    optimiser = torch.optim.Adam(module.parameters(), 4e-3)
    given, wanted = torch.tensor(spikes, dtype=torch.float32), torch.tensor(labels)
    for _ in range(6):
        for batch in torch.randperm(len(given)).split(100):
            utils.reset(module)
            counts = sum(module(given[batch, t]) for t in range(STEPS))
            loss = torch.nn.functional.cross_entropy(counts, wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    utils.reset(module)
    return module


def test_two_hidden_layers_of_snntorch_lose_at_most_a_point(digits: Any) -> None:
    torch, snn = pytest.importorskip("torch"), pytest.importorskip("snntorch")
    torch.manual_seed(0)
    nn = torch.nn
    module = nn.Sequential(
        *(nn.Linear(64, 96), cell(snn), nn.Linear(96, 64), cell(snn)),
        *(nn.Linear(64, 10), cell(snn)),
    )
    spikes, labels = digits
    seen, held_out = slice(0, TRAINED), slice(TRAINED, None)
    trained(torch, module, spikes[seen], labels[seen])

    network = lahar.from_snntorch(module, dt=1e-3)
    report = lahar.deploy(
        network,
        spikes[:200],
        labels[:200],
        test=(spikes[held_out], labels[held_out]),
    ).report

    print(report.render())
    as_float, on_chip = (report.stage(n).accuracy for n in ("float", "chip"))
    assert as_float is not None
    assert on_chip is not None
    assert as_float > 0.9
    assert on_chip > as_float - 0.01
