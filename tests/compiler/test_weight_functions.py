"""Functions of the weight: the stated error bounds the true one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import LaharError, Program, ms
from lahar.compiler.approximation import Approximation
from lahar.compiler.compile import PIPELINE
from lahar.compiler.demonstration import network_of_rule
from lahar.compiler.draft import Draft, SynapseDraft
from lahar.compiler.passes import Pipeline
from lahar.hardware.chips import get_chip
from lahar.hardware.program import Connection
from lahar.rules.evaluate import evaluate
from lahar.rules.expr import Expr, Name, Weight, transform
from lahar.rules.library import LIF
from lahar.rules.parser import parse_rule
from lahar.sim.stimulus import Stimulus

RULE = """
rule Mine:
    trace x = pre, tau 20 ms
    trace y = post, tau 20 ms
    dw = {dw}
    bounds = [{low!r}, {high!r}]
    polarity = {polarity}
"""


def rule_text(dw: str, low: float = 0.0, high: float = 1.0) -> str:
    polarity = "mixed" if low < 0 else "excitatory"
    return RULE.format(dw=dw, low=low, high=high, polarity=polarity)


def placed(text: str) -> SynapseDraft:
    """Run the first two passes on a rule of text."""
    network = network_of_rule(
        parse_rule(text), dt_seconds=1 * ms, pre=2, post=2, neuron=LIF()
    )
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 1, 0.02)
    return Pipeline(PIPELINE.passes[:2]).run(draft).synapses[0]


def value(expr: Expr, weight: float) -> float:
    named = transform(expr, lambda e: Name("w") if isinstance(e, Weight) else e)
    return evaluate(named, {"w": weight})


# --- the stated error -------------------------------------------------------------

number = st.floats(0.2, 4.0).map(lambda v: round(v, 3))
high = st.sampled_from([0.5, 1.0, 3.0])
functions = st.one_of(
    st.builds("exp(-{:g} * w)".format, number),
    st.builds("exp({:g} * w)".format, number),
    st.builds("w ** {:g}".format, number),
    st.builds("1 / (w + {:g})".format, number),
    st.builds("(w + {:g}) ** -0.5".format, number),
    st.builds("w * exp(-{:g} * w * w)".format, number),
    st.builds("exp(clip({:g} * w, 0.2, 0.7))".format, number),
    st.builds("1 / (1 + exp(-{:g} * (w - 0.3)))".format, number),
)
cofactors = st.sampled_from(["pre", "x * post", "(x - 0.4) * post", "x * y * post"])


@settings(max_examples=20, deadline=None)
@given(function=functions, cofactor=cofactors, high=high)
def test_the_stated_error_bounds_the_true_one(
    function: str, cofactor: str, high: float
) -> None:
    synapse = placed(rule_text(f"0.3 * {function} * {cofactor}", high=high))

    for approximation in synapse.approximations:
        assert_holds(approximation, high)


def assert_holds(approximation: Approximation, high: float) -> None:
    weights = np.arange(256) / (255 / high)  # as stored; a tie is a tie
    off = [
        abs(value(approximation.replacement, w) - value(approximation.function, w))
        for w in weights
    ]
    assert max(off) <= approximation.largest_error * (1 + 1e-6) + 1e-9
    assert max(off) >= approximation.largest_error * (1 - 1e-6) - 1e-9
    rms = math.sqrt(sum(e * e for e in off) / 256)
    assert rms == pytest.approx(approximation.rms_error, rel=1e-4, abs=1e-9)
    at = approximation.worst_at
    assert value(approximation.function, at) == pytest.approx(approximation.wanted)


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("exp(-w)", 0.005),
        ("1 / (w + 0.5)", 0.03),
        ("w ** 0.4", 0.05),
        ("(1 - w) ** 0.4", 0.05),
        ("w ** 5", 0.06),
    ],
)
def test_functions_of_the_literature_are_close(function: str, error: float) -> None:
    (found,) = placed(rule_text(f"0.1 * {function} * x * post")).approximations

    assert found.relative_error < error


@pytest.mark.parametrize(
    "text", ["w * w * x", "abs(w - 0.5) * x", "where(w > 0.5, w, 0)"]
)
def test_what_is_exact_is_not_approximated(text: str) -> None:
    assert placed(rule_text(f"0.1 * {text}")).approximations == ()


def test_one_function_is_approximated_for_all_products_it_gets_into() -> None:
    # Without the trace there are fewer bits, so the square is too fine there.
    alone = placed(rule_text("0.1 * exp(-w) * x * post")).approximations
    both = placed(rule_text("0.05 * exp(-w) * (x - 0.4) * post")).approximations

    assert (alone[0].powers, alone[0].steps) == (2, 0)
    assert both[0].steps > 3


@pytest.mark.parametrize(
    ("text", "low"), [("1 / w", 0.0), ("w ** -0.5", 0.0), ("(w - 0.5) ** 0.5", 0.0)]
)
def test_a_function_without_a_value_is_refused(text: str, low: float) -> None:
    with pytest.raises(LaharError, match="R215"):
        placed(rule_text(f"0.1 * {text} * pre", low=low))


def test_away_from_its_pole_a_function_is_fine() -> None:
    (found,) = placed(rule_text("0.1 * (1 / w) * pre", low=0.25)).approximations

    assert found.relative_error < 0.05


# --- on the chip ------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    ["exp(-w)", "w ** 0.4", "(1 - w) ** 0.4", "1 / (w + 0.5)", "w ** 3 * exp(-w)"],
)
@pytest.mark.parametrize("low", [0.0, -1.0])
def test_a_spike_moves_a_weight_by_the_function(function: str, low: float) -> None:
    if low < 0:
        function = function.replace("w", "((w + 1) / 2)")
    program = lahar.compile(
        parse_rule(rule_text(f"0.2 * {function} * pre", low=low)), pre=256, post=1
    )
    stored = np.arange(256) if low == 0 else np.arange(-256, 256, 2)
    scale = next(v.scale for v in program.views if v.variable.endswith("weights"))
    weights = np.clip(stored / scale, low, 1.0)
    expr = parse_rule(rule_text(function, low=low)).updates[0].expr
    wanted = np.array([0.2 * scale * value(expr, w) for w in weights])

    changed = change_of_weights(program, stored)

    stated = stated_error(program) * 0.2 * 255
    grid = 1 if low == 0 else 2  # stochastic rounding
    room = stored + wanted < 250
    allowed = stated + 0.03 * np.abs(wanted).max() + grid
    assert np.abs(changed - wanted)[room].max() <= allowed


def change_of_weights(program: Program, weights: np.ndarray) -> np.ndarray:
    (connection,) = program.connections
    row = weights.reshape(1, -1).astype(np.int32)
    changed: Connection = replace(connection, weights=row)
    program = replace(program, connections=(changed,))
    spikes = np.ones((1, weights.size), bool)
    stimulus = Stimulus({"pre": spikes}, {})

    run = lahar.run(program, stimulus, 1, "interpreter", record=None)

    return (run.final["synapse.weights"] - row).reshape(-1)


def stated_error(program: Program) -> float:
    """Read the error from the report, in units of the function."""
    (line,) = [t for t in program.report.terms if t.target == "f(w)"]
    assert line.status == "approximated"
    return float(line.how.partition("off by ")[2].partition(" at most")[0]) * 1.05


def test_the_report_logs_where_a_function_is_furthest_off() -> None:
    program = lahar.compile(parse_rule(rule_text("0.1 * exp(-w) * x * post")))

    (rounding,) = [r for r in program.report.roundings if "exp(-w) at w" in r.parameter]

    at = float(rounding.parameter.rpartition("= ")[2])
    assert rounding.wanted == pytest.approx(math.exp(-at), rel=1e-3)
    assert abs(rounding.got - rounding.wanted) < 0.005


def test_a_number_before_a_sum_of_several_sides_is_spread_over_it() -> None:
    factored = "0.1 * (0.6 * w ** 0.4 * x * post - 0.11 * w * y * pre) / 2"
    program = lahar.compile(parse_rule(rule_text(factored)), pre=2, post=2)

    terms = {t.term for t in program.report.terms}

    assert "-0.0055 * pre * y * w" in terms
    assert len(terms) > 5, "the power became signs, each times x at a post spike"
    assert all(" * x" in t for t in terms if "post" in t)
