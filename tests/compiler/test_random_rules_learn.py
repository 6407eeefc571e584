"""Random rules of moderate size learn on the chip what they learn in float64."""

from __future__ import annotations

import random

import pytest

import lahar
from lahar import LaharError, Program
from lahar.rules.expr import (
    Before,
    Binary,
    Call,
    Const,
    Expr,
    Name,
    Quantity,
    Spike,
    Weight,
)
from lahar.rules.library import NEURONS
from lahar.rules.rule import (
    LearningRule,
    ModulatorDecl,
    Polarity,
    TagDecl,
    TraceDecl,
    Update,
)

FACTORS: tuple[Expr, ...] = (
    *(Name("x"), Name("x"), Name("z"), Name("y"), Name("y"), Name("m")),
    *(Before("x"), Before("y"), Weight(), Quantity("error")),
    Binary("-", Const(1.0), Weight()),
    Binary("-", Name("x"), Const(0.4)),
    Call("abs", (Quantity("error"),)),
)
GATES = (Spike("pre"), Spike("post"), None)
BOUNDS: tuple[tuple[float, Polarity], ...] = (
    (0.0, "excitatory"),
    (0.0, "inhibitory"),
    (-1.0, "mixed"),
)


class Author:
    """Writes sums of products whose coefficients a chip can hold."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def term(self, factors: tuple[Expr, ...]) -> Expr:
        gate = self.dice.choice(GATES)
        size = 10 ** self.dice.uniform(-2, -0.5)
        # What acts in every step acts fifty times as often as at spikes of 20 Hz.
        term: Expr = Const(
            self.dice.choice((-1, 1)) * size * (1 if gate is not None else 0.1)
        )
        if gate is not None:
            term = Binary("*", term, gate)
        for _ in range(self.dice.randint(0 if gate is not None else 1, 2)):
            term = Binary("*", term, self.dice.choice(factors))
        return term

    def update(self, factors: tuple[Expr, ...]) -> Expr:
        total = self.term(factors)
        for _ in range(self.dice.randint(0, 2)):
            total = Binary("+", total, self.term(factors))
        return total

    def rule(self) -> LearningRule:
        tagged = self.dice.random() < 0.3
        factors = (*FACTORS, Name("tag")) if tagged else FACTORS
        updates = [Update("w", self.update(factors))]
        if tagged:
            updates.append(Update("tag", self.update(FACTORS)))
        low, polarity = self.dice.choice(BOUNDS)
        tag = TagDecl("tag", Const(self.dice.choice((0.02, 0.05, 0.2))))
        return LearningRule(
            "Random",
            tuple(updates),
            traces=(
                TraceDecl("x", "pre", Const(self.dice.choice((0.01, 0.02, 0.04)))),
                TraceDecl("z", "pre", Const(0.02), "nearest"),
                TraceDecl("y", "post", Const(self.dice.choice((0.01, 0.02, 0.04)))),
            ),
            tags=(tag,) if tagged else (),
            modulators=(ModulatorDecl("m", -1.0, 1.0),),
            bounds=(Const(low), Const(1.0)),
            polarity=polarity,
        )


def programs(seed: int, count: int) -> list[Program]:
    """Compile so many rules; what the chip cannot hold is left out."""
    author, found = Author(seed), []
    while len(found) < count:
        try:
            program = lahar.compile(
                author.rule(), pre=20, post=10, neuron=NEURONS["error-lif"]
            )
        except LaharError:
            continue
        found.append(program)
    return found


def share_within_budget(seed: int, count: int) -> float:
    names = ("interpreter", "reference")
    levels = [
        lahar.validate(
            program,
            names,
            steps=250,
            seed=k,
            profile="loihi2",
            record=("*.s_out", "post.*"),
        ).level
        for k, program in enumerate(programs(seed, count))
    ]
    return levels.count("within budget") / count


# Rules that enlarge their own errors, as dw = w * w, may leave their budget: 2 in 100.


def test_random_rules_stay_within_budget() -> None:
    assert share_within_budget(seed=3, count=8) >= 0.85


@pytest.mark.slow
def test_many_random_rules_stay_within_budget() -> None:
    assert share_within_budget(seed=4, count=60) >= 0.95
