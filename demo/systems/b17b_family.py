"""B17b: many unlike rules keep a recurrent network stable, on the chip as in float64.

Fifty rules were drawn at random and screened in float64 (rule_screening.py). Four of
those that were kept, as unlike as can be, learn in one network of as many blocks, in
wirings and with inputs that the screening did not see. Rates on the chip are compared
with those of the float reference of the same network.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ...hardware.program import Program
from ...rules.network import FloatArray
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .four_term_networks import INPUT_HZ, FourTerms, network, stimulus
from .frame import (
    COLOURS,
    SECOND_SEEDS,
    Arithmetic,
    Criterion,
    Experiment,
    Measured,
    new_figure,
    run_in,
)
from .rule_screening import RATES, far_apart, screened, spread

RULES = 4
STEPS, LAST, QUICK_STEPS = 3_000, 1_000, 800
WITHIN = 0.2
JUDGED_RULES, JUDGED_STEPS = 2, 500
BIN = 100  # steps, in the picture


@cache
def accepted() -> tuple[FourTerms, ...]:
    """Choose among the rules that were kept."""
    return far_apart((one for one in screened() if one.kept), RULES)


@cache
def program(number: int, seed: int) -> Program:
    """Compile the network of the first rules."""
    return compile_for_chip(network(accepted()[:number], seed), rate=INPUT_HZ * Hz)


@cache
def courses(arithmetic: Arithmetic, seed: int, steps: int) -> FloatArray:
    """Run; give the rate of every block's excitatory neurons, (rule, step) in hertz."""
    given = stimulus(steps, seed)
    record = [f"e_{k}.s_out" for k in range(RULES)]
    run = run_in(arithmetic, program(RULES, seed), given, steps, record, seed)
    course: FloatArray = np.array([run[n].mean(axis=1) for n in record]) / (1 * ms)
    return course


def measure(arithmetic: Arithmetic, seed: int, quick: bool) -> Measured:
    """Compare rates of the last second with the float reference's."""
    steps = QUICK_STEPS if quick else STEPS
    course = courses(arithmetic, seed, steps)
    last = slice(-min(LAST, steps // 2), None)
    rates = course[:, last].mean(axis=1)
    in_float = courses("reference", seed, steps)[:, last].mean(axis=1)
    off = np.abs(rates / in_float - 1.0)
    found = screened()
    kept = [one for one in found if one.kept]
    figures = {
        "share": len(kept) / len(found),
        "spread": spread(kept),
        "replicated": float((off <= WITHIN).sum()),
        "slowest": float(rates.min()),
        "fastest": float(rates.max()),
    }
    binned = course.reshape(RULES, -1, BIN).mean(axis=2)
    curves = {"course": binned, "rates": rates, "in_float": in_float}
    return Measured(arithmetic, seed, figures, curves)


def draw(measured: Sequence[Measured]) -> Any:
    """Draw all rules that were screened, the course of rates, and how they agree."""
    figure = new_figure(11, 3.6)
    family, course, agreement = figure.subplots(1, 3)
    for kept, style in ((False, "x"), (True, "o")):
        rules = [one.rule for one in screened() if one.kept == kept]
        at = np.array([(rule.alpha, rule.beta) for rule in rules])
        label = "kept" if kept else "not kept"
        family.plot(at[:, 0], at[:, 1], style, color=f"C{int(kept)}", label=label)
    family.set(xlabel="alpha (at an inhibitory spike)", ylabel="beta (at a spike)")
    family.legend()
    for run in measured:
        if run.arithmetic == "loihi2":
            for k, rates in enumerate(run.curves["course"]):
                time = (np.arange(len(rates)) + 0.5) * BIN * 1e-3
                course.plot(time, rates, color=f"C{k}", lw=0.8)
        rates, colour = run.curves["rates"], COLOURS[run.arithmetic]
        agreement.loglog(run.curves["in_float"], rates, "o", color=colour, ms=4)
    for k in range(RULES):
        course.plot([], [], color=f"C{k}", label=f"rule {k + 1}")
    course.set(xlabel="time (s)", ylabel="rate (Hz), loihi2", ylim=(0, None))
    course.legend()
    agreement.loglog(RATES, RATES, color="grey", lw=0.8)
    for arithmetic, colour in COLOURS.items():
        agreement.plot([], [], "o", color=colour, label=arithmetic)
    agreement.set(xlabel="rate in float64 (Hz)", ylabel="rate (Hz)")
    agreement.legend()
    return figure


def judged() -> tuple[Program, Stimulus, int]:
    """Give the first half second of the network of two rules."""
    return program(JUDGED_RULES, 1), stimulus(JUDGED_STEPS, 1), JUDGED_STEPS


EXPERIMENT = Experiment(
    id="B17b",
    claim="Rules that have little in common keep a spiking network stable, and what "
    "they do survives 8-bit weights.",
    paper="Confavreux et al. 2023, NeurIPS",
    host="Nothing while it runs; the rules come from a search on a host",
    criteria=(
        Criterion(
            "share of 50 random rules that the screening kept",
            "share",
            "some, not all",
            lambda share: 0 < share < 1,
        ),
        Criterion(
            "least range of a coefficient among kept rules, of the box",
            "spread",
            "> 0.3",
            lambda share: share > 0.3,
        ),
        Criterion(
            "rules of 4 whose rate is within 20 % of the float reference's",
            "replicated",
            ">= 3",
            lambda number: number >= 3,
        ),
        Criterion(
            "lowest rate of the 4",
            "slowest",
            ">= 1 Hz",
            lambda rate: rate >= RATES[0],
        ),
        Criterion(
            "highest rate of the 4",
            "fastest",
            "<= 50 Hz",
            lambda rate: rate <= RATES[1],
        ),
    ),
    measure=measure,
    draw=draw,
    judged=judged,
    seeds=SECOND_SEEDS,
)
