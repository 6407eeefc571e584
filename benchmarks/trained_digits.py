"""Digits as spikes, and networks that are trained on them in snnTorch and in Norse.

Scikit-learn's 8x8 digits, offline; a few epochs each, seconds of one core. Every maker
gives a torch module, and what lahar needs to be told to read it. Needs the extra
`frontends`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

import lahar
from lahar import Network, ms

Array = npt.NDArray[Any]

STEPS, TRAINED = 16, 1300
BATCH = 100
DT = 1 * ms


@dataclass(frozen=True)
class Digits:
    """Even spike trains (images, steps, 64) and labels, to train with and held out."""

    spikes: Array
    labels: Array
    held_out: Array
    held_out_labels: Array


def digits(seed: int) -> Digits:
    """Shuffle the digits; a pixel fires evenly, up to 0.6 a step, from any phase."""
    data = load_digits()
    random = np.random.default_rng(seed)
    order = random.permutation(len(data.target))
    rate = data.data[order][:, None, :] / 16 * 0.6
    phase, t = random.random((len(order), 1, 64)), np.arange(STEPS)[None, :, None]
    spikes = np.floor((t + 1) * rate + phase) - np.floor(t * rate + phase)
    labels = data.target[order]
    return Digits(
        *(spikes[:TRAINED], labels[:TRAINED]), *(spikes[TRAINED:], labels[TRAINED:])
    )


@dataclass(frozen=True)
class Trainable:
    """A module to train, how it answers, and how lahar reads it.

    answer
        Module and spikes (steps, batch, 64) to scores (batch, 10).
    """

    module: Any
    answer: Callable[[Any, Any], Any]
    read: Callable[[Any], Network]
    epochs: int = 6


def train(made: Trainable, data: Digits) -> None:
    """Train with Adam on the cross entropy of the scores."""
    import torch

    optimiser = torch.optim.Adam(made.module.parameters(), 4e-3)
    given = torch.tensor(data.spikes.swapaxes(0, 1), dtype=torch.float32)
    wanted = torch.tensor(data.labels)
    for _ in range(made.epochs):
        for batch in torch.randperm(len(wanted)).split(BATCH):
            scores = made.answer(made.module, given[:, batch])
            loss = torch.nn.functional.cross_entropy(scores, wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


# --- the networks -----------------------------------------------------------------


def snntorch_dense() -> Trainable:
    """Two hidden layers of Leaky, hard reset."""
    import snntorch
    from torch import nn

    def cell() -> Any:
        return snntorch.Leaky(
            beta=0.9, init_hidden=True, reset_mechanism="zero", reset_delay=False
        )

    module = nn.Sequential(
        *(nn.Linear(64, 96), cell(), nn.Linear(96, 64), cell()),
        *(nn.Linear(64, 10), cell()),
    )
    return Trainable(module, _counts, lambda m: lahar.from_snntorch(m, dt=DT))


def norse_dense() -> Trainable:
    """Two hidden layers of LIFCell, read out by a leaky integrator."""
    import norse.torch as norse
    import torch
    from torch import nn

    p = norse.LIFParameters(
        tau_mem_inv=torch.as_tensor(100.0),
        tau_syn_inv=torch.as_tensor(200.0),
        v_th=torch.as_tensor(0.4),
    )
    module = norse.SequentialState(
        *(nn.Linear(64, 96), norse.LIFCell(p), nn.Linear(96, 64), norse.LIFCell(p)),
        *(nn.Linear(64, 10), norse.LICell()),
    )

    def membranes(module: Any, spikes: Any) -> Any:
        state, total = None, 0.0
        for now in spikes:
            out, state = module(now, state)
            total = total + out
        return total

    return Trainable(module, membranes, lambda m: lahar.from_norse(m))


def snntorch_convolutional() -> Trainable:
    """Conv2d, pool, Conv2d, Linear between Leaky cells as they are by default."""
    import snntorch
    from torch import nn

    def cell() -> Any:
        return snntorch.Leaky(beta=0.9, init_hidden=True)

    module = nn.Sequential(
        *(nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 6, 3, padding=1), cell()),
        *(nn.AvgPool2d(2), nn.Conv2d(6, 12, 3, padding=1), cell()),
        *(nn.Flatten(), nn.Linear(192, 10), cell()),
    )
    return Trainable(
        module,
        _counts,
        lambda m: lahar.from_snntorch(m, dt=DT, input_shape=64),
        epochs=12,
    )


def snntorch_recurrent() -> Trainable:
    """Recurrent layer whose spikes reach the output at once, and 3 steps later."""
    module = _recurrent_module()
    return Trainable(
        module,
        lambda m, spikes: m(spikes).sum(0),
        lambda m: lahar.from_snntorch(m, dt=DT, input_shape=64, time_axis=0),
    )


def _recurrent_module() -> Any:
    import snntorch
    import torch
    from torch import nn

    class Recurrent(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.into, self.out = nn.Linear(64, 80), nn.Linear(80, 10)
            self.later = nn.Linear(80, 10, bias=False)
            self.hidden = snntorch.RLeaky(beta=0.9, linear_features=80)
            self.digit = snntorch.Leaky(beta=0.9)

        def forward(self, spikes: Any) -> Any:
            sent, v = self.hidden.init_rleaky()
            membrane, answers, past = self.digit.init_leaky(), [], []
            for now in spikes:
                sent, v = self.hidden(self.into(now), sent, v)
                past.append(sent)
                current = self.out(sent)
                if len(past) > 3:
                    current = current + self.later(past[-4])
                answer, membrane = self.digit(current, membrane)
                answers.append(answer)
            return torch.stack(answers)

    return Recurrent()


def _counts(module: Any, spikes: Any) -> Any:
    from snntorch import utils

    utils.reset(module)
    counts = sum(module(now) for now in spikes)
    utils.reset(module)
    return counts


NETWORKS: Mapping[str, Callable[[], Trainable]] = {
    "snntorch": snntorch_dense,
    "norse": norse_dense,
    "convolutional": snntorch_convolutional,
    "recurrent": snntorch_recurrent,
}
BARS: Mapping[str, float] = {  # accuracy that the chip may lose, in points
    "snntorch": 1.0,
    "norse": 1.0,
    "convolutional": 1.5,
    "recurrent": 1.5,
}
