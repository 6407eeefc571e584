"""S3a: one plateau writes a place field; a second one elsewhere moves it.

A virtual animal runs laps on a track; its inputs fire at places. Per seed and speed one
run with three neurons: no plateau, one plateau, and one in each of two laps. In the
control with traces of 20 ms fields are points, since fields of 35 cm are by themselves
wider than what such traces reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...hardware.program import Program
from ...rules.library import BTSP, PlateauLIF
from ...rules.network import FloatArray, Group, Network, Projection
from ...rules.rule import LearningRule
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .btsp_picture import draw
from .frame import (
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    run_in,
    value_in_rule_units,
)

TRACK_CM = 187.0
INPUTS = 200
FIELD_CM = 90 / 3 / np.sqrt(2)
"""Inputs fire as exp(-(distance / this)^2)."""
PEAK_RATE = 50 * Hz
STEP_SECONDS = 0.01
SPEEDS = (15.0, 25.0, 40.0)
"""In cm/s; the paper's is 25."""
SPEED = SPEEDS[1]
PLATEAU, FIRST, SECOND = 93.0, 60.0, 120.0
"""Places in cm: of the one plateau, and of the two that compete."""
LAPS = 3
FAR_CM = 60.0
POINT_CM = 2.0
"""Size of a field that is a point for the animal, for the control."""

PLACES = (np.arange(INPUTS) + 0.5) * TRACK_CM / INPUTS
ALONG = np.arange(0.0, TRACK_CM, 1.0)


def around(distance: FloatArray) -> FloatArray:
    """Bring distances on the circular track to -half a lap to half a lap."""
    wrapped: FloatArray = (distance + TRACK_CM / 2) % TRACK_CM - TRACK_CM / 2
    return wrapped


def fields(places: FloatArray, size: float = FIELD_CM) -> FloatArray:
    """Rate of each input at each place, as a share of its peak; (places, inputs)."""
    rates: FloatArray = np.exp(-((around(places[:, None] - PLACES) / size) ** 2))
    return rates


def ramp(weights: FloatArray) -> FloatArray:
    """Depolarisation along the track beyond that of baseline weights, which are 1."""
    drive: FloatArray = fields(ALONG) @ (weights - 1.0)
    return drive


@dataclass(frozen=True)
class Run:
    """Weights at the start, between the plateaus of the third neuron, at the end."""

    before: FloatArray
    between: FloatArray
    after: FloatArray


@dataclass(frozen=True)
class Protocol:
    """Laps at one speed; ``quick_traces``: with the time constants of STDP instead."""

    speed: float
    quick_traces: bool = False

    def step_at(self, lap: int, place: float) -> int:
        """Give the step in which the animal is there."""
        return round((lap * TRACK_CM + place) / self.speed / STEP_SECONDS)

    @property
    def steps(self) -> int:
        """All laps."""
        return self.step_at(LAPS, 0.0)

    def stimulus(self, seed: int) -> Stimulus:
        """Draw the inputs' spikes, and start the plateaus."""
        random = np.random.default_rng([seed, *b"btsp"])
        places = self.speed * STEP_SECONDS * np.arange(self.steps)
        if self.quick_traces:
            chance = fields(places, POINT_CM)
        else:
            chance = fields(places) * PEAK_RATE * STEP_SECONDS
        starts = np.zeros((self.steps, 3), np.uint8)
        starts[self.step_at(1, PLATEAU), 1] = 1
        starts[self.step_at(0, FIRST), 2] = 1
        starts[self.step_at(1, SECOND), 2] = 1
        spikes = (random.random(chance.shape) < chance).astype(np.uint8)
        return Stimulus({"ca3": spikes, "apical": starts})

    def program(self) -> Program:
        """Compile inputs and three neurons, with all weights at baseline."""
        network = Network(
            "place field",
            (
                Group("ca3", INPUTS),
                Group("apical", 3),
                Group("ca1", 3, PlateauLIF(tau_signal=self._tau_signal)),
            ),
            (
                Projection(
                    "synapse", "ca3", "ca1", np.ones((3, INPUTS)), rule=self._rule()
                ),
                Projection("gate", "apical", "ca1", 2 * np.eye(3), port="apical"),
            ),
            dt_seconds=STEP_SECONDS,
        )
        return compile_for_chip(network, rate=20 * Hz)

    @property
    def _tau_signal(self) -> float:
        return 20 * ms if self.quick_traces else 437 * ms

    def _rule(self) -> LearningRule:
        if self.quick_traces:
            return BTSP(tau=20 * ms, tau_near=20 * ms, spikes_max=2.5, signal_max=1.0)
        return BTSP()

    def run(self, arithmetic: Arithmetic, seed: int) -> Run:
        """Run the laps."""
        recording = run_in(
            arithmetic,
            self.program(),
            self.stimulus(seed),
            self.steps,
            ["synapse.weights"],
            seed,
        )
        weights = value_in_rule_units(recording, "synapse.weights")
        return Run(weights[0], weights[self.step_at(1, 20.0)], weights[-1])


def measure(arithmetic: Arithmetic, seed: int, quick: bool = False) -> Measured:
    """Run all speeds, or in the quick form that of the paper, and the control."""
    speeds = (SPEED,) if quick else SPEEDS
    runs = {speed: Protocol(speed).run(arithmetic, seed) for speed in speeds}
    control = Protocol(SPEED, quick_traces=True).run(arithmetic, seed)
    main = runs[SPEED]
    one, old, new = (ramp(w) for w in (main.after[1], main.between[2], main.after[2]))
    peak = int(one.argmax())
    far = np.abs(around(ALONG - ALONG[peak])) > FAR_CM
    widths = {speed: width_cm(ramp(run.after[1])) for speed, run in runs.items()}
    figures = {
        "contrast": float(one[peak] / np.abs(one[far]).mean()),
        "shift": float(ALONG[peak] - PLATEAU),
        "shortest": min(width / speed for speed, width in widths.items()),
        "growth": widths[speeds[-1]] - widths[speeds[0]],
        "old field": float(1.0 - new[old.argmax()] / old.max()),
        "new peak": float(abs(around(ALONG[new.argmax()] - SECOND))),
        "without": float(np.abs(main.after[0] - main.before[0]).max()),
        "quick traces": _potentiated_cm(control),
    }
    curves = {
        "along": ALONG,
        "one": one,
        "old": old,
        "new": new,
        "weights": main.after[1],
        "places": PLACES,
        "speeds": np.array(list(widths)),
        "widths": np.array(list(widths.values())),
    }
    return Measured(arithmetic, seed, figures, curves)


def width_cm(along: FloatArray) -> float:
    """Width at half the height, from the lowest to the highest point."""
    low, high = along.min(), along.max()
    return float((along - low > (high - low) / 2).sum())


def _potentiated_cm(run: Run) -> float:
    """Give the stretch whose inputs gained at least half of the largest gain."""
    gain: npt.NDArray[np.float64] = run.after[1] - run.before[1]
    return float((gain > gain.max() / 2).sum() * TRACK_CM / INPUTS)


def judged() -> tuple[Program, Stimulus, int]:
    """Give the lap with the plateaus, at the highest speed."""
    protocol = Protocol(SPEEDS[-1])
    first, last = protocol.step_at(1, 0.0), protocol.step_at(2, 60.0)
    shown = protocol.stimulus(0)
    spikes = {k: np.asarray(v)[first:last] for k, v in shown.spikes.items()}
    return protocol.program(), Stimulus(spikes), last - first


EXPERIMENT = Experiment(
    id="S3a",
    claim="One dendritic plateau writes a place field, seconds wide and ahead of it; a "
    "second plateau elsewhere depresses the old field and writes a new one.",
    paper="Milstein et al. 2021, eLife 10:e73046",
    criteria=(
        Criterion(
            "peak of the ramp over its mean size far off",
            "contrast",
            ">= 5",
            lambda value: value >= 5,
        ),
        Criterion(
            "peak less place of the plateau",
            "shift",
            "-25 to 0 cm",
            lambda value: -25 <= value <= 0,
        ),
        Criterion(
            "shortest width at half height, of all speeds",
            "shortest",
            ">= 1.5 s",
            lambda value: value >= 1.5,
        ),
        Criterion(
            "width at 40 cm/s less that at 15 cm/s",
            "growth",
            "> 0 cm",
            lambda value: value > 0,
        ),
        Criterion(
            "share of the old field lost by a second plateau",
            "old field",
            ">= 0.2",
            lambda value: value >= 0.2,
        ),
        Criterion(
            "new peak to the second plateau",
            "new peak",
            "<= 20 cm",
            lambda value: value <= 20,
        ),
        Criterion(
            "largest change of a weight without a plateau",
            "without",
            "0",
            lambda value: value == 0,
        ),
        Criterion(
            "stretch that gains with traces of 20 ms and point-like fields",
            "quick traces",
            "< 10 cm",
            lambda value: value < 10,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
