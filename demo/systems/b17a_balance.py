"""B17a: the known member of the four-term family sets the rate of a neuron.

Neurons hear excitation that alone would make them fire at a high rate, and inhibitory
synapses that learn. How much a spike of an inhibitory neuron depresses by itself says
which rate the synapses come to hold: four groups of neurons in one network have four
targets. A neuron comes out somewhat above its target, for the synapses also learn from
what their own spikes do to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.library.meta_learned import FourTermInhibition, TwoCurrentLIF
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    COLOURS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
)

TARGETS = (3, 5, 10, 20)  # Hz
JUDGED_TARGETS = (5, 10, 20)
CELLS = 8  # of each target
POOL, HEARD = 400, 80  # excitatory inputs in all, and to a cell
INHIBITORY = 20
INPUT_HZ = 20
TAU = 20 * ms
EXCITATION, INITIAL, W_MAX = 0.025, 0.05, 0.2
ETA = 0.002
STEPS, SETTLED, QUICK_STEPS = 20_000, 8_000, 6_000
JUDGED_STEPS = 600
BIN = 500  # steps, in the picture


def network(seed: int) -> Network:
    """Draw who hears what; inhibitory neurons reach every cell."""
    random = np.random.default_rng([seed, *b"balance"])
    groups = [Group("exc", POOL), Group("inh", INHIBITORY)]
    projections: list[Projection] = []
    for target in TARGETS:
        cell = f"cell_{target}"
        groups.append(Group(cell, CELLS, TwoCurrentLIF()))
        heard: FloatArray = np.zeros((CELLS, POOL))
        for row in heard:
            row[random.choice(POOL, HEARD, replace=False)] = EXCITATION
        rule = FourTermInhibition(alpha=-2 * target * TAU, eta=ETA, w_max=W_MAX)
        inhibit = np.full((CELLS, INHIBITORY), INITIAL)
        projections += [
            Projection(f"excite_{target}", "exc", cell, heard, "excitation"),
            Projection(f"learn_{target}", "inh", cell, inhibit, "inhibition", rule),
        ]
    return Network("balance", tuple(groups), tuple(projections), dt_seconds=1 * ms)


@cache
def program(seed: int) -> Program:
    """Compile it."""
    return compile_for_chip(network(seed), rate=INPUT_HZ * Hz)


def stimulus(steps: int, seed: int) -> Stimulus:
    """Draw Poisson spikes of all inputs."""
    random = np.random.default_rng([seed, *b"poisson"])
    chance = INPUT_HZ * Hz * 1 * ms
    return Stimulus(
        {
            "exc": (random.random((steps, POOL)) < chance).astype(np.uint8),
            "inh": (random.random((steps, INHIBITORY)) < chance).astype(np.uint8),
        }
    )


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Let the synapses learn, then count spikes."""
    steps = QUICK_STEPS if quick else STEPS
    settled = steps // 2 if quick else SETTLED
    record = [f"cell_{target}.s_out" for target in TARGETS]
    given = stimulus(steps, seed)
    run = run_in(arithmetic, program(seed), given, steps, record, seed)
    course = np.array([run[name].mean(axis=1) / (1 * ms) for name in record])
    rates = course[:, settled:].mean(axis=1)
    figures = {f"ratio_{t}": float(r / t) for t, r in zip(TARGETS, rates, strict=True)}
    figures["step"] = float((rates[1:] / np.maximum(rates[:-1], 1e-9)).min())
    binned = course.reshape(len(TARGETS), -1, BIN).mean(axis=2)
    return Measured(arithmetic, seed, figures, {"course": binned, "rates": rates})


def draw(measured: Sequence[Measured]) -> Any:
    """Draw rates over time, and what they settle at over the target."""
    figure = new_figure(9, 3.6)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    chip = [m for m in measured if m.arithmetic == "loihi2"]
    for place, target in enumerate(TARGETS):
        mean = np.mean([m.curves["course"][place] for m in chip], axis=0)
        time = (np.arange(len(mean)) + 0.5) * BIN * 1e-3
        left.plot(time, mean, color=f"C{place}", label=f"{target} Hz")
        left.axhline(target, color=f"C{place}", lw=0.8, ls=":")
    left.set(xlabel="time (s)", ylabel="rate (Hz), loihi2", ylim=(0, None))
    left.legend(title="target")
    for arithmetic, colour in COLOURS.items():
        same = [m.curves["rates"] for m in measured if m.arithmetic == arithmetic]
        style = {"color": colour, "marker": "o", "ms": 4, "lw": 1}
        right.plot(TARGETS, np.mean(same, axis=0), label=arithmetic, **style)
    right.plot((0, 22), (0, 22), color="grey", lw=0.8, zorder=0)
    right.set(xlabel="target (Hz)", ylabel="rate, last 12 s (Hz)")
    right.legend()
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give the first steps of seed 1."""
    return program(1), stimulus(JUDGED_STEPS, 1), JUDGED_STEPS


EXPERIMENT = Experiment(
    id="B17a",
    claim="One coefficient of a four-term rule at inhibitory synapses sets the rate "
    "that a neuron comes to.",
    paper="Confavreux et al. 2023, NeurIPS; Vogels et al. 2011, Science 334:1569",
    criteria=(
        *(
            Criterion(
                f"rate over the target of {target} Hz",
                f"ratio_{target}",
                "0.9 to 1.4",
                lambda ratio: 0.9 <= ratio <= 1.4,
            )
            for target in JUDGED_TARGETS
        ),
        Criterion(
            "rate over that with the next lower target (3, 5, 10, 20 Hz), least",
            "step",
            "> 1",
            lambda ratio: ratio > 1,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
