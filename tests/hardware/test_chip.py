from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.hardware.chip import Chip
from lahar.hardware.chips import CHIPS, get_chip
from lahar.hardware.cost_tables import EVENTS
from lahar.hardware.profile import LAVA_0_10, PROFILES
from lahar.hardware.program import SignMode

TRUSTS = {"high", "medium", "low", "unverified"}
every_chip = pytest.mark.parametrize("chip", CHIPS.values(), ids=CHIPS)


@every_chip
def test_every_value_has_a_source_and_a_trust(chip: Chip) -> None:
    for name, value in chip.values().items():
        assert value.source.strip(), name
        assert value.trust in TRUSTS, name


@every_chip
def test_an_unpublished_value_is_unverified(chip: Chip) -> None:
    for name, value in chip.values().items():
        if value.value is None:
            assert value.trust == "unverified", name
            assert not value.is_verified


@every_chip
def test_derived_values_follow_from_the_widths(chip: Chip) -> None:
    assert chip.trace_max.value == 2**chip.trace_bits.value - 1
    assert chip.trace_impulse.value == (0, chip.trace_max.value)
    assert chip.mantissa.value == (-8, 7)
    assert chip.exponent.value == (-7, 8)
    assert set(chip.weight_ranges.value) == set(SignMode)
    assert set(chip.factor_widths.value) == set(chip.learning_factors.value)
    assert max(chip.weight_bit_choices.value) == chip.weight_bits.value
    for table in chip.cost_tables:
        assert set(table.energies) == set(table.times) == set(EVENTS)


@every_chip
def test_a_range_goes_from_low_to_high(chip: Chip) -> None:
    for name in ("mantissa", "exponent", "epoch_steps", "weight_exponent", "tag"):
        low, high = getattr(chip, name).value
        assert low < high, name


def test_nobody_has_published_products_per_rule_or_energies_of_loihi_2() -> None:
    assert CHIPS["loihi1"].products_per_rule.value is None
    assert CHIPS["loihi2"].products_per_rule.value is None
    for table in CHIPS["loihi2"].cost_tables:
        assert all(e.value is None for e in table.energies.values())
    energies = CHIPS["loihi1"].cost_tables[0].energies
    assert energies["synaptic operation, dense list"].value == 23.6


def test_third_factors_differ_between_the_chips_in_data() -> None:
    assert CHIPS["loihi1"].graded_post_factors.value == 0
    assert CHIPS["loihi2"].graded_post_factors.value == 3


def test_the_chip_shifts_products_as_its_profile_does() -> None:
    assert CHIPS["loihi2"].product_shift_base.value == (
        PROFILES["loihi2"].product_shift_base
    )
    assert CHIPS["loihi2"].product_shift_base.value == LAVA_0_10.product_shift_base


def test_an_unknown_chip_is_a_diagnostic_that_lists_the_known() -> None:
    with pytest.raises(LaharError) as caught:
        get_chip("loihi3")

    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "P301"
    assert "loihi1, loihi2" in diagnostic.render()
    assert caught.value.exit_code == 2


def test_every_number_of_a_description_stands_beside_its_source() -> None:
    folder = Path(lahar.__file__).parent / "hardware" / "chips"
    for file in folder.glob("loihi*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Value":
                assert len(node.args) == 4, f"{file.name}:{node.lineno}"
