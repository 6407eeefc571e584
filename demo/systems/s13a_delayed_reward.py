"""S13a: an action is credited with a reward that comes 20 to 100 steps later.

Which of two actions pays is learned if the tag at the synapse lasts that long, and
learned anew when the actions change places. 16 agents in one network, half with a tag
of 100 steps, half with one of 4. The arms of the bandit are neurons too, so nothing
outside the network takes part in a trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.library.delayed_reward import ActionCell, ActionValue, HoldingArm
from ...rules.library.neurons import LIF
from ...rules.network import FloatArray, Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import Arithmetic, Criterion, Experiment, Measured, new_figure, run_in

EACH = 8  # agents with a tag of one kind
PERIOD = 110  # steps of a trial
DELAYS = (20, 100)  # steps from action to reward
PAYS = (0.8, 0.2)
BEFORE, AFTER = 200, 150  # trials, and trials from the reversal on
JUDGED = 50  # trials at the end of either
TAGS = {"long": 100 * ms, "short": 4 * ms}
"""Time constants of the tag; the latter is a fifth of the shortest delay."""
INITIAL = 0.25


def network(kinds: Sequence[str], each: int) -> Network:
    """Two options, an action cell and two arms for every agent of each kind."""
    agents = len(kinds) * each
    own: FloatArray = np.kron(np.eye(agents), np.ones((1, 2)))
    one_way: FloatArray = np.kron(np.eye(agents), np.array([[1.0], [-1.0]]))
    other_way = np.tile([0.0, 1.0], agents)[:, None]
    each_arm = np.eye(2 * agents)
    relay = LIF(tau=1 * ms, threshold=0.5)
    kind_of_agent = np.repeat(kinds, each)[:, None]
    learning = (
        Projection(
            f"learn_{kind}",
            "option",
            "cell",
            INITIAL * own,
            "option",
            ActionValue(tau=TAGS[kind]),
            connected=None if agents == 1 else own * (kind_of_agent == kind),
        )
        for kind in kinds
    )
    return Network(
        "delayed reward",
        (
            Group("weigh", 2),
            Group("pay", 2 * agents),
            Group("clock", 1),
            Group("option", 2 * agents, relay),
            Group("cell", agents, ActionCell()),
            Group("enter", 2 * agents, relay),
            Group("arm", 2 * agents, HoldingArm()),
        ),
        (
            Projection("weighing", "weigh", "option", np.tile(np.eye(2), (agents, 1))),
            *learning,
            # The first arm if the cell spikes; if not, the clock opens the second.
            Projection("to_enter", "cell", "enter", one_way),
            Projection("else_enter", "clock", "enter", other_way),
            Projection("to_arm", "cell", "arm", one_way, "visit"),
            Projection("else_arm", "clock", "arm", other_way, "visit"),
            Projection("chosen", "enter", "option", each_arm),
            Projection("paying", "pay", "arm", each_arm, "pays"),
            Projection("rewarding", "arm", "cell", own, "reward"),
        ),
        dt_seconds=1 * ms,
    )


@cache
def program(kinds: tuple[str, ...] = tuple(TAGS), each: int = EACH) -> Program:
    """Compile it; an option spikes once or twice in a trial."""
    return compile_for_chip(network(kinds, each), rate=20 * Hz)


def stimulus(agents: int, before: int, after: int, seed: int) -> Stimulus:
    """Draw which arms would pay, and when; the clock is the same for all agents."""
    random = np.random.default_rng([seed, *b"delayed"])
    trials = before + after
    start = np.arange(trials) * PERIOD
    steps = trials * PERIOD
    second_first = np.arange(trials) % 2
    weigh = np.zeros((steps, 2), np.uint8)
    weigh[start, second_first] = 1
    weigh[start + 1, 1 - second_first] = 1
    chance = np.tile(PAYS, (trials, agents, 1))
    chance[before:] = chance[before:, :, ::-1]
    pay = np.zeros((steps, 2 * agents), np.uint8)
    pay[start + 3] = (random.random(chance.shape) < chance).reshape(trials, -1)
    clock = np.zeros((steps, 1), np.uint8)
    clock[start + 3] = 1
    delivered = start + 5 + random.integers(DELAYS[0], DELAYS[1] + 1, trials)
    go, act, deliver, outcome = (np.zeros(steps) for _ in range(4))
    go[start + 3] = 1 - 2 * second_first
    act[start + 5] = 1
    deliver[delivered] = 1
    outcome[delivered + 1] = 1
    return Stimulus(
        {"weigh": weigh, "pay": pay, "clock": clock},
        {"go": go, "act": act, "deliver": deliver, "outcome": outcome},
    )


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Run all agents at once."""
    before, after = (60, 40) if quick else (BEFORE, AFTER)
    given = stimulus(len(TAGS) * EACH, before, after, seed)
    trials = before + after
    steps = trials * PERIOD
    run = run_in(arithmetic, program(), given, steps, ["enter.s_out"], seed)
    at = np.arange(trials) * PERIOD + 4
    choices = run["enter.s_out"][at].reshape(trials, -1, 2).astype(float)
    assert (choices.sum(axis=2) == 1).all()  # an agent enters one arm
    curves = {
        "long": choices[:, :EACH, 0].mean(axis=1),
        "short": choices[:, EACH:, 0].mean(axis=1),
    }
    last = min(JUDGED, after // 2)
    figures = {}
    for kind, first in curves.items():
        figures[kind] = float(first[before - last : before].mean())
        figures[f"{kind}_again"] = float(1.0 - first[-last:].mean())
    return Measured(arithmetic, seed, figures, curves)


def draw(measured: Sequence[Measured]) -> Any:
    """Draw the share of choices of the first action, trial by trial."""
    figure = new_figure(7, 4)
    axes = figure.subplots()
    kinds = (("long", "tag of 100 steps", "-"), ("short", "tag of 4 steps", ":"))
    for arithmetic, colour in (("reference", "C0"), ("loihi2", "C1")):
        same = [m for m in measured if m.arithmetic == arithmetic]
        for kind, what, style in kinds:
            mean = np.mean([m.curves[kind] for m in same], axis=0)
            smooth = np.convolve(mean, np.ones(10) / 10, "valid")
            axes.plot(smooth, style, color=colour, label=f"{what}, {arithmetic}")
    axes.axvline(BEFORE, color="grey", linewidth=0.8)
    axes.set(xlabel="trial", ylabel="share of choices of action 1", ylim=(0, 1))
    axes.legend()
    figure.suptitle(f"Rewards come {DELAYS[0]} to {DELAYS[1]} steps after the action")
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give eight trials of one agent.

    Lava's learning connections with missing synapses cannot read a tag, so it gets a
    network in which all synapses are there: of one agent with a long tag.
    """
    trials = 8
    return program(("long",), 1), stimulus(1, trials, 0, 1), trials * PERIOD


def _learned(share: float) -> bool:
    return share >= 0.85


def _not_learned(share: float) -> bool:
    return share < 0.85


EXPERIMENT = Experiment(
    id="S13a",
    claim="A tag at the synapse bridges the time from an action to its reward.",
    paper="our reading of a title; Sutton & Barto 1998, Izhikevich 2007",
    criteria=(
        Criterion(
            "choices of the better action, trials 151 to 200",
            "long",
            ">= 0.85",
            _learned,
        ),
        Criterion(
            "the same 101 to 150 trials after the actions changed places",
            "long_again",
            ">= 0.85",
            _learned,
        ),
        Criterion(
            "with a tag of a fifth of the shortest delay, trials 151 to 200",
            "short",
            "< 0.85",
            _not_learned,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
