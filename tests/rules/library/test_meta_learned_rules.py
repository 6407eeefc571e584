"""The family of four-term rules: its known member, and others on the chip."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.rules.library import InhibitorySTDP
from lahar.rules.library.meta_learned import FourTermInhibition


def test_the_balancing_rule_is_a_member() -> None:
    runs = [
        lahar.run(
            lahar.compile(rule, pre=8, post=3),
            "poisson:rate=40Hz",
            400,
            "reference",
            seed=3,
        )
        for rule in (FourTermInhibition(), InhibitorySTDP())
    ]

    first, second = (run.final["synapse.weights"] for run in runs)
    assert np.allclose(first, second)


@pytest.mark.parametrize("chip", ["loihi1", "loihi2"])
def test_any_member_is_four_products_at_the_synapse(chip: str) -> None:
    rule = FourTermInhibition(alpha=0.3, beta=-0.2, gamma=-0.7, kappa=1.3)

    program = lahar.compile(rule, chip=chip, pre=8, post=3)

    assert len(program.report.terms) == 4
    assert {t.status for t in program.report.terms} <= {"exact", "approximated"}
