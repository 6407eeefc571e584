"""A network trained in snnTorch goes on learning on the chip, from five examples.

It is trained on eight digits and deployed with samples. A rule is then attached to its
last layer, and the chip sees five examples of each of the two other digits. Learning is
local: a spike that arrives moves a weight up or down, as the teacher of the neuron
says. Only the two new neurons ever have one, so the weights of the old ones stay. The
host also keeps five examples of each old digit, to teach the new neurons silence, and
it teaches only where the answer is not ahead by a margin.

The new digits are 0 and 6. Others are harder: --new 8 9 (docs/deployment.md).
Needs the extra `frontends`: uv run --extra frontends python THIS.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

import lahar
from lahar import (
    Modulator,
    Network,
    NeuronModel,
    Output,
    Param,
    Port,
    State,
    Stimulus,
    ms,
)
from lahar.rules.library import DeltaRule

STEPS, GAP = 24, 40  # of a digit, and of silence until the membranes have forgotten
HIDDEN, SEEN = 160, 1100  # neurons; digits from which the network and rule learn
SHOTS, ROUNDS, MARGIN, ETA = 5, 20, 5, 0.003
Array = npt.NDArray[Any]


class TaughtLIF(NeuronModel):
    """The trained neuron, and what its teacher says: 1 more, -1 less, 0 leave it."""

    tau = Param(10 * ms)
    threshold = Param(1.0)
    current = Port()
    teacher = Modulator(low=-1.0, high=1.0)
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    error = Output(teacher, low=-1.0, high=1.0)


def as_spikes(images: Array, random: np.random.Generator) -> Array:
    """Give each pixel an even train of spikes, (images, steps, 64), from any phase."""
    rate, phase = images[:, None, :] * 0.6, random.random((len(images), 1, 64))
    steps = np.arange(STEPS)[None, :, None]
    return np.floor((steps + 1) * rate + phase) - np.floor(steps * rate + phase)


def trained(spikes: Array, labels: Array, seed: int) -> Network:
    """Train two layers of snnTorch's Leaky, and read the module.

    Outputs of digits that never come learn to be silent: there the new ones start.
    """
    import snntorch
    import torch
    from snntorch import utils

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    leaky = {"reset_mechanism": "zero", "reset_delay": False, "init_hidden": True}
    layers = {
        "fc1": torch.nn.Linear(64, HIDDEN, bias=False),
        "hidden": snntorch.Leaky(0.9, **leaky),
        "fc2": torch.nn.Linear(HIDDEN, 10, bias=False),
        "digit": snntorch.Leaky(0.9, **leaky),
    }
    module = torch.nn.Sequential(OrderedDict(layers))
    optimiser = torch.optim.Adam(module.parameters(), 4e-3)
    given, wanted = torch.tensor(spikes, dtype=torch.float32), torch.tensor(labels)
    for _ in range(10):
        for batch in torch.randperm(len(given)).split(100):
            utils.reset(module)
            counts = sum(module(given[batch, t]) for t in range(STEPS))
            loss = torch.nn.functional.cross_entropy(counts, wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    utils.reset(module)
    return lahar.from_snntorch(module, dt=1 * ms)


def present(live: lahar.Live, spikes: Array, teacher: Array) -> Array:
    """Show digits one after the other, with a teacher (digits, 10); count answers."""
    count = len(spikes)
    rows = np.zeros((count, STEPS + GAP, 64))
    rows[:, :STEPS] = spikes
    taught = np.zeros((count, STEPS + GAP, 10))
    taught[:, 4 : STEPS + 2] = teacher[:, None, :]
    stimulus = Stimulus(
        {"input": rows.reshape(-1, 64)}, {"teacher": taught.reshape(-1, 10)}
    )
    ran = live.run(stimulus, count * (STEPS + GAP), record=["digit.s_out"])
    return ran["digit.s_out"].reshape(count, -1, 10).sum(axis=1).astype(int)


def learn(live: lahar.Live, spikes: Array, label: int, new: Sequence[int]) -> None:
    """Show a digit; if its neuron is not well ahead, show it again with a teacher."""
    counts = present(live, spikes, np.zeros((1, 10)))[0]
    if counts[label] >= np.delete(counts, label).max() + MARGIN:
        return
    teacher = np.zeros((1, 10))
    for neuron in new:
        if neuron == label:
            teacher[0, neuron] = 1.0
        elif counts[neuron] > max(0, counts[label] - MARGIN):
            teacher[0, neuron] = -1.0
    if teacher.any():
        present(live, spikes, teacher)


def score(
    live: lahar.Live, spikes: Array, labels: Array, new: Sequence[int]
) -> tuple[float, float]:
    """Give the shares of old and of new digits that are right; nothing is taught."""
    answers = present(live, spikes, np.zeros((len(spikes), 10))).argmax(axis=1)
    right, is_new = answers == labels, np.isin(labels, new)
    return float(right[~is_new].mean()), float(right[is_new].mean())


def experiment(seed: int, new: Sequence[int]) -> tuple[float, float, float]:
    """Old digits before, old and new ones after; on the bit-accurate simulator."""
    random = np.random.default_rng(seed)
    digits = load_digits()
    order = random.permutation(len(digits.target))
    spikes = as_spikes(digits.data[order] / 16, random)
    labels = digits.target[order]
    old = ~np.isin(labels[:SEEN], new)
    known, their_labels = spikes[:SEEN][old], labels[:SEEN][old]
    test, test_labels = spikes[SEEN:], labels[SEEN:]

    network = trained(known, their_labels, seed)
    deployment = lahar.deploy(network, known[:200], their_labels[:200])
    bound = 1.5 * float(np.abs(network.projection("fc2").weights).max())
    plastic = network.attach("fc2", DeltaRule(eta=ETA, w_max=bound), TaughtLIF)
    live = lahar.start(
        lahar.compile(plastic, calibration=deployment.calibration), seed=seed
    )

    before, _ = score(live, test, test_labels, new)
    shown = [np.flatnonzero(labels[:SEEN] == c)[:SHOTS] for c in range(10)]
    for _ in range(ROUNDS):
        for one in random.permutation(np.concatenate(shown)):
            learn(live, spikes[one : one + 1], int(labels[one]), new)
    return before, *score(live, test, test_labels, new)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="*", default=[100, 101, 102])
    parser.add_argument("--new", type=int, nargs=2, default=[0, 6], metavar="DIGIT")
    asked = parser.parse_args(arguments)
    missing = [p for p in ("torch", "snntorch") if importlib.util.find_spec(p) is None]
    if missing:
        print(f"This example trains with snnTorch; {', '.join(missing)} not installed.")
        print("uv run --extra frontends python examples/09_few_shot_learning.py")
        return
    print("seed  old digits before  after  new digits after 5 examples each")
    for seed in asked.seeds:
        before, after, new = experiment(seed, asked.new)
        print(f"{seed:4d}  {before:17.1%}  {after:5.1%}  {new:6.1%}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
