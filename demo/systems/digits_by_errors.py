"""Digits learned by predictive coding with a target, and how near that is to backprop.

In: an arithmetic and a seed. Out: the figures of B04's supervised half: the share of
test digits named rightly, and the angle between what synapses learn from and what
backpropagation would have them learn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...live import Live, start
from ...rules.library.predictive_coding import (
    HiddenCause,
    InputHebb,
    PredictionError,
    SignedErrorHebb,
    SignedPredictionHebb,
)
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import ms
from ...verbs import compile as compile_for_chip
from ..digits import CLASSES, PIXELS, Digits, load_digits, repeat, split
from .frame import Arithmetic, value_in_rule_units

HIDDEN = 32
STEPS, TEST_STEPS = 10, 4
"""From one digit to the next; the last step of a digit with a target learns."""
SILENT_STEPS = 2
"""Of a digit with a target: the hidden layer takes what the input predicts."""
EXPECTED, PREDICTED = 1, 2
"""Steps in which the hidden layer, and then the output, has heard of a digit."""
BETWEEN = 50
"""Digits from one look at the weights to the next."""
TOP = 2.0


@dataclass(frozen=True)
class Amounts:
    """How many digits: to learn from, how often, and to test with."""

    learned: int
    passes: int
    tested: int


FULL = Amounts(1400, 3, 397)
QUICK = Amounts(100, 1, 50)


@cache
def program(seed: int) -> Program:
    """Compile the network; the way back starts as the mirror of the way forth."""
    random = np.random.default_rng([seed, *b"hidden"])
    inwards = random.normal(0.0, 0.12, (HIDDEN, PIXELS + 1))
    inwards[:, PIXELS] = 0.3  # of an input that is always 1
    outwards = random.normal(0.0, 0.2, (CLASSES, HIDDEN))
    network = Network(
        "digits by errors",
        (
            Group("image", PIXELS + 1, graded=(0.0, 1.0)),
            Group("hidden", HIDDEN, HiddenCause()),
            Group("output", CLASSES, PredictionError()),
        ),
        (
            Projection("see", "image", "hidden", inwards, "expected", InputHebb()),
            Projection(
                "predict",
                "hidden",
                "output",
                outwards,
                "predicted",
                SignedPredictionHebb(),
            ),
            Projection(
                "back",
                "output",
                "hidden",
                outwards.T.copy(),
                "feedback",
                SignedErrorHebb(),
            ),
        ),
        dt_seconds=1 * ms,
    )
    return compile_for_chip(network)


def taught(digits: Digits) -> Stimulus:
    """Show digits with their targets, and learn in the last step of each."""
    step = np.tile(np.arange(STEPS), len(digits))
    target = np.eye(CLASSES)[digits.labels]
    return _shown(digits, STEPS, step < SILENT_STEPS, step == STEPS - 1, target)


def asked(digits: Digits) -> Stimulus:
    """Show digits and be silent about what they are."""
    always = np.ones(len(digits) * TEST_STEPS, np.bool_)
    nothing = np.zeros((len(digits), CLASSES))
    return _shown(digits, TEST_STEPS, always, ~always, nothing)


def _shown(
    digits: Digits,
    steps: int,
    listen: npt.NDArray[np.bool_],
    learn: npt.NDArray[np.bool_],
    target: FloatArray,
) -> Stimulus:
    images = np.column_stack([digits.images, np.ones(len(digits))])
    return Stimulus(
        {"image": np.repeat(images, steps, axis=0)},
        {
            "target": np.repeat(target, steps, axis=0),
            "listen": listen.astype(np.float64),
            "learn": learn.astype(np.float64),
        },
    )


def learned_and_tested(
    arithmetic: Arithmetic, seed: int, amounts: Amounts
) -> tuple[dict[str, float], dict[str, FloatArray]]:
    """Learn digits with targets, then name others; give figures and curves."""
    once, others = split(load_digits(), amounts.learned, amounts.tested, seed)
    learned = repeat(once, amounts.passes, seed)
    live = _started(arithmetic, seed)
    looks = range(0, len(learned), BETWEEN)
    angles = [
        _angle(live, learned.take(np.arange(at, min(at + BETWEEN, len(learned)))))
        for at in looks
    ]
    steps = len(others) * TEST_STEPS
    run = live.run(asked(others), steps=steps, record=["output.e"])
    # With target 0 the error is what was predicted, turned over.
    said = -value_in_rule_units(run, "output.e").reshape(len(others), TEST_STEPS, -1)
    named = said[:, -1].argmax(axis=1)
    predict, back = live.weights("predict"), live.weights("back")
    figures = {
        "accuracy": float((named == others.labels).mean()),
        "angle": float(np.nanmean(angles)),
        "output_mirror": float(np.corrcoef(predict.ravel(), back.T.ravel())[0, 1]),
    }
    return figures, {"angle": np.array(angles)}


def _started(arithmetic: Arithmetic, seed: int) -> Live:
    if arithmetic == "reference":
        return start(program(seed), backend="reference", seed=seed)
    return start(program(seed), profile=arithmetic, backend="sim", seed=seed)


def _angle(live: Live, digits: Digits) -> float:
    """Teach digits; give the angle to backprop for the first, in degrees.

    Both updates of the input's weights are outer products with the image, so the angle
    between them is that between what the hidden neurons contribute.
    """
    weights = live.weights("predict")
    steps, record = len(digits) * STEPS, ["output.e", "hidden.x"]
    run = live.run(taught(digits), steps=steps, record=record)
    error, hidden = (value_in_rule_units(run, name) for name in record)
    expected = hidden[EXPECTED]
    slope = (expected > 0) & (expected < TOP)
    backprop = slope * (weights.T @ error[PREDICTED])
    local = hidden[STEPS - 1] - expected
    lengths = np.linalg.norm(backprop) * np.linalg.norm(local)
    if lengths == 0:
        return np.nan
    cosine = np.clip(backprop @ local / lengths, -1.0, 1.0)
    return float(np.degrees(np.arccos(cosine)))
