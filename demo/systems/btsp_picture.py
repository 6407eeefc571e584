"""The picture of S3a: the field, the fields around a second plateau, width by speed.

Measurements of all seeds and arithmetics in, a matplotlib Figure out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .frame import COLOURS, Measured, new_figure


def draw(measured: Sequence[Measured]) -> Any:
    """Draw one line for each run; runs of one arithmetic share a colour."""
    figure = new_figure(11, 3.2)
    weights, one, two, widths = figure.subplots(1, 4)
    for run in measured:
        style = {"color": COLOURS[run.arithmetic], "alpha": 0.8, "lw": 1.2}
        c = run.curves
        weights.plot(c["places"], c["weights"], ".", color=style["color"], ms=2)
        one.plot(c["along"], c["one"], **style)
        two.plot(c["along"], c["old"], ls=":", **style)
        two.plot(c["along"], c["new"], **style)
        widths.plot(c["speeds"], c["widths"], "o-", ms=3, **style)
    weights.set(xlabel="field of the input / cm", ylabel="weight (baseline 1)")
    one.set(xlabel="place / cm", ylabel="ramp", title="one plateau at 93 cm")
    one.axvline(93, color="k", lw=0.6)
    two.set(xlabel="place / cm", title="at 60 cm (dotted), then at 120 cm")
    two.axvline(60, color="k", lw=0.6, ls=":")
    two.axvline(120, color="k", lw=0.6)
    widths.set(xlabel="speed / cm/s", ylabel="width / cm", ylim=(0, None))
    for arithmetic, colour in COLOURS.items():
        widths.plot([], [], color=colour, label=arithmetic)
    widths.legend()
    return figure
