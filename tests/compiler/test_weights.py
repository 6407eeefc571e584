"""Weights keep their values within half a step, and projections share a unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import Group, LaharError, Network, Program, Projection, ms
from lahar.hardware.profile import PROFILES
from lahar.hardware.program import Connection, SignMode
from lahar.rules.library import RULES, ErrorLIF
from lahar.rules.rule import LearningRule
from lahar.sim.initial_weights import initial_weights

PRE, POST = 4, 3
STEP = {SignMode.MIXED: 2, SignMode.EXCITATORY: 1, SignMode.INHIBITORY: 1}
LARGEST = {SignMode.MIXED: 254, SignMode.EXCITATORY: 255, SignMode.INHIBITORY: 255}
POLARITIES = {
    "excitatory": RULES["stdp"],
    "inhibitory": RULES["stdp-inhibitory"],
    "mixed": RULES["delta"],
}


def projection(
    name: str, weights: np.ndarray, rule: LearningRule | None = None
) -> Projection:
    return Projection(name, "in", "out", weights, rule=rule)


def network(*projections: Projection, threshold: float = 1.0) -> Network:
    # It has all that the rules of the library read.
    neuron = ErrorLIF(threshold=threshold)
    groups = (Group("in", PRE), Group("out", POST, neuron))
    return Network("net", groups, projections, 1 * ms)


def scale_of(program: Program, connection: Connection) -> float:
    name = f"{connection.name}.weights"
    return next(v.scale for v in program.views if v.variable == name)


def arrival_of(program: Program, connection: Connection) -> float:
    name = f"{connection.name}.a_out"
    return next(v.scale for v in program.views if v.variable == name)


def within(low: float, high: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, (POST, PRE))


@settings(max_examples=30, deadline=None)
@given(
    polarity=st.sampled_from(sorted(POLARITIES)),
    w_max=st.floats(0.01, 50.0),
    seed=st.integers(0, 1000),
)
def test_plastic_weights_are_within_half_a_step(
    polarity: str, w_max: float, seed: int
) -> None:
    rule = POLARITIES[polarity]
    # Coefficients in proportion to the bounds, so that every term fits.
    rates = ("a_plus", "a_minus", "eta")
    scaled = {n: v * w_max for n, v in rule.param_values.items() if n in rates}
    weights = within(-w_max if polarity == "mixed" else 0.0, w_max, seed)
    learns = projection("p", weights, rule.with_params(w_max=w_max, **scaled))

    program = lahar.compile(network(learns, threshold=w_max))

    (connection,) = program.connections
    mode = SignMode[polarity.upper()]
    scale = scale_of(program, connection)
    assert connection.sign_mode == mode
    error = np.abs(connection.weights - weights * scale)
    assert error.max() <= STEP[mode] / 2 + 1e-9
    assert (connection.weights % STEP[mode] == 0).all()
    # The bound lies on the chip's clip, and no profile changes what was compiled.
    assert abs(scale) * w_max == pytest.approx(LARGEST[mode])
    for profile in PROFILES.values():
        assert (initial_weights(connection, profile) == connection.weights).all()


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.floats(0.02, 30.0), min_size=1, max_size=4),
    plastic=st.booleans(),
    threshold=st.floats(0.05, 50.0),
    seed=st.integers(0, 1000),
)
def test_projections_onto_a_group_arrive_in_one_unit(
    sizes: list[float], plastic: bool, threshold: float, seed: int
) -> None:
    parts = [
        projection(f"p{k}", within(-size if k % 2 else 0.0, size, seed + k))
        for k, size in enumerate(sizes)
    ]
    if plastic:
        parts.append(projection("learns", within(0.0, 1.0, seed), RULES["stdp"]))

    program = lahar.compile(network(*parts, threshold=threshold))

    arrivals = {arrival_of(program, c) for c in program.connections}
    assert len(arrivals) == 1
    for part, connection in zip(parts, program.connections, strict=True):
        scale = scale_of(program, connection)
        unit = abs(scale) * 2.0**connection.weight_exponent
        assert unit == pytest.approx(arrivals.copy().pop())
        error = np.abs(connection.weights - part.weights * scale)
        assert error.max() <= STEP[connection.sign_mode] / 2 + 1e-9
        # Weights use the upper half of their bits, unless an exponent is at its end.
        largest = np.abs(part.weights).max() if part.rule is None else 1.0
        assert largest * abs(scale) <= 255.5
        if -7 < connection.weight_exponent < 7:
            assert largest * abs(scale) > 120


@given(threshold=st.floats(0.01, 200.0))
@settings(max_examples=30, deadline=None)
def test_a_threshold_keeps_its_value_to_half_a_per_cent(threshold: float) -> None:
    program = lahar.compile(
        network(projection("p", within(0, 1, 0)), threshold=threshold)
    )

    rounding = [r for r in program.report.roundings if "threshold" in r.parameter]

    assert all(abs(r.relative_error) < 0.005 for r in rounding)


def test_an_inhibitory_weight_is_stored_below_zero() -> None:
    weights = within(0.2, 0.8, 1)
    program = lahar.compile(
        network(projection("p", weights, RULES["stdp-inhibitory"]), threshold=0.5)
    )
    (connection,) = program.connections

    assert (connection.weights < 0).all()
    assert scale_of(program, connection) < 0
    assert arrival_of(program, connection) > 0


def test_fixed_weights_of_one_sign_use_all_their_bits() -> None:
    modes = {}
    for sign in (1, -1):
        program = lahar.compile(network(projection("p", sign * within(0.1, 1.0, 2))))
        modes[sign] = program.connections[0].sign_mode

    assert modes == {1: SignMode.EXCITATORY, -1: SignMode.INHIBITORY}


@pytest.mark.parametrize("learn", [True, False])
@pytest.mark.parametrize("first", ["excitatory", "mixed"])
def test_mixed_weights_end_at_254_so_they_set_the_unit_in_any_order(
    first: str, learn: bool
) -> None:
    """Else an exponent would take a bit from them, and their bounds with it."""
    signs = {"excitatory": 1, "mixed": np.resize([1, -1], (POST, PRE))}
    one, other = (
        projection(
            name,
            np.ones((POST, PRE)) * signs[name],
            POLARITIES[name] if learn else None,
        )
        for name in sorted(signs, key=lambda name: name != first)
    )

    program = lahar.compile(network(one, other))

    assert {c.weight_exponent for c in program.connections} == {0}
    assert {int(np.abs(c.weights).max()) for c in program.connections} == {254}
    assert "L21" not in {f.code for f in program.report.findings}


@pytest.mark.parametrize(
    ("size", "problem"), [(1e5, "too large"), (1e-6, "all round to 0")]
)
def test_weights_that_no_exponent_brings_together_are_refused(
    size: float, problem: str
) -> None:
    learns = projection("learns", within(0, 1, 0), RULES["stdp"])
    other = projection("other", size * within(0.5, 1, 1))

    with pytest.raises(LaharError, match=rf"R233.*`other`.*{problem}"):
        lahar.compile(network(learns, other))


def test_no_weight_is_changed_silently() -> None:
    weights = within(0, 1, 3)
    program = lahar.compile(network(projection("p", weights)))
    (connection,) = program.connections
    error = np.abs(connection.weights / scale_of(program, connection) - weights)

    (rounding,) = [r for r in program.report.roundings if ".weights" in r.parameter]

    assert abs(rounding.got - rounding.wanted) == pytest.approx(error.max())
