"""A predicted error is that of a run, and no mistake of the compiler widens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar import Group, Network, Program, Projection, ms
from lahar.compiler import budget, connections, quantise
from lahar.compiler.forecast_bits import Bits
from lahar.compiler.forecast_moments import Moments
from lahar.hardware.budget import Budget
from lahar.hardware.learning import Product
from lahar.rules.library import LIF, RULES, STDP
from lahar.rules.parser import parse_rule
from lahar.rules.rule import LearningRule

RECORD = ("*.s_out", "post.*")


def rule(body: str) -> LearningRule:
    return parse_rule(f"rule Mine:\n{body}")


def budget_of(program: Program) -> Budget:
    (found,) = program.budgets
    return found


def errors(program: Program, steps: int = 1000) -> npt.NDArray[np.float64]:
    """Stored less wanted weights after a run, in LSB."""
    chip = lahar.run(program, None, steps, "interpreter", record=RECORD, seed=3)
    exact = lahar.run(program, None, steps, "reference", record=None, given=chip)
    scale = chip.view("synapse.weights").scale
    wanted = exact.final["synapse.weights"] * scale
    return (chip.final["synapse.weights"] - wanted).ravel()


def level(program: Program, steps: int = 400) -> str:
    names = ("interpreter", "reference")
    return lahar.validate(program, names, steps=steps, record=RECORD, seed=3).level


# --- what is predicted ------------------------------------------------------------

PREDICTED = {
    "additive": RULES["stdp"],
    "multiplicative, floors and all": RULES["stdp-multiplicative"],
    "even weights": rule(
        """
    trace x = pre, tau 20 ms
    dw = 0.03 * x * post * w - 0.01 * pre
    bounds = [-1.0, 1.0]
    polarity = mixed
"""
    ),
    "a tag and a modulator": rule(
        """
    trace x = pre, tau 20 ms
    tag e, tau 50 ms
    modulator m in [-1.0, 1.0]
    dw = 0.02 * m * e
    de = 0.3 * x * post
"""
    ),
    "a state of the neuron": RULES["clopath"],
}


@pytest.mark.parametrize("name", PREDICTED)
def test_the_predicted_error_is_that_of_a_run(name: str) -> None:
    program = lahar.compile(PREDICTED[name], pre=40, post=40)
    said, got = budget_of(program), errors(program)

    held = ((got >= said.low) & (got <= said.high)).mean()

    assert 0.88 < held < 0.995
    assert 0.75 < got.std() / said.sd < 1.3
    assert abs(got.mean() - said.bias) < 0.35 * said.sd


def test_a_rule_without_rounding_is_off_by_its_first_weights_alone() -> None:
    program = lahar.compile(rule("    dw = 0.0117647058823529 * pre"))  # 3 LSB

    said = budget_of(program)

    assert abs(said.bias) < 0.1
    assert -0.5 <= said.low < -0.4
    assert 0.4 < said.high <= 0.5


def test_the_rates_are_the_ones_told() -> None:
    quiet = budget_of(lahar.compile(RULES["stdp"], rate=10, post_rate=5))
    loud = budget_of(lahar.compile(RULES["stdp"], rate=10, post_rate=80))

    assert (quiet.pre_rate_hz, quiet.post_rate_hz) == (10, 5)
    assert loud.sd > 1.5 * quiet.sd
    assert "at 10 Hz (post 80 Hz)" in loud.text


def test_a_neuron_whose_state_is_read_is_rehearsed() -> None:
    program = lahar.compile(RULES["clopath"])

    said = budget_of(program).post_rate_hz

    unlearned = lahar.run(program.frozen(), None, 1000, "interpreter")
    rate = unlearned["post.s_out"].mean() * 1000
    assert said == pytest.approx(rate, rel=0.15)


def test_a_long_epoch_loses_updates_and_the_prediction_says_so() -> None:
    growing = rule("    dw = 0.00392156862745098 * pre")  # an LSB

    def bias(epoch: int) -> float:
        return budget_of(lahar.compile(growing, epoch=epoch, rate=60)).bias

    # 60 spikes in 1000 steps; of a pair in one epoch the first is lost.
    assert abs(bias(1)) < 0.2
    assert bias(16) < bias(4) < -3


def test_functions_that_are_approximated_are_off_by_their_approximation() -> None:
    program = lahar.compile(RULES["stdp-soft-bound"], pre=40, post=40)

    assert errors(program).mean() == pytest.approx(budget_of(program).bias, abs=1.0)


# --- what it is predicted from ----------------------------------------------------


def test_a_prediction_is_the_same_every_time() -> None:
    np.random.default_rng().random()

    assert lahar.compile(STDP).budgets == lahar.compile(STDP).budgets


def test_the_random_bits_are_those_of_every_machine() -> None:
    bits = Bits(1)

    assert bits.words((1, 3)).tolist() == WORDS
    assert bits.halves((1, 3)).tolist() == HALVES


WORDS = [[2032329983, 2198257139, 3243419750]]
HALVES = [[6349, 2284, 42230]]


def test_normal_numbers_have_mean_0_and_variance_1() -> None:
    drawn = Bits(2).normal((400, 100))

    assert abs(drawn.mean()) < 0.02
    assert drawn.var() == pytest.approx(1, abs=0.02)


def test_a_synapse_is_followed_through_its_own_moments() -> None:
    acts = np.zeros((6, 2), np.bool_)
    acts[[1, 4], 0] = acts[2, 1] = True

    moments = Moments.of(acts, every_step=False)

    assert moments.real.tolist() == [[1, 1], [1, 0]]
    assert moments.pick(np.arange(12).reshape(6, 2)).tolist() == [[2, 5], [8, 1]]
    assert moments.updates(acts)[-1].tolist() == [2, 1]


def doubled(product: Product) -> Product:
    return replace(product, exponent=product.exponent + 1)


def test_a_mistake_in_lowering_does_not_widen_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = lahar.compile(RULES["stdp"])
    lower: Callable[..., Product] = connections._product
    monkeypatch.setattr(connections, "_product", lambda *a: doubled(lower(*a)))

    wrong = lahar.compile(RULES["stdp"])

    assert wrong.connections != right.connections
    assert wrong.budgets == right.budgets
    assert (level(right), level(wrong)) == ("within budget", "diverged")


def test_a_wrong_product_shift_is_no_part_of_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shift: Callable[..., int] = quantise.product_shift

    def one_less(*args: Any) -> int:
        return max(0, shift(*args) - 1)

    monkeypatch.setattr(quantise, "product_shift", one_less)

    assert level(lahar.compile(RULES["stdp-multiplicative"])) == "diverged"


def test_a_coefficient_of_a_tag_that_is_off_by_2_is_out_of_budget() -> None:
    program = lahar.compile(RULES["eligibility-two-taus"])
    first, *others = program.connections
    assert first.learning is not None
    products = tuple(
        doubled(p) if p.target == "w" else p for p in first.learning.products
    )
    changed = replace(first, learning=replace(first.learning, products=products))
    wrong = replace(program, connections=(changed, *others))

    assert (level(program), level(wrong)) == ("within budget", "diverged")


# --- large networks ---------------------------------------------------------------


def layers(count: int) -> Network:
    random = np.random.default_rng(0)
    names = [f"layer{n}" for n in range(count)]
    return Network(
        "layers",
        (Group("input", 5), *(Group(n, 5, LIF(threshold=2.0)) for n in names)),
        tuple(
            Projection(f"to_{b}", a, b, random.uniform(0.1, 0.9, (5, 5)), rule=STDP())
            for a, b in zip(["input", *names], names, strict=False)
        ),
        1 * ms,
    )


def test_layers_that_are_alike_share_one_forecast(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []
    forecast: Callable[..., Any] = budget.forecast

    def counted(draft: Any, synapse: Any, weights: Any) -> Any:
        made.append(weights.size)
        return forecast(draft, synapse, weights)

    monkeypatch.setattr(budget, "forecast", counted)

    program = lahar.compile(layers(6))

    assert made == [6 * 25]
    assert [b.connection for b in program.budgets] == [f"to_layer{n}" for n in range(6)]
    assert len({b.sd for b in program.budgets}) == 1


def test_more_sources_than_are_drawn_one_by_one_make_a_normal_current() -> None:
    few, many = (
        lahar.compile(RULES["clopath"], pre=pre, post=2).budgets[0].post_rate_hz
        for pre in (1500, 2500)
    )

    assert many == pytest.approx(few, rel=0.5)
