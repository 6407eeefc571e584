"""Random legal rules: sums of products over everything that an update may read.

A stream of choices in, a LearningRule out. Traces of both pairings, a tag, a modulator
and its functions, a graded quantity, every(n), all polarities; amplitudes are drawn
over a decade and a half, so that some rules saturate and some hardly move.
"""

from __future__ import annotations

from lahar.rules.expr import (
    Before,
    Binary,
    Call,
    Const,
    Every,
    Expr,
    Name,
    Quantity,
    Spike,
    Weight,
)
from lahar.rules.rule import (
    LearningRule,
    ModulatorDecl,
    Pairing,
    Polarity,
    TagDecl,
    TraceDecl,
    Update,
)

from .chance import Chance

BOUNDS: dict[tuple[float, Polarity], float] = {
    (0.0, "excitatory"): 2.0,
    (0.0, "inhibitory"): 1.0,
    (-1.0, "mixed"): 1.0,
}
PERIODS = (4, 16, 64)
FEW_STEPS = 20.0 * 1e-3  # spikes of a neuron in a step, at the benchmark's rates


def random_rule(chance: Chance) -> LearningRule:
    """Draw a rule; whether a chip can hold it is for the compiler to say."""
    return _Author(chance).rule()


class _Author:
    """Writes one rule."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.tagged = chance.happens(0.3)
        self.graded = chance.happens(0.4)
        # With a period, nothing else may act in every step: one rule has one u.
        self.period = chance.one_of(PERIODS) if chance.happens(0.15) else 0

    def rule(self) -> LearningRule:
        """Write updates over declarations that stand for all rules."""
        updates = [Update("w", self._update(reads_tag=self.tagged))]
        if self.tagged:
            updates.append(Update("tag", self._update(reads_tag=False)))
        low, polarity = self.chance.weighted(BOUNDS)
        return LearningRule(
            "Random",
            tuple(updates),
            traces=(
                TraceDecl("x", "pre", self._tau()),
                TraceDecl("z", "pre", self._tau(), self._pairing()),
                TraceDecl("y", "post", self._tau()),
                TraceDecl("q", "post", self._tau(), self._pairing()),
            ),
            tags=(TagDecl("tag", self._tag_tau()),) if self.tagged else (),
            modulators=(ModulatorDecl("m", -1.0, 1.0),),
            bounds=(Const(low), Const(1.0)),
            polarity=polarity,
        )

    def _tau(self) -> Expr:
        return Const(self.chance.real(0.005, 0.05, 3))

    def _tag_tau(self) -> Expr | None:
        if self.period:
            return None  # the decay of a tag acts in every step
        return Const(self.chance.real(0.02, 0.2, 3))

    def _pairing(self) -> Pairing:
        return self.chance.weighted({"all": 0.75, "nearest": 0.25})

    def _update(self, *, reads_tag: bool) -> Expr:
        total = self._term(reads_tag)
        for _ in range(self.chance.integer(0, 2)):
            total = Binary("+", total, self._term(reads_tag))
        return total

    def _term(self, reads_tag: bool) -> Expr:
        gate = self._gate()
        size = 10 ** self.chance.real(-2.7, -1.2, 3)
        if gate is None:
            size *= 2 * FEW_STEPS  # it acts in every step
        elif isinstance(gate, Every):
            size *= min(2 * FEW_STEPS * gate.steps, 1.0)
        sign = self.chance.one_of((-1.0, 1.0))
        term: Expr = Const(float(f"{sign * size:.3g}"))
        if gate is not None:
            term = Binary("*", term, gate)
        fewest = 0 if gate is not None else 1
        for _ in range(self.chance.integer(fewest, 2)):
            term = Binary("*", term, self._factor(reads_tag))
        return term

    def _gate(self) -> Expr | None:
        always: Expr | None = Every(self.period) if self.period else None
        return self.chance.weighted({Spike("pre"): 2, Spike("post"): 2, always: 1})

    def _factor(self, reads_tag: bool) -> Expr:
        factors: dict[Expr, float] = {
            Name("x"): 2,
            Name("z"): 1,
            Name("y"): 2,
            Name("q"): 1,
            Before("x"): 1,
            Before("y"): 1,
            Weight(): 1,
            Binary("-", Const(1.0), Weight()): 1,
            Binary("-", Name("x"), Const(0.4)): 1,
            Binary("-", Name("y"), Const(0.3)): 1,
        }
        if self.graded:
            factors |= {
                Name("m"): 2,
                Quantity("error"): 1,
                Call("abs", (Quantity("error"),)): 0.5,
                Call("max", (Name("m"), Const(0.0))): 0.5,
            }
        if reads_tag:
            factors[Name("tag")] = 4
        return self.chance.weighted(factors)
