"""Digits explained by few causes: how well, what the causes are good for, and surprise.

In: an arithmetic and a seed. Out: the figures of B04's unsupervised half. One run shows
images before anything was learned, images to learn from, and images afterwards, among
them some whose pixels are shuffled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library.predictive_coding import (
    Cause,
    ErrorHebb,
    PredictionError,
    PredictionHebb,
)
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import ms
from ...verbs import compile as compile_for_chip
from ..digits import PIXELS, Digits, load_digits, split
from .frame import Arithmetic, run_in, value_in_rule_units

CAUSES = 32
STEPS = 40
"""From one image to the next; in the last step synapses learn."""
SILENT_STEPS = 2
"""In which causes are 0 and errors silent, at the start of each image."""


@dataclass(frozen=True)
class Amounts:
    """How many images: to read from, to test with, and to learn from."""

    read: int
    tested: int
    learned: int


FULL = Amounts(200, 150, 700)
QUICK = Amounts(40, 20, 60)


@cache
def program(seed: int) -> Program:
    """Compile the network; predictions start random, the way back as their mirror."""
    random = np.random.default_rng([seed, *b"causes"])
    weights = np.abs(random.normal(0.0, 0.1, (PIXELS, CAUSES)))
    network = Network(
        "causes of digits",
        (
            Group("error", PIXELS, PredictionError()),
            Group("cause", CAUSES, Cause()),
        ),
        (
            Projection(
                "predict", "cause", "error", weights, "predicted", PredictionHebb()
            ),
            Projection(
                "back", "error", "cause", weights.T.copy(), "feedback", ErrorHebb()
            ),
        ),
        dt_seconds=1 * ms,
    )
    return compile_for_chip(network)


def shown(images: FloatArray, learned: npt.NDArray[np.bool_]) -> Stimulus:
    """Show images (n, 64) one after the other, and learn from some."""
    step = np.tile(np.arange(STEPS), len(images))
    learn = np.repeat(learned, STEPS) & (step == STEPS - 1)
    return Stimulus(
        {},
        {
            "target": np.repeat(images, STEPS, axis=0),
            "listen": (step < SILENT_STEPS).astype(np.float64),
            "learn": learn.astype(np.float64),
        },
    )


def explained(
    arithmetic: Arithmetic, seed: int, amounts: Amounts
) -> tuple[dict[str, float], dict[str, FloatArray]]:
    """Learn causes of digits; give figures and curves."""
    everything = load_digits()
    learned, others = split(
        everything, amounts.learned, amounts.read + amounts.tested, seed
    )
    tested = others.images[amounts.read :]
    shuffled = np.random.default_rng([seed, *b"shuffle"]).permuted(tested, axis=1)
    parts = [others.images, learned.images, others.images, shuffled]
    images = np.concatenate(parts)
    what = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    given = shown(images, what == 1)
    record = ["error.e", "cause.r"]
    run = run_in(arithmetic, program(seed), given, len(images) * STEPS, record, seed)
    error, cause = (
        value_in_rule_units(run, n).reshape(len(images), STEPS, -1)[:, -1]
        for n in record
    )
    left = (error**2).sum(axis=1) / (images**2).sum(axis=1)
    surprise = np.abs(error).sum(axis=1)
    before, after = (_read(cause[what == p], others, amounts) for p in (0, 2))
    intact = surprise[what == 2][amounts.read :]
    predict, back = (
        value_in_rule_units(run, f"{name}.weights", final=True)
        for name in ("predict", "back")
    )
    figures = {
        "left": float(left[what == 2][amounts.read :].mean()),
        "read_before": before,
        "read_after": after,
        "readout_gain": after - before,
        "surprise": float(surprise[what == 3].mean() / intact.mean()),
        "mirror": float(np.corrcoef(predict.ravel(), back.T.ravel())[0, 1]),
    }
    curves = {
        "left": left[what == 1],
        "predictions": predict,
        "surprise": np.stack([intact, surprise[what == 3]]),
    }
    return figures, curves


def _read(causes: FloatArray, digits: Digits, amounts: Amounts) -> float:
    """Give the share of test images that a logistic regression reads from causes."""
    from sklearn.linear_model import LogisticRegression

    reader = LogisticRegression(max_iter=3000)
    reader.fit(causes[: amounts.read], digits.labels[: amounts.read])
    return float(reader.score(causes[amounts.read :], digits.labels[amounts.read :]))
