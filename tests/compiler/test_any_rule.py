"""Whatever rule is written: it compiles and runs, or a diagnostic says why not."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Sequence

import pytest

import lahar
from lahar import LaharError, Program, ms
from lahar.compiler.compile import compile_network
from lahar.compiler.demonstration import network_of_rule
from lahar.hardware.chips import get_chip
from lahar.hardware.consistency import check_consistency
from lahar.hardware.limits import check_program
from lahar.rules.expr import (
    Before,
    Binary,
    Call,
    Compare,
    Const,
    Delay,
    Every,
    Expr,
    Name,
    Power,
    Quantity,
    Spike,
    Weight,
    Where,
)
from lahar.rules.library import NEURONS
from lahar.rules.neuron import Neuron, OutputDecl, PortDecl, SpikeTraceDecl, StateDecl
from lahar.rules.rule import (
    LearningRule,
    ModulatorDecl,
    Pairing,
    ParamDecl,
    Polarity,
    TagDecl,
    TraceDecl,
    Update,
)

NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.0, 0.01, -0.02, 0.05, 0.1, 0.2, 3.0)
EXTREME = (1e-3, 1e-6, 1e-12, 1e-30, 1e-300, 1e6, 1e12, 1e300)
RATES = (0.01, 0.02, -0.03, 0.1, 0.5, -1.0, 0.005)
TAUS = (0.02, 0.01, 0.05, 1e-6, 1e-4, 1e-3, 1.0, 10.0, 1e9)
BOUNDS = ((0, 1), (0, 1), (-1, 1), (0.2, 1), (0, 1e-3), (0, 1e6), (-1, 3), (0, 1e-99))
SYNAPSE = (
    *(Name("x"), Name("z"), Name("y"), Name("q"), Name("tag"), Name("m"), Name("a")),
    *(Before("x"), Before("y"), Spike("pre"), Spike("post"), Weight()),
    *(Quantity("v"), Quantity("error")),
)
RARE = (
    Every(1),
    Every(2),
    Every(8),
    Delay(),
    Quantity("rate"),
    Quantity("v_pre_reset"),
)
NEURON = tuple(
    Name(n) for n in ("u", "v", "s", "current", "input", "m", "rate", "gain")
)


class Author:
    """Writes rules and neuron models, most of them possible, by a seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def one_of(self, choices: Sequence[object]) -> object:
        return self.dice.choice(choices)

    def number(self) -> Const:
        extreme = self.dice.random() < 0.04
        return Const(self.dice.choice(EXTREME if extreme else NUMBERS))

    def tau(self) -> Const:
        return Const(self.dice.choice(TAUS[:3] if self.dice.random() < 0.7 else TAUS))

    def leaf(self, choices: Sequence[Expr]) -> Expr:
        return self.number() if self.dice.random() < 0.25 else self.dice.choice(choices)

    def tree(self, choices: Sequence[Expr], depth: int) -> Expr:
        if depth == 0 or self.dice.random() < 0.2:
            return self.leaf(choices)
        part: Callable[[], Expr] = lambda: self.tree(choices, depth - 1)  # noqa: E731
        kind = self.dice.choices(range(8), (65, 7, 4, 5, 5, 5, 5, 4))[0]
        match kind:
            case 0:
                return Binary(self.dice.choice("+-***+"), part(), part())  # type: ignore[arg-type]
            case 1:
                return Binary("/", part(), self.leaf([Const(2.0), part()]))
            case 2:
                return Power(
                    part(), Const(self.dice.choice([0.0, 1.0, 2.0, 4.0, 5.0, 0.5]))
                )
            case 3:
                return Compare(self.dice.choice([">", "<="]), part(), part())  # type: ignore[arg-type]
            case 4:
                return Where(part(), part(), part())
            case 5:
                return Call(self.dice.choice(["sign", "abs", "exp"]), (part(),))  # type: ignore[arg-type]
            case 6:
                return Call(self.dice.choice(["min", "max"]), (part(), part()))  # type: ignore[arg-type]
            case _:
                return Call("clip", (part(), self.number(), self.number()))

    def polynomial(self) -> Expr:
        total: Expr = Const(0.0)
        for _ in range(self.dice.randint(1, 3)):
            term: Expr = Const(self.dice.choice(RATES))
            for _ in range(self.dice.randint(1, 4)):
                rare = self.dice.random() < 0.06
                factor = self.dice.choice(RARE if rare else SYNAPSE)
                if self.dice.random() < 0.2:
                    factor = Binary("-", self.leaf(SYNAPSE), factor)
                term = Binary("*", term, factor)
            total = Binary("+", total, term)
        return total

    def update(self) -> Expr:
        if self.dice.random() < 0.8:
            return self.polynomial()
        return self.tree(SYNAPSE + RARE, 3)

    def rule(self) -> LearningRule:
        low, high = (Const(float(b)) for b in self.dice.choice(BOUNDS))
        polarities: list[Polarity] = ["excitatory", "inhibitory"]
        pairings: list[Pairing] = ["all", "nearest"]
        targets = self.dice.choice([["w"], ["w"], ["w", "tag"], ["tag", "w"]])
        return LearningRule(
            "Any",
            tuple(Update(target, self.update()) for target in targets),
            params=(ParamDecl("a", self.number().value),),
            traces=(
                TraceDecl("x", "pre", self.tau()),
                TraceDecl("z", "pre", self.tau(), self.dice.choice(pairings)),
                TraceDecl("y", "post", self.tau()),
                TraceDecl("q", "post", self.tau(), self.dice.choice(pairings)),
            ),
            tags=(TagDecl("tag", self.dice.choice([None, self.tau()])),),
            modulators=(ModulatorDecl("m", -1.0, 1.0),),
            bounds=(low, high),
            polarity="mixed" if low.value < 0 else self.dice.choice(polarities),
        )

    def neuron(self) -> Neuron:
        if self.dice.random() < 0.5:
            return self.dice.choice(list(NEURONS.values()))
        threshold = self.number() if self.dice.random() < 0.7 else self.leaf(NEURON)
        return Neuron(
            "Any",
            tuple(
                StateDecl(name, self.tree(NEURON, 3), self.leak(), self.reset())
                for name in ("u", "v", "s")
            ),
            Compare(self.dice.choice([">", ">="]), Name("v"), threshold),  # type: ignore[arg-type]
            params=(ParamDecl("gain", self.number().value),),
            ports=(PortDecl("current"), PortDecl("input")),
            modulators=(ModulatorDecl("m", self.dice.choice([-1.0, 0.0, -5.0]), 1.0),),
            traces=(SpikeTraceDecl("rate", self.tau()),),
            outputs=(OutputDecl("error", self.tree(NEURON, 2), -1.0, 1.0),),
        )

    def leak(self) -> Const | None:
        return self.dice.choice([None, Const(0.0), self.tau(), self.tau()])

    def reset(self) -> Const | None:
        return self.dice.choice([None, Const(0.0), Const(-1.0), Const(1e9)])


def compiled(author: Author) -> Program | None:
    """Compile the next rule on the next neuron; None if it is refused."""
    rule, neuron = author.rule(), author.neuron()
    chip = author.dice.choice(["loihi2", "loihi2", "loihi2", "loihi1"])
    epoch = author.dice.choice([1, 1, 1, 2, 8])
    try:
        network = network_of_rule(rule, dt_seconds=1 * ms, pre=3, post=2, neuron=neuron)
        return compile_network(network, chip=get_chip(chip), epoch_steps=epoch)
    except LaharError as error:
        for diagnostic in error.diagnostics:
            assert diagnostic.render()
        return None


def check_batch(seed: int, count: int) -> int:
    """Compile so many rules; give how many did, all of them sound."""
    author, done = Author(seed), 0
    for _ in range(count):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = compiled(author)
            if program is None:
                continue
            assert check_consistency(program) == []
            assert check_program(program, get_chip(program.chip)) == []
            lahar.run(program, "poisson:rate=300Hz", 4, "interpreter", record=None)
            done += 1
    return done


def test_any_rule_compiles_or_is_refused() -> None:
    assert check_batch(seed=1, count=150) > 10


@pytest.mark.slow
def test_many_rules_compile_or_are_refused() -> None:
    assert check_batch(seed=2, count=500) > 30
