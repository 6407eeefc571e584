"""Boards: several chips as one target, and how one is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.allocation import allocate
from lahar.hardware.chip import Value
from lahar.hardware.chips import CHIPS, boards_of, get_chip
from lahar.hardware.chips.boards import BOARDS
from lahar.hardware.program import NeuronProgram, Population, Program

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]


@pytest.mark.parametrize(
    ("name", "chips", "cores"),
    [
        ("loihi1:kapoho-bay", 2, 256),
        ("loihi1:nahuku32", 32, 4096),
        ("loihi1:nahuku32/8", 8, 1024),
        ("loihi1:pohoiki-springs", 768, 98304),
        ("loihi2:oheo-gulch", 1, 128),
        ("loihi2:kapoho-point", 8, 1024),
        ("loihi2:hala-point", 1152, 140544),
    ],
)
def test_a_board_has_the_published_number_of_chips(
    name: str, chips: int, cores: int
) -> None:
    chip = get_chip(name)

    assert (chip.name, chip.chips.value, chip.all_cores) == (name, chips, cores)
    assert chip.core_limit.value == cores


def test_a_board_differs_from_its_chip_in_size_only() -> None:
    for board in BOARDS:
        chip, on_board = CHIPS[board.chip], get_chip(board.target)
        same = replace(
            on_board,
            name=chip.name,
            title=chip.title,
            chips=chip.chips,
            cores=chip.cores,
        )
        assert same == chip


def test_every_number_of_a_board_has_a_source() -> None:
    for board in BOARDS:
        for value in (board.chips, board.usable_cores):
            assert value is None or (value.source and value.is_verified)


def test_the_limit_of_a_board_names_both_sources_and_trusts_the_weaker() -> None:
    limit = get_chip("loihi1:nahuku32").core_limit

    assert "Davies et al. 2018" in limit.source
    assert "Frady et al. 2020" in limit.source
    assert limit.trust == "medium"
    assert get_chip("loihi1").core_limit is get_chip("loihi1").cores


def test_boards_are_listed_small_ones_first() -> None:
    assert [b.name for b in boards_of("loihi1")] == [
        "kapoho-bay",
        "nahuku32",
        "pohoiki-springs",
    ]
    assert boards_of("ideal") == ()


@pytest.mark.parametrize(
    ("name", "golden_name"),
    [
        ("loihi3:nahuku32", "P301_board"),
        ("loihi2:nahuku32", "P370"),
        ("loihi1:nahuku32/33", "P371_1"),
        ("loihi1:nahuku32/some", "P371_2"),
        ("loihi1:nahuku32/0", "P371_3"),
    ],
)
def test_what_is_no_board_is_refused(
    name: str, golden_name: str, golden: Callable[[str, str], None]
) -> None:
    with pytest.raises(LaharError) as caught:
        get_chip(name)

    golden(golden_name, str(caught.value) + "\n")


def test_a_network_goes_on_to_the_next_chip(make_dense: Make) -> None:
    board = get_chip("loihi1:kapoho-bay")
    program = make_dense(130 * 1024, 1)

    placement = allocate(program, board)

    assert [p.core for p in placement] == list(range(130))
    assert {p.core // board.cores.value for p in placement} == {0, 1}


def test_a_chip_that_is_too_small_names_the_smallest_board_that_is_not(
    make_dense: Make, make_lif: MakeLif
) -> None:
    for cores, board in ((129, "kapoho-bay"), (257, "nahuku32")):
        with pytest.raises(LaharError) as caught:
            allocate(make_dense(cores * 1024, 1), get_chip("loihi1"))

        text = str(caught.value)
        assert f"needs {cores} cores; loihi1 has 128" in text
        assert f"compile for `loihi1:{board}`" in text
        assert allocate(make_dense(cores * 1024, 1), get_chip(f"loihi1:{board}"))


def test_a_chip_of_ones_own_has_no_boards(make_dense: Make, make_lif: MakeLif) -> None:
    one = Value(1, "core", "a test", "high")
    mine = replace(get_chip("loihi1"), name="mine", cores=one)
    program = make_dense(1024, 1)
    more = (*program.populations, Population("last", 3, make_lif()))

    with pytest.raises(LaharError) as caught:
        allocate(replace(program, populations=more), mine)

    assert "= help: leave out `last`" in str(caught.value)
