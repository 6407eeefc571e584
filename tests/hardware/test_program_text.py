from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.learning import Factor, Product
from lahar.hardware.program import Program
from lahar.hardware.program_text import format_factor, format_product, print_program
from lahar.hardware.wires import Tap, Wire


def test_a_program_reads_well(
    everything: Program, golden: Callable[[str, str], None]
) -> None:
    golden("program_text", print_program(everything))


def test_a_network_of_lava_reads_well(
    wired: Program, golden: Callable[[str, str], None]
) -> None:
    golden("program_text_wired", print_program(wired))


def test_long_places_are_cut_short(make_dense: Callable[..., Program]) -> None:
    tap = Tap("pre.s_out", np.arange(20, dtype=np.int32))
    program = replace(make_dense(pre=20), wires=(Wire("w", (20,), (tap,)),))

    text = print_program(program)

    assert "+ pre.s_out at 0 1 2 3 4 5 6 7 8 9 10 11 ... (20 places)" in text


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (Factor("y1"), "y1"),
        (Factor("y1", -64), "(y1 - 64)"),
        (Factor("w", 3), "(w + 3)"),
        (Factor("t", sign=True), "sgn(t)"),
        (Factor("t", -40, sign=True), "sgn(t - 40)"),
        (Factor("c", 5), "5"),
        (Factor("c", -5), "-5"),
    ],
)
def test_a_factor_is_written_as_it_acts(factor: Factor, text: str) -> None:
    assert format_factor(factor) == text


def test_a_product_is_written_as_a_formula() -> None:
    product = Product("w", "x0", (Factor("y1"),), -3, -2)

    assert format_product(product) == "dw += x0 * y1 * -3 * 2^-2"


def test_connections_without_synapses_print(make_dense: Callable[..., Program]) -> None:
    program = make_dense(weights=np.zeros((2, 0), dtype=np.int32))

    assert "weights 2 x 0 (excitatory, 8 bit, * 2^0)" in print_program(program)
