"""The picture of B07: weights that were learned, replay at rest, and who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .frame import ARITHMETICS, Measured, new_figure

SHOWN_STEPS = 600


def draw(measured: Sequence[Measured]) -> Any:
    """Draw one run on the chip's integers, and the figures of all."""
    shown = next(m for m in measured if m.arithmetic == "loihi2")
    figure = new_figure(11, 6.5)
    upper, lower = figure.subfigures(2, 1)
    left, middle, right = upper.subplots(1, 3)
    for axes, key, source in (
        (left, "recurrent", "pyramidal"),
        (middle, "inhibition", "interneuron"),
    ):
        image = axes.imshow(shown.curves[key], aspect="auto", vmin=0, cmap="magma")
        axes.set(title=f"{key} weights", xlabel=f"{source} cell", ylabel="onto cell")
        figure.colorbar(image, ax=axes)
    _draw_ratios(right, measured)
    raster, orders = lower.subplots(1, 2, width_ratios=(3, 1))
    _draw_raster(raster, shown)
    _draw_orders(orders, measured)
    return figure


def _draw_ratios(axes: Any, measured: Sequence[Measured]) -> None:
    for place, arithmetic in enumerate(ARITHMETICS):
        runs = [m.figures for m in measured if m.arithmetic == arithmetic]
        for key, colour in (("learned", "tab:blue"), ("uniform", "tab:orange")):
            label = f"{key} inhibition" if place == 0 else None
            values = [run[key] for run in runs]
            axes.plot([place] * len(runs), values, "o", color=colour, label=label)
    axes.axhline(1, color="grey", lw=0.5)
    axes.set_xticks(range(len(ARITHMETICS)), ARITHMETICS)
    axes.set(yscale="log", title="rate at rest, cue / place cells")
    axes.legend(fontsize=8)


def _draw_raster(axes: Any, shown: Measured) -> None:
    cells = shown.curves["inhibition"].shape[0]
    place = cells * 3 // 4
    steps, who = np.nonzero(shown.curves["spikes"][:SHOWN_STEPS])
    is_cue = who >= place
    axes.plot(steps[~is_cue], who[~is_cue], ".", ms=3, color="black")
    axes.plot(steps[is_cue], who[is_cue], ".", ms=3, color="tab:red")
    for start, stop in shown.curves["events"]:
        if stop < SHOWN_STEPS:
            axes.axvspan(start, stop, color="tab:blue", alpha=0.15, lw=0)
    axes.set(xlabel="step of 4 ms", ylabel="cell", ylim=(0, cells))
    axes.set_title("rest: place cells in order of their fields, cue cells in red")


def _draw_orders(axes: Any, measured: Sequence[Measured]) -> None:
    for arithmetic in ARITHMETICS:
        runs = [m.curves["orders"] for m in measured if m.arithmetic == arithmetic]
        values = np.sort(np.concatenate(runs))
        share = np.arange(1, len(values) + 1) / max(len(values), 1)
        axes.step(values, share, label=arithmetic)
    axes.axvline(0.5, color="grey", lw=0.5)
    axes.set(xlabel="|rank correlation|", ylabel="share of events", xlim=(0, 1))
    axes.legend(fontsize=8)
