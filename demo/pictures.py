"""The pictures of the demo: what was learned, and how the network answers.

Trials and their course in, figures of a page out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.network import FloatArray
from .digits import CLASSES
from .inline_svg import INK, draw
from .page import Figure
from .training import OUTPUT, Course, Plan, Trial

COLOURS = {"sim": "#3d8fe0", "sim_lava_profile": "#e07b39", "reference": "#2fa574"}
RIGHT, WRONG = "#2fa574", "#d9534f"
BLOCK_DIGITS = 100
IMAGE_SIDE = 8


def learning_curves(
    trials: Mapping[str, Trial], accuracy_before: float, plan: Plan
) -> Figure:
    """Show accuracy over training in blocks, and on held-out digits around it."""
    block = min(BLOCK_DIGITS, plan.training_digits)

    def paint(figure: Any) -> None:
        axes = figure.add_subplot()
        for name, trial in trials.items():
            ends, accuracy = _in_blocks(trial.right_in_training, block)
            style = {"color": COLOURS[name], "label": trial.arithmetic.title}
            axes.plot(ends, 100 * accuracy, lw=1.8, **style)
            axes.plot(ends[-1] * 1.03, 100 * trial.accuracy, "D", color=COLOURS[name])
        axes.plot(0, 100 * accuracy_before, "D", color=INK)
        for turn in range(1, plan.passes):
            axes.axvline(turn * plan.training_digits, color=INK, alpha=0.15, lw=0.8)
        axes.axhline(100 / CLASSES, color=INK, alpha=0.4, lw=0.8, ls=":")
        axes.set(xlabel="digits shown", ylabel="right answers / %", ylim=(0, 100))
        axes.text(plan.training_digits / 25, 100 / CLASSES + 1.5, "chance", alpha=0.6)
        axes.legend(loc="lower right")

    return Figure(
        "Accuracy over training",
        f"Answers to the digits while they were being learned, in blocks of {block}; "
        f"vertical lines part the passes. Diamonds: accuracy on {plan.testing_digits} "
        "digits that were kept back, with frozen weights, before and after.",
        draw("curves", (9.0, 3.6), paint),
    )


def _in_blocks(
    right: npt.NDArray[np.bool_], block: int
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    starts = np.arange(0, len(right), block)
    means = np.array([right[s : s + block].mean() for s in starts])
    return np.minimum(starts + block, len(right)), means


def receptive_fields(before: FloatArray, after: FloatArray) -> Figure:
    """Show each neuron's weights as the image of 8 x 8 pixels that it looks at."""
    largest = float(np.abs(after).max())
    mosaic = np.concatenate([_side_by_side(before), _side_by_side(after)])
    middles = IMAGE_SIDE / 2 - 0.5 + (IMAGE_SIDE + 1) * np.arange(CLASSES)

    def paint(figure: Any) -> None:
        axes = figure.add_subplot()
        image = axes.imshow(
            mosaic[:-1, :-1], cmap="RdBu_r", vmin=-largest, vmax=largest
        )
        axes.set_xticks(middles, [str(digit) for digit in range(CLASSES)])
        axes.set_yticks(middles[:2], ["before", "after"])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        bar = figure.colorbar(image, ax=axes, shrink=0.9, aspect=14, pad=0.01)
        bar.outline.set_visible(False)
        bar.set_label("weight")

    return Figure(
        "Receptive fields before and after",
        "Weights from the 64 pixels to each of the ten neurons, in the rule's units, "
        "after training in the simulator under profile loihi2.",
        draw("fields", (9.6, 2.3), paint),
    )


def _side_by_side(weights: FloatArray) -> FloatArray:
    """Lay images in a row, each with a margin of NaN at its right and below."""
    images = weights.reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
    framed = np.pad(images, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    row: FloatArray = framed.transpose(1, 0, 2).reshape(IMAGE_SIDE + 1, -1)
    return row


def spike_raster(trial: Trial, course: Course) -> Figure:
    """Show what the output says to one test digit of each class."""
    chosen = _one_of_each(course.question_digits.labels)

    def paint(figure: Any) -> None:
        images, axes = figure.subplots(2, 1, height_ratios=(1, 5), sharex=True)
        for position, digit in enumerate(chosen):
            start = position * course.encoding.steps_per_digit
            stop = start + course.encoding.shown_steps
            _show_image(images, course.question_digits.images[digit], start, stop)
            axes.axvspan(start, stop, color=INK, alpha=0.05, lw=0)
            _show_answer(axes, trial, course, digit, start)
        end = len(chosen) * course.encoding.steps_per_digit
        axes.set(xlabel="time / ms", ylabel="output neuron", xlim=(0, end))
        axes.set(yticks=range(CLASSES), ylim=(-0.6, CLASSES + 0.7))
        images.set_axis_off()

    return Figure(
        "Answers in spikes",
        "One test digit of each class as the network sees it, and the spikes of the "
        "ten output neurons while it is shown (shaded) and after. The neuron that "
        "spikes most often is the answer: green if right, red if wrong.",
        draw("raster", (9.6, 4.2), paint),
    )


def _one_of_each(labels: npt.NDArray[np.int64]) -> Sequence[int]:
    present = [np.flatnonzero(labels == digit) for digit in range(CLASSES)]
    return [int(positions[0]) for positions in present if len(positions)]


def _show_image(axes: Any, pixels: FloatArray, start: int, stop: int) -> None:
    sixth = (stop - start) / 6
    axes.imshow(
        pixels.reshape(IMAGE_SIDE, IMAGE_SIDE),
        cmap="Greys",
        extent=(start + sixth, stop - sixth, 0, 1),
        aspect="auto",
        interpolation="nearest",
    )
    axes.set(ylim=(0, 1))


def _show_answer(
    axes: Any, trial: Trial, course: Course, digit: int, start: int
) -> None:
    encoding = course.encoding
    label = int(course.question_digits.labels[digit])
    answer = int(trial.answers[digit])
    colour = RIGHT if answer == label else WRONG
    spikes = trial.testing[OUTPUT].reshape(-1, encoding.steps_per_digit, CLASSES)
    times, neurons = np.nonzero(spikes[digit])
    colours = [colour if neuron == answer else INK for neuron in neurons]
    low, high = neurons - 0.38, neurons + 0.38
    axes.vlines(start + times, low, high, color=colours, lw=1.1)
    text = f"{label}" if answer == label else f"{label}, says {answer}"
    middle = start + encoding.shown_steps / 2
    axes.text(middle, CLASSES - 0.1, text, ha="center", color=colour)


def weight_histogram(
    before: npt.NDArray[np.int32], after: npt.NDArray[np.int32]
) -> Figure:
    """How the stored 8-bit weights spread, before and after."""
    bins = np.arange(-256, 257, 16)

    def paint(figure: Any) -> None:
        axes = figure.add_subplot()
        style = {"bins": bins, "histtype": "stepfilled"}
        axes.hist(np.ravel(before), color=INK, alpha=0.25, label="before", **style)
        colour = COLOURS["sim"]
        axes.hist(np.ravel(after), color=colour, alpha=0.6, label="after", **style)
        axes.set(xlabel="stored weight", ylabel="synapses", yscale="log")
        axes.legend()

    outside = float(np.mean((after <= -256) | (after >= 254)))
    return Figure(
        "Weights",
        "Stored integers of the 640 synapses. After training "
        f"{100 * outside:.1f} % of them lie at the edge of their range.",
        draw("weights", (9.0, 2.6), paint),
    )
