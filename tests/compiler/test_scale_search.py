"""Scales are chosen for the least predicted error, ratios before absolute values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import LaharError, Program, ms
from lahar.compiler.assign import Assign
from lahar.compiler.coefficients import fit_coefficient
from lahar.compiler.demonstration import network_of_rule
from lahar.compiler.draft import Draft, SynapseDraft
from lahar.compiler.factor_errors import cut_off
from lahar.compiler.factorise import Factorise
from lahar.compiler.joint_error import JointError, points, wanted
from lahar.compiler.legalise import Legalise
from lahar.compiler.passes import Pipeline
from lahar.compiler.place import Place
from lahar.compiler.predicted_error import movement_of
from lahar.compiler.quantise import joint_error_of
from lahar.compiler.scale_candidates import fixed_scales, free_scales
from lahar.compiler.scale_search import ScaleSearch
from lahar.compiler.typical import peak
from lahar.compiler.weights import ScaleWeights
from lahar.hardware.chips import get_chip
from lahar.rules.library import NEURONS, RULES
from lahar.rules.parser import parse_rule
from lahar.rules.rule import LearningRule

CHIP = get_chip("loihi2")
RATE = 0.02  # of a step of 1 ms, at 20 Hz
BEFORE = Pipeline((Legalise(), Place(), Factorise(), Assign(), ScaleWeights()))

amplitudes = st.floats(math.log(0.004), math.log(0.4)).map(math.exp)
taus = st.floats(3.0, 150.0)


def draft_of(rule: LearningRule) -> tuple[Draft, SynapseDraft]:
    neuron = NEURONS["error-lif"]
    network = network_of_rule(rule, dt_seconds=1 * ms, pre=3, post=2, neuron=neuron)
    draft = BEFORE.run(Draft(network, CHIP, 1 * ms, 1, RATE))
    return draft, draft.synapses[0]


def search_of(rule: LearningRule) -> ScaleSearch:
    draft, synapse = draft_of(rule)
    joint = joint_error_of(draft, synapse)
    fixed, free = fixed_scales(draft, synapse), free_scales(draft, synapse)
    return ScaleSearch(joint, fixed, free)


def compiled(rule: LearningRule, **options: float) -> Program:
    return lahar.compile(rule, pre=3, post=2, neuron=NEURONS["error-lif"], **options)


def error_of(program: Program, term: str) -> float:
    """Signed relative error of a coefficient of dw, 0 if it is exact."""
    found = [r for r in program.report.roundings if r.parameter.endswith(term)]
    return found[0].relative_error if found else 0.0


# --- ratios -----------------------------------------------------------------------


@settings(max_examples=40, deadline=None, derandomize=True)
@given(plus=amplitudes, minus=amplitudes, tau_plus=taus, tau_minus=taus)
def test_the_ratio_is_no_further_off_than_the_amplitudes(
    plus: float, minus: float, tau_plus: float, tau_minus: float
) -> None:
    rule = RULES["stdp"].with_params(
        a_plus=plus, a_minus=minus, tau_plus=tau_plus * ms, tau_minus=tau_minus * ms
    )

    program = compiled(rule)

    up, down = error_of(program, "post * x"), error_of(program, "pre * y")
    ratio = (1.0 + up) / (1.0 + down) - 1.0
    assert abs(ratio) <= max(abs(up), abs(down), 0.008) + 1e-12


def test_over_many_rules_the_ratio_is_several_times_closer() -> None:
    random = np.random.default_rng(0)
    ratios, amplitudes_off = [], []
    for _ in range(30):
        a = np.exp(random.uniform(math.log(0.005), math.log(0.2), 2))
        program = compiled(RULES["stdp"].with_params(a_plus=a[0], a_minus=a[1]))
        up, down = error_of(program, "post * x"), error_of(program, "pre * y")
        ratios.append(abs((1.0 + up) / (1.0 + down) - 1.0))
        amplitudes_off.append((abs(up) + abs(down)) / 2)

    assert np.mean(amplitudes_off) < 0.015
    assert np.mean(ratios) < np.mean(amplitudes_off) / 2


def test_an_error_that_both_sides_share_costs_less_than_one_of_the_ratio() -> None:
    draft, synapse = draft_of(RULES["stdp"])
    form = movement_of(draft, synapse).form
    shared, ratio = np.array([0.02, 0.02]), np.array([0.01, -0.01])

    assert shared @ form @ shared == pytest.approx(0.0, abs=1e-12)
    assert ratio @ form @ ratio > 1e-5


def test_the_weight_and_one_less_it_are_no_substitutes() -> None:
    draft, synapse = draft_of(RULES["stdp-multiplicative"])
    movement = movement_of(draft, synapse)
    texts = [t.text for t in synapse.terms]
    constant, linear = texts.index("0.02 * post * x"), 1

    off = np.zeros(len(texts))
    off[constant], off[linear] = 0.01, 0.01
    compensated = off @ movement.form @ off
    off[linear] = 0.0
    alone = off @ movement.form @ off

    assert 0.0 < compensated < alone


# --- the search -------------------------------------------------------------------


def greedy(search: ScaleSearch) -> dict[str, float]:
    """Search as lahar did first: one scale at a time, errors of coefficients only."""
    joint = search.joint
    scales = {n: c[0] for n, c in search.free.items()}

    def cost(trial: Mapping[str, float]) -> float:
        grid = points({**search.fixed, **trial})
        total = -2e-5 * sum(math.log2(s) for s in trial.values())
        for term in joint.terms:
            target = float(wanted(term, grid).item())
            fits = fit_coefficient(target, CHIP.mantissa.value, CHIP.exponent.value)
            got = sum(f.mantissa * 2.0**f.exponent for f in fits)
            total += (got / target - 1.0) ** 2 + 1e-4 * (len(fits) - 1)
            total += 0.0 if fits else 100.0
        return total

    best, improved = cost(scales), True
    while improved:
        improved = False
        for name, candidates in search.free.items():
            for candidate in candidates:
                trial = {**scales, name: candidate}
                if cost(trial) < best - 1e-12:
                    scales, best, improved = trial, cost(trial), True
    return scales


def predicted(search: ScaleSearch, scales: Mapping[str, float]) -> float:
    return float(search.joint.judge(points({**search.fixed, **scales})).error.item())


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(["stdp", "stdp-multiplicative", "stdp-inhibitory"]),
    scale=st.floats(0.3, 3.0),
    tau=st.floats(5.0, 60.0),
)
def test_the_search_is_never_worse_than_one_scale_at_a_time(
    name: str, scale: float, tau: float
) -> None:
    rule = RULES[name]
    rates = ("a_plus", "a_minus", "eta")
    scaled = {n: v * scale for n, v in rule.param_values.items() if n in rates}
    times = {n: tau * ms for n in rule.param_values if n.startswith("tau")}
    search = search_of(rule.with_params(**scaled, **times))

    found = search.best()

    assert found.error <= predicted(search, greedy(search)) + 1e-12
    assert found.error == pytest.approx(predicted(search, found.scales))


@pytest.mark.parametrize("name", ["stdp", "stdp-reward"])
def test_no_other_candidate_of_one_scale_is_better(name: str) -> None:
    search = search_of(RULES[name])
    found = search.best()

    for free, candidates in search.free.items():
        errors = [predicted(search, {**found.scales, free: c}) for c in candidates]
        assert min(errors) >= found.error - 1e-9


def test_the_same_rule_is_compiled_the_same_twice() -> None:
    first, second = compiled(RULES["stdp-reward"]), compiled(RULES["stdp-reward"])

    assert first.connections[0].learning == second.connections[0].learning


# What the search is held to: (rule, largest error of a coefficient, most products).
EXPECTED = (
    ("stdp", 0.015, 2),
    ("stdp-multiplicative", 0.03, 5),
    ("stdp-inhibitory", 0.03, 4),
    ("oja", 0.03, 4),
)


@pytest.mark.parametrize(("name", "error", "products"), EXPECTED)
def test_rules_of_the_library_are_as_close_as_expected(
    name: str, error: float, products: int
) -> None:
    program = compiled(RULES[name])
    learning = program.connections[0].learning

    assert learning is not None
    assert max(t.relative_error for t in program.report.terms) <= error
    assert len(learning.products) <= products


# --- ranges -----------------------------------------------------------------------


@settings(max_examples=20, deadline=None, derandomize=True)
@given(plus=amplitudes, tau=taus, rate=st.floats(2.0, 60.0))
def test_no_trace_saturates_at_the_assumed_rate(
    plus: float, tau: float, rate: float
) -> None:
    rule = RULES["stdp"].with_params(a_plus=plus, tau_plus=tau * ms)

    learning = compiled(rule, rate=rate).connections[0].learning

    assert learning is not None
    impulse = learning.traces["x1"].impulse
    assert impulse * peak(tau, rate / 1000) <= max(127, 8 * peak(tau, rate / 1000))


def test_what_the_ceiling_cuts_off_is_what_poisson_spikes_lose() -> None:
    rate, tau, impulse = 0.05, 40.0, 40
    random = np.random.default_rng(0)
    trace, kept, whole = np.zeros(4000), 0.0, 0.0
    for step in range(600):
        trace = trace * math.exp(-1 / tau) + (random.random(4000) < rate)
        if step > 200:  # seen by updates that follow a spike of its own
            whole += float((trace + 1).mean())
            kept += float(np.minimum(trace + 1, 127 / impulse).mean())

    once = 1.0 - kept / whole
    losses = cut_off(rate, tau)
    # Higher rates count too, so it is more than at the assumed one alone.
    assert 0.5 * once < losses[impulse - 1] < 3 * once
    assert list(losses) == sorted(losses)
    assert losses[0] < 1e-6


# --- what is too small ------------------------------------------------------------


def soft(divisor: float, rate: float = 0.01) -> LearningRule:
    return parse_rule(
        f"rule Mine:\n  trace x = pre, tau 20 ms\n"
        f"  dw = {rate} * x * post * (1 - w / {divisor}) * (1 - w / {divisor})\n"
    )


def test_a_term_that_hardly_matters_is_left_out_and_reported() -> None:
    program = compiled(soft(4.0))

    (lost,) = [t for t in program.report.terms if "left out" in t.how]
    assert (lost.status, lost.relative_error) == ("approximated", 1.0)
    assert lost.term == "0.000625 * post * x * w * w"
    assert error_of(program, lost.term) == -1.0
    assert [f.code for f in program.report.findings].count("L30") == 1
    found = lahar.validate(
        program, ("interpreter", "reference"), "poisson:rate=40Hz", 400
    )
    assert found.level == "within budget"


def test_a_term_that_matters_gets_smaller_impulses_before_anything_is_refused() -> None:
    program = compiled(soft(2.0, rate=0.0008))
    learning = program.connections[0].learning

    assert learning is not None
    assert all("left out" not in t.how for t in program.report.terms)
    assert learning.traces["x1"].impulse < 8


def test_a_term_that_matters_and_has_no_product_is_refused() -> None:
    with pytest.raises(LaharError, match="L17"):
        compiled(soft(2.0, rate=0.0000002))


def test_the_decay_of_a_tag_is_never_left_out() -> None:
    rule = RULES["stdp-reward"]
    program = compiled(rule)

    decays = [t for t in program.report.terms if "decay" in t.term]
    assert [t.how for t in decays if "left out" in t.how] == []
    assert len(decays) == 1


def thinned(values: Sequence[float]) -> Sequence[float]:
    return values[:: max(1, len(values) // 5)]


def test_the_grid_says_what_single_points_say() -> None:
    search = search_of(RULES["stdp-multiplicative"])
    joint: JointError = search.joint
    (x, y) = (thinned(search.free["x"]), thinned(search.free["y"]))
    grids = dict(zip("xy", np.meshgrid(x, y, indexing="ij"), strict=True))
    fixed = {n: np.full_like(grids["x"], s) for n, s in search.fixed.items()}

    errors = joint.judge({**fixed, **grids}).error

    for i, one in enumerate(x):
        for j, other in enumerate(y):
            alone = predicted(search, {"x": one, "y": other})
            assert errors[i, j] == pytest.approx(alone, rel=1e-12)
