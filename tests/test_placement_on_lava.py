"""Functions and thresholds of w and a tag: the simulator and Lava agree in every bit.

Lava's own parser reads the signs, and its own engine shifts the products.
"""

from __future__ import annotations

import importlib.util

import pytest

import lahar
from lahar import Program, ms
from lahar.rules.parser import parse_rule

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava runs on Python 3.10 only"
)

RULE = """
rule Mine:
    trace x = pre, tau 20 ms
    trace y = post, tau 20 ms
    {0}
    bounds = [0.0, 1.0]
"""
TAG = "tag tag, tau 50 ms\n    dtag = x * post\n    "
RULES = {
    "exp(-w), a polynomial": "dw = 0.1 * exp(-w) * x * post - 0.05 * w * y * pre",
    "(w_max - w) ** 0.4, steps": (
        "dw = 0.1 * (1 - w) ** 0.4 * x * post - 0.1 * w ** 0.4 * y * pre"
    ),
    "a threshold on the tag": TAG + "dw = where(tag > 0.5, 0.02, -0.005) * pre",
    "the same beside a trace, shifted": (
        TAG + "dw = where(tag > 0.5, 0.04, -0.02) * x * post"
    ),
    "abs, clip and sign of a tag": (
        TAG + "dw = 0.01 * abs(tag - 0.5) * pre - 0.02 * clip(tag, 0.2, 0.6) * post"
    ),
    "a function that the neuron approximates": (
        "dw = 0.05 * exp(-2 * clip(post.v, 0, 1)) * x * pre - 0.02 * w * post"
    ),
    "a third factor and a function": (
        "dw = 0.01 * clip(post.v * 2, 0, 1) * exp(-w) * x * post - 0.005 * pre"
    ),
}


def compiled(name: str) -> Program:
    rule = parse_rule(RULE.format(RULES[name]))
    return lahar.compile(rule, chip="loihi2", dt=1 * ms, pre=20, post=5)


def assert_identical(program: Program, ours: str, steps: int, seed: int) -> None:
    verdict = lahar.validate(program, (ours, "lava"), steps=steps, seed=seed)

    verdict.require()
    assert verdict.level == "identical"
    learned = {v.name: v.by for v in verdict.variables if v.name.endswith("weights")}
    assert learned == {"synapse.weights": "lava"}


@pytest.mark.parametrize("name", list(RULES)[:3])
def test_signs_and_approximations_are_identical_on_lava(name: str) -> None:
    assert_identical(compiled(name), "interpreter", steps=300, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_signs_and_approximations_are_identical_on_lava_for_long(name: str) -> None:
    # Two are compiled: kernels equal the interpreter (tests/sim).
    ours = "sim" if name in list(RULES)[:2] else "interpreter"
    assert_identical(compiled(name), ours, steps=1000, seed=5)


def test_the_rules_have_signs_and_shifted_products() -> None:
    products = [
        product
        for name in RULES
        for product in compiled(name).connections[0].learning.products  # type: ignore[union-attr]
    ]

    signs = {f.variable for p in products for f in p.factors if f.sign}
    assert signs == {"w", "t"}
    assert any(len(p.factors) > 1 and p.factors[0].sign for p in products)
