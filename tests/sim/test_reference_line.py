"""A straight line of calls gives what its expressions give one by one, to the bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from lahar.sim.reference_expressions import (
    NumberFailed,
    compile_expr,
    numbers_are_finite,
)
from lahar.sim.reference_line import StraightLine

SIZE = 5
PARAMS = {"gain": 0.7, "nothing": 0.0}

leaves: st.SearchStrategy[Expr] = st.sampled_from(
    [
        *map(Name, ("u", "v", "w", "gain", "nothing")),
        *map(Const, (0.0, 2.0, -1.5, 700.0)),
    ]
)


def inner(part: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    compares = st.builds(Compare, st.sampled_from((">", ">=", "<", "<=")), part, part)
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), part, part),
        st.builds(Power, part, st.sampled_from([Const(2.0), Const(0.5)])),
        st.builds(Negative, part),
        st.builds(Where, st.one_of(compares, part), part, part),
        st.builds(Where, compares, st.just(Const(1.0)), st.just(Const(0.0))),
        st.builds(
            lambda f, a: Call(f, (a,)),
            st.sampled_from(("abs", "sign", "exp", "log", "sqrt", "sigmoid", "tanh")),
            part,
        ),
        st.builds(
            lambda f, a, b: Call(f, (a, b)), st.sampled_from(("min", "max")), part, part
        ),
        st.builds(lambda a, b: Call("clip", (a, Const(-0.5), b)), part, part),
        compares,
    )


expressions = st.recursive(leaves, inner, max_leaves=12)


def drawn(seed: int) -> dict[str, npt.NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    values = {name: random.normal(size=SIZE).round(1) for name in "uvw"}
    values["w"][:2] = 0.0
    return values


def one_by_one(expr: Expr, seed: int) -> npt.NDArray[np.float64] | Expr:
    """Give the values of an expression, or the part of it that is no number."""
    try:
        with numbers_are_finite():
            found = compile_expr(expr, PARAMS)(drawn(seed))
    except NumberFailed as failed:
        return failed.expr
    return np.broadcast_to(found, SIZE)


def failing_part(line: StraightLine) -> Expr | None:
    """Run; give the expression that is no number."""
    try:
        with numbers_are_finite():
            line.run()
    except NumberFailed as failed:
        return failed.expr
    return None


many = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@many
@given(expressions, st.integers(0, 5), st.sampled_from([None, "u"]))
def test_a_line_gives_the_bits_of_its_expression(
    expr: Expr, seed: int, into: str | None
) -> None:
    values = drawn(seed)
    line = StraightLine(values, PARAMS)
    found = line.number(expr, None if into is None else values[into])

    alone = one_by_one(expr, seed)

    failing = failing_part(line)
    if failing is not None:
        assert failing is alone
        return
    np.testing.assert_array_equal(np.broadcast_to(found, SIZE), alone)
    if into is not None:
        assert found is values[into]


@many
@given(st.lists(expressions, min_size=2, max_size=4), st.integers(0, 5))
def test_values_that_are_held_are_left_alone(exprs: list[Expr], seed: int) -> None:
    values = drawn(seed)
    line = StraightLine(values, PARAMS)
    held = [line.number(expr) for expr in exprs]
    truths = [line.condition(expr) for expr in exprs]
    alone = [one_by_one(expr, seed) for expr in exprs]

    failing = failing_part(line)
    if failing is not None:
        assert any(failing is part for part in alone)
        return
    for value, truth, wanted in zip(held, truths, alone, strict=True):
        assert not isinstance(wanted, Expr)
        np.testing.assert_array_equal(np.broadcast_to(value, SIZE), wanted)
        np.testing.assert_array_equal(truth, wanted != 0)


def test_a_line_runs_again_with_what_stands_there_then() -> None:
    values = drawn(0)
    line = StraightLine(values, PARAMS)
    line.number(Binary("+", Name("u"), Binary("*", Name("u"), Name("v"))), values["u"])
    u, v = values["u"].copy(), values["v"].copy()

    for _ in range(3):
        line.run()
        u += u * v

    np.testing.assert_array_equal(values["u"], u)
