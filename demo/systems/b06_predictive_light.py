"""B06: inhibition learns what comes next, and spikes that say nothing new go away.

A bar moves over sixteen positions, each seen by a neuron of its own. Inhibition between
the neurons learns, in the order of the track or, as a control, in random orders. Then
it is tested with learning off: the same order, the reverse, others, and one deviant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library.predictive_light import FeatureLIF, PredictiveInhibition
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.recording import Recording
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    ARITHMETICS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
    weights_of,
)

POSITIONS = 16
ITEM_STEPS, GAP_STEPS = 4, 60
PASS_STEPS = POSITIONS * ITEM_STEPS + GAP_STEPS
PASSES, QUICK_PASSES = 60, 25
TESTS = 20
LATE = 10
"""Passes at the end that a mean is taken over."""
ONSET, SEEN, SEEN_PROBABILITY = 64.0, 40.0, 0.98
INITIAL = -4 / 127
DEVIANT_AT, DEVIANT = 8, 2
READER_KEEPS = 0.5
"""What the reader of positions keeps of its memory from one item to the next."""

Orders = npt.NDArray[np.int64]
IN_ORDER: Orders = np.arange(POSITIONS)


def network(lateral: FloatArray | None = None) -> Network:
    """Build it, to learn from weak inhibition or (with weights) to be tested."""
    others = ~np.eye(POSITIONS, dtype=np.bool_)
    weights = np.where(others, INITIAL, 0.0) if lateral is None else lateral
    rule = PredictiveInhibition() if lateral is None else None
    each = np.eye(POSITIONS)
    return Network(
        "predictive_light",
        (
            Group("onset", POSITIONS),
            Group("bar", POSITIONS),
            Group("feature", POSITIONS, FeatureLIF()),
        ),
        (
            Projection("appears", "onset", "feature", ONSET * each),
            Projection("stays", "bar", "feature", SEEN * each),
            Projection(
                "lateral",
                "feature",
                "feature",
                weights,
                "lateral",
                rule,
            ),
        ),
        dt_seconds=1 * ms,
    )


@cache
def program() -> Program:
    """Compile it."""
    return compile_for_chip(network(), rate=20 * Hz)


def shown(orders: Orders, seed: int, what: str) -> Stimulus:
    """Show positions in these orders, (passes, positions), with gaps between."""
    random = np.random.default_rng([seed, *what.encode()])
    shape = (len(orders), PASS_STEPS, POSITIONS)
    onset, bar = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for presented, order in enumerate(orders):
        for place, position in enumerate(order):
            start = place * ITEM_STEPS
            onset[presented, start, position] = 1
            seen = random.random(ITEM_STEPS - 1) < SEEN_PROBABILITY
            bar[presented, start + 1 : start + ITEM_STEPS, position] = seen
    return Stimulus(
        {"onset": onset.reshape(-1, POSITIONS), "bar": bar.reshape(-1, POSITIONS)}
    )


def orders(kind: str, passes: int, seed: int) -> Orders:
    """Give the order of every pass."""
    random = np.random.default_rng([seed, *b"orders"])
    deviant = IN_ORDER.copy()
    deviant[DEVIANT_AT] = DEVIANT
    make: dict[str, Callable[[], Orders]] = {
        "learned": lambda: IN_ORDER,
        "reversed": lambda: IN_ORDER[::-1],
        "random": lambda: random.permutation(POSITIONS),
        "deviant": lambda: deviant,
    }
    return np.array([make[kind]() for _ in range(passes)])


def present(
    arithmetic: Arithmetic, what: Program, kind: str, passes: int, seed: int
) -> tuple[Recording, npt.NDArray[np.bool_]]:
    """Run passes; spikes are (passes, items, steps, neurons)."""
    given = shown(orders(kind, passes, seed), seed, kind)
    steps = passes * PASS_STEPS
    run = run_in(arithmetic, what, given, steps, ["feature.s_out"], seed)
    spikes = run["feature.s_out"].reshape(passes, PASS_STEPS, POSITIONS) != 0
    arrived = spikes[:, 1 : 1 + POSITIONS * ITEM_STEPS]  # a step after they were sent
    return run, arrived.reshape(passes, POSITIONS, ITEM_STEPS, POSITIONS)


def frozen(arithmetic: Arithmetic, run: Recording | None, gain: float = 1.0) -> Program:
    """Give the network without learning: with the weights of a run, or the first ones.

    gain
        0 takes the inhibition away.
    """
    if arithmetic == "reference":
        initial = network().projection("lateral").weights
        weights = initial if run is None else weights_of(run, "lateral")
        return compile_for_chip(network(gain * weights), rate=20 * Hz)
    if run is None:
        return program().frozen()
    stored = np.asarray(run.final["lateral.weights"], np.int32)
    stored = np.asarray(stored * gain, np.int32)
    return program().with_weights({"lateral": stored}).frozen()


def measure(arithmetic: Arithmetic, seed: int, quick: bool = False) -> Measured:
    """Learn in order and in random orders, then test what was learned in order."""
    passes = QUICK_PASSES if quick else PASSES
    first = frozen(arithmetic, None)
    before, after, weights = {}, {}, {}
    counts = {}
    for kind in ("random", "learned"):
        before[kind] = _mean_count(present(arithmetic, first, kind, TESTS, seed)[1])
        run, spikes = present(arithmetic, program(), kind, passes, seed)
        counts[kind] = spikes.sum(axis=(1, 2, 3))
        after[kind] = float(counts[kind][-LATE:].mean())
        weights[kind] = -weights_of(run, "lateral")
    trained = frozen(arithmetic, run)
    tests = {
        kind: present(arithmetic, trained, kind, TESTS, seed)[1]
        for kind in ("learned", "reversed", "random", "deviant")
    }
    free = present(arithmetic, frozen(arithmetic, run, 0.0), "learned", TESTS, seed)[1]
    tested = {kind: _mean_count(spikes) for kind, spikes in tests.items()}
    predicting, other = foretelling(weights["learned"])
    figures = {
        "predictable": after["learned"] / before["learned"],
        "unpredictable": after["random"] / before["random"],
        "reversed": tested["reversed"] / tested["learned"],
        "permuted": tested["random"] / tested["learned"],
        "foretelling": predicting / max(other, 1e-9),
        "readout loss": 100 * (accuracy(free) - accuracy(tests["learned"])),
        "deviant": float(tests["deviant"][:, DEVIANT_AT, :, DEVIANT].sum(1).mean()),
        "expected": float(tests["learned"][:, DEVIANT, :, DEVIANT].sum(1).mean()),
    }
    curves = {
        "in order": counts["learned"],
        "in random orders": counts["random"],
        "weights": weights["learned"],
        "tested": np.array(list(tested.values())),
        "free": np.array([_mean_count(free)]),
    }
    return Measured(arithmetic, seed, figures, curves)


def _mean_count(spikes: npt.NDArray[np.bool_]) -> float:
    """Count spikes in a pass, in the mean."""
    return float(spikes.sum() / len(spikes))


def foretelling(weights: FloatArray) -> tuple[float, float]:
    """Give the mean weight from the neuron just before, and from all others."""
    after = np.arange(1, POSITIONS)
    own = np.eye(POSITIONS, dtype=np.bool_)
    just_before = np.zeros_like(own)
    just_before[after, after - 1] = True
    others = ~own & ~just_before
    return float(weights[just_before].mean()), float(weights[others].mean())


def accuracy(spikes: npt.NDArray[np.bool_]) -> float:
    """Share of positions that are read right, from a fading memory of who spiked.

    The readout knows the mean memory at each position from half of the passes, and says
    for the others which is nearest. An item that was foretold may pass without a spike,
    so a reader needs the one before it too.
    """
    memory = spikes.any(axis=2).astype(np.float64)
    for item in range(1, POSITIONS):
        memory[:, item] += READER_KEEPS * memory[:, item - 1]
    known, asked = memory[::2].mean(axis=0), memory[1::2]
    distance = ((asked[:, :, None] - known) ** 2).sum(axis=-1)
    return float((distance.argmin(axis=-1) == IN_ORDER).mean())


def judged() -> tuple[Program, Stimulus, int]:
    """Six passes in order."""
    return program(), shown(orders("learned", 6, 0), 0, "learned"), 6 * PASS_STEPS


def draw(measured: Sequence[Measured]) -> Any:
    """Draw the spikes of all passes, the weights, and the tests."""
    figure = new_figure(12, 3.6)
    left, middle, right = figure.subplots(1, 3)
    chip = [m for m in measured if m.arithmetic == "loihi2"]
    for key, colour in (("in order", "tab:blue"), ("in random orders", "tab:orange")):
        lines = [left.plot(m.curves[key], color=colour, lw=1)[0] for m in chip]
        lines[0].set_label(key)
    left.set(xlabel="pass", ylabel="spikes in a pass", ylim=(0, None))
    left.legend(fontsize=8)
    image = middle.imshow(chip[0].curves["weights"], cmap="magma", vmin=0)
    middle.set(
        title="learned inhibition", xlabel="from position", ylabel="onto position"
    )
    figure.colorbar(image, ax=middle)
    names = ["learned", "reversed", "permuted", "deviant", "no inhibition"]
    for shift, arithmetic in enumerate(ARITHMETICS):
        runs = [m for m in measured if m.arithmetic == arithmetic]
        values = [np.append(m.curves["tested"], m.curves["free"]) for m in runs]
        places = np.arange(len(names)) + 0.25 * (shift - 1)
        right.bar(places, np.mean(values, axis=0), 0.25, label=arithmetic)
    right.set_xticks(range(len(names)), names)
    right.tick_params(axis="x", labelsize=7)
    right.set(ylabel="spikes in a pass, learning off", ylim=(0, 45))
    right.legend(fontsize=8)
    return figure


EXPERIMENT = Experiment(
    id="B06",
    claim="Neurons inhibit what they foretell: a predictable order costs few spikes, "
    "an unexpected one costs many, and the positions can still be read.",
    paper="N'dri, Barbier, Teuliere & Triesch 2025, Nature Communications 16, "
    "doi 10.1038/s41467-025-64234-z",
    criteria=(
        Criterion(
            "spikes in a pass, last 10 of 60 over untrained, in order",
            "predictable",
            "<= 0.7",
            lambda ratio: ratio <= 0.7,
        ),
        Criterion(
            "the same when every pass has another order",
            "unpredictable",
            ">= 0.9",
            lambda ratio: ratio >= 0.9,
        ),
        Criterion(
            "learning off: spikes in reverse order over those in the learned one",
            "reversed",
            ">= 1.4",
            lambda ratio: ratio >= 1.4,
        ),
        Criterion(
            "the same for permuted orders",
            "permuted",
            ">= 1.4",
            lambda ratio: ratio >= 1.4,
        ),
        Criterion(
            "mean weight from the position just before over that from all others",
            "foretelling",
            ">= 5",
            lambda ratio: ratio >= 5,
        ),
        Criterion(
            "points of accuracy that reading the position loses to inhibition",
            "readout loss",
            "<= 2",
            lambda points: points <= 2,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
    host="Before the tests a host switches learning off; nothing in a step",
)
