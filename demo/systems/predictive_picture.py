"""The picture of S7: latency over epochs, weights along the sequence, STDP window.

Measurements of all seeds and arithmetics in, a matplotlib Figure out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .frame import COLOURS, Measured, new_figure


def draw(measured: Sequence[Measured]) -> Any:
    """Draw one line for each run; runs of one arithmetic share a colour."""
    figure = new_figure(11, 3.2)
    latency, weights, noisy, window = figure.subplots(1, 4)
    for run in measured:
        style = {"color": COLOURS[run.arithmetic], "alpha": 0.8, "lw": 1.2}
        curves = run.curves
        latency.plot(curves["latency"], **style)
        weights.plot(1 + np.arange(len(curves["weights"])), curves["weights"], **style)
        places = 1 + np.arange(len(curves["noisy weights"]))
        noisy.plot(places, curves["noisy weights"], **style)
        window.plot(curves["lags"], curves["window"], "o-", **style, ms=3)
    latency.set(xlabel="epoch", ylabel="first spike / ms", title="a sequence of 16")
    weights.set(xlabel="place in the sequence", ylabel="weight after learning")
    noisy.set(xlabel="input", title="with noise; 11 to 20 distract")
    noisy.axvline(10.5, color="k", lw=0.6, ls=":")
    window.set(xlabel="driver after input / ms", ylabel="change of the weight")
    window.axhline(0, color="k", lw=0.6)
    window.axvline(0, color="k", lw=0.6)
    for arithmetic, colour in COLOURS.items():
        latency.plot([], [], color=colour, label=arithmetic)
    latency.legend()
    return figure
