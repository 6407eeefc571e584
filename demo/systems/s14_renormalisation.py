"""S14: a receptive field moves to where the cell is paired, and its dendrite pays.

A cell with 200 spines on ten branches sees places; light drives it whenever the place
is near 15 degrees. Four copies see the same: with and without renormalisation within
segments of a dendrite, with and without synaptic scaling. In place of a kernel over
distance, spines are neighbours where they share a segment of five.

Rates are chosen so that weights come near saturation. With an ``eta`` nine times lower
scaling alone keeps the field as narrow as renormalisation does; everything else comes
out there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.library.renormalisation import (
    ActivitySensor,
    DendriticSegment,
    LocalRenormalisation,
    PairedSoma,
)
from ...rules.network import BoolArray, FloatArray, Group, Network, Projection
from ...sim.recording import Recording
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    SECOND_SEEDS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
    value_in_rule_units,
    weights_of,
)

SPINES, SEGMENT, BRANCH = 200, 5, 20
SEGMENTS = SPINES // SEGMENT
STEPS = 4  # of a stimulus: seen, summed by segments, by the soma, learned
STIMULI, QUICK = 1500, 120
EARLY = 5  # stimuli with light: what is early ends with the last of them
# It was 44 stimuli when seeds 1001 to 1003 were looked at; by then light had come once
# in 1003, no spine had grown, and nothing could be compared. So the seeds that decide
# are others, which nobody had looked at when this was changed.
EVERY = 16  # stimuli from one scaling to the next
TUNING = 8.0  # degrees, standard deviation
TARGET, NEAR = 15.0, 4.0  # degrees
KAPPA = 1.0
GROWN = 0.1  # change of weight of a spine that counts as potentiated
CELLS = ("full", "no_renorm", "no_scaling", "neither")
RENORMALISED = ("full", "no_scaling")
SCALED = ("full", "no_renorm")
PLACES: FloatArray = np.linspace(-40.0, 40.0, 161)
SEGMENT_OF = np.arange(SPINES) // SEGMENT


@dataclass(frozen=True, eq=False)
class Case:
    """A cell: what its spines prefer, weights at the start, the compiled network."""

    preferred: FloatArray
    first: FloatArray
    program: Program


def case(seed: int, spines: int = SPINES) -> Case:
    """Draw preferences, one from each part of -30 to 30 degrees, and compile."""
    random = np.random.default_rng([seed, *b"spines"])
    places = -30.0 + 60.0 * (np.arange(spines) + random.random(spines)) / spines
    preferred = random.permutation(places)
    first = 0.1 + 0.8 * np.exp(-((preferred / 15.0) ** 2))
    built = network(first, seen(PLACES, preferred) @ first)
    return Case(preferred, first, compile_for_chip(built, rate=1000 * Hz))


def seen(places: FloatArray, preferred: FloatArray) -> FloatArray:
    """Give the activity of every spine's input, (place, spine)."""
    apart = (places[:, None] - preferred) / TUNING
    active: FloatArray = np.exp(-0.5 * apart**2)
    return active


def network(first: FloatArray, field: FloatArray) -> Network:
    """Four copies of a cell on the same inputs; ``field`` is its drive by place."""
    segments = len(first) // SEGMENT
    of_segment = np.kron(np.eye(segments), np.ones((1, SEGMENT)))
    every_copy = np.tile(of_segment, (len(CELLS), 1))
    whole = np.kron(np.eye(len(CELLS)), np.ones((1, segments)))
    kappa = np.repeat([KAPPA * (c in RENORMALISED) for c in CELLS], segments)
    scaled = np.array([float(c in SCALED) for c in CELLS])
    return Network(
        "renormalisation",
        (
            Group("spine", len(first), graded=(0.0, 1.0)),
            Group(
                "segment",
                len(CELLS) * segments,
                DendriticSegment(),
                initial={"kappa": kappa},
            ),
            Group("soma", len(CELLS), PairedSoma()),
            Group("sensor", len(CELLS), ActivitySensor()),
        ),
        (
            Projection(
                "learn",
                "spine",
                "segment",
                every_copy * first,
                "spines",
                LocalRenormalisation(),
                connected=every_copy > 0,
            ),
            Projection("present", "spine", "segment", every_copy, "presence"),
            Projection("drive", "segment", "soma", whole / field.max(), "dendrite"),
            Projection("sense", "segment", "sensor", whole / field.mean(), "dendrite"),
            Projection("tell", "soma", "segment", whole.T, "soma"),
            Projection("scale", "sensor", "segment", whole.T * scaled, "sensor"),
        ),
        dt_seconds=1 * ms,
    )


def shown(stimuli: int, seed: int) -> tuple[FloatArray, BoolArray]:
    """Draw places from -40 to 40 degrees, and say which are near the target."""
    random = np.random.default_rng([seed, *b"places"])
    places = random.uniform(PLACES[0], PLACES[-1], stimuli)
    return places, np.abs(places - TARGET) < NEAR


def early_stimuli(seed: int) -> int:
    """Count the stimuli until enough have come with light."""
    _, near = shown(STIMULI, seed)
    return int(np.flatnonzero(near)[EARLY - 1]) + 1


def stimulus(preferred: FloatArray, stimuli: int, seed: int) -> Stimulus:
    """Show places, with light where they are near the target."""
    places, near = shown(stimuli, seed)
    paired = np.repeat(near, STEPS)
    step = np.arange(stimuli * STEPS) % STEPS
    swept = np.repeat(np.arange(stimuli) % EVERY == EVERY - 1, STEPS)
    return Stimulus(
        {"spine": np.repeat(seen(places, preferred), STEPS, axis=0)},
        {
            "light": 1.0 * (paired & (step == 2)),
            "sample": 1.0 * (step == 2),
            "learn": 1.0 * (step == 3),
            "rescale": 1.0 * (swept & (step == 0)),
        },
    )


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Pair for a while, look at single spines, and pair for long on a fresh cell."""
    cell = case(seed)
    stimuli = QUICK if quick else STIMULI
    early = weights_of(_paired(arithmetic, cell, early_stimuli(seed), seed), "learn")
    run = _paired(arithmetic, cell, stimuli, seed)
    late = by_cell(weights_of(run, "learn"))
    drive = value_in_rule_units(run, "soma.v")[2::STEPS]
    view = seen(PLACES, cell.preferred)
    before = view @ cell.first
    after = {name: view @ late[name] for name in CELLS}
    kept = drive / before.mean() * before.max()
    figures = {
        "peak": float(PLACES[after["full"].argmax()]),
        "drive": float(abs(kept.mean(axis=0)[CELLS.index("full")] - 1.0)),
        "runaway": float(late["neither"].mean() / cell.first.mean() - 1.0),
        "broader": width(after["no_renorm"]) / width(after["full"]),
    }
    figures |= of_spines(by_cell(early), cell.first)
    curves = {name: field / before.max() for name, field in after.items()}
    curves["before"] = before / before.max()
    return Measured(arithmetic, seed, figures, curves)


def _paired(arithmetic: Arithmetic, cell: Case, stimuli: int, seed: int) -> Recording:
    given = stimulus(cell.preferred, stimuli, seed)
    record = ["soma.v"]
    return run_in(arithmetic, cell.program, given, stimuli * STEPS, record, seed)


def by_cell(weights: FloatArray) -> dict[str, FloatArray]:
    """Give each copy's weights, (spine,), from those of all segments."""
    copies = weights.reshape(len(CELLS), SEGMENTS, SPINES)
    spine = np.arange(SPINES)
    return {c: copies[k, SEGMENT_OF, spine] for k, c in enumerate(CELLS)}


def of_spines(weights: dict[str, FloatArray], first: FloatArray) -> dict[str, float]:
    """Compare spines beside potentiated ones with others, and sums over branches."""
    change = {c: weights[c] - first for c in ("no_scaling", "neither")}
    beside, far = bystanders(change["no_scaling"])
    beside_without, _ = bystanders(change["neither"])
    drift = {c: _branch_drift(w, first) for c, w in weights.items()}
    return {
        "beside": float(change["no_scaling"][beside].mean()),
        "beside_less": float(
            change["no_scaling"][far].mean() - change["no_scaling"][beside].mean()
        ),
        "beside_without": float(change["neither"][beside_without].mean()),
        "drift": drift["neither"] / drift["no_scaling"],
    }


def bystanders(change: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Say which spines did not grow: with one that did in their segment, without."""
    grown = change > GROWN
    in_segment = np.bincount(SEGMENT_OF, grown)[SEGMENT_OF] > 0
    return ~grown & in_segment, ~grown & ~in_segment


def _branch_drift(weights: FloatArray, first: FloatArray) -> float:
    now, then = (w.reshape(-1, BRANCH).sum(axis=1) for w in (weights, first))
    return float(np.abs(now / then - 1.0).mean())


def width(field: FloatArray) -> float:
    """Give the full width of a receptive field at half of its maximum, in degrees."""
    over = np.flatnonzero(field > field.max() / 2)
    return float(PLACES[over[-1]] - PLACES[over[0]])


def draw(measured: Sequence[Measured]) -> Any:
    """Show the receptive field before and after, and what single spines did."""
    figure = new_figure(10, 4)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    on_chip = [m for m in measured if m.arithmetic == "loihi2"]
    for name, title in (("before", "before"), *zip(CELLS, TITLES, strict=True)):
        mean = np.mean([m.curves[name] for m in on_chip], axis=0)
        left.plot(PLACES, mean, "k--" if name == "before" else "-", label=title)
    left.axvspan(TARGET - NEAR, TARGET + NEAR, color="0.9", label="with light")
    left.set(xlabel="place (degrees)", ylabel="drive, of the largest before")
    left.legend()
    for place, key in enumerate(("beside", "beside_without")):
        values = [m.figures[key] for m in on_chip]
        right.bar(place, np.mean(values), color=f"C{3 * place}")
        right.plot([place] * len(values), values, "k.")
    right.axhline(0, color="grey", linewidth=0.8)
    right.set(ylabel="change of weight beside a spine that grew")
    right.set_xticks([0, 1], ["renormalised", "not"])
    return figure


TITLES = ("renormalisation and scaling", "scaling alone", "no scaling", "neither")


def judged() -> tuple[Program, Stimulus, int]:
    """Give 130 stimuli of cells with a single segment.

    Where a weight is a factor of what it learns, Lava needs all synapses to be there;
    with more segments those from the spines of the others are missing.
    """
    cell, stimuli = case(1, spines=SEGMENT), 130
    return cell.program, stimulus(cell.preferred, stimuli, 1), stimuli * STEPS


EXPERIMENT = Experiment(
    id="S14",
    seeds=SECOND_SEEDS,
    claim="A receptive field moves to where the cell is paired; spines beside those "
    "that grow shrink, and scaling holds the drive.",
    paper="El-Boustani et al. 2018, Science 360:1349-1354",
    criteria=(
        Criterion(
            "peak of the receptive field, degrees; the target is 15",
            "peak",
            "12 to 18",
            lambda place: abs(place - TARGET) <= 3.0,
        ),
        Criterion(
            "change of spines beside potentiated ones, early",
            "beside",
            "< 0",
            lambda change: change < 0,
        ),
        Criterion(
            "the same, less than that of spines far from potentiated ones by",
            "beside_less",
            "> 0",
            lambda difference: difference > 0,
        ),
        Criterion(
            "the same without renormalisation",
            "beside_without",
            "> 0",
            lambda change: change > 0,
        ),
        Criterion(
            "change of a branch's summed weight without renormalisation, of that with",
            "drift",
            ">= 2",
            lambda ratio: ratio >= 2,
        ),
        Criterion(
            "mean drive over the run, off its target by",
            "drive",
            "<= 0.1",
            lambda share: share <= 0.1,
        ),
        Criterion(
            "growth of the mean weight without renormalisation and scaling",
            "runaway",
            ">= 0.3",
            lambda growth: growth >= 0.3,
        ),
        Criterion(
            "width of the field without renormalisation, of that with",
            "broader",
            ">= 1.1",
            lambda ratio: ratio >= 1.1,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
