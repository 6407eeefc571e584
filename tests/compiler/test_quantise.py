"""Scales and coefficients: nothing is off by more than the report says."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import Program, ms
from lahar.compiler.coefficients import (
    WORTH_A_SECOND_PRODUCT,
    finest,
    fit_coefficient,
)
from lahar.compiler.draft import Fit
from lahar.hardware.chips import get_chip
from lahar.hardware.report import Rounding, TermReport
from lahar.rules.library import NEURONS, RULES
from lahar.rules.parser import parse_rule
from lahar.rules.rule import LearningRule

CHIP = get_chip("loihi2")
MANTISSAS, EXPONENTS = CHIP.mantissa.value, CHIP.exponent.value
LARGEST = 7 * 2.0**8
SMALLEST = 2.0**-7

signed = st.tuples(
    st.floats(math.log(SMALLEST), math.log(LARGEST)), st.sampled_from([-1, 1])
).map(lambda pair: pair[1] * math.exp(pair[0]))


def value(fits: tuple[Fit, ...]) -> float:
    return sum(f.mantissa * 2.0**f.exponent for f in fits)


# --- coefficients -----------------------------------------------------------------


@given(signed)
def test_a_coefficient_fits_the_fields_and_the_error_shrinks(wanted: float) -> None:
    fits = fit_coefficient(wanted, MANTISSAS, EXPONENTS)

    assert 1 <= len(fits) <= 2
    for fit in fits:
        assert MANTISSAS[0] <= fit.mantissa <= MANTISSAS[1]
        assert EXPONENTS[0] <= fit.exponent <= EXPONENTS[1]
    # Between mantissas of 4 and 5 one product misses by 1/9, a second by 1/9 of that;
    # nothing is finer than half of the smallest product.
    first = abs(value(fits[:1]) - wanted)
    assert first <= max(abs(wanted) / 9, SMALLEST / 2)
    assert abs(value(fits) - wanted) <= max(abs(wanted) / 81, SMALLEST / 2)


@given(signed)
def test_a_second_product_comes_only_where_it_is_worth_it(wanted: float) -> None:
    fits = fit_coefficient(wanted, MANTISSAS, EXPONENTS)
    first = abs(value(fits[:1]) - wanted)

    if len(fits) == 2:
        assert first > WORTH_A_SECOND_PRODUCT * abs(wanted)
        assert abs(value(fits) - wanted) < first
    else:
        assert first <= max(WORTH_A_SECOND_PRODUCT * abs(wanted), SMALLEST / 2)


@pytest.mark.parametrize("wanted", [1e-9, -SMALLEST / 2.01, 0.0])
def test_what_is_below_half_of_the_smallest_product_has_no_fit(wanted: float) -> None:
    assert fit_coefficient(wanted, MANTISSAS, EXPONENTS) == ()


@given(st.integers(-8, 7).filter(bool), st.integers(-7, 8))
def test_the_finest_form_is_the_same_number(mantissa: int, exponent: int) -> None:
    found = finest(Fit(mantissa, exponent), MANTISSAS, EXPONENTS)

    assert value((found,)) == value((Fit(mantissa, exponent),))
    assert MANTISSAS[0] <= found.mantissa <= MANTISSAS[1]
    twice = 2 * found.mantissa
    assert found.exponent == -7 or not MANTISSAS[0] <= twice <= MANTISSAS[1]


# --- whole rules ------------------------------------------------------------------


def text(body: str) -> LearningRule:
    return parse_rule(f"rule Mine:\n{body}")


@settings(max_examples=40, deadline=None)
@given(
    plus=st.floats(0.004, 0.4),
    minus=st.floats(0.004, 0.4),
    tau=st.floats(3, 200),
    w_max=st.floats(0.3, 3),
)
def test_every_term_is_off_by_what_the_report_says(
    plus: float, minus: float, tau: float, w_max: float
) -> None:
    rule = RULES["stdp-multiplicative"].with_params(
        a_plus=plus, a_minus=minus, tau_plus=tau * ms, w_max=w_max
    )
    program = lahar.compile(rule, pre=3, post=2)

    for term, wanted in zip(
        program.report.terms, (plus * w_max, -plus, -minus), strict=True
    ):
        got = coefficient_on_chip(program, program.report.terms.index(term))
        assert abs(got / wanted - 1) == pytest.approx(term.relative_error, abs=1e-9)
        for rounding in roundings_of(program, term.term):  # none if it is exact
            assert abs(rounding.relative_error) == pytest.approx(term.relative_error)
            assert rounding.got == pytest.approx(got)


def coefficient_on_chip(program: Program, origin: int, owner: str = "synapse") -> float:
    """Read a coefficient back from products and views, in the rule's units."""
    connection = program.connection(owner)
    assert connection.learning is not None
    views = {v.variable: v.scale for v in program.views}
    total = 0.0
    for product in connection.learning.products:
        if product.origin == origin:
            widths = [CHIP.factor_widths.value[f.variable] for f in product.factors]
            shift = max(0, sum(widths) + program.product_shift_base - 15)
            gain = product.mantissa * 2.0 ** (product.exponent - shift)
            for factor in product.factors:
                if factor.sign:
                    continue  # -1, 0 or 1, whatever its variable's scale
                name = {"w": "weights", "t": "tag_1"}.get(factor.variable)
                gain *= views[f"{connection.name}.{name or factor.variable}"]
            target = {"w": "weights", "t": "tag_1"}[product.target]
            total += gain / views[f"{connection.name}.{target}"]
    return total


def numbered(program: Program) -> Iterator[tuple[TermReport, int]]:
    """Give each term with its number in its connection."""
    for connection in program.connections:
        own = (t for t in program.report.terms if t.connection == connection.name)
        terms = (t for t in own if t.target != "f(w)")  # which stands for several
        yield from ((term, origin) for origin, term in enumerate(terms))


def roundings_of(program: Program, term: str) -> list[Rounding]:
    return [r for r in program.report.roundings if r.parameter.endswith(term)]


@pytest.mark.parametrize("name", RULES)
def test_coefficients_read_back_as_they_were_written(name: str) -> None:
    program = lahar.compile(RULES[name], pre=3, post=2)

    for term, origin in numbered(program):
        found = roundings_of(program, f"{term.target}: {term.term}")
        if not found:
            assert term.relative_error == 0
            continue
        (rounding,) = found
        wanted = rounding.wanted
        got = coefficient_on_chip(program, origin, term.connection)
        assert got == pytest.approx(wanted, rel=0.07)  # small steps are coarse
        assert abs(got / wanted - 1) == pytest.approx(term.relative_error, abs=1e-9)


def test_nearest_pairing_fills_the_trace() -> None:
    program = lahar.compile(RULES["stdp-nearest"], pre=3, post=2)
    learning = program.connections[0].learning

    assert learning is not None
    assert {t.impulse for t in learning.traces.values()} == {127}


@pytest.mark.parametrize("rate", [5.0, 20.0, 80.0])
def test_traces_leave_room_for_the_assumed_rate(rate: float) -> None:
    program = lahar.compile(RULES["stdp"], pre=3, post=2, rate=rate)
    learning = program.connections[0].learning
    mean = rate * 0.02
    most = 1 + mean + 4 * math.sqrt(mean / 2)

    assert learning is not None
    assert all(8 <= t.impulse <= 127 / most for t in learning.traces.values())


def test_a_tag_that_is_written_in_every_step_has_room_for_what_piles_up() -> None:
    rule = text("""
    trace x = pre, tau 20 ms
    tag e, tau 50 ms
    de = 0.1 * x * post.error
    dw = 0.05 * e * post.error
    bounds = [-1.0, 1.0]
    polarity = mixed
    """)
    program = lahar.compile(rule, pre=3, post=2, neuron=NEURONS["error-lif"])
    scale = next(v.scale for v in program.views if v.variable == "synapse.tag_1")
    typical = 0.1 * 0.4 * 0.5 * 50  # mean trace, half an error, for a tau

    assert 255 / 20 < typical * scale < 255


def test_a_constant_from_the_neuron_makes_a_slow_decay_possible() -> None:
    rule = RULES["stdp-reward"].with_params(tau_tag=2000 * ms)
    program = lahar.compile(rule, pre=3, post=2)
    (decay,) = [t for t in program.report.terms if t.term == "decay of tag"]

    origin = program.report.terms.index(decay)

    assert coefficient_on_chip(program, origin) == pytest.approx(-1 / 2000, rel=0.05)


def test_shifted_products_have_the_smallest_exponent() -> None:
    program = lahar.compile(RULES["stdp-reward"], pre=3, post=2)
    learning = program.connections[0].learning

    assert learning is not None
    shifted = [p for p in learning.products if p.gate == "u"]
    assert shifted
    assert {p.exponent for p in shifted} == {-7}
