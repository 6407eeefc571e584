"""Constant expressions have the value that arithmetic gives them."""

import math

import pytest

from lahar.diagnostics import LaharError
from lahar.rules.evaluate import evaluate
from lahar.rules.parser import parse_expr

NAMES = {"a": 2.0, "tau": 0.02}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + a * 3", 7.0),
        ("a - 1 - 1", 0.0),
        ("8 / a / a", 2.0),
        ("-a ** 2", -4.0),
        ("(-a) ** 2", 4.0),
        ("a ** 3 ** 2", 512.0),
        ("tau / 10 ms", 2.0),
        ("clip(a, 0, 1.5)", 1.5),
        ("sign(-a) + sign(a - a)", -1.0),
        ("abs(-a)", 2.0),
        ("min(a, 1) + max(a, 1)", 3.0),
        ("exp(a)", math.exp(2.0)),
        ("(a > 1) + (a >= 2) + (a < 2) + (a <= 2)", 3.0),
        ("where(a > 1, 5, 1 / (a - a))", 5.0),
    ],
)
def test_the_value_is_that_of_arithmetic(text, value):
    assert evaluate(parse_expr(text), NAMES) == value


@pytest.mark.parametrize(
    "text", ["w", "x", "delay", "pre * a", "post.v", "x.before", "every(2)", "a + b"]
)
def test_what_only_a_run_knows_is_not_constant(text):
    with pytest.raises(LaharError, match="R147"):
        evaluate(parse_expr(text), NAMES)


@pytest.mark.parametrize(
    "text",
    ["1 / (a - a)", "exp(1000)", "a ** 5000", "(-a) ** 0.5", "1e999", "nan", "0 ** -1"],
)
def test_a_result_that_is_not_finite_is_refused(text):
    with pytest.raises(LaharError, match="R148"):
        evaluate(parse_expr(text), NAMES)
