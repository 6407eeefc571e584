"""S17: Hebb's rule writes one rank into a recurrent network: that of its state.

128 units with a recurrent connectivity of rank one and a weak bulk. Left alone, they
settle in one of two states along m, and what is learned lies along m; under a strong
input it lies along the input. From the weights that a rule of two terms has changed,
and the rates of both sides, a regression finds which two of nine terms it has.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.library.low_rank import (
    ChanceSpikes,
    HiddenPolynomial,
    RateHebb,
    RateUnit,
)
from ...rules.network import FloatArray, Group, Network, Projection
from ...rules.rule import LearningRule
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

UNITS = 128
STEPS = 600  # 60 time constants of a unit
ALONE, DRIVEN = 0.0, 2.0  # strength of the input
OVERLAP, BULK, APART = 1.5, 0.24, 0.5
FIRST_STATE = 0.1  # standard deviation
FIRST_OVERLAP = 0.3
"""Of the first state with m. In float64 none is needed: the origin is unstable. Rates
of eight bits round to 0 near it, and a chip may stay there."""
EPISODES, EPISODE_STEPS = 8, 200
TERMS = tuple(itertools.product(range(3), range(3)))
"""Powers (a, b) of the post and the pre rate."""
HIDDEN = frozenset({(1, 1), (2, 1)})
WORTH = 0.01  # of the variance: what a term has to explain to be one


@dataclass(frozen=True, eq=False)
class Case:
    """A network with the directions that it was made of."""

    network: Network
    m: FloatArray
    along_input: FloatArray


def case(seed: int, rule: LearningRule) -> Case:
    """Draw the connectivity (chi + m n^T / N), the input's direction, the first state.

    Relays turn rates into chance spikes, which the synapses that learn hear.
    """
    random = np.random.default_rng([seed, *b"low rank"])
    m = random.standard_normal(UNITS)
    m *= np.sqrt(UNITS) / np.linalg.norm(m)
    n = OVERLAP * m + APART * random.standard_normal(UNITS)
    along_input = random.standard_normal(UNITS)
    bulk = random.standard_normal((UNITS, UNITS)) / np.sqrt(UNITS)
    fixed = BULK * bulk + np.outer(m, n) / UNITS
    first = FIRST_OVERLAP * m + FIRST_STATE * random.standard_normal(UNITS)
    each, nothing = np.eye(UNITS), np.zeros((UNITS, UNITS))
    network = Network(
        "low rank",
        (
            Group("world", 1, graded=(0.0, DRIVEN)),
            Group("unit", UNITS, RateUnit(), initial={"x": first}),
            Group("plus", UNITS, ChanceSpikes()),
            Group("minus", UNITS, ChanceSpikes(gain=-1.0)),
        ),
        (
            Projection("fixed", "unit", "unit", fixed, "recurrent"),
            Projection("outside", "world", "unit", along_input[:, None], "outside"),
            Projection("to_plus", "unit", "plus", each, "rate"),
            Projection("to_minus", "unit", "minus", each, "rate"),
            Projection("learn_plus", "plus", "unit", nothing, "learned", rule),
            Projection("learn_minus", "minus", "unit", nothing, "learned", rule),
        ),
        dt_seconds=1 * ms,
    )
    return Case(network, m, along_input)


def compiled(network: Network) -> Program:
    """Compile it; relays spike in some third of the steps."""
    return compile_for_chip(network, rate=300 * Hz)


def constant_input(strength: float, steps: int) -> Stimulus:
    """Give an input that does not change."""
    return Stimulus({"world": np.full((steps, 1), strength)})


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Learn alone and driven, then find a hidden rule."""
    figures: dict[str, float] = {}
    curves: dict[str, FloatArray] = {}
    for name, strength in (("alone", ALONE), ("driven", DRIVEN)):
        drawn = case(seed, RateHebb())
        given = constant_input(strength, STEPS)
        run = run_in(arithmetic, compiled(drawn.network), given, STEPS, [], seed)
        learned = weights_of(run, "learn_plus") - weights_of(run, "learn_minus")
        left, sizes, _ = np.linalg.svd(learned)
        figures[f"{name}_rank"] = float(sizes[1] / sizes[0])
        figures[f"{name}_m"] = alignment(left[:, 0], drawn.m)
        figures[f"{name}_input"] = alignment(left[:, 0], drawn.along_input)
        curves[name] = sizes / sizes[0]
    figures["towards_input"] = figures["driven_input"] - figures["driven_m"]
    found = infer(arithmetic, seed, 3 if quick else EPISODES)
    figures["f1"] = 2 * len(found & HIDDEN) / (len(found) + len(HIDDEN))
    return Measured(arithmetic, seed, figures, curves)


def alignment(a: FloatArray, b: FloatArray) -> float:
    """Give the absolute cosine."""
    return float(abs(a @ b) / np.linalg.norm(a) / np.linalg.norm(b))


def infer(
    arithmetic: Arithmetic, seed: int, episodes: int
) -> frozenset[tuple[int, int]]:
    """Find the terms of a hidden rule from weights and rates, by forward selection.

    The term that explains most is taken, again and again, until none explains
    another hundredth of the variance of the changes.
    """
    rows, changes = [], []
    for episode in range(episodes):
        drawn = case(1000 * seed + episode, HiddenPolynomial())
        strength = DRIVEN * (episode % 3) / 2
        given = constant_input(strength, EPISODE_STEPS)
        record = ["unit.r"]
        program = compiled(drawn.network)
        run = run_in(arithmetic, program, given, EPISODE_STEPS, record, seed)
        rate = value_in_rule_units(run, "unit.r")
        heard = np.maximum(rate, 0.0)
        rows.append([(rate**a).T @ heard**b for a, b in TERMS])
        changes.append(weights_of(run, "learn_plus"))
    features: FloatArray = np.moveaxis(np.array(rows), 1, -1).reshape(-1, len(TERMS))
    return selected(features / np.abs(features).max(axis=0), np.ravel(changes))


def selected(features: FloatArray, change: FloatArray) -> frozenset[tuple[int, int]]:
    """Select columns by what they explain beside those that are selected already."""
    chosen: list[int] = []
    unexplained = float((change**2).sum())
    whole = unexplained
    while len(chosen) < len(TERMS):
        left = {
            k: _left(features[:, [*chosen, k]], change)
            for k in range(len(TERMS))
            if k not in chosen
        }
        best = min(left, key=lambda k: left[k])
        if unexplained - left[best] < WORTH * whole:
            break
        chosen.append(best)
        unexplained = left[best]
    return frozenset(TERMS[k] for k in chosen)


def _left(features: FloatArray, change: FloatArray) -> float:
    fitted, *_ = np.linalg.lstsq(features, change, rcond=None)
    return float(((change - features @ fitted) ** 2).sum())


def draw(measured: Sequence[Measured]) -> Any:
    """Draw singular values of what was learned, and where its first one points."""
    figure = new_figure(9, 4)
    left, right = figure.subplots(1, 2)
    for arithmetic, colour in (("reference", "C0"), ("loihi2", "C1")):
        same = [m for m in measured if m.arithmetic == arithmetic]
        for name, style in (("alone", "o-"), ("driven", "s:")):
            sizes = np.mean([m.curves[name] for m in same], axis=0)[:10]
            place = np.arange(1, len(sizes) + 1)
            said = f"{name}, {arithmetic}"
            left.semilogy(place, sizes, style, color=colour, label=said)
            x = np.mean([m.figures[f"{name}_m"] for m in same])
            y = np.mean([m.figures[f"{name}_input"] for m in same])
            right.plot(x, y, style[0], color=colour, label=said)
    left.set(xlabel="singular value", ylabel="size, of the first", ylim=(1e-4, 2))
    left.legend()
    right.set(xlabel="along m", ylabel="along the input", xlim=(0, 1), ylim=(0, 1))
    right.legend()
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give the driven network."""
    program = compiled(case(1, RateHebb()).network)
    return program, constant_input(DRIVEN, STEPS), STEPS


EXPERIMENT = Experiment(
    id="S17",
    claim="What Hebb's rule learns has one rank, and it is the rank of the state.",
    paper="Crespo, Maoutsa, Getz & Gjorgjieva 2024 (poster)",
    criteria=(
        Criterion(
            "second singular value of what is learned, of the first; left alone",
            "alone_rank",
            "<= 0.05",
            lambda ratio: ratio <= 0.05,
        ),
        Criterion(
            "the same under input",
            "driven_rank",
            "<= 0.05",
            lambda ratio: ratio <= 0.05,
        ),
        Criterion(
            "cosine of the first direction with m, left alone",
            "alone_m",
            ">= 0.9",
            lambda cosine: cosine >= 0.9,
        ),
        Criterion(
            "cosine with the input, under input",
            "driven_input",
            ">= 0.75",
            lambda cosine: cosine >= 0.75,
        ),
        Criterion(
            "by which it is more than that with m",
            "towards_input",
            "> 0",
            lambda difference: difference > 0,
        ),
        Criterion(
            "F1 of the terms found of a hidden rule",
            "f1",
            ">= 0.8",
            lambda f1: f1 >= 0.8,
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
)
