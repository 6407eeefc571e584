"""What is said when a network does not fit: what, by how much, and what would help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.allocation import allocate
from lahar.hardware.chip import Chip, Value
from lahar.hardware.chips import get_chip
from lahar.hardware.learning import Learning, Product
from lahar.hardware.program import Connection, NeuronProgram, Population, Program

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]
Build = Callable[[Make, MakeLif], tuple[Program, Chip]]

LOIHI1 = get_chip("loihi1")
PLASTIC = Learning(1, (Product("w", "x0", (), 1, 0),))


def chip_with(**sizes: int) -> Chip:
    values = {k: Value(v, "unit", "a test", "high") for k, v in sizes.items()}
    return replace(LOIHI1, **values)


def too_many_axons(make: Make, _: MakeLif) -> tuple[Program, Chip]:
    return make(2, 3000, learning=PLASTIC), LOIHI1


def too_much_memory(make: Make, _: MakeLif) -> tuple[Program, Chip]:
    return make(2, 300), chip_with(synapse_bits_per_core=64 * 100)


def too_many_lists(make: Make, make_lif: MakeLif) -> tuple[Program, Chip]:
    program = make(1, 1)
    weights = np.ones((3, 1), dtype=np.int32)
    spread = Connection(*("spread", "post", "targets", "current"), weights)
    targets = Population("targets", 3, make_lif())
    program = replace(
        program,
        populations=(*program.populations, targets),
        connections=(*program.connections, spread),
    )
    return program, chip_with(out_axons_per_core=2, neurons_per_core=1)


def too_long_a_delay(make: Make, _: MakeLif) -> tuple[Program, Chip]:
    delays = np.full((1, 1), 62, dtype=np.int32)
    return make(1, 1, delays=delays), chip_with(delay_slots_per_core=40)


def too_many_neurons(make: Make, make_lif: MakeLif) -> tuple[Program, Chip]:
    program = make(200 * 1024, 1)
    last = Population("last", 7, make_lif())
    return replace(program, populations=(*program.populations, last)), LOIHI1


def too_many_for_any_board(make: Make, make_lif: MakeLif) -> tuple[Program, Chip]:
    return make(25, 1), replace(chip_with(cores=2, neurons_per_core=10), name="mine")


def two_epochs(make: Make, _: MakeLif) -> tuple[Program, Chip]:
    program = make(learning=PLASTIC)
    slow = replace(PLASTIC, epoch_steps=4)
    second = replace(program.connections[0], name="slow", learning=slow)
    return replace(program, connections=(*program.connections, second)), LOIHI1


CASES: dict[str, Build] = {
    "P360_axons": too_many_axons,
    "P360_memory": too_much_memory,
    "P360_lists": too_many_lists,
    "P360_delay": too_long_a_delay,
    "P361_board": too_many_neurons,
    "P361_no_board": too_many_for_any_board,
    "P362": two_epochs,
}


@pytest.mark.parametrize("name", CASES)
def test_what_does_not_fit_is_said_with_what_would(
    name: str,
    make_dense: Make,
    make_lif: MakeLif,
    golden: Callable[[str, str], None],
) -> None:
    program, chip = CASES[name](make_dense, make_lif)

    with pytest.raises(LaharError) as caught:
        allocate(program, chip)

    golden(name, str(caught.value) + "\n")
