"""The coverage benchmark judges as it says, and a small sample of rules passes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.rules.parser import parse_rule
from lahar.rules.rule import LearningRule

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.budget_coverage import (
    RATE,
    Case,
    Coverage,
    _case,
    coverage,
    judged,
    main,
    measured,
    network_of,
)
from benchmarks.chance import Chance
from benchmarks.random_rules import random_rule


def simple(amplitude: float) -> LearningRule:
    return parse_rule(
        f"""rule Simple:
    trace x = pre, tau 20 ms
    dw = {amplitude} * x * post - {amplitude} * pre * 0.4
"""
    )


def test_post_neurons_spike_when_they_are_told_whatever_was_learned() -> None:
    program = lahar.compile(network_of(simple(0.05), 0), rate=RATE)

    run = lahar.run(program, "poisson:rate=20Hz", 200, "interpreter", record="all")

    told, post = run["told.s_out"], run["post.s_out"]
    assert told.sum() > 30
    assert np.array_equal(post[1:], told[:-1])
    assert run["synapse.weights"].std(axis=(1, 2))[-1] > 0


def test_rules_that_show_nothing_are_replaced() -> None:
    assert judged(simple(1e-6), 0, 1, "interpreter") == (None, "refused: L17")
    assert judged(simple(0.0006), 0, 1, "interpreter") == (
        None,
        "moves less than 2 LSB",
    )
    assert judged(simple(3.0), 0, 1, "interpreter") == (None, "saturates")


def test_an_interval_that_is_too_narrow_or_too_wide_is_noticed() -> None:
    network = network_of(simple(0.03), 0)
    program = lahar.compile(network, rate=RATE)
    error = measured(
        program, network.projection("synapse"), range(2), "interpreter"
    ).error

    def case(width: float) -> Case:
        (budget,) = program.budgets
        low, high = budget.low * width, budget.high * width
        other = replace(budget, low=low, high=high)
        return _case("", replace(program, budgets=(other,)), error)

    assert case(1).covered
    assert not case(0.5).covered
    assert not case(2).covered
    assert not case(5).narrow


def test_random_rules_are_the_same_anywhere_and_of_all_kinds() -> None:
    rules = [random_rule(Chance(k)) for k in range(100)]

    assert rules == [random_rule(Chance(k)) for k in range(100)]
    assert {r.polarity for r in rules} == {"excitatory", "inhibitory", "mixed"}
    assert 15 < sum(bool(r.tags) for r in rules) < 50


def test_it_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rules", "1", "--seeds", "1", "--backend", "interpreter", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert len(told["cases"]) == 1
    assert set(told["cases"][0]) >= {"rule", "held", "width_ratio"}


@pytest.mark.slow
def test_a_sample_of_random_rules_is_covered() -> None:
    found = Coverage()
    for case, why in coverage(12, 4, first=500, backend="interpreter"):
        if case is None:
            found.replaced[why] += 1
        else:
            found.cases.append(case)

    # Of 12 rules with a chance of 0.95 each, fewer than 9 are one in 3000.
    assert found.share_covered >= 9 / 12
    assert found.share_narrow >= 11 / 12
