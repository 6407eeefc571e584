"""`ideal`: with rounding out of the way, a Program does what the rule says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.hardware.chips import CHIPS, get_chip
from lahar.hardware.formats import nearest_mantissa_exponent, nearest_without_table
from lahar.hardware.profile import FOR_TESTS, IDEAL, LOIHI2, PROFILES
from lahar.hardware.program import Program
from lahar.hardware.widths import IDEAL_WIDTHS, LOIHI_WIDTHS
from lahar.rules.library import RULES
from lahar.sim.product_words import Int32, LongWord, word_of
from lahar.sim.recording import Recording, in_rule_units

STEPS = 400
TIGHT = 2e-6
"""Of the largest change of a weight: some roundings of 2**-24 add up."""


APPROXIMATED = ("stdp-power-law", "stdp-soft-bound")
"""What stands for a function of the weight is no rounding, and as far off as ever."""
SPLIT = ("eligibility-two-taus",)
"""Of two connections: tests/compiler/ has its own comparison of split rules."""
ROUNDED = [rule for rule in RULES if rule not in (*APPROXIMATED, *SPLIT)]


def compiled(rule: str, chip: str) -> Program:
    return lahar.compile(RULES[rule], chip=chip, pre=6, post=3)


def run(program: Program, backend: str = "interpreter") -> Recording:
    # As many spikes as the compiler was told: a trace that saturates is no rounding.
    return lahar.run(
        program,
        "poisson:rate=20Hz",
        steps=STEPS,
        backend=backend,
        record=["synapse.weights", "*.s_out"],
    )


def open_loop(program: Program, recording: Recording) -> tuple[float, float]:
    """Give the largest error of a weight, and its largest change in the reference."""
    reference = lahar.run(
        program,
        steps=STEPS,
        backend="reference",
        given=recording,
        record=["synapse.weights"],
    )
    name = "synapse.weights"
    got = in_rule_units(np.asarray(recording[name]), recording.view(name))
    wanted = np.asarray(reference[name])
    first = in_rule_units(
        np.asarray(program.connection("synapse").weights), recording.view(name)
    )
    return float(np.abs(got - wanted).max()), float(np.abs(wanted - first).max())


@pytest.mark.parametrize("rule", ROUNDED)
def test_weights_of_a_rule_are_those_of_the_reference(rule: str) -> None:
    program = compiled(rule, "ideal")

    error, change = open_loop(
        program,
        lahar.run(
            program,
            "poisson:rate=20Hz",
            steps=STEPS,
            backend="interpreter",
            record="all",
        ),
    )

    assert change > 0.005, "the rule has to do something"
    assert error < TIGHT * change


def test_the_same_on_loihi2_is_thousands_of_times_coarser() -> None:
    errors = {}
    for chip in ("loihi2", "ideal"):
        program = compiled("stdp", chip)
        errors[chip], _ = open_loop(program, run(program))

    assert errors["loihi2"] > 10_000 * errors["ideal"]


def test_a_coefficient_that_is_wrong_by_a_thousandth_shows() -> None:
    program = compiled("stdp", "ideal")
    (connection,) = program.connections
    assert connection.learning is not None
    first, *others = connection.learning.products
    wrong = replace(first, mantissa=round(first.mantissa * 1.001))
    learning = replace(connection.learning, products=(wrong, *others))
    mistaken = replace(program, connections=(replace(connection, learning=learning),))

    error, change = open_loop(mistaken, run(mistaken))

    assert error > 50 * TIGHT * change


def test_neurons_stay_with_the_closed_reference_for_hundreds_of_steps() -> None:
    program = compiled("stdp", "ideal")
    recordings = {
        backend: lahar.run(
            program,
            "poisson:rate=20Hz",
            steps=300,
            backend=backend,
            record=["post.s_out"],
        )
        for backend in ("interpreter", "reference")
    }

    spikes = {b: np.asarray(r["post.s_out"]) for b, r in recordings.items()}
    assert spikes["reference"].sum() > 20
    differing = (spikes["interpreter"] != spikes["reference"]).sum()
    assert differing <= 0.1 * spikes["reference"].sum()


@pytest.mark.parametrize("backend", ["sim", "lava"])
def test_only_the_interpreter_has_formats_so_wide(backend: str) -> None:
    program = compiled("stdp", "ideal")

    with pytest.raises(LaharError) as refused:
        lahar.run(program, steps=3, backend=backend)

    assert [d.code for d in refused.value.diagnostics] == ["P384"]


def test_a_program_of_a_loihi_does_not_run_under_ideal() -> None:
    with pytest.raises(LaharError) as refused:
        lahar.run(
            compiled("stdp", "loihi2"), steps=3, backend="interpreter", profile="ideal"
        )

    assert [d.code for d in refused.value.diagnostics] == ["U904"]


def test_a_program_for_it_is_a_program_like_any(tmp_path: object) -> None:
    program = compiled("oja", "ideal")

    program.save(tmp_path / "oja.lahar")  # type: ignore[operator]

    assert lahar.load(tmp_path / "oja.lahar") == program  # type: ignore[operator]


def test_what_it_says_of_its_formats_is_what_its_profile_computes() -> None:
    for chip, widths in (
        *((c, LOIHI_WIDTHS) for c in CHIPS.values()),
        (get_chip("ideal"), IDEAL_WIDTHS),
    ):
        assert chip.trace_bits.value == widths.trace_bits
        assert chip.trace_max.value == widths.trace_max
        assert chip.accumulator_bits.value == widths.accumulator_bits + 1
        for variable, bits in chip.factor_widths.value.items():
            if variable not in ("r0", "r1"):
                assert bits == widths.factor_bits(variable), variable
    assert get_chip("ideal").tag.value == (IDEAL.tag_low, IDEAL_WIDTHS.tag_max)
    assert get_chip("ideal").profile == IDEAL.name


def test_it_is_no_profile_of_a_chip() -> None:
    assert "ideal" not in PROFILES
    assert FOR_TESTS["ideal"].widths != LOIHI2.widths
    assert all(p.widths == LOIHI_WIDTHS for p in PROFILES.values())
    assert isinstance(word_of(LOIHI_WIDTHS), Int32)


def test_a_long_word_of_32_bits_is_an_int32() -> None:
    random = np.random.default_rng(0)
    values = random.integers(-(2**45), 2**45, 400)
    products = random.integers(-(2**31), 2**31, 400)
    short, long = Int32(), LongWord(32)

    assert np.array_equal(short.wrapped(values), long.wrapped(values))
    for shift, exponent in ((0, 0), (5, 3), (17, 12), (32, 15)):
        held = long.held(products)
        for name in ("scaled", "scaled_toward_zero"):
            wanted = getattr(short, name)(products, shift, exponent)
            assert np.array_equal(wanted, getattr(long, name)(held, shift, exponent))


def test_a_fit_without_the_table_is_that_of_the_table() -> None:
    random = np.random.default_rng(0)
    for mantissa, exponent in (
        ((-8, 7), (-7, 8)),
        ((-5, 5), (-3, 4)),
        ((-8, 7), (0, 3)),
    ):
        for size in random.uniform(-12, 14, 400):
            value = float(random.choice([-1, 1]) * 2.0**size)
            for wanted in (value, round(value * 8) / 8):
                formats = (mantissa, exponent)
                found = nearest_without_table(wanted, *formats)
                assert found == nearest_mantissa_exponent(wanted, *formats), wanted
