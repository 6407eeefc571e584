"""S17: what Hebb's rule learns has one rank; a rule is found by what it did."""

from __future__ import annotations

import numpy as np

from lahar.demo.systems import s17_low_rank as s17
from lahar.demo.systems.frame import Arithmetic


def test_what_is_learned_has_one_rank_along_the_state(arithmetic: Arithmetic) -> None:
    figures = s17.measure(arithmetic, 1, quick=True).figures

    assert figures["alone_rank"] < 0.2
    assert figures["alone_m"] > 0.9
    assert figures["driven_input"] > figures["driven_m"]


def test_forward_selection_finds_the_terms_that_made_the_change() -> None:
    random = np.random.default_rng(1)
    features = random.random((500, len(s17.TERMS)))
    change = 2.0 * features[:, 4] - features[:, 7] + 0.01 * random.normal(size=500)

    assert s17.selected(features, change) == {s17.TERMS[4], s17.TERMS[7]}
