"""B03b: bursts of spikes bring two ensembles to the rate that a teacher wants.

Inputs at 25 Hz drive a hidden ensemble, its events an output ensemble. A teacher at the
dendrites of the output wants 10 events a second, falls silent, wants 5, falls silent.
Bursts of the output are all that the hidden ensemble hears of it. All synapses learn
all the time: what holds a rate without a teacher is that bursts are as frequent as p_b.
Learning takes 20 s and tests 10 s, as in the authors' simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.library.burst_spikes import BurstingPyramid, EventRelay, RateTeacher
from ...rules.library.dendritic import BurstDependent
from ...rules.network import FloatArray, Group, Network, Projection
from ...rules.rule import LearningRule
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import (
    COLOURS,
    SECOND_SEEDS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
    value_in_rule_units,
)

CELLS, INPUTS, INPUT_HZ = 40, 100, 25
W_INPUT, W_EVENTS = 0.008, 0.05
"""Mean weights from the inputs, and from the hidden ensemble, at the start."""
ETA_INPUT, ETA_EVENTS, TAU_PRE = 2.36e-5, 4.93e-5, 200 * ms
"""With these rates a chip has credits in 32nds and 16ths: p_b = 3/8 is exact."""
BIAS_HIDDEN, BIAS_OUTPUT = 0.2, 0.35
FEEDBACK = 0.1
"""The largest weight from a burst of an output cell to a hidden dendrite."""
TEACHER, EFFICACY_OUTPUT = 0.025, 0.05
"""Weight from the teacher, who says what is missing in Hz, to an output dendrite, which
is the less moved by it: a larger weight travels in finer steps."""


@dataclass(frozen=True)
class Phase:
    """Steps of 1 ms in which the teacher wants a rate, or is silent."""

    steps: int
    target_hz: float | None = None


PHASES = (
    Phase(3000),
    Phase(20000, 10.0),
    Phase(10000),
    Phase(20000, 5.0),
    Phase(10000),
)
QUICK_PHASES = (
    Phase(1000),
    Phase(5000, 10.0),
    Phase(1000),
    Phase(5000, 5.0),
    Phase(1000),
)
JUDGED_PHASES = (Phase(100), Phase(500, 10.0))
WINDOW = 5000
"""Steps over which a rate is judged; less where a phase is shorter."""
BIN = 500
"""Steps of a point in the picture."""


def network(seed: int, feedback: float = FEEDBACK) -> Network:
    """Join inputs, a hidden and an output ensemble, and a teacher; draw weights."""
    random = np.random.default_rng([seed, *b"ensembles"])
    one = np.eye(CELLS)

    def drawn(mean: float, pre: int) -> FloatArray:
        return mean * random.uniform(0.5, 1.5, (CELLS, pre))

    def rule(eta: float, w_max: float) -> LearningRule:
        return BurstDependent(eta=eta, w_max=w_max, tau_pre=TAU_PRE)

    from_inputs, from_events = drawn(W_INPUT, INPUTS), drawn(W_EVENTS, CELLS)
    down = random.uniform(0.0, 1.0, (CELLS, CELLS))
    # The largest uses all bits; and one kernel serves all seeds.
    down *= feedback / down.max()
    mean, teaching = np.full((1, CELLS), 1 / CELLS), np.full((CELLS, 1), TEACHER)
    to_hidden, to_output = rule(ETA_INPUT, 3 * W_INPUT), rule(ETA_EVENTS, 2 * W_EVENTS)
    hidden = BurstingPyramid(bias=BIAS_HIDDEN)
    output = BurstingPyramid(bias=BIAS_OUTPUT, efficacy=EFFICACY_OUTPUT)
    return Network(
        "burst ccn in spikes",
        (
            Group("input", INPUTS),
            Group("hidden", CELLS, hidden),
            Group("hidden_events", CELLS, EventRelay()),
            Group("output", CELLS, output),
            Group("output_events", CELLS, EventRelay()),
            Group("teacher", 1, RateTeacher()),
        ),
        (
            Projection("W_1", "input", "hidden", from_inputs, rule=to_hidden),
            Projection("axon_1", "hidden", "hidden_events", one),
            Projection("W_2", "hidden_events", "output", from_events, rule=to_output),
            Projection("axon_2", "output", "output_events", one),
            Projection("Y", "output", "hidden", down, "apical"),
            Projection("mean", "output_events", "teacher", mean),
            Projection("teaching", "teacher", "output", teaching, "apical"),
        ),
        dt_seconds=1 * ms,
    )


def compiled(net: Network) -> Program:
    """Compile it; no group spikes more often than at 25 Hz for long."""
    return compile_for_chip(net, rate=25 * Hz)


def stimulus(seed: int, phases: Sequence[Phase]) -> Stimulus:
    """Draw the inputs' spikes; say what the teacher wants, and when."""
    random = np.random.default_rng([seed, *b"inputs"])
    lengths = [phase.steps for phase in phases]
    targets = [0.0 if p.target_hz is None else p.target_hz for p in phases]
    teaches = [float(p.target_hz is not None) for p in phases]
    spikes = random.random((sum(lengths), INPUTS)) < INPUT_HZ / 1000
    told = {
        "target": np.repeat(targets, lengths),
        "teach": np.repeat(teaches, lengths),
    }
    return Stimulus({"input": spikes.astype(np.uint8)}, told)


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Let the teacher speak twice; judge the rates while it does and afterwards."""
    phases = QUICK_PHASES if quick else PHASES
    steps, given = sum(p.steps for p in phases), stimulus(seed, phases)
    record = ["hidden.s_out", "output.s_out"]
    run = run_in(arithmetic, compiled(network(seed)), given, steps, record, seed)
    # An event travels as a number below 0, a burst as one above 0.
    sent = np.stack([value_in_rule_units(run, name) for name in record], axis=1)
    events, bursts = (sent < 0).mean(axis=2), (sent > 0).mean(axis=2)
    curves = {"rate": binned(events) * 1000, "burst rate": binned(bursts) * 1000}
    return Measured(arithmetic, seed, figures_of(events * 1000, phases), curves)


def binned(values: FloatArray) -> FloatArray:
    """Average over bins of `BIN` steps: (steps, ensembles) to (bins, ensembles)."""
    means: FloatArray = values.reshape(-1, BIN, values.shape[1]).mean(axis=1)
    return means


def figures_of(rates: FloatArray, phases: Sequence[Phase]) -> dict[str, float]:
    """Judge event rates in Hz, (steps, hidden and output), in the five phases."""
    ends = np.cumsum([phase.steps for phase in phases])
    parts = np.split(rates, ends[:-1])
    late = [part[-WINDOW:].mean(axis=0) for part in parts]
    hidden, output = np.transpose(late)
    figures = {
        "before": output[0],
        "hidden moved": min(hidden[1] - hidden[0], hidden[1] - hidden[3]),
    }
    for name, at in (("up", 1), ("down", 3)):
        target = phases[at].target_hz
        assert target is not None, "the teacher speaks in the second and fourth phase"
        figures[f"{name} missed"] = abs(output[at] - target)
        early = parts[at + 1][:WINDOW, 1].mean()
        figures[f"{name} left"] = max(abs(early - target), abs(output[at + 1] - target))
    return {name: float(value) for name, value in figures.items()}


def draw(measured: Sequence[Measured]) -> Any:
    """Event rates of both ensembles, and the share of events that become bursts."""
    figure = new_figure(9, 7)
    output, hidden, share = figure.subplots(3, 1, sharex=True)
    for m in measured:
        seconds = (np.arange(len(m.curves["rate"])) + 0.5) * BIN / 1000
        style = {"color": COLOURS[m.arithmetic], "alpha": 0.7, "lw": 1.0}
        hidden.plot(seconds, m.curves["rate"][:, 0], **style)
        output.plot(seconds, m.curves["rate"][:, 1], **style)
        if m.arithmetic == "loihi2":
            bursting = m.curves["burst rate"] / np.maximum(m.curves["rate"], 0.1)
            share.plot(seconds, bursting[:, 1], color="C0", alpha=0.6, lw=1.0)
            share.plot(seconds, bursting[:, 0], color="C1", alpha=0.6, lw=1.0)
    _shade([output, hidden, share], output)
    output.set(ylabel="output events (Hz)", ylim=(0, None))
    hidden.set(ylabel="hidden events (Hz)", ylim=(0, None))
    share.set(ylabel="bursts per event", xlabel="time (s)", ylim=(0, 1))
    share.axhline(0.375, color="k", lw=0.6, ls=":")
    share.set_title("loihi2: output (blue), hidden (orange), p_b (dots)", fontsize=10)
    for arithmetic, colour in COLOURS.items():
        output.plot([], [], color=colour, label=arithmetic)
    output.legend(loc="upper right", ncols=3)
    figure.suptitle("A teacher at the output's dendrites moves both ensembles")
    return figure


def _shade(all_axes: Sequence[Any], output: Any) -> None:
    """Mark where the teacher speaks, and what it wants."""
    start = 0.0
    for phase in PHASES:
        end = start + phase.steps / 1000
        if phase.target_hz is not None:
            for axes in all_axes:
                axes.axvspan(start, end, color="0.92")
            output.plot([start, end], [phase.target_hz] * 2, "k--", lw=1.0)
        start = end


def judged() -> tuple[Program, Stimulus, int]:
    """Give the first steps of a teacher that wants more."""
    steps = sum(phase.steps for phase in JUDGED_PHASES)
    return compiled(network(1)), stimulus(1, JUDGED_PHASES), steps


def _at_most(name: str, figure: str, hz: float) -> Criterion:
    return Criterion(name, figure, f"<= {hz:g} Hz", lambda missed: missed <= hz)


EXPERIMENT = Experiment(
    id="B03b",
    seeds=SECOND_SEEDS,
    claim="Spiking ensembles learn the rate that a teacher wants, from bursts alone, "
    "and keep it without the teacher.",
    paper="Greedy et al. 2022, NeurIPS, arXiv 2206.11769",
    criteria=(
        Criterion(
            "event rate of the output before the teacher speaks",
            "before",
            "<= 7 Hz",
            lambda rate: rate <= 7,
        ),
        _at_most("what it misses 10 Hz by, last 5 of 20 s", "up missed", 1.5),
        _at_most(
            "what it misses 10 Hz by without the teacher, worse half of 10 s",
            "up left",
            2.0,
        ),
        _at_most("what it then misses 5 Hz by, last 5 of 20 s", "down missed", 1.5),
        _at_most(
            "what it misses 5 Hz by without the teacher, worse half of 10 s",
            "down left",
            2.0,
        ),
        Criterion(
            "what the hidden ensemble gains on the way up, or loses on the way down",
            "hidden moved",
            ">= 2 Hz",
            lambda hz: hz >= 2,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
