"""S2: a network that learns by Hebb's rule makes orthogonal states of a hidden one.

An animal runs along two tracks that look alike but for one cue. 100 cells hear what it
sees and one another; after some hundred trials they tell the tracks apart wherever the
cue has to be remembered, step by step: just behind the cue first, later where the
reward of one track is, and last where both tracks wait for the other reward.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from operator import ge, le, lt
from typing import Any

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library.state_machine import (
    CompetingDendrite,
    CompetingSoma,
    Pool,
    StateMachineHebb,
)
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    THIRD_SEEDS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
    value_in_rule_units,
)

CELLS, SEEN, INPUTS_EACH = 100, 8, 12
TRIALS, QUICK_TRIALS = 500, 40
POSITION_STEPS = 20
NEAR = (1,) * 6 + (2,) * 4 + (1, 1, 1, 4, 4, 1, 1, 1, 5, 5, 1, 1, 6, 0, 0, 0)
"""What is seen at each of 26 positions: 0 dark, 1 grey, 2 the cue, 4 and 5 where the
reward of the near and of the far track may be, 6 the end."""
FAR = tuple(3 if seen == 2 else seen for seen in NEAR)
REWARD, REWARDED_AT, REWARD_SHARE = 7, (14, 19), 0.6
INPUT_CHANCE, INPUT_SILENT = 0.1, 10  # of a step, steps
W_MAX = 4.0
W_SPREAD = 3.5
V_SPREAD = 2.5 / 2.0
"""The paper's by its effect: a recurrent spike counts twice (``history``)."""
BLOCK, EVERY = 40, 1
START, MIDDLE, END = "first 10 trials", "trials 101 to 140", "last 40 trials"
PLACES = {
    "before": range(2, 6),
    "after": range(10, 13),
    "reward 1": range(13, 15),
    "between": range(15, 18),
    "reward 2": range(18, 20),
}
GREY = (2, 11, 16, 21)
PARTED = 0.2  # a correlation below it
ENDS = {"grey": 0.1, "after": 0.15, "reward 1": 0.15}
"""Bars of correlations in the last block."""


def network(
    seed: int, *, learns_sequences: bool = True, cells: int = CELLS, self_: bool = False
) -> Network:
    """Draw first weights; a cell is a dendrite and a soma, and all share one pool."""
    random = np.random.default_rng([seed, *b"state machine"])
    inputs = SEEN * INPUTS_EACH
    w = np.clip(random.normal(0.0, W_SPREAD, (cells, inputs)), 0.0, W_MAX)
    v = np.clip(random.normal(0.0, V_SPREAD, (cells, cells)), 0.0, W_MAX)
    others = None if self_ else ~np.eye(cells, dtype=np.bool_)
    rule = StateMachineHebb()
    each, to_all = np.eye(cells), np.ones((cells, 1))
    return Network(
        "state machine",
        (
            Group("seen", inputs),
            Group("dendrite", cells, CompetingDendrite()),
            Group("pool", 1, Pool()),
            Group("soma", cells, CompetingSoma()),
        ),
        (
            Projection("observe", "seen", "dendrite", w, "observed", rule),
            Projection(
                "recall",
                "soma",
                "dendrite",
                v,
                "recurrent",
                rule if learns_sequences else None,
                connected=others,
            ),
            Projection("echo", "soma", "dendrite", each, "soma"),
            Projection("inhibit", "pool", "dendrite", to_all, "inhibition"),
            Projection("sum", "dendrite", "pool", to_all.T, "active"),
            Projection("own", "dendrite", "soma", each, "own", delay=1),
            Projection("divide", "pool", "soma", to_all, "inhibition"),
        ),
        dt_seconds=1 * ms,
    )


@cache
def compiled(seed: int, learns_sequences: bool) -> Program:
    """Compile it; inputs spike at 6 Hz in the mean, at 50 Hz where they are seen."""
    drawn = network(seed, learns_sequences=learns_sequences)
    return compile_for_chip(drawn, rate=12 * Hz)


def tracks(trials: int, seed: int) -> npt.NDArray[np.int64]:
    """Draw which track each trial is on: 0 near, 1 far."""
    random = np.random.default_rng([seed, *b"tracks"])
    return random.integers(0, 2, trials)


def stimulus(trials: int, seed: int) -> Stimulus:
    """Let the inputs of what is seen spike at random, with a pause after each spike."""
    random = np.random.default_rng([seed, *b"seen"])
    on = tracks(trials, seed)
    course = np.array([NEAR, FAR])[on]
    course = np.repeat(course[:, :, None], POSITION_STEPS, axis=2)
    rewarded = random.random((trials, POSITION_STEPS)) < REWARD_SHARE
    for track, position in enumerate(REWARDED_AT):
        here = (on == track)[:, None] & rewarded
        course[:, position][here] = REWARD
    shown = course.ravel()
    tried = random.random((shown.size, INPUTS_EACH)) < INPUT_CHANCE
    spikes = np.zeros((shown.size, SEEN, INPUTS_EACH), np.uint8)
    last = np.full((SEEN, INPUTS_EACH), -INPUT_SILENT)
    for t, seen in enumerate(shown):
        now = tried[t] & (t - last[seen] >= INPUT_SILENT)
        spikes[t, seen] = now
        last[seen][now] = t
    return Stimulus({"seen": spikes.reshape(shown.size, -1)})


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Learn; then the same without plasticity between the cells."""
    trials = QUICK_TRIALS if quick else TRIALS
    rates = rates_of(arithmetic, seed, trials, learns_sequences=True)
    on = tracks(trials, seed)
    course = courses(rates, on)
    # Learning is fast: the start is what the first 10 trials show.
    stages = stages_of(trials)
    start = alike(rates[stages[START]], on[stages[START]])
    finely = courses(rates, on, EVERY)
    parted = {p: first_below(finely[p]) for p in PLACES}
    ablated = courses(rates_of(arithmetic, seed, trials, learns_sequences=False), on)
    figures = {f"start {p}": value for p, value in start.items()}
    figures |= {f"end {p}": float(values[-1]) for p, values in course.items()}
    figures |= {
        "reward 1 parts": float(figures["end reward 1"] <= ENDS["reward 1"]),
        "after to reward 1": float(parted["reward 1"] - parted["after"]),
        "reward 1 to between": float(parted["between"] - parted["reward 1"]),
        "lowest before": float(course["before"].min()),
        "ablated reward 1": float(ablated["reward 1"].min()),
        "ablated between": float(ablated["between"].min()),
    }
    figures |= {f"parted {p}": float(value) for p, value in parted.items()}
    curves = {p: np.asarray(values) for p, values in course.items()}
    for name, block in stages.items():
        curves[name] = matrix(rates[block], on[block])
    return Measured(arithmetic, seed, figures, curves)


def stages_of(trials: int) -> dict[str, slice]:
    """Give the trials of the three stages that are shown."""
    middle = min(100, trials - BLOCK)
    stages = (slice(10), slice(middle, middle + BLOCK), slice(-BLOCK, None))
    return dict(zip((START, MIDDLE, END), stages, strict=True))


def rates_of(
    arithmetic: Arithmetic, seed: int, trials: int, *, learns_sequences: bool
) -> FloatArray:
    """Give the mean spike probability of each cell, (trial, position, cell)."""
    given = stimulus(trials, seed)
    steps = trials * len(NEAR) * POSITION_STEPS
    program = compiled(seed, learns_sequences)
    run = run_in(arithmetic, program, given, steps, ["soma.chance"], seed)
    chance = value_in_rule_units(run, "soma.chance")
    mean: FloatArray = chance.reshape(trials, len(NEAR), POSITION_STEPS, -1).mean(2)
    return mean


def courses(
    rates: FloatArray, on: npt.NDArray[np.int64], every: int = BLOCK
) -> dict[str, FloatArray]:
    """Give how alike places are in blocks of 40 trials, up to the last trial."""
    starts = range((len(rates) - BLOCK) % every, len(rates) - BLOCK + 1, every)
    each = [alike(rates[k : k + BLOCK], on[k : k + BLOCK]) for k in starts]
    return {place: np.array([one[place] for one in each]) for place in each[0]}


def alike(rates: FloatArray, on: npt.NDArray[np.int64]) -> dict[str, float]:
    """Correlate the tracks at every place, and grey positions within the near one."""
    both = matrix(rates, on)
    same = np.diagonal(both[: len(NEAR), len(NEAR) :])
    found = {place: float(same[list(at)].mean()) for place, at in PLACES.items()}
    grey = both[np.ix_(GREY, GREY)]
    found["grey"] = float(grey[~np.eye(len(GREY), dtype=bool)].mean())
    return found


def matrix(rates: FloatArray, on: npt.NDArray[np.int64]) -> FloatArray:
    """Correlate the mean rates at all positions of both tracks, the near one first."""
    means = np.concatenate([rates[on == track].mean(axis=0) for track in (0, 1)])
    return np.corrcoef(means)


def first_below(course: FloatArray) -> int:
    """Count trials before the first block below 0.2; all of them if there is none."""
    found = np.flatnonzero(course < PARTED)
    return int(found[0]) * EVERY if found.size else TRIALS


def draw(measured: Sequence[Measured]) -> Any:
    """Correlations of all positions in three stages, and the course of all seeds."""
    chip = [m for m in measured if m.arithmetic == "loihi2"]
    one = sorted(chip, key=lambda m: m.figures["end reward 1"])[(len(chip) - 1) // 2]
    figure = new_figure(14, 3.8)
    *stages, course = figure.subplots(1, 4)
    for axes, name in zip(stages, (START, MIDDLE, END), strict=True):
        axes.imshow(one.curves[name], vmin=-1, vmax=1, cmap="RdBu_r")
        axes.axhline(len(NEAR) - 0.5, color="black", linewidth=0.8)
        axes.axvline(len(NEAR) - 0.5, color="black", linewidth=0.8)
        middles = [len(NEAR) / 2, 1.5 * len(NEAR)]
        axes.set_xticks(middles, ["near track", "far track"])
        axes.set_yticks(middles, ["near", "far"], rotation=90, va="center")
        axes.tick_params(length=0)
        axes.set(title=name)
    stages[0].set(xlabel=f"positions (seed {one.seed}, the median one)")
    for colour, place in enumerate(PLACES):
        every = np.array([m.curves[place] for m in chip])
        trial = TRIALS - BLOCK * np.arange(every.shape[1])[::-1]
        course.plot(trial, every.T, color=f"C{colour}", linewidth=0.5, alpha=0.4)
        middle = np.median(every, axis=0)
        course.plot(trial, middle, color=f"C{colour}", label=place, linewidth=2)
    course.set(xlabel="trial", ylabel="correlation of the tracks", ylim=(-0.2, 1))
    course.set(title="all seeds, and their median")
    course.legend(fontsize=8)
    figure.suptitle("States that look alike part (loihi2)")
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give one trial of forty cells.

    Cells have synapses onto themselves here: Lava cannot learn where some are missing.
    """
    program = compile_for_chip(network(1, cells=40, self_=True), rate=12 * Hz)
    return program, stimulus(1, 1), len(NEAR) * POSITION_STEPS


def mean(values: Sequence[float]) -> float:
    """Judge the mean of all seeds."""
    return float(np.mean(values))


def median(values: Sequence[float]) -> float:
    """Judge the median of all seeds."""
    return float(np.median(values))


def _at_least(bar: float, figure: str, name: str, *, said: str = "") -> Criterion:
    """Judge a mean that has to reach a bar."""
    return Criterion(name, figure, said or f">= {bar}, mean", partial(le, bar), mean)


def _ends() -> tuple[Criterion, ...]:
    """Judge ends: within a track every seed, of the tracks the median (see below)."""
    said = {
        "grey": "within a track, positions that look alike",
        "after": "behind the cue",
        "reward 1": "at the first reward",
    }
    return tuple(
        Criterion(
            f"correlation {said[place]}: last 40 of 500 trials",
            f"end {place}",
            f"<= {bar}" if place == "grey" else f"<= {bar}, median",
            partial(ge, bar),
            None if place == "grey" else median,
        )
        for place, bar in ENDS.items()
    )


def _order() -> tuple[Criterion, ...]:
    said = {
        "after to reward 1": "parting behind the cue to parting at the first reward",
        "reward 1 to between": "there to parting between the rewards",
    }
    return tuple(
        Criterion(f"trials from {text}", figure, "> 0, median", partial(lt, 0), median)
        for figure, text in said.items()
    )


# Why these seeds, and why some bars speak of medians: docs/decisions/0090. Figures of a
# single early block, at the start or the lowest of a run, differ by 0.1 and more from
# seed to seed; of those the mean of the seeds is judged.
EXPERIMENT = Experiment(
    id="S2",
    seeds=THIRD_SEEDS,
    claim="Places that look alike get orthogonal states, those nearest the cue first.",
    paper="Sun et al. 2025, Nature 640:165-175",
    criteria=(
        _at_least(
            0.5,
            "start grey",
            "correlation within a track, positions that look alike: first 10 trials",
        ),
        _at_least(
            0.3,
            "start after",
            "correlation of the tracks behind the cue: first 10 trials",
        ),
        _at_least(0.55, "start reward 1", "the same at the first reward"),
        *_ends(),
        _at_least(
            5 / 8,
            "reward 1 parts",
            "share of seeds that meet the bar at the first reward",
            said=">= 5/8",
        ),
        *_order(),
        _at_least(
            0.8,
            "lowest before",
            "correlation before the cue: lowest block of 40 trials",
        ),
        _at_least(
            0.5,
            "ablated reward 1",
            "no plasticity between cells: at the first reward, lowest block",
        ),
        _at_least(0.5, "ablated between", "the same between the rewards"),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
