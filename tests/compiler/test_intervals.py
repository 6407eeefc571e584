"""Intervals hold what they bound, and constant parts become numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar import LaharError
from lahar.compiler.constants import with_numbers
from lahar.compiler.intervals import interval
from lahar.rules.evaluate import evaluate
from lahar.rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Name,
    Negative,
    Power,
    Where,
)
from lahar.rules.parser import parse_expr

numbers = st.floats(-3, 3).filter(lambda v: v == 0 or abs(v) > 1e-3)
leaves: st.SearchStrategy[Expr] = st.one_of(
    st.sampled_from([Name("p"), Name("q")]), st.builds(Const, numbers)
)
functions = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), part, part),
        st.builds(
            Power, part, st.sampled_from([Const(n) for n in (0.0, 1.0, 2.0, 3.0)])
        ),
        st.builds(Negative, part),
        st.builds(Compare, st.sampled_from([">", "<="]), part, part),
        st.builds(Where, part, part, part),
        st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(["sign", "abs"]), part),
        st.builds(
            lambda f, a, b: Call(f, (a, b)), st.sampled_from(["min", "max"]), part, part
        ),
        st.builds(lambda a, b, c: Call("clip", (a, b, c)), part, part, part),
    ),
    max_leaves=6,
)
ranges = st.tuples(numbers, numbers).map(lambda ends: (min(ends), max(ends)))


@settings(max_examples=150, deadline=None)
@given(expr=functions, p=ranges, q=ranges, seed=st.integers(0, 1000))
def test_intervals_contain_every_value(
    expr: Expr, p: tuple[float, float], q: tuple[float, float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    low, high = interval(expr, lambda leaf: p if leaf == Name("p") else q)

    for _ in range(20):
        names = {
            "p": rng.choice([*p, rng.uniform(*p)]),
            "q": rng.choice([*q, rng.uniform(*q)]),
        }
        try:
            value = evaluate(expr, names)
        except LaharError:  # division by zero
            continue
        slack = 1e-9 * (1 + abs(value))
        assert low - slack <= value <= high + slack


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("p * p", (-2.0, 4.0)),
        ("p ** 2.0", (0.0, 4.0)),
        ("clip(p, 3.0, 5.0)", (3.0, 3.0)),
        ("clip(p + 10.0, 0.0, 1.0)", (1.0, 1.0)),
        ("1.0 / p", (-math.inf, math.inf)),
        ("p ** 0.5", (-math.inf, math.inf)),
        ("p / 0.5", (-2.0, 4.0)),
        ("exp(1000.0 * p)", (0.0, math.inf)),
        ("abs(p)", (0.0, 2.0)),
        ("where(p > 0.0, p, 5.0)", (-1.0, 5.0)),
    ],
)
def test_intervals_are_as_tight_as_their_parts(
    text: str, bounds: tuple[float, float]
) -> None:
    assert interval(parse_expr(text), lambda leaf: (-1.0, 2.0)) == pytest.approx(bounds)


# --- constants --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a * x", "0.7 * x"),
        ("x / (1.0 + a)", "x / 1.7"),
        ("exp(0.0) * x", "1.0 * x"),
        ("x ** (a + 1.3)", "x ** 2.0"),
        ("where(a > 0.0, 1.0 / a, 0.0) * x", "1.4285714285714286 * x"),
        ("where(a > 1.0, x, w)", "w"),
        ("where(a > 1.0, 1.0 / 0.0, w)", "w"),
    ],
)
def test_constant_parts_become_numbers(text: str, wanted: str) -> None:
    assert with_numbers(parse_expr(text), {"a": 0.7}) == parse_expr(wanted)


def test_a_constant_part_without_a_value_is_refused() -> None:
    with pytest.raises(LaharError, match="R148"):
        with_numbers(parse_expr("x / (a - 0.7) + 1.0 / 0.0"), {"a": 0.7})
