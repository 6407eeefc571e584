"""S7: a neuron that predicts its inputs comes to fire at the start of a sequence.

Three protocols with one rule: a sequence without noise, one with jitter, background and
distractors, and pairs of spikes. Figures of each in, as the frame asks, for one seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library import Predictive, PredictiveLIF
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.recording import Recording
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
    weights_of,
)
from .predictive_picture import draw

Spikes = npt.NDArray[np.uint8]

LEAD_STEPS = 10
REST_STEPS = 60
EPOCHS, QUICK_EPOCHS = 600, 250
AROUND = 20
"""Epochs at the start and at the end that a median is taken over."""

LAGS = (-12, -8, -4, 4, 8, 12)
PAIRS, PAIRS_UNTIL_SETTLED = 140, 20
SLOW, FAST = 10, 50
"""Pairs in a second."""
PAIRED_WEIGHTS = (0.1, 0.4)
"""Of the input that is watched, and of the one that makes the neuron fire."""

SEQUENCE_ETA, PAIRS_ETA = 0.002, 0.004


@dataclass(frozen=True)
class InputSequence:
    """A sequence of inputs, repeated; times in steps of 1 ms.

    distractors
        Further inputs that only have background spikes.
    spikes_in_an_epoch
        Mean number of spikes of an input, for the neuron's estimate of |w|^2.
    """

    inputs: int
    gap: int
    threshold: float
    jitter: int = 0
    background_hz: float = 0.0
    distractors: int = 0
    spikes_in_an_epoch: float = 1.0

    @property
    def steps(self) -> int:
        """Length of an epoch."""
        return self.inputs * self.gap + REST_STEPS

    def spikes(self, epochs: int, seed: int) -> Spikes:
        """Draw the input; shape (steps, inputs)."""
        random = np.random.default_rng([seed, *b"predictive"])
        shape = (epochs, self.steps, self.inputs + self.distractors)
        shown = random.random(shape) < self.background_hz * 1e-3
        for place in range(self.inputs):
            moved = random.uniform(-self.jitter, self.jitter, epochs)
            at = LEAD_STEPS + self.gap * place + np.rint(moved).astype(np.int64)
            shown[np.arange(epochs), at, place] = True
        return shown.reshape(-1, shape[2]).astype(np.uint8)

    def program(self, weight: float = 0.05) -> Program:
        """Compile it, with all weights equal."""
        weights = (weight,) * (self.inputs + self.distractors)
        period = self.steps / self.spikes_in_an_epoch * ms
        return _compile(weights, self.threshold, period, SEQUENCE_ETA)


CLEAN = InputSequence(inputs=16, gap=2, threshold=0.6)
NOISY = InputSequence(
    inputs=10,
    gap=4,
    threshold=0.4,
    jitter=1,
    background_hz=5.0,
    distractors=10,
    spikes_in_an_epoch=1.3,
)


@cache
def _compile(
    weights: tuple[float, ...], threshold: float, period: float, eta: float
) -> Program:
    neuron = PredictiveLIF(threshold=threshold, period=period, tau_norm=10 * period)
    network = Network(
        "predictive",
        (Group("pre", len(weights)), Group("post", 1, neuron)),
        (
            Projection(
                "synapse",
                "pre",
                "post",
                np.array([weights]),
                rule=Predictive(eta=eta),
            ),
        ),
        dt_seconds=1 * ms,
    )
    return compile_for_chip(network, rate=10 * Hz)


def measure(arithmetic: Arithmetic, seed: int, quick: bool = False) -> Measured:
    """Run the three protocols."""
    epochs = QUICK_EPOCHS if quick else EPOCHS
    # In float64 only the noise of the input depends on the seed.
    own = 0 if arithmetic == "reference" else seed
    latency, weights = _sequence(arithmetic, own, CLEAN, epochs)
    noisy_latency, noisy_weights = _sequence(arithmetic, seed, NOISY, epochs)
    window = _window(arithmetic, own)
    slow, fast = (_pairing(arithmetic, own, 4, rate) for rate in (SLOW, FAST))
    quarter, half = CLEAN.inputs // 4, NOISY.inputs // 2
    before, after = _ends(noisy_latency)
    figures = {
        "latency before": _ends(latency)[0],
        "latency after": _ends(latency)[1],
        "noisy reduction": 1.0 - after / before,
        "quarters": weights[:quarter].sum() / max(weights[-quarter:].sum(), 1e-9),
        "distractors": noisy_weights[NOISY.inputs :].mean()
        / noisy_weights[:half].mean(),
        "pre first": window[LAGS.index(4)],
        "post first": window[LAGS.index(-4)],
        "rate": fast / slow,
    }
    curves = {
        "latency": latency,
        "weights": weights,
        "noisy weights": noisy_weights,
        "lags": np.array(LAGS),
        "window": window,
    }
    return Measured(arithmetic, seed, figures, curves)


@cache
def _sequence(
    arithmetic: Arithmetic, seed: int, sequence: InputSequence, epochs: int
) -> tuple[FloatArray, FloatArray]:
    """Give the latency in each epoch (NaN where silent), and the last weights."""
    spikes = sequence.spikes(epochs, seed)
    recording = run_in(
        arithmetic,
        sequence.program(),
        Stimulus({"pre": spikes}),
        len(spikes),
        ["post.s_out"],
        seed,
    )
    return _latencies(recording, sequence.steps), weights_of(recording, "synapse")[0]


def _latencies(recording: Recording, epoch_steps: int) -> FloatArray:
    """Count ms from when the first input arrives to the first spike after it."""
    arrives = LEAD_STEPS + 1
    fired = recording["post.s_out"].reshape(-1, epoch_steps)[:, arrives:] != 0
    return np.where(fired.any(1), fired.argmax(1), np.nan)


def _ends(latency: FloatArray) -> tuple[float, float]:
    """Give medians over the first and the last epochs; a silent neuron is late."""
    late = np.where(np.isnan(latency), np.inf, latency)
    return float(np.median(late[:AROUND])), float(np.median(late[-AROUND:]))


@cache
def _window(arithmetic: Arithmetic, seed: int) -> FloatArray:
    return np.array([_pairing(arithmetic, seed, lag, SLOW) for lag in LAGS])


@cache
def _pairing(arithmetic: Arithmetic, seed: int, lag: int, rate_hz: int) -> float:
    """Give the change of the watched weight; lag > 0: it spikes before the other."""
    period = 1000 // rate_hz
    shown = np.zeros((PAIRS, period, 2), np.uint8)
    shown[:, period // 2 - lag, 0] = 1
    shown[:, period // 2, 1] = 1
    recording = run_in(
        arithmetic,
        _compile(PAIRED_WEIGHTS, CLEAN.threshold, period * ms, PAIRS_ETA),
        Stimulus({"pre": shown.reshape(-1, 2)}),
        PAIRS * period,
        ["synapse.weights"],
        seed,
    )
    watched = value_in_rule_units(recording, "synapse.weights")[:, 0, 0]
    # Until then the neuron learns how large |w|^2 is.
    return float(watched[-1] - watched[PAIRS_UNTIL_SETTLED * period])


def judged() -> tuple[Program, Stimulus, int]:
    """Six epochs of the noisy sequence."""
    spikes = NOISY.spikes(6, 0)
    return NOISY.program(weight=0.15), Stimulus({"pre": spikes}), len(spikes)


EXPERIMENT = Experiment(
    id="S7",
    claim="A neuron that learns to predict its inputs comes to fire at the start of a "
    "sequence, ignores what is not part of it, and shows an STDP window.",
    paper="Saponati & Vinck 2023, Nature Communications 14:4985",
    criteria=(
        Criterion(
            "latency of the first spike, first 20 epochs",
            "latency before",
            ">= 20 ms",
            lambda value: value >= 20,
        ),
        Criterion(
            "the same, last 20 of 600 epochs",
            "latency after",
            "<= 6 ms",
            lambda value: value <= 6,
        ),
        Criterion(
            "share of the latency lost, with jitter, background and distractors",
            "noisy reduction",
            ">= 0.6",
            lambda value: value >= 0.6,
        ),
        Criterion(
            "weights of the first quarter over those of the last",
            "quarters",
            ">= 3",
            lambda value: value >= 3,
        ),
        Criterion(
            "mean weight of distractors over that of the first half",
            "distractors",
            "<= 0.5",
            lambda value: value <= 0.5,
        ),
        Criterion(
            "change of a weight, its spikes 4 ms before those of the driver",
            "pre first",
            "> 0",
            lambda value: value > 0,
        ),
        Criterion("the same, 4 ms after", "post first", "< 0", lambda value: value < 0),
        Criterion(
            "potentiation by pairs at 50 Hz over that at 10 Hz",
            "rate",
            "> 1",
            lambda value: value > 1,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
