"""Functions of a neuron's quantities: tables keep to the error that is stated."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import Group, Network, ms
from lahar.compiler.function_table import MOST_TABLES, FunctionTable, function_table
from lahar.compiler.intervals import interval
from lahar.compiler.neuron_bounds import NeuronBounds
from lahar.hardware.report import TermReport
from lahar.rules.evaluate import evaluate
from lahar.rules.expr import Const, Name
from lahar.rules.parser import parse_expr, parse_neuron

FUNCTIONS = {
    "sigmoid(4 * (v - 1))": 2.0**-11,
    "tanh(v)": 2.0**-11,
    "exp(clip(v, -3, 3))": 2.0**-11,
    "exp(minimum(v, 2))": 2.0**-10,
    "sqrt(clip(v, 0, 9))": 2.0**-9,
    "log(clip(v, 0.01, 8))": 2.0**-9,
    "1 / clip(v, 0.1, 9)": 2.0**-9,
    "2 / (0.5 + clip(v, -0.25, 9) ** 2)": 2.0**-9,
    "-1 / clip(v, -5, -0.2)": 2.0**-9,
    "clip(v, 0.1, 5) ** 1.5": 2.0**-10,
    "2 ** clip(v, -3, 4)": 2.0**-10,
    "v / (1 + exp(clip(v, -4, 4)))": 2.0**-8,
}


def program_of(function: str) -> lahar.Program:
    """A membrane that noise drives through its range, and a function of it."""
    neuron = parse_neuron(
        f"""neuron N:
    noise xi in [-6.0, 9.5]
    state v, leak 0
    dv = xi
    state f, leak 0
    df = {function}
"""
    )
    return lahar.compile(Network("n", (Group("n", 50, neuron),), (), 1 * ms))


def stated(program: lahar.Program) -> list[TermReport]:
    return [t for t in program.report.terms if t.target.startswith("f(")]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_keeps_to_its_stated_error(function: str) -> None:
    program = program_of(function)
    run = lahar.run(program, None, 200, "interpreter", record="all", seed=3)
    scales = {view.symbol: view.scale for view in program.views}
    v = run["n.v"] / scales["n.v"]
    found = run["n.f"] / scales["n.f"]

    expr = parse_expr(function)
    exact = np.vectorize(lambda x: evaluate(expr, {"v": x}))(v)

    off = np.abs(found - exact).max()
    largest = np.abs(exact).max()
    assert off <= FUNCTIONS[function] * largest + 2 / scales["n.f"]
    for report in stated(program):
        assert report.status == "approximated"
        assert 0 < report.relative_error <= FUNCTIONS[function]
    assert stated(program)


def test_kernels_and_interpreter_agree_on_functions() -> None:
    program = program_of("tanh(v) + sqrt(clip(v, 0, 9)) / (2 + sigmoid(v))")
    runs = [
        lahar.run(program, steps=60, record="all", backend=b)
        for b in ("sim", "interpreter")
    ]

    lahar.compare(*runs).require()
    assert "table 0 = " in program.text()


CURVES: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "reciprocal": lambda x: 1 / x,
    "exp": math.exp,
    "tanh": math.tanh,
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(CURVES)),
    st.floats(0.02, 2.0),
    st.floats(0.1, 8.0),
    st.floats(1.0, 2.0**22),
)
def test_a_table_is_off_by_no_more_than_it_says(
    name: str, low: float, width: float, scale: float
) -> None:
    table = function_table(CURVES[name], low, low + width, scale)

    t = np.unique(np.linspace(0, table.span, 777).astype(np.int64))
    values = computed(table, t)

    stored = table.low - t if table.mirrored else table.low + t
    exact = np.array([CURVES[name](k / scale) for k in stored.tolist()])
    off = np.abs(values / table.scale - exact).max()
    assert off <= 1.1 * table.largest_error + 1.5 / table.scale
    assert table.limits[0] <= values.min()
    assert values.max() <= table.limits[1]
    assert len(table.pieces) <= MOST_TABLES


def computed(table: FunctionTable, t: np.ndarray) -> np.ndarray:
    values = table.pieces[-1].value(t)
    for piece in reversed(table.pieces[:-1]):
        values = np.where(t >= piece.start, piece.value(t), values)
    return values


def test_a_table_that_needs_no_interpolation_has_an_entry_for_each_argument() -> None:
    table = function_table(math.exp, -1.0, 1.0, 60.0)

    assert [len(p.entries) for p in table.pieces] == [121]
    assert not table.pieces[0].slopes


BOUNDED = """neuron N:
    param tau = 20 ms
    port current
    modulator reward in [-2, 3]
    noise xi in [0, 1]
    state lowpass, leak tau
    dlowpass = reward * dt / tau
    state held, leak 0
    dheld = clip(current, -1, 2) * xi
    state v, leak tau, reset -5
    dv = current
    state feeds, leak tau
    dfeeds = tanh(feeds)
    spike = v > 1
    trace rate = spike, tau 10 ms
"""


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        ("reward", -2, 3),
        ("xi", 0, 1),
        ("lowpass", -2, 3),
        ("held", -1, 2),
        ("v", -math.inf, math.inf),
        ("sigmoid(v)", 0, 1),
        ("feeds", -20, 20),
        ("rate", 0, 1 / (1 - math.exp(-0.1))),
        ("exp(-xi)", math.exp(-1), 1),
        ("(2 + xi) ** -0.5", 3**-0.5, 2**-0.5),
    ],
)
def test_ranges_follow_from_the_model(expression: str, low: float, high: float) -> None:
    bounds = NeuronBounds(parse_neuron(BOUNDED), 1 * ms)

    assert bounds.of(parse_expr(expression)) == pytest.approx((low, high))


def test_a_logarithm_without_a_value_is_unbounded_there() -> None:
    bounds = interval(parse_expr("log(x)"), lambda leaf: (0.0, 1.0))

    assert bounds == (-math.inf, 0.0)
    assert interval(Const(2.0), lambda leaf: (0.0, 0.0)) == (2.0, 2.0)
    assert Name("x") in {parse_expr("x")}
