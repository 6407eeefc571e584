"""The picture of S8: errors over trials, a panel for each condition.

Measurements of all seeds and arithmetics in, a matplotlib Figure out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .frame import COLOURS, Measured, new_figure


def draw(measured: Sequence[Measured]) -> Any:
    """Draw one line for each run; runs of one arithmetic share a colour."""
    names = list(measured[0].curves)
    figure = new_figure(12, 3.0)
    panels = figure.subplots(1, len(names), sharey=True)
    for panel, name in zip(panels, names, strict=True):
        for run in measured:
            errors = run.curves[name]
            trials = 40 * (1 + np.arange(len(errors)))
            panel.plot(trials, errors, color=COLOURS[run.arithmetic], lw=1.1)
        panel.set(title=name, xlabel="trial", ylim=(0, 0.6))
    panels[0].set(ylabel="share of wrong answers")
    for arithmetic, colour in COLOURS.items():
        panels[0].plot([], [], color=colour, label=arithmetic)
    panels[0].legend()
    return figure
