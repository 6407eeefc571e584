"""What an experiment of a system is: a claim, measurements, bars, a picture.

The author of a system fills in an `Experiment`; `conduct` runs it in all three
arithmetics. No float stands in for the chip: what counts comes from a compiled Program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.network import FloatArray
from ...sim.recording import Recording, in_rule_units
from ...sim.stimulus import Stimulus
from ...verbs import run

Arithmetic = Literal["reference", "loihi2", "lava-0.10"]
ARITHMETICS: tuple[Arithmetic, ...] = ("reference", "loihi2", "lava-0.10")
DECIDING: Arithmetic = "loihi2"
"""The arithmetic that has to meet the bars; the others are shown beside it."""

COLOURS: dict[Arithmetic, str] = {
    "reference": "#2fa574",
    "loihi2": "#3d8fe0",
    "lava-0.10": "#e07b39",
}
"""Of the arithmetics, in every picture."""

FRESH_SEEDS = (1001, 1002, 1003)
"""Looked at once, when the experiment is frozen; tuning takes seeds below 100."""

SECOND_SEEDS = (2001, 2002, 2003)
"""Where a look at the first three showed that a measurement was ill defined."""

THIRD_SEEDS = tuple(range(3001, 3009))
"""Where a look at those showed that seeds differ in kind; as many as a median needs."""

LAVA_STEPS = 500
"""The least number of steps that Lava repeats."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What one run of an experiment gave.

    figures
        What criteria judge, by key.
    curves
        What the picture draws, by key; shapes are the experiment's own.
    """

    arithmetic: Arithmetic
    seed: int
    figures: Mapping[str, float]
    curves: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Criterion:
    """One thing that has to come out, fixed beforehand.

    name
        What is asked, in words.
    figure
        The key in `Measured.figures`.
    bar
        The threshold in words, such as ``<= 6 ms``.
    passes
        Whether a figure meets it.
    over_seeds
        How the figures of all seeds become the one that is judged, such as a mean;
        None: every seed has to pass alone.
    """

    name: str
    figure: str
    bar: str
    passes: Callable[[float], bool]
    over_seeds: Callable[[Sequence[float]], float] | None = None

    def deciding(self, figures: Sequence[float]) -> tuple[float, ...]:
        """Give the figures that have to pass, from those of all seeds."""
        if self.over_seeds is None:
            return tuple(figures)
        return (float(self.over_seeds(figures)),)


@dataclass(frozen=True)
class Experiment:
    """The smallest faithful experiment of a system.

    host
        What a computer beside the chip does while it runs, with bits per step; empty
        if nothing.
    measure
        Run once: arithmetic, seed, and whether a quick form of a few seconds will do.
        ``reference`` is backend "reference" on the same network.
    draw
        A matplotlib Figure of all that was measured, that a reader of the paper knows.
    judged
        A Program of the experiment with a stimulus and at least `LAVA_STEPS` steps:
        Lava has to repeat it bit for bit.
    """

    id: str
    claim: str
    paper: str
    criteria: tuple[Criterion, ...]
    measure: Callable[[Arithmetic, int, bool], Measured]
    draw: Callable[[Sequence[Measured]], Any]
    judged: Callable[[], tuple[Program, Stimulus, int]]
    seeds: tuple[int, ...] = FRESH_SEEDS
    host: str = ""


def run_in(
    arithmetic: Arithmetic,
    program: Program,
    stimulus: Stimulus,
    steps: int,
    record: Sequence[str] | None = None,
    seed: int = 0,
) -> Recording:
    """Run a Program in the simulator under a profile, or its network in float64."""
    if arithmetic == "reference":
        return run(program, stimulus, steps, "reference", record=record, seed=seed)
    return run(program, stimulus, steps, "sim", arithmetic, record, seed)


def weights_of(recording: Recording, projection: str) -> FloatArray:
    """Give the weights at the end of a run, (post, pre), in the rule's units."""
    return value_in_rule_units(recording, f"{projection}.weights", final=True)


def value_in_rule_units(
    recording: Recording, name: str, *, final: bool = False
) -> FloatArray:
    """Give a recorded (or the final) value of any backend in the rule's units."""
    values = recording.final[name] if final else recording[name]
    if recording.provenance.units == "rule":
        return np.asarray(values, np.float64)
    return in_rule_units(values, recording.view(name))


def new_figure(width: float, height: float) -> Any:
    """Make an empty matplotlib Figure of that size in inches; no display is used."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
