"""A network trained in snnTorch goes on learning on the chip, from five examples.

It is trained on the digits 0 to 7 and deployed with samples. A rule is then attached
to its last layer, and the chip sees five eights and five nines. Learning is local: a
spike that arrives moves a weight by the error of its own neuron, which compares its
firing with a teacher. Only the two new neurons ever have one, so the weights of the old
ones stay. The host keeps five examples of each old digit, too, to teach the new neurons
silence, and teaches only where the answer is not ahead by a margin.
Needs the extra `frontends`: uv run --extra frontends python THIS.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

import lahar
from lahar import (
    Group,
    Modulator,
    Network,
    NeuronModel,
    Output,
    Param,
    Port,
    Projection,
    State,
    Stimulus,
    Trace,
    abs_,
    maximum,
    ms,
)
from lahar.rules.library import LIF, DeltaRule

STEPS, GAP = 24, 40  # of a digit, and of silence until the membranes have forgotten
HIDDEN, BETA, DT = 160, 0.9, 1 * ms
OLD, SHOTS, ROUNDS, MARGIN = 8, 5, 10, 5
Array = npt.NDArray[Any]


class TaughtLIF(NeuronModel):
    """The trained neuron, and its error wherever it has a teacher.

    A teacher of 1 asks for the rate at which gain * rate is 1, a teacher of -1 for
    silence; without one there is no error, and nothing is learned.
    """

    tau = Param(10 * ms)
    threshold = Param(1.0)
    gain = Param(0.1)
    current = Port()
    teacher = Modulator(low=-1.0, high=1.0)
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
    rate = Trace(spike, tau=10 * ms)
    error = Output(
        maximum(teacher, 0.0) - gain * rate * abs_(teacher), low=-1.0, high=1.0
    )


def as_spikes(images: Array, random: np.random.Generator) -> Array:
    """Give each pixel an even train of spikes, (images, steps, 64), from any phase."""
    rate, phase = images[:, None, :] * 0.6, random.random((len(images), 1, 64))
    steps = np.arange(STEPS)[None, :, None]
    return np.floor((steps + 1) * rate + phase) - np.floor(steps * rate + phase)


def trained(spikes: Array, labels: Array, seed: int) -> tuple[Array, Array]:
    """Train two layers of snnTorch's Leaky; the weights (post, pre)."""
    import snntorch
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    layers = torch.nn.ModuleList(
        [torch.nn.Linear(64, HIDDEN, bias=False), torch.nn.Linear(HIDDEN, 10, False)]
    )
    leaky = snntorch.Leaky(beta=BETA, reset_mechanism="zero", reset_delay=False)
    optimiser = torch.optim.Adam(layers.parameters(), 4e-3)
    given, wanted = torch.tensor(spikes, dtype=torch.float32), torch.tensor(labels)
    for _ in range(10):
        for batch in torch.randperm(len(given)).split(100):
            hidden, out = leaky.init_leaky(), leaky.init_leaky()
            counts = torch.zeros(len(batch), 10)
            for t in range(STEPS):
                sent, hidden = leaky(layers[0](given[batch, t]), hidden)
                sent, out = leaky(layers[1](sent), out)
                counts = counts + sent
            loss = torch.nn.functional.cross_entropy(counts, wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    first, last = (m.weight.detach().numpy().astype(float) for m in layers)
    return first, last


def network(first: Array, last: Array) -> Network:
    """The trained network: a step in a layer is a step later on the chip."""
    neuron = LIF(tau=DT / (1 - BETA))
    return Network(
        "digits",
        (
            Group("pixels", 64),
            Group("hidden", HIDDEN, neuron, latency=1),
            Group("digit", 10, neuron, latency=2),
        ),
        (
            Projection("fc1", "pixels", "hidden", first),
            Projection("fc2", "hidden", "digit", last),
        ),
        DT,
    )


def present(live: lahar.Live, spikes: Array, teacher: Array) -> Array:
    """Show digits one after the other, with a teacher (digits, 10); count answers."""
    count = len(spikes)
    rows = np.zeros((count, STEPS + GAP, 64))
    rows[:, :STEPS] = spikes
    taught = np.zeros((count, STEPS + GAP, 10))
    taught[:, 4 : STEPS + 2] = teacher[:, None, :]
    stimulus = Stimulus(
        {"pixels": rows.reshape(-1, 64)}, {"teacher": taught.reshape(-1, 10)}
    )
    ran = live.run(stimulus, count * (STEPS + GAP), record=["digit.s_out"])
    return ran["digit.s_out"].reshape(count, -1, 10).sum(axis=1)


def score(live: lahar.Live, spikes: Array, labels: Array) -> tuple[float, float]:
    """Give the shares of old and of new digits that are right; nothing is taught."""
    answers = present(live, spikes, np.zeros((len(spikes), 10))).argmax(axis=1)
    right, old = answers == labels, labels < OLD
    return float(right[old].mean()), float(right[~old].mean())


def learn(live: lahar.Live, spikes: Array, label: int) -> None:
    """Show a digit; if its neuron is not well ahead, show it again with a teacher."""
    counts = present(live, spikes, np.zeros((1, 10)))[0].astype(int)
    rivals = [n for n in range(10) if n != label]
    if counts[label] >= counts[rivals].max() + MARGIN:
        return
    teacher = np.zeros((1, 10))
    if label >= OLD:
        teacher[0, label] = 1.0
    for new in range(OLD, 10):
        if new != label and counts[new] > max(0, counts[label] - MARGIN):
            teacher[0, new] = -1.0
    if teacher.any():
        present(live, spikes, teacher)


def experiment(seed: int, eta: float = 0.01) -> tuple[float, float, float]:
    """Old digits before, old and new ones after; on the bit-accurate simulator."""
    random = np.random.default_rng(seed)
    digits = load_digits()
    order = random.permutation(len(digits.target))
    spikes = as_spikes(digits.data[order] / 16, random)
    labels = digits.target[order]
    seen, held_out = slice(0, 1100), slice(1100, None)
    old = labels[seen] < OLD
    first, last = trained(spikes[seen][old], labels[seen][old], seed)

    trained_network = network(first, last)
    some = spikes[seen][old][:200]
    deployment = lahar.deploy(trained_network, some, labels[seen][old][:200])
    bound = float(np.abs(last).max()) * 1.5
    rule = DeltaRule(eta=eta, w_max=bound)
    plastic = trained_network.attach("fc2", rule, TaughtLIF)
    program = lahar.compile(plastic, calibration=deployment.calibration)

    live = lahar.start(program, seed=seed)
    before, _ = score(live, spikes[held_out], labels[held_out])
    shown = np.concatenate(
        [np.flatnonzero(labels[seen] == c)[:SHOTS] for c in range(10)]
    )
    for _ in range(ROUNDS):
        for one in random.permutation(shown):
            learn(live, spikes[one : one + 1], int(labels[one]))
    return before, *score(live, spikes[held_out], labels[held_out])


def main(seeds: list[int]) -> None:
    missing = [p for p in ("torch", "snntorch") if importlib.util.find_spec(p) is None]
    if missing:
        print(f"This example trains with snnTorch; {', '.join(missing)} not installed.")
        print("uv run --extra frontends python examples/09_few_shot_learning.py")
        return
    print("seed  old digits before  after  new digits after 5 examples each")
    for seed in seeds:
        before, after, new = experiment(seed)
        print(f"{seed:4d}  {before:17.1%}  {after:5.1%}  {new:6.1%}", flush=True)


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [100, 101, 102])
