"""B28: an electric fish learns the negative image of its own signal, and sees past it.

One cell, 200 granule cells, a motor command every 60 steps. In one run the cell learns
to cancel what follows the command, then hears something from outside for a while, then
the fish's own signal comes later than it used to. In the control all granule cells fire
at once, soon after the command: without a basis in time there is nothing to learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import numpy as np

from ...hardware.program import Program
from ...rules.library.cancelling import MGCell, NegativeImage
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
)

Basis = Literal["temporal", "early"]

PERIOD = 60  # steps from one command to the next
GRANULES = 200
LEARNING, OUTSIDE, CHANGED = 300, 20, 300  # commands of each part
JUDGED = 20  # commands at the end of a part
LOUDNESS = 60.0
SHIFT = 20  # steps by which the changed signal comes later
OUTSIDE_SIGNAL = 10.0


def own_signal() -> FloatArray:
    """Give what the fish senses of its own discharge, step by step after a command."""
    t = np.arange(PERIOD)
    signal: FloatArray = LOUDNESS * np.sin(2 * np.pi * t / PERIOD) * np.exp(-t / 40)
    return signal


def granule_rates(basis: Basis, seed: int) -> FloatArray:
    """Give the chance of a spike, (step after the command, granule cell)."""
    random = np.random.default_rng([seed, *b"basis"])
    t = np.arange(PERIOD)[:, None]
    if basis == "early":
        return np.tile(0.5 * np.exp(-0.5 * ((t - 3) / 2) ** 2), (1, GRANULES))
    centre = random.uniform(0, PERIOD, GRANULES)
    width = random.uniform(2, 8, GRANULES)
    rates: FloatArray = 0.5 * np.exp(-0.5 * ((t - centre) / width) ** 2)
    return rates


@cache
def program() -> Program:
    """Compile the cell; control and experiment differ in their inputs alone."""
    network = Network(
        "negative image",
        (Group("granule_cells", GRANULES), Group("mg", 1, MGCell())),
        (
            Projection(
                "learn",
                "granule_cells",
                "mg",
                np.zeros((1, GRANULES)),
                "granule",
                NegativeImage(),
            ),
        ),
        dt_seconds=1 * ms,
    )
    return compile_for_chip(network, rate=100 * Hz, post_rate=500 * Hz)


def stimulus(
    basis: Basis, seed: int, commands: tuple[int, int, int]
) -> tuple[Stimulus, FloatArray]:
    """Draw granule spikes and the outside signal, (command, step)."""
    random = np.random.default_rng([seed, *b"fish"])
    learning, outside, _ = commands
    shape = (sum(commands), PERIOD)
    spikes = random.random((*shape, GRANULES)) < granule_rates(basis, seed)
    foreign = np.zeros(shape)
    during = slice(learning, learning + outside)
    foreign[during] = OUTSIDE_SIGNAL * random.choice([-1.0, 1.0], (outside, PERIOD))
    own = np.tile(own_signal(), (len(foreign), 1))
    own[learning + outside :] = np.roll(own_signal(), SHIFT)
    sensory = (own + foreign).ravel()
    granule = spikes.reshape(-1, GRANULES).astype(np.uint8)
    return Stimulus({"granule_cells": granule}, {"sensory": sensory}), foreign


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Run the experiment and its control."""
    parts = (60, 10, 60) if quick else (LEARNING, OUTSIDE, CHANGED)
    learned, foreign, image = _course("temporal", arithmetic, seed, parts)
    control, _, _ = _course("early", arithmetic, seed, parts)
    loudness, without = (np.sqrt((v**2).mean(axis=1)) for v in (learned, control))
    end, change = parts[0], parts[0] + parts[1]
    outside = slice(end, change)
    last = slice(max(0, end - JUDGED), end)
    shown = image[last].mean(axis=0)
    slope = np.polyfit(foreign[outside].ravel(), learned[outside].ravel(), 1)[0]
    figures = {
        "left": float(loudness[last].mean() / loudness[0]),
        "likeness": float(np.corrcoef(shown, -own_signal())[0, 1]),
        "control_left": float(without[last].mean() / without[0]),
        "gain": float(slope),
        "left_again": float(loudness[-JUDGED:].mean() / loudness[change]),
    }
    curves = {"loudness": loudness, "control": without, "image": shown}
    return Measured(arithmetic, seed, figures, curves)


def _course(
    basis: Basis, arithmetic: Arithmetic, seed: int, parts: tuple[int, int, int]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the cell's v, what came from outside, what granule cells gave it."""
    given, foreign = stimulus(basis, seed, parts)
    steps = sum(parts) * PERIOD
    record = ["mg.v", "learn.a_out"]
    run = run_in(arithmetic, program(), given, steps, record, seed)
    v, image = (value_in_rule_units(run, n).reshape(-1, PERIOD) for n in record)
    return v, foreign, image


def draw(measured: Sequence[Measured]) -> Any:
    """Show what is left of the own signal, and the negative image."""
    figure = new_figure(10, 4)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for arithmetic, colour in (("reference", "C0"), ("loihi2", "C1")):
        same = [m for m in measured if m.arithmetic == arithmetic]
        for curve, style in (("loudness", "-"), ("control", ":")):
            mean = np.mean([m.curves[curve] for m in same], axis=0)
            said = arithmetic if curve == "loudness" else f"{arithmetic}, all early"
            left.plot(mean, style, color=colour, label=said)
        image = np.mean([m.curves["image"] for m in same], axis=0)
        right.plot(image, color=colour, label=f"granule input, {arithmetic}")
    left.axvspan(LEARNING, LEARNING + OUTSIDE, color="0.9", label="signal from outside")
    left.set(xlabel="motor command", ylabel="rms of v", ylim=(0, None))
    left.legend()
    right.plot(-own_signal(), "k--", label="own signal, turned over")
    right.set(xlabel="steps after the command", ylabel="input to the cell")
    right.legend()
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give the first ten commands."""
    commands = (10, 0, 0)
    return program(), stimulus("temporal", 1, commands)[0], commands[0] * PERIOD


EXPERIMENT = Experiment(
    id="B28",
    claim="A cell learns to cancel what its fish's own discharge does to it.",
    paper="Kennedy et al. 2014; Muller et al. 2019; Bell et al. 1997",
    criteria=(
        Criterion(
            "rms of the cell's input after learning, of that before",
            "left",
            "<= 0.4",
            lambda share: share <= 0.4,
        ),
        Criterion(
            "correlation of the granule input with the negative of the signal",
            "likeness",
            ">= 0.95",
            lambda correlation: correlation >= 0.95,
        ),
        Criterion(
            "the same rms where granule cells do not tile time",
            "control_left",
            ">= 0.9",
            lambda share: share >= 0.9,
        ),
        Criterion(
            "gain for a signal from outside after learning",
            "gain",
            ">= 0.8",
            lambda gain: gain >= 0.8,
        ),
        Criterion(
            "rms after relearning a changed signal, of that at the change",
            "left_again",
            "<= 0.4",
            lambda share: share <= 0.4,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
