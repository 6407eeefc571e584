"""B04: causes explain images, targets teach, and the way back stays a mirror."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from lahar.demo.digits import load_digits, split
from lahar.demo.lava_check import compare_with_lava
from lahar.demo.listener import NobodyListens
from lahar.demo.systems import causes_of_digits, digits_by_errors
from lahar.verbs import run


def test_sixty_images_are_enough_to_explain_some_and_to_be_surprised() -> None:
    amounts = causes_of_digits.QUICK

    figures, curves = causes_of_digits.explained("loihi2", 1, amounts)

    assert figures["left"] < 0.5 * curves["left"][:5].mean()
    assert figures["surprise"] > 1.5
    assert figures["mirror"] > 0.9


def test_a_hundred_digits_with_targets_are_learned_in_part() -> None:
    figures, _ = digits_by_errors.learned_and_tested(
        "loihi2", 1, digits_by_errors.QUICK
    )

    assert figures["accuracy"] > 0.25
    assert figures["angle"] < 45


def test_a_cause_knows_what_silent_errors_send_it() -> None:
    """Else the tonic rate would drive it like an error."""
    images, _ = split(load_digits(), 10, 0, 1)
    given = causes_of_digits.shown(images.images, np.zeros(10, np.bool_))
    program, steps = causes_of_digits.program(1), 10 * causes_of_digits.STEPS

    recording = run(program, given, steps, "reference", record=["cause.tonic"])

    # In the first step of an image, what is heard is still of the last one.
    every = recording["cause.tonic"].reshape(10, causes_of_digits.STEPS, -1)
    sent = recording.final["back.weights"].sum(axis=1)
    assert np.abs(every[:, causes_of_digits.SILENT_STEPS - 1 :] - sent).max() < 1e-9


def test_without_rounding_both_ways_stay_equal() -> None:
    images, _ = split(load_digits(), 10, 0, 1)
    given = causes_of_digits.shown(images.images, np.ones(10, np.bool_))
    program, steps = causes_of_digits.program(1), 10 * causes_of_digits.STEPS

    run_of = run(program, given, steps, "reference", record=["predict.weights"])

    predict = run_of.final["predict.weights"]
    assert predict == pytest.approx(run_of.final["back.weights"].T)
    assert np.abs(predict - run_of["predict.weights"][0]).max() > 0.05


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("lava") is None, reason="needs Lava")
def test_lava_repeats_the_network_with_targets() -> None:
    digits, _ = split(load_digits(), 60, 0, 1)
    steps = 60 * digits_by_errors.STEPS

    check = compare_with_lava(
        digits_by_errors.program(1),
        digits_by_errors.taught(digits),
        steps,
        0,
        NobodyListens(),
    )

    (verdict,) = check.verdicts.values()
    assert verdict.level == "identical"
