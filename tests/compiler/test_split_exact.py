"""Splitting a rule changes nothing: not in real numbers, and little in integers.

Random rules of more pre traces than a synapse has; as long as no bound is reached.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import ms
from lahar.compiler.compile import PIPELINE
from lahar.compiler.demonstration import network_of_rule
from lahar.compiler.draft import Draft, Term
from lahar.hardware.chips import get_chip
from lahar.rules.evaluate import evaluate
from lahar.rules.expr import Const, Expr, Name, Spike, Weight, transform
from lahar.rules.rule import LearningRule, TraceDecl, Update

ATOMS = {"a": "pre", "b": "pre", "c": "pre", "d": "pre", "y": "post", "z": "post"}


@st.composite
def additive_rules(draw: st.DrawFn) -> LearningRule:
    """Give a rule of three or four pre traces in separate terms, some with a y or w."""
    names = draw(st.sampled_from([("a", "b", "c"), ("a", "b", "c", "d")]))
    taus = {n: draw(st.sampled_from([4.0, 10.0, 25.0, 60.0])) for n in (*names, "y")}
    # Small, so that 200 steps lead to no bound: beyond, a sum is not the rule's weight.
    coefficients = st.sampled_from([-0.004, -0.002, 0.002, 0.004])
    expr: Expr = Const(draw(coefficients)) * Name("y") * Spike("pre")
    for name in names:
        coefficient = draw(coefficients)
        expr = expr + Const(coefficient) * Name(name) * Spike("post")
    if draw(st.booleans()):
        expr = expr - Const(0.05) * Weight() * Spike("post")
    traces = tuple(
        TraceDecl(n, "post" if n == "y" else "pre", Const(tau / 1000))
        for n, tau in taus.items()
    )
    return LearningRule(
        "Mine", (Update("w", expr),), traces=traces, bounds=(Const(0.0), Const(1.0))
    )


def parts_of(rule: LearningRule) -> list[tuple[Term, ...]]:
    network = network_of_rule(rule, dt_seconds=1 * ms, pre=2, post=2)
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 1, 0.02)
    for step in PIPELINE.passes[:4]:
        draft = step.apply(draft)
    return [s.terms for s in draft.synapses]


def value_of(expr: Expr, values: dict[str, float]) -> float:
    def known(node: Expr) -> Expr:
        match node:
            case Spike():
                return Const(1.0)
            case Weight():
                return Name("w")
        return node

    return evaluate(transform(expr, known), values)


@settings(max_examples=60, deadline=None)
@given(additive_rules(), st.lists(st.floats(-1, 1), min_size=10, max_size=10))
def test_changes_of_the_parts_add_up_to_that_of_the_rule(
    rule: LearningRule, numbers: list[float]
) -> None:
    parts = parts_of(rule)
    values = dict(zip((*ATOMS,), numbers, strict=False))
    weights = numbers[-len(parts) :]

    total = 0.0
    for terms, weight in zip(parts, weights, strict=True):
        for term in terms:
            factors = [value_of(a, {**values, "w": weight}) for a in term.atoms]
            total += term.coefficient * float(np.prod(factors))

    whole = value_of(rule.updates[0].expr, {**values, "w": sum(weights)})
    assert len(parts) > 1
    assert total == pytest.approx(whole, abs=1e-12)


@settings(max_examples=8, deadline=None)
@given(additive_rules(), st.integers(0, 1000))
def test_the_sum_of_integers_follows_the_float_rule(
    rule: LearningRule, seed: int
) -> None:
    program = lahar.compile(rule, pre=6, post=3)

    validation = lahar.validate(
        program,
        ("interpreter", "reference"),
        steps=200,
        seed=seed,
        profile="loihi2",
        record=("*.s_out", "post.*"),
    )

    assert validation.level == "within budget"
