"""S8: how many random spike patterns a tempotron tells apart, static or by rank.

One network holds a neuron for each condition and task. All are shown patterns of
their own, trial by trial, and move their weights after wrong answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library.tempotron import RankRelay, Tempotron, TempotronNeuron
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    run_in,
    value_in_rule_units,
)
from .tempotron_picture import draw

AFFERENTS = 10
STEP = 2 * ms
SHOWN_STEPS, TRIAL_STEPS = 150, 180
"""Spikes fall into 300 ms; then traces decay until the next trial."""
TRIALS, QUICK_TRIALS = 1000, 100
TASKS = 2
FIRST_WEIGHT = 0.3
JITTER_STEPS = 2.5
LAST = 200
"""Trials at the end whose errors are counted with jitter."""


@dataclass(frozen=True)
class Condition:
    """Patterns of ``spikes`` a afferent; ``ordinal``: a weight for each rank."""

    name: str
    ordinal: bool
    spikes: int
    patterns: int
    jitter: float = 0.0

    @property
    def lines(self) -> int:
        """Synapses of the neuron."""
        return AFFERENTS * (self.spikes if self.ordinal else 1)


CONDITIONS = (
    Condition("static 1", False, 5, AFFERENTS),
    Condition("static 2", False, 5, 2 * AFFERENTS),
    Condition("ordinal 4", True, 5, 4 * AFFERENTS),
    Condition("two spikes 4", True, 2, 4 * AFFERENTS),
    Condition("static jitter", False, 5, AFFERENTS, JITTER_STEPS),
    Condition("ordinal jitter", True, 5, AFFERENTS, JITTER_STEPS),
)
NEURONS = tuple(c for c in CONDITIONS for _ in range(TASKS))


@dataclass(frozen=True)
class Task:
    """The patterns of one neuron, (pattern, afferent, spike) in steps, and labels."""

    condition: Condition
    times: FloatArray
    labels: npt.NDArray[np.int64]

    def trial(self, number: int, random: np.random.Generator) -> tuple[FloatArray, int]:
        """Draw the pattern of a trial: every block of trials shows each once."""
        size = self.condition.patterns
        block, place = divmod(number, size)
        shown = _order(block, size)[place]
        times = self.times[shown]
        moved = times + self.condition.jitter * random.standard_normal(times.shape)
        return np.sort(moved, axis=1), int(self.labels[shown])


@cache
def _order(block: int, size: int) -> npt.NDArray[np.int64]:
    """Draw in which order the trials of a block show so many patterns."""
    return np.random.default_rng([block, size]).permutation(size)


def draw_tasks(random: np.random.Generator) -> list[Task]:
    """Draw the patterns of all neurons; half of them have the label 1."""
    tasks = []
    for condition in NEURONS:
        shape = (condition.patterns, AFFERENTS, condition.spikes)
        times = np.sort(random.random(shape) * (SHOWN_STEPS - 10) + 5, axis=2)
        labels = random.permutation(np.arange(condition.patterns) % 2) * 2 - 1
        tasks.append(Task(condition, times, labels))
    return tasks


def stimulus(trials: int, seed: int) -> tuple[Stimulus, npt.NDArray[np.int64]]:
    """Draw the spikes of all afferents; give the labels too, (trials, neurons)."""
    random = np.random.default_rng([seed, *b"tempotron"])
    tasks = draw_tasks(random)
    steps = trials * TRIAL_STEPS
    spikes = np.zeros((steps, len(tasks) * AFFERENTS), np.uint8)
    teach = np.zeros((steps, len(tasks)))
    labels = np.zeros((trials, len(tasks)), np.int64)
    for number in range(trials):
        start = number * TRIAL_STEPS
        for k, task in enumerate(tasks):
            times, labels[number, k] = task.trial(number, random)
            at = start + np.clip(np.rint(times), 1, SHOWN_STEPS).astype(np.int64)
            afferents = k * AFFERENTS + np.arange(AFFERENTS)[:, None]
            spikes[at, np.broadcast_to(afferents, at.shape)] = 1
        teach[start + TRIAL_STEPS - 1] = labels[number]
    begin = np.zeros(steps)
    begin[::TRIAL_STEPS] = 1.0
    return Stimulus({"afferents": spikes}, {"begin": begin, "teach": teach}), labels


def program(neurons: Sequence[Condition] = NEURONS) -> Program:
    """Compile afferents, relays that pass one rank or all, and the neurons."""
    ranks, fan, mask = _wiring(neurons)
    network = Network(
        "tempotron",
        (
            Group("afferents", len(neurons) * AFFERENTS),
            Group("relay", len(ranks), RankRelay(), initial={"rank": ranks}),
            Group("neuron", len(neurons), TempotronNeuron()),
        ),
        (
            Projection("fan", "afferents", "relay", fan, connected=fan > 0),
            Projection(
                "synapse",
                "relay",
                "neuron",
                FIRST_WEIGHT * mask,
                rule=Tempotron(),
                connected=None if mask.all() else mask > 0,
            ),
        ),
        dt_seconds=STEP,
    )
    return compile_for_chip(network, rate=15 * Hz)


def _wiring(
    neurons: Sequence[Condition] = NEURONS,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the rank of each relay (0: all), its afferent, and its neuron."""
    lines = [
        (rank, k * AFFERENTS + afferent, k)
        for k, c in enumerate(neurons)
        for afferent in range(AFFERENTS)
        for rank in (range(1, c.spikes + 1) if c.ordinal else (0,))
    ]
    ranks = np.array([float(rank) for rank, _, _ in lines])
    fan = np.zeros((len(lines), len(neurons) * AFFERENTS))
    mask = np.zeros((len(neurons), len(lines)))
    for line, (_, afferent, neuron) in enumerate(lines):
        fan[line, afferent] = mask[neuron, line] = 1.0
    return ranks, fan, mask


def measure(arithmetic: Arithmetic, seed: int, quick: bool = False) -> Measured:
    """Train all neurons, and say in which trials they were wrong."""
    trials = QUICK_TRIALS if quick else TRIALS
    shown, labels = stimulus(trials, seed)
    steps = trials * TRIAL_STEPS
    recording = run_in(arithmetic, program(), shown, steps, ["neuron.highest"], seed)
    highest = value_in_rule_units(recording, "neuron.highest")
    said = np.where(highest[TRIAL_STEPS - 1 :: TRIAL_STEPS] > 1.0, 1, -1)
    wrong = said != labels
    errors = {c.name: wrong[:, _neurons(c)] for c in CONDITIONS}
    figures = {
        c.name: float(np.mean(_is_solved(errors[c.name], c.patterns)))
        for c in CONDITIONS
        if not c.jitter
    }
    with_jitter = [errors[f"{k} jitter"][-LAST:].mean() for k in ("ordinal", "static")]
    figures["jitter"] = float(with_jitter[0] / max(with_jitter[1], 1e-9))
    curves = {name: _in_blocks(wrong) for name, wrong in errors.items()}
    return Measured(arithmetic, seed, figures, curves)


def _neurons(condition: Condition) -> npt.NDArray[np.int64]:
    return np.array([k for k, c in enumerate(NEURONS) if c == condition])


def _is_solved(wrong: npt.NDArray[np.bool_], patterns: int) -> npt.NDArray[np.bool_]:
    """Tell for each neuron whether it once got all patterns right in a row."""
    whole = len(wrong) // patterns * patterns
    blocks = wrong[:whole].reshape(-1, patterns, wrong.shape[1]).any(axis=1)
    solved: npt.NDArray[np.bool_] = (~blocks).any(axis=0)
    return solved


def _in_blocks(wrong: npt.NDArray[np.bool_], size: int = 40) -> FloatArray:
    whole = len(wrong) // size * size
    rates: FloatArray = np.mean(
        wrong[:whole].reshape(-1, size * wrong.shape[1]), axis=1, dtype=np.float64
    )
    return rates


def judged() -> tuple[Program, Stimulus, int]:
    """Give four trials of one neuron: Lava cannot learn where synapses are missing."""
    place = next(k for k, c in enumerate(NEURONS) if c.ordinal)
    shown, _ = stimulus(4, 0)
    own = slice(place * AFFERENTS, (place + 1) * AFFERENTS)
    spikes = np.asarray(shown.spikes["afferents"])[:, own]
    teach = np.asarray(shown.modulators["teach"])[:, place]
    modulators = {"begin": shown.modulators["begin"], "teach": teach}
    one = Stimulus({"afferents": spikes}, modulators)
    return program(NEURONS[place : place + 1]), one, 4 * TRIAL_STEPS


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


TWO_THIRDS = 2 / 3

EXPERIMENT = Experiment(
    id="S8",
    claim="A tempotron separates spike patterns by their timing; with a weight for "
    "each rank of a spike it separates several times as many, and withstands jitter.",
    paper="Guetig & Sompolinsky 2006, Nature Neuroscience 9:420-428",
    criteria=(
        Criterion(
            "static: share of tasks solved, 1 pattern an afferent",
            "static 1",
            ">= 2/3",
            lambda value: value >= TWO_THIRDS,
            _mean,
        ),
        Criterion(
            "static: the same, 2 patterns (beyond its capacity)",
            "static 2",
            "< 2/3",
            lambda value: value < TWO_THIRDS,
            _mean,
        ),
        Criterion(
            "by rank: the same, 4 patterns (capacity >= 2.5 times as large)",
            "ordinal 4",
            ">= 2/3",
            lambda value: value >= TWO_THIRDS,
            _mean,
        ),
        Criterion(
            "by rank with 2 spikes an afferent, not 5: 4 patterns",
            "two spikes 4",
            "< 2/3",
            lambda value: value < TWO_THIRDS,
            _mean,
        ),
        Criterion(
            "errors with jitter of 5 ms, by rank over static",
            "jitter",
            "<= 0.5",
            lambda value: value <= 0.5,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
