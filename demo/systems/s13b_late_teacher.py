"""S13b: a rule that waits as long as its teacher learns what a movement should be.

60 parallel fibres tile a second, two Purkinje cells drive a movement with them, and the
climbing fibres say 120 ms late how far it was off. The rule of both cells is the same.
The first meets the echo of the fibres that were active then, the second those of now.
A step is 5 ms: in one of two the cells hear fibres, in the other echoes pass unheard.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.library.late_teacher import LateTeacher, PurkinjeCell
from ...rules.library.neurons import LIF
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
    value_in_rule_units,
    weights_of,
)

FIBRES = 60
BINS = 100  # of 10 ms, in a trial of one second
TRIALS, JUDGED = 300, 20
LATE = 12  # bins until the teacher speaks
WIDTH = 4.0  # bins: standard deviation of a fibre's activity, 40 ms
HEARD = 2  # steps from an input spike to the cell

# In steps, of which a bin has two. An error that is sent in the step in which fibres
# are heard arrives 2 * LATE steps later, when echoes are sent; or one step before, when
# fibres send what will be heard in the bin 2 * LATE steps later.
TO_ECHO, TO_FIBRE = 2 * LATE - 1, 2 * LATE - 2
ECHO = TO_ECHO + HEARD
MATCHED, AT_ONCE = 0, 1  # the two cells


@cache
def program() -> Program:
    """Compile fibres, which say everything twice, and two cells with their teachers."""
    relay = LIF(tau=5 * ms, threshold=0.5)
    delays = np.array([[TO_ECHO, 0], [0, TO_FIBRE]])
    network = Network(
        "late teacher",
        (
            Group("mossy", FIBRES),
            Group("fibre", FIBRES, relay),
            Group("cell", 2, PurkinjeCell()),
        ),
        (
            Projection("now", "mossy", "fibre", np.eye(FIBRES)),
            Projection("echo", "mossy", "fibre", np.eye(FIBRES), delay=ECHO),
            Projection(
                "learn", "fibre", "cell", np.zeros((2, FIBRES)), "fibre", LateTeacher()
            ),
            Projection("teacher", "cell", "cell", np.eye(2), "climbing", delay=delays),
        ),
        dt_seconds=5 * ms,
    )
    return compile_for_chip(network, rate=20 * Hz)


def movement() -> FloatArray:
    """Give the movement that is wanted, bin by bin: two periods in a second."""
    wanted: FloatArray = 0.5 * np.sin(2 * np.pi * np.arange(BINS) / (BINS / 2))
    return wanted


def fibre_rates() -> FloatArray:
    """Give the chance of a spike, (bin, fibre): bumps that tile the second."""
    centre = np.arange(FIBRES) * BINS / FIBRES
    apart = (np.arange(BINS)[:, None] - centre + BINS / 2) % BINS - BINS / 2
    rates: FloatArray = np.exp(-0.5 * (apart / WIDTH) ** 2)
    return rates


def stimulus(trials: int, seed: int) -> Stimulus:
    """Draw the fibres' spikes; target and phase are there when they are heard."""
    random = np.random.default_rng([seed, *b"teacher"])
    rates = np.tile(fibre_rates(), (trials, 1))
    bins = np.arange(len(rates))
    spikes = np.zeros((2 * len(rates) + HEARD, FIBRES), np.uint8)
    spikes[2 * bins] = random.random(rates.shape) < rates
    target, phase = np.zeros(len(spikes)), np.zeros(len(spikes))
    target[2 * bins + HEARD] = np.tile(movement(), trials)
    phase[2 * bins + HEARD] = 1
    return Stimulus({"mossy": spikes}, {"target": target, "phase": phase})


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Learn the movement with both cells, then look at single pairings."""
    trials = 60 if quick else TRIALS
    given = stimulus(trials, seed)
    steps = 2 * BINS * trials + HEARD
    run = run_in(arithmetic, program(), given, steps, ["cell.simple"], seed)
    simple = value_in_rule_units(run, "cell.simple")[HEARD::2]
    mean = simple.reshape(trials, BINS, 2)[-JUDGED:].mean(axis=0)
    off = np.abs(movement()[:, None] - mean).mean(axis=0) / np.abs(movement()).mean()
    intervals, change = pairings(arithmetic, seed)
    least = change.min()
    figures = {
        "matched": float(off[MATCHED]),
        "at_once": float(off[AT_ONCE]),
        "peak": float(intervals[change.argmin()]),
        "width": float(10.0 * (change <= least / 2).sum()),
    }
    curves = {"movement": mean, "intervals": intervals, "change": change}
    return Measured(arithmetic, seed, figures, curves)


def pairings(arithmetic: Arithmetic, seed: int) -> tuple[FloatArray, FloatArray]:
    """Let each fibre spike once, in bin after bin, and the teacher once, always.

    Gives the interval from a fibre's spike to the climbing fibre's signal in ms, and
    the change of the weight after 20 pairings, which is more than one stored unit.
    """
    rounds, bins = 20, 120
    steps = 2 * bins * rounds + HEARD
    spikes = np.zeros((steps, FIBRES), np.uint8)
    target, phase = np.zeros(steps), np.zeros(steps)
    spoken = 40  # bin whose movement was off; the teacher speaks LATE bins after
    for start in range(0, 2 * bins * rounds, 2 * bins):
        spikes[start + 2 * np.arange(FIBRES), np.arange(FIBRES)] = 1
        target[start + 2 * spoken + HEARD] = -1.0
        phase[start + 2 * spoken + HEARD] = 1.0
    given = Stimulus({"mossy": spikes}, {"target": target, "phase": phase})
    run = run_in(arithmetic, program(), given, steps, seed=seed)
    intervals = 10.0 * (spoken + LATE - np.arange(FIBRES))
    return intervals, weights_of(run, "learn")[MATCHED]


def draw(measured: Sequence[Measured]) -> Any:
    """Draw the movement, and the change of a weight against the interval."""
    figure = new_figure(10, 4)
    left, right = figure.subplots(1, 2)
    time = np.arange(BINS) * 10
    left.plot(time, movement(), "k--", label="wanted")
    for arithmetic, colour in (("reference", "C0"), ("loihi2", "C1")):
        same = [m for m in measured if m.arithmetic == arithmetic]
        mean = np.mean([m.curves["movement"] for m in same], axis=0)
        left.plot(time, mean[:, MATCHED], color=colour, label=f"waits, {arithmetic}")
        left.plot(time, mean[:, AT_ONCE], ":", color=colour, label="does not wait")
        change = np.mean([m.curves["change"] for m in same], axis=0)
        right.plot(same[0].curves["intervals"], change, color=colour, label=arithmetic)
    left.set(xlabel="time (ms)", ylabel="movement")
    left.legend()
    right.set(xlabel="from fibre to climbing fibre (ms)", ylabel="change of the weight")
    right.legend()
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give the first three trials."""
    trials = 3
    return program(), stimulus(trials, 1), 2 * BINS * trials


EXPERIMENT = Experiment(
    id="S13b",
    claim="Plasticity that waits as long as its teacher learns what was wrong.",
    paper="our reading of a title; Suvrathan, Payne & Raymond 2016",
    criteria=(
        Criterion(
            "error left after 300 trials, of that before",
            "matched",
            "<= 0.1",
            lambda share: share <= 0.1,
        ),
        Criterion(
            "the same if the rule does not wait",
            "at_once",
            ">= 0.4",
            lambda share: share >= 0.4,
        ),
        Criterion(
            "interval of the strongest depression",
            "peak",
            "105 to 135 ms",
            lambda interval: 105 <= interval <= 135,
        ),
        Criterion(
            "width at half of it",
            "width",
            "<= 60 ms",
            lambda width: width <= 60,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
