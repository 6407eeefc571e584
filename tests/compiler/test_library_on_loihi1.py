"""What becomes of every library rule on loihi1: compiled, or which limit says no.

A rule that is new to the library has to be entered here.
"""

from __future__ import annotations

import pytest

import lahar
from lahar import LaharError
from lahar.hardware.chips import get_chip
from lahar.rules.library import RULES

NO_THIRD_FACTOR = "R210"
"""The post neuron's program writes no values for the synapses: a limit of the chip."""

ON_LOIHI_1 = {
    "stdp": "compiles",
    "stdp-nearest": "compiles",
    "stdp-triplet": "compiles",
    "stdp-multiplicative": "compiles",
    "stdp-power-law": "compiles",
    "stdp-soft-bound": "compiles",
    "stdp-inhibitory": "compiles",
    "stdp-reward": NO_THIRD_FACTOR,
    "eligibility-two-taus": NO_THIRD_FACTOR,
    "delta": NO_THIRD_FACTOR,
    "e-prop": NO_THIRD_FACTOR,
    "oja": "compiles",
    "bcm": NO_THIRD_FACTOR,
    "homeostatic": NO_THIRD_FACTOR,
    "clopath": NO_THIRD_FACTOR,
    "burst": NO_THIRD_FACTOR,
    "calcium": "compiles",
    "predictive": NO_THIRD_FACTOR,
}


def test_the_table_has_every_rule() -> None:
    assert list(ON_LOIHI_1) == list(RULES)


@pytest.mark.parametrize("rule", [r for r, s in ON_LOIHI_1.items() if s == "compiles"])
def test_a_rule_of_two_factors_compiles(rule: str) -> None:
    program = lahar.compile(RULES[rule], chip="loihi1", pre=4, post=2)

    assert program.chip == "loihi1"
    assert all(t.status != "refused" for t in program.report.terms)


@pytest.mark.parametrize("rule", [r for r, s in ON_LOIHI_1.items() if s != "compiles"])
def test_another_is_refused_for_a_named_limit(rule: str) -> None:
    limit = get_chip("loihi1").graded_post_factors

    with pytest.raises(LaharError) as refused:
        lahar.compile(RULES[rule], chip="loihi1", pre=4, post=2)

    assert ON_LOIHI_1[rule] in {d.code for d in refused.value.diagnostics}
    assert f"graded post values on loihi1: {limit.value}" in str(refused.value)
    assert limit.source in str(refused.value)
