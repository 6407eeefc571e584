"""Multiplying out keeps the meaning of an update."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar import ms
from lahar.compiler.compile import PIPELINE
from lahar.compiler.demonstration import network_of_rule
from lahar.compiler.draft import Draft, Term
from lahar.hardware.chips import get_chip
from lahar.rules.evaluate import evaluate
from lahar.rules.expr import (
    Before,
    Binary,
    Const,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Spike,
    Weight,
    transform,
)
from lahar.rules.library import LIF
from lahar.rules.parser import parse_expr
from lahar.rules.rule import LearningRule, ParamDecl, TagDecl, TraceDecl, Update

numbers = st.floats(-3, 3).filter(lambda v: v == 0 or abs(v) > 1e-3)


# --- factorise --------------------------------------------------------------------


def rule_of(expr: Expr) -> LearningRule:
    return LearningRule(
        "Mine",
        updates=(Update("w", expr),),
        params=(ParamDecl("a", 0.7),),
        traces=(
            TraceDecl("x", "pre", Const(0.02)),
            TraceDecl("y", "post", Const(0.03)),
        ),
        tags=(TagDecl("tag"),),
    )


def terms_of(expr: Expr) -> tuple[Term, ...]:
    """Run the first three passes."""
    network = network_of_rule(
        rule_of(expr), dt_seconds=1 * ms, pre=2, post=2, neuron=LIF()
    )
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 1, 0.02)
    for step in PIPELINE.passes[:3]:
        draft = step.apply(draft)
    return draft.synapses[0].terms


atoms: st.SearchStrategy[Expr] = st.one_of(
    st.sampled_from(
        [Name("x"), Name("y"), Name("tag"), Name("a"), Weight(), Before("x")]
    ),
    st.sampled_from([Spike("pre"), Spike("post"), Before("y"), Every(1), Every(4)]),
    st.builds(Const, numbers),
)
polynomials = st.recursive(
    atoms,
    lambda part: st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), part, part),
        st.builds(Binary, st.just("/"), part, st.builds(Const, st.floats(0.1, 3))),
        st.builds(
            Power, part, st.sampled_from([Const(n) for n in (0.0, 1.0, 2.0, 3.0)])
        ),
        st.builds(Negative, part),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(expr=polynomials, seed=st.integers(0, 1000))
def test_the_sum_of_terms_is_the_update(expr: Expr, seed: int) -> None:
    terms = terms_of(expr)
    for case in range(8):  # all spikes and gates in turn
        values = values_of_step(case, np.random.default_rng(seed))

        wanted = value_of(expr, values)
        got = math.fsum(value_of_term(term, values) for term in terms)

        size = math.fsum(abs(value_of_term(term, values)) for term in terms)
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9 * (1 + size))


def values_of_step(case: int, rng: np.random.Generator) -> dict[Expr, float]:
    pre, post, fourth = (float(case >> bit & 1) for bit in range(3))
    x, y, tag, w = rng.uniform(0, 2, 4)
    return {
        Spike("pre"): pre,
        Spike("post"): post,
        Before("x"): x,
        Before("y"): y,
        Name("x"): x + pre,  # a trace includes the spike of its step
        Name("y"): y + post,
        Name("tag"): tag,
        Name("a"): 0.7,
        Weight(): w,
        Every(1): 1.0,
        Every(4): fourth,
    }


def value_of(expr: Expr, values: dict[Expr, float]) -> float:
    def number(node: Expr) -> Expr:
        return Const(values[node]) if node in values else node

    return evaluate(transform(expr, number), {})


def value_of_term(term: Term, values: dict[Expr, float]) -> float:
    product = term.coefficient
    for atom in term.atoms:
        product *= values[atom]
    if term.every:
        return product * values[Every(term.every)]
    gates = {"x0": values[Spike("pre")], "y0": values[Spike("post")], "u": 1.0}
    return product * gates[term.gate]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2.0 * (x + 0.5)", {"2 * x", "1"}),
        ("(1.0 - w) * x * post", {"1 * post * x", "-1 * post * x * w"}),
        ("x.before * pre", {"1 * pre * x", "-1 * pre"}),
        ("post * post * post", {"1 * post"}),
        ("a * x / 0.5 - a * x", {"0.7 * x"}),
        ("0.1 * x + 0.2 * x - 0.3 * x", set()),
        ("every(4) * x * every(2)", {"1 * every(2) * every(4) * x"}),
    ],
)
def test_terms_read_as_written_out(text: str, wanted: set[str]) -> None:
    assert {term.text for term in terms_of(parse_expr(text))} == wanted


def test_a_term_under_two_everies_waits_for_the_longer() -> None:
    (term,) = terms_of(parse_expr("every(4) * x * every(2)"))

    assert (term.gate, term.every, term.atoms) == ("u", 4, (Name("x"),))


def test_a_tag_decays_by_a_term_of_its_own() -> None:
    rule = rule_of(parse_expr("0.1 * tag * post"))
    tags = (TagDecl("tag", Const(0.05)),)
    rule = LearningRule(
        rule.name,
        (*rule.updates, Update("tag", parse_expr("x * post"))),
        tags=tags,
        traces=rule.traces,
        params=rule.params,
    )
    network = network_of_rule(rule, dt_seconds=1 * ms, pre=2, post=2)
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 4, 0.02)
    for step in PIPELINE.passes[:3]:
        draft = step.apply(draft)

    decay = draft.synapses[0].terms[-1]

    assert decay.target == "tag"
    assert 1 + decay.coefficient == pytest.approx(math.exp(-4 / 50))


def test_an_ungated_term_stands_for_all_steps_of_an_epoch() -> None:
    network = network_of_rule(
        rule_of(parse_expr("0.1 * x + x * pre")), dt_seconds=1 * ms
    )
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 8, 0.02)
    for step in PIPELINE.passes[:3]:
        draft = step.apply(draft)

    assert [t.coefficient for t in draft.synapses[0].terms] == pytest.approx([0.8, 1.0])
