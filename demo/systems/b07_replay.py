"""B07: plastic inhibition keeps what is accidental out of replay.

An animal runs laps on a track; a cue shows up at another place in each. Excitation
joins cells that fire together, inhibition learns the cue. At rest, with learning off
and the same random drive for all cells, it is counted who takes part in replay, and in
which order; once with the inhibition that was learned, once with its mean everywhere.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from ...hardware.program import Program
from ...rules.library.replay import (
    InhibitoryHebb,
    ReplayLIF,
    RestingInterneuron,
    SymmetricSTDP,
)
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.recording import Recording
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    run_in,
    weights_of,
)
from .replay_picture import draw
from .replayed_order import Spikes, population_events

PLACE, CUE = 90, 30
CELLS = PLACE + CUE
PLACE_INTERNEURONS, CUE_INTERNEURONS = 10, 10
INTERNEURONS = PLACE_INTERNEURONS + CUE_INTERNEURONS
STEP = 4 * ms
LAP_STEPS = 400
LAPS, QUICK_LAPS = 25, 8
REST_STEPS, QUICK_REST_STEPS = 4000, 1500
DETONATES = 1.5
MOSSY = 0.67
MOSSY_RATE = 1.6 * Hz
DRIVE = 0.25
"""Of an interneuron by a pyramidal cell."""


class Learned(NamedTuple):
    """Weights in the rules' units, (post, pre), as a backend left them."""

    recurrent: FloatArray
    inhibition: FloatArray


def network(learned: Learned | None = None) -> Network:
    """Build it, to learn from nothing or (with weights) to rest."""
    recurrent, inhibition = learned or Learned(
        np.zeros((CELLS, CELLS)), np.zeros((CELLS, INTERNEURONS))
    )
    learns = learned is None
    each, every = np.eye(CELLS), np.eye(INTERNEURONS)
    return Network(
        "replay",
        (
            Group("track", CELLS),
            Group("mossy", CELLS),
            Group("afferent", INTERNEURONS),
            Group("pyramidal", CELLS, ReplayLIF()),
            Group("interneuron", INTERNEURONS, RestingInterneuron()),
        ),
        (
            Projection(
                "field",
                "track",
                "pyramidal",
                DETONATES * each,
                "field",
                connected=each > 0,
            ),
            Projection(
                "mossy_fibre",
                "mossy",
                "pyramidal",
                MOSSY * each,
                "mossy",
                connected=each > 0,
            ),
            Projection(
                "cue",
                "afferent",
                "interneuron",
                DETONATES * every,
                "field",
                connected=every > 0,
            ),
            Projection(
                "recurrent",
                "pyramidal",
                "pyramidal",
                recurrent,
                rule=SymmetricSTDP() if learns else None,
            ),
            Projection(
                "inhibition",
                "interneuron",
                "pyramidal",
                inhibition if learns else -inhibition,
                "interneurons",
                InhibitoryHebb() if learns else None,
            ),
            Projection(
                "drive",
                "pyramidal",
                "interneuron",
                np.full((INTERNEURONS, CELLS), DRIVE),
            ),
        ),
        dt_seconds=STEP,
    )


@cache
def program() -> Program:
    """Compile it; a cell fires at 25 Hz in the mean of a compressed lap."""
    return compile_for_chip(network(), rate=25 * Hz)


def laps(count: int, seed: int) -> Stimulus:
    """Run laps: fields tile the track, cue cells fire around a place that moves."""
    random = np.random.default_rng([seed, *b"laps"])
    position = np.arange(LAP_STEPS) * 100 / LAP_STEPS
    fields = np.linspace(0, 100, PLACE, endpoint=False)
    coarse = np.linspace(0, 100, PLACE_INTERNEURONS, endpoint=False)
    place = 0.5 * np.exp(-0.5 * ((position[:, None] - fields) / 4) ** 2)
    inhibited = 0.3 * np.exp(-0.5 * ((position[:, None] - coarse) / 6) ** 2)
    track, afferent = [], []
    for _ in range(count):
        at_cue = 0.5 * (np.abs(position - random.uniform(10, 90)) < 4)[:, None]
        rates = np.hstack([place, np.repeat(at_cue, CUE, 1)]) + 0.002
        others = np.hstack([inhibited, np.repeat(at_cue, CUE_INTERNEURONS, 1)]) + 0.002
        track.append(random.random(rates.shape) < rates)
        afferent.append(random.random(others.shape) < others)
    spikes = np.vstack(track).astype(np.uint8)
    return Stimulus(
        {
            "track": spikes,
            "mossy": np.zeros_like(spikes),
            "afferent": np.vstack(afferent).astype(np.uint8),
        },
        {"rest": np.zeros(len(spikes))},
    )


def rest(steps: int, seed: int) -> Stimulus:
    """Drive all pyramidal cells alike, at random."""
    random = np.random.default_rng([seed, *b"rest"])
    mossy = random.random((steps, CELLS)) < MOSSY_RATE * STEP
    return Stimulus(
        {
            "track": np.zeros((steps, CELLS), np.uint8),
            "mossy": mossy.astype(np.uint8),
            "afferent": np.zeros((steps, INTERNEURONS), np.uint8),
        },
        {"rest": np.ones(steps)},
    )


def at_rest(arithmetic: Arithmetic, run: Recording, *, uniform: bool) -> Program:
    """Give the network with the weights of a run and without learning.

    uniform
        Whether every inhibitory synapse gets the mean of what was learned.
    """
    if arithmetic == "reference":
        recurrent, inhibition = (weights_of(run, p) for p in Learned._fields)
        if uniform:
            inhibition = np.full_like(inhibition, inhibition.mean())
        learned = Learned(recurrent, inhibition)
        return compile_for_chip(network(learned), rate=25 * Hz)
    stored = {
        p: np.asarray(run.final[f"{p}.weights"], np.int32) for p in Learned._fields
    }
    if uniform:
        mean = np.rint(stored["inhibition"].mean())
        stored["inhibition"] = np.full_like(stored["inhibition"], mean)
    return program().with_weights(stored).frozen()


def measure(arithmetic: Arithmetic, seed: int, quick: bool = False) -> Measured:
    """Learn on the track, then rest with both kinds of inhibition."""
    count = QUICK_LAPS if quick else LAPS
    run = run_in(
        arithmetic,
        program(),
        laps(count, seed),
        count * LAP_STEPS,
        ["pyramidal.s_out"],
        seed,
    )
    recurrent, inhibition = (weights_of(run, p) for p in Learned._fields)
    steps = QUICK_REST_STEPS if quick else REST_STEPS
    resting = {
        uniform: _rest(
            arithmetic, at_rest(arithmetic, run, uniform=uniform), steps, seed
        )
        for uniform in (False, True)
    }
    spikes = resting[False]
    events = population_events(spikes[:, :PLACE])
    orders = np.array([event.order for event in events])
    onto_place, onto_cue = inhibition[:PLACE].mean(), inhibition[PLACE:].mean()
    figures = {
        "learned": cue_over_place(spikes),
        "uniform": cue_over_place(resting[True]),
        "onto cue": float(onto_cue / max(onto_place, 1e-9)),
        "order": float(np.median(orders)) if len(orders) else 0.0,
        "events": float(len(events)),
        "joined to cue": float(recurrent[:PLACE, PLACE:].mean()),
    }
    curves = {
        "recurrent": recurrent,
        "inhibition": inhibition,
        "spikes": spikes,
        "rates": np.stack([resting[u].mean(axis=0) for u in (False, True)]) / STEP,
        "orders": orders,
        "events": np.array([(e.start, e.stop) for e in events]).reshape(-1, 2),
    }
    return Measured(arithmetic, seed, figures, curves)


def _rest(arithmetic: Arithmetic, frozen: Program, steps: int, seed: int) -> Spikes:
    run = run_in(
        arithmetic, frozen, rest(steps, seed), steps, ["pyramidal.s_out"], seed
    )
    spikes: Spikes = run["pyramidal.s_out"] != 0
    return spikes


def cue_over_place(spikes: Spikes) -> float:
    """Divide the mean rate of cue cells by that of place cells."""
    place, cue = spikes[:, :PLACE].mean(), spikes[:, PLACE:].mean()
    return float(cue / max(place, 1e-9))


def judged() -> tuple[Program, Stimulus, int]:
    """Two laps of learning."""
    return program(), laps(2, 0), 2 * LAP_STEPS


EXPERIMENT = Experiment(
    id="B07",
    claim="Inhibition that learns what comes and goes keeps it out of replay, and "
    "replay follows the order of the track.",
    paper="Liao et al. 2024, Nature Neuroscience 27:1987-1994",
    criteria=(
        Criterion(
            "rate of cue cells over that of place cells at rest, learned inhibition",
            "learned",
            "<= 0.6",
            lambda ratio: ratio <= 0.6,
        ),
        Criterion(
            "the same with uniform inhibition",
            "uniform",
            ">= 1.2",
            lambda ratio: ratio >= 1.2,
        ),
        Criterion(
            "mean inhibitory weight onto cue cells over that onto place cells",
            "onto cue",
            ">= 2",
            lambda ratio: ratio >= 2,
        ),
        Criterion(
            "rank correlation of place and spike time in a population event, median",
            "order",
            ">= 0.5",
            lambda order: order >= 0.5,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
    host="Between run and rest a host switches learning off; for the control it "
    "overwrites the inhibitory weights by their mean; nothing in a step",
)
