"""B04: errors and causes settle on each other, and synapses learn from what is left.

Two networks of the same neurons. In one, causes explain images of digits: what they
cannot explain gets small, a reader is helped by them, and shuffled images surprise. In
the other, targets are given on top, and synapses learn nearly what backpropagation
would have them learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...sim.stimulus import Stimulus
from ..digits import load_digits, split
from . import causes_of_digits, digits_by_errors
from .frame import (
    ARITHMETICS,
    COLOURS,
    DECIDING,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
)

SHOWN = 50  # images that a mean of the picture is taken over
SIDE = 8


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Run both networks, each from its own random weights."""
    causes, errors = causes_of_digits, digits_by_errors
    explained, left = causes.explained(
        arithmetic, seed, causes.QUICK if quick else causes.FULL
    )
    named, angle = errors.learned_and_tested(
        arithmetic, seed, errors.QUICK if quick else errors.FULL
    )
    return Measured(arithmetic, seed, {**explained, **named}, {**left, **angle})


def judged() -> tuple[Program, Stimulus, int]:
    """Twenty images that causes learn to explain."""
    images, _ = split(load_digits(), 20, 0, 1)
    learned = np.ones(len(images), np.bool_)
    given = causes_of_digits.shown(images.images, learned)
    return causes_of_digits.program(1), given, len(images) * causes_of_digits.STEPS


def draw(measured: Sequence[Measured]) -> Any:
    """Draw what is left unexplained, surprise, angles, and what causes predict."""
    figure = new_figure(10, 6)
    upper, lower = figure.subfigures(2, 1)
    left, middle, right = upper.subplots(1, 3)
    for arithmetic in ARITHMETICS:
        runs = [m for m in measured if m.arithmetic == arithmetic]
        if not runs:
            continue
        look = {"color": COLOURS[arithmetic], "label": arithmetic}
        mean = np.mean([m.curves["left"] for m in runs], axis=0)
        window = np.ones(min(SHOWN, len(mean))) / min(SHOWN, len(mean))
        left.plot(np.convolve(mean, window, "valid"), **look)
        angles = np.nanmean([m.curves["angle"] for m in runs], axis=0)
        right.plot(np.arange(len(angles)) * digits_by_errors.BETWEEN, angles, **look)
    shown = next((m for m in measured if m.arithmetic == DECIDING), measured[0])
    middle.hist(shown.curves["surprise"].T, 20, label=("intact", "shuffled"))
    left.set(xlabel="image", ylabel="error left / image", ylim=(0, None))
    middle.set(xlabel="sum of |error|", ylabel="images")
    right.set(xlabel="digit", ylabel="angle to backprop, degrees", ylim=(0, 90))
    for axes in (left, middle, right):
        axes.legend(fontsize=8)
    _draw_predictions(lower, shown.curves["predictions"])
    return figure


def _draw_predictions(figure: Any, predictions: Any) -> None:
    """Show what each cause predicts, as an image."""
    for axes, image in zip(figure.subplots(4, 8).flat, predictions.T, strict=True):
        axes.imshow(image.reshape(SIDE, SIDE), cmap="gray_r")
        axes.axis("off")


EXPERIMENT = Experiment(
    id="B04",
    claim="Neurons of causes and of errors settle on each other; synapses that learn "
    "from the product of both learn to explain images, and, given targets, nearly "
    "what backpropagation learns. Images that fit nothing learned leave large errors.",
    paper="Rao & Ballard 1999, Nature Neuroscience 2:79-87; Whittington & Bogacz 2017, "
    "Neural Computation 29:1229-1262",
    criteria=(
        Criterion(
            "squared error left of test images, of their squared pixels",
            "left",
            "<= 0.08",
            lambda share: share <= 0.08,
        ),
        Criterion(
            "share of test images that logistic regression reads from the causes, "
            "less that before learning",
            "readout_gain",
            ">= 0.03",
            lambda gain: gain >= 0.03,
        ),
        Criterion(
            "summed absolute error of shuffled test images, of that of intact ones",
            "surprise",
            ">= 2",
            lambda ratio: ratio >= 2,
        ),
        Criterion(
            "with targets: share of test digits named rightly",
            "accuracy",
            ">= 0.87",
            lambda share: share >= 0.87,
        ),
        Criterion(
            "with targets: mean angle to the update of backpropagation",
            "angle",
            "<= 30 degrees",
            lambda degrees: degrees <= 30,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
