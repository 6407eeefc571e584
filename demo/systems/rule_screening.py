"""A search for four-term rules that keep a network stable, in the float reference.

Rules are drawn at random; each makes the inhibition of a network learn. Kept is a rule
whose network fires at 1 to 50 Hz, never runs away, whose weights have come to rest, and
which does about the same in other wirings.
`python -m benchmarks.screen_rules` screens and writes ``screened_rules.csv``, a row for
each rule that was drawn, kept or not; `screened` reads it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from pathlib import Path

import numpy as np

from ...sim.reference_run import ReferenceMachine
from ...sim.stimulus import Stimulus
from ...units import ms
from .four_term_networks import BOX, FourTerms, network, stimulus

DRAWN = 50
SEED = 0
"""Of the rules, and of the first network that they are screened in."""
WIRINGS = 3
ALIKE = 1.2
"""The largest rate over the least of all wirings."""
PIECE, PIECES = 500, 6
RUNAWAY = 100.0
"""In hertz; the paper's simulations stop there too."""
RATES = (1.0, 50.0)
CREEP = 0.1
TABLE = Path(__file__).with_name("screened_rules.csv")


@dataclass(frozen=True)
class Screened:
    """A rule and what it did.

    rate
        Of excitatory neurons in the last second, in hertz; infinite if they ran away.
    creep
        Share by which the mean weight changed in that second.
    alike
        Its largest rate over its least in several wirings; infinite if one of them was
        not stable, or the first not and the others were left out.
    """

    rule: FourTerms
    rate: float
    creep: float
    alike: float = np.inf

    @property
    def stable(self) -> bool:
        """Whether the network is stable under it."""
        return RATES[0] <= self.rate <= RATES[1] and self.creep <= CREEP

    @property
    def kept(self) -> bool:
        """Whether it is so in all wirings, at about one rate."""
        return self.stable and self.alike <= ALIKE


def draw_rules(number: int, seed: int) -> tuple[FourTerms, ...]:
    """Draw coefficients from the paper's box, and time constants from 10 to 40 ms."""
    random = np.random.default_rng([seed, *b"rules"])
    coefficients = random.uniform(-BOX, BOX, (number, 4))
    taus = 10.0 * 4.0 ** random.random((number, 2))
    rows = np.column_stack([coefficients, taus]).round(3)
    return tuple(FourTerms(*map(float, row)) for row in rows)


def screen(rule: FourTerms) -> Screened:
    """Try a rule in one wiring, and in others if it is stable there."""
    first = try_out(rule, SEED)
    if not first.stable:
        return first
    tried = [first, *(try_out(rule, SEED + k) for k in range(1, WIRINGS))]
    if not all(one.stable for one in tried):
        return first
    rates = [one.rate for one in tried]
    return replace(first, alike=max(rates) / min(rates))


def try_out(rule: FourTerms, seed: int) -> Screened:
    """Run three seconds of a network with the rule, unless it runs away."""
    machine = ReferenceMachine(network([rule], seed), seed)
    spikes = np.asarray(stimulus(PIECES * PIECE, seed).spikes["input"])
    rates, weights = [], []
    for k in range(PIECES):
        given = Stimulus({"input": spikes[k * PIECE : (k + 1) * PIECE]})
        recorded = machine.run(given, PIECE, frozenset({"e_0.s_out"}))
        rates.append(float(recorded["e_0.s_out"].mean() / (1 * ms)))
        if rates[-1] > RUNAWAY:
            return Screened(rule, np.inf, np.inf)
        weights.append(float(machine.read("learn_0.weights").mean()))
    last = weights[-1]
    creep = abs(last - weights[-3]) / max(last, weights[-3], 1e-12)
    return Screened(rule, float(np.mean(rates[-2:])), creep)


def write(found: Iterable[Screened], path: Path = TABLE) -> None:
    """Write a row for each rule."""
    names = [field.name for field in fields(FourTerms)]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*names, "rate", "creep", "alike"])
        for one in found:
            did = (f"{one.rate:.3f}", f"{one.creep:.4f}", f"{one.alike:.3f}")
            rows.writerow([*astuple(one.rule), *did])


@cache
def screened(path: Path = TABLE) -> tuple[Screened, ...]:
    """Read what was screened."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{n: float(v) for n, v in row.items()} for row in csv.DictReader(file)]
    names = [field.name for field in fields(FourTerms)]
    return tuple(
        Screened(
            FourTerms(**{n: row[n] for n in names}),
            row["rate"],
            row["creep"],
            row["alike"],
        )
        for row in rows
    )


def spread(found: Iterable[Screened]) -> float:
    """Give the least range of a coefficient among rules, as a share of the box."""
    rows = np.array([astuple(one.rule)[:4] for one in found])
    return float((rows.max(axis=0) - rows.min(axis=0)).min() / (2 * BOX))


def far_apart(found: Iterable[Screened], number: int) -> tuple[FourTerms, ...]:
    """Choose rules one by one, each as far as can be from those before it."""
    rules = [one.rule for one in found]
    points = np.array([astuple(rule)[:4] for rule in rules])
    chosen = [0]
    while len(chosen) < min(number, len(rules)):
        away = np.linalg.norm(points[:, None] - points[chosen][None], axis=2)
        chosen.append(int(away.min(axis=1).argmax()))
    return tuple(rules[k] for k in chosen)
