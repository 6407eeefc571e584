"""B22: area CA1 recalls what it stored in one pass, if inhibition follows the cue.

One network stores twenty patterns one by one, and recalls after 1, 5, 10 and 20 of them
all that it has stored so far, with pathways strengthened, weakened or cut. Figures of
one network in, as the frame asks, for one seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library.neurons import LIF
from ...rules.library.recall import CA1Pyramidal, OneShotHebb
from ...rules.network import Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    ARITHMETICS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
    weights_of,
)

Spikes = npt.NDArray[np.bool_]

CELLS, ACTIVE = 100, 20
LOADS = (1, 5, 10, 20)
JUDGED_LOAD = 10
STORAGE_STEPS, RECALL_STEPS, PAUSE_STEPS = 60, 40, 24
CUE_RATE = 0.4
"""Probability that a cell of the cue fires in a step."""
ENTORHINAL = 20.0
BASKET = -0.8
"""Weight of an interneuron that follows one cell of CA3; a Schaffer synapse has 1."""
LATERAL = -0.1
HALF_A_STEP = 1 / 510
"""Half of the least step of an 8-bit weight: a float that is closer is the same."""


@dataclass(frozen=True)
class Manipulation:
    """How a recall differs: the share of the cue that is given, and pathway gains."""

    name: str
    cue: float = 1.0
    excitation: float = 1.0
    inhibition: float = 1.0
    feedback: float = 1.0


FULL = Manipulation("full cue")
UNINHIBITED = Manipulation("no inhibition", inhibition=0.0, feedback=0.0)
HALF = Manipulation("half the cue", cue=0.5)
EXCITED = Manipulation("half, excitation x 1.5", cue=0.5, excitation=1.5)
RELEASED = Manipulation("half, inhibition x 0.5", cue=0.5, inhibition=0.5)
DOUBLED = Manipulation("full, excitation x 2", excitation=2.0)
MANIPULATIONS = (FULL, UNINHIBITED, DOUBLED, HALF, EXCITED, RELEASED)
AT_FULL_LOAD = MANIPULATIONS[:3]


@dataclass(frozen=True)
class Episode:
    """A stretch of time: a pattern is stored, or (with a manipulation) recalled."""

    pattern: int
    start: int
    load: int
    recall: Manipulation | None = None


@cache
def timetable(loads: tuple[int, ...]) -> tuple[tuple[Episode, ...], int]:
    """Give all episodes and the number of steps."""
    episodes: list[Episode] = []
    step = stored = 0
    for load in loads:
        for pattern in range(stored, load):
            episodes.append(Episode(pattern, step, load))
            step += STORAGE_STEPS
        stored = load
        for manipulation in MANIPULATIONS if load <= JUDGED_LOAD else AT_FULL_LOAD:
            for pattern in range(load):
                episodes.append(Episode(pattern, step, load, manipulation))
                step += RECALL_STEPS + PAUSE_STEPS
    return tuple(episodes), step


def network() -> Network:
    """CA3 with interneurons that follow it, CA1 with interneurons that follow that.

    Schaffer collaterals take the step that the interneurons take, so that excitation
    and the inhibition that goes with it arrive together.
    """
    each = np.eye(CELLS)
    everyone = np.ones((CELLS, CELLS))
    relay = LIF(tau=1 * ms, threshold=0.5)
    return Network(
        "ca1",
        (
            Group("ca3", CELLS),
            Group("entorhinal", CELLS),
            Group("collateral", CELLS, relay),
            Group("basket", CELLS, relay),
            Group("pyramidal", CELLS, CA1Pyramidal()),
            Group("lateral", CELLS, relay),
        ),
        (
            Projection("to_collateral", "ca3", "collateral", each),
            Projection("to_basket", "ca3", "basket", each),
            Projection(
                "teaching", "entorhinal", "pyramidal", ENTORHINAL * each, "entorhinal"
            ),
            Projection(
                "schaffer",
                "collateral",
                "pyramidal",
                np.zeros((CELLS, CELLS)),
                "schaffer",
                OneShotHebb(),
            ),
            Projection("forward", "basket", "pyramidal", BASKET * everyone, "basket"),
            Projection("to_lateral", "pyramidal", "lateral", each),
            Projection("back", "lateral", "pyramidal", LATERAL * everyone, "lateral"),
        ),
        dt_seconds=1 * ms,
    )


@cache
def program() -> Program:
    """Compile it."""
    return compile_for_chip(network(), rate=20 * Hz)


def patterns(seed: int) -> Spikes:
    """Draw which cells take part in which pattern, the same in CA3 and CA1."""
    random = np.random.default_rng([seed, *b"patterns"])
    found = np.zeros((LOADS[-1], CELLS), np.bool_)
    for row in found:
        row[random.choice(CELLS, ACTIVE, replace=False)] = True
    return found


def stimulus(loads: tuple[int, ...], seed: int) -> Stimulus:
    """Present patterns in both areas to store them, and cues in CA3 to recall them."""
    random = np.random.default_rng([seed, *b"cues"])
    episodes, steps = timetable(loads)
    stored = patterns(seed)
    ca3, entorhinal = (np.zeros((steps, CELLS), np.uint8) for _ in range(2))
    gains = {name: np.zeros(steps) for name in ("excitation", "inhibition", "feedback")}
    storing = np.zeros(steps)
    for episode in episodes:
        pattern, start = stored[episode.pattern], episode.start
        if episode.recall is None:
            shown = start + STORAGE_STEPS // 2
            ca3[shown] = entorhinal[shown] = pattern
            storing[shown : shown + 3] = 1
            continue
        during = slice(start, start + RECALL_STEPS)
        cue = np.zeros(CELLS)
        cue[np.flatnonzero(pattern)[: round(episode.recall.cue * ACTIVE)]] = CUE_RATE
        ca3[during] = random.random((RECALL_STEPS, CELLS)) < cue
        for name, values in gains.items():
            values[start : start + RECALL_STEPS + 2] = getattr(episode.recall, name)
    return Stimulus(
        {"ca3": ca3, "entorhinal": entorhinal}, {**gains, "storing": storing}
    )


def measure(arithmetic: Arithmetic, seed: int, quick: bool = False) -> Measured:
    """Store and recall; what is recalled are the cells that fire at all."""
    loads = LOADS[:3] if quick else LOADS
    episodes, steps = timetable(loads)
    given = stimulus(loads, seed)
    record = ["pyramidal.s_out"]
    recording = run_in(arithmetic, program(), given, steps, record, seed)
    spikes = recording["pyramidal.s_out"] != 0
    stored = patterns(seed)[: loads[-1]]
    quality = {
        m.name: np.array(
            [_quality(episodes, spikes, stored, m, load) for load in loads]
        )
        for m in MANIPULATIONS
    }
    doubled = quality[DOUBLED.name]
    coactive = (stored[:, :, None] & stored[:, None, :]).any(0)
    wrong = np.abs(weights_of(recording, "schaffer") - coactive) >= HALF_A_STEP
    figures = {
        **{name: float(q[loads.index(JUDGED_LOAD)]) for name, q in quality.items()},
        "rise": float(np.diff(doubled).max()),
        "fall": float(doubled[0] - doubled[-1]),
        "wrong synapses": float(wrong.sum()),
    }
    example = [
        spikes[e.start : e.start + RECALL_STEPS + 2]
        for e in episodes
        if e.load == JUDGED_LOAD and e.pattern == 0 and e.recall
    ]
    curves = {"raster": np.stack(example), "pattern": stored[0], **quality}
    return Measured(arithmetic, seed, figures, curves)


def _quality(
    episodes: Sequence[Episode],
    spikes: Spikes,
    stored: Spikes,
    manipulation: Manipulation,
    load: int,
) -> float:
    """Give the mean normalised dot product of what was recalled and what was stored."""
    found = []
    for e in episodes:
        if e.recall == manipulation and e.load == load:
            recalled = spikes[e.start : e.start + RECALL_STEPS + 2].any(0)
            size = np.sqrt(recalled.sum() * stored[e.pattern].sum())
            same = (recalled & stored[e.pattern]).sum()
            found.append(float(same / size) if size else 0.0)
    return float(np.mean(found)) if found else np.nan


def judged() -> tuple[Program, Stimulus, int]:
    """Six patterns stored, and recalls of the first under all manipulations."""
    return program(), stimulus(LOADS[:2], 0), 1500


def draw(measured: Sequence[Measured]) -> Any:
    """Draw quality against load, recalls of one pattern, and all arithmetics."""
    shown = next(m for m in measured if m.arithmetic == "loihi2")
    figure = new_figure(11, 6)
    upper, lower = figure.subfigures(2, 1)
    left, right = upper.subplots(1, 2)
    _draw_loads(left, measured)
    _draw_bars(right, measured)
    rasters = lower.subplots(1, len(MANIPULATIONS), sharey=True)
    order = np.argsort(~shown.curves["pattern"], kind="stable")
    for axes, name, raster in zip(
        rasters, [m.name for m in MANIPULATIONS], shown.curves["raster"], strict=True
    ):
        steps, cells = np.nonzero(raster[:, order])
        axes.plot(steps, cells, ".", ms=2, color="black")
        axes.axhspan(0, ACTIVE, color="tab:orange", alpha=0.2, lw=0)
        axes.set(title=name, xlabel="ms", xlim=(0, RECALL_STEPS), ylim=(0, CELLS))
        axes.title.set_fontsize(8)
    rasters[0].set_ylabel("CA1 cell")
    return figure


def _draw_loads(axes: Any, measured: Sequence[Measured]) -> None:
    runs = [m for m in measured if m.arithmetic == "loihi2"]
    for manipulation in AT_FULL_LOAD:
        mean = np.mean([m.curves[manipulation.name] for m in runs], axis=0)
        axes.plot(LOADS[: len(mean)], mean, "o-", label=manipulation.name)
    axes.set(xlabel="patterns stored", ylabel="recall quality", ylim=(0, 1.05))
    axes.legend(fontsize=8)


def _draw_bars(axes: Any, measured: Sequence[Measured]) -> None:
    places = np.arange(len(MANIPULATIONS))
    for shift, arithmetic in enumerate(ARITHMETICS):
        runs = [m for m in measured if m.arithmetic == arithmetic]
        means = [np.mean([m.figures[x.name] for m in runs]) for x in MANIPULATIONS]
        axes.bar(places + 0.25 * (shift - 1), means, 0.25, label=arithmetic)
    axes.set_xticks(places, [m.name.replace(", ", ",\n") for m in MANIPULATIONS])
    axes.tick_params(axis="x", labelsize=7)
    axes.set(ylabel=f"recall quality, {JUDGED_LOAD} patterns", ylim=(0, 1.3))
    axes.legend(fontsize=8)


EXPERIMENT = Experiment(
    id="B22",
    claim="CA1 recalls what it stored in one pass where inhibition follows the cue, "
    "and recalls from half a cue once the pathway from CA3 is strengthened.",
    paper="Cutsuridis, Cobb & Graham 2010, Hippocampus 20:423-446; Andreakos, Yue & "
    "Cutsuridis 2021, Brain Informatics 8:9",
    criteria=(
        Criterion(
            "quality of recall, 10 patterns, full cue",
            FULL.name,
            ">= 0.95",
            lambda quality: quality >= 0.95,
        ),
        Criterion(
            "the same without inhibition",
            UNINHIBITED.name,
            "<= 0.65",
            lambda quality: quality <= 0.65,
        ),
        Criterion(
            "half of the cue", HALF.name, "<= 0.3", lambda quality: quality <= 0.3
        ),
        Criterion(
            "half of the cue, excitation from CA3 times 1.5",
            EXCITED.name,
            ">= 0.9",
            lambda quality: quality >= 0.9,
        ),
        Criterion(
            "full cue, excitation times 2: largest rise from 1 to 5, 10, 20 patterns",
            "rise",
            "<= 0",
            lambda rise: rise <= 0,
        ),
        Criterion(
            "the same: loss from 1 pattern to 20", "fall", "> 0", lambda fall: fall > 0
        ),
        Criterion(
            "synapses that differ from the clipped outer product of the patterns",
            "wrong synapses",
            "0",
            lambda wrong: wrong == 0,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
