"""How synaptic variables lie in memory: packed where columns are visited, narrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.learning import Product
from lahar.hardware.profile import LAVA_0_10, LOIHI2
from lahar.hardware.program import Connection, Program, SignMode
from lahar.sim.kernel_storage import pack, storage_of, unpack

MakeProgram = Callable[..., Program]


def learning_connection(program: Program) -> Connection:
    return next(c for c in program.connections if c.learning is not None)


@pytest.mark.parametrize(("bits", "low", "high"), [(8, 0, 255), (16, -257, 255)])
@pytest.mark.parametrize("shape", [(1, 1), (4, 3), (7, 5), (33, 2)])
def test_what_is_packed_is_unpacked_again(
    bits: int, low: int, high: int, shape: tuple[int, int]
) -> None:
    rows = np.random.default_rng(3).integers(low, high, shape, endpoint=True)

    words = pack(rows, bits, 32 // bits)

    assert words.size == -(-shape[0] * bits // 32) * shape[1]
    assert np.array_equal(unpack(words.ravel(), bits, *shape), rows)


def test_excitatory_weights_of_pair_stdp_take_a_byte_each(
    stdp_program: MakeProgram,
) -> None:
    program = stdp_program(13, 7, 1, SignMode.EXCITATORY)

    weights = storage_of(learning_connection(program), LOIHI2)["weights"]

    assert (weights.bits, weights.packed) == (8, 4)
    assert weights.length(13, 7) == 4 * 7
    assert weights.range == (0, 255)


def test_weights_of_both_signs_take_two_bytes(stdp_program: MakeProgram) -> None:
    program = stdp_program(13, 7, 1, SignMode.MIXED)

    weights = storage_of(learning_connection(program), LOIHI2)["weights"]

    assert (weights.bits, weights.packed) == (16, 2)


def test_weights_beyond_sixteen_bits_are_not_packed(stdp_program: MakeProgram) -> None:
    connection = learning_connection(stdp_program(13, 7, 1, SignMode.MIXED))
    large = connection.weights.copy()
    large[0, 0] = 40_000

    weights = storage_of(replace(connection, weights=large), LAVA_0_10)["weights"]

    assert weights.packed == 1
    assert weights.range == (-(1 << 31), (1 << 31) - 1)


def test_a_rule_that_visits_all_synapses_in_every_phase_is_not_packed(
    stdp_program: MakeProgram,
) -> None:
    connection = learning_connection(stdp_program(13, 7, 1, SignMode.EXCITATORY))
    learning = connection.learning
    assert learning is not None
    always = Product("w", "u", (), 1, 0)

    def packed(decimate: int) -> int:
        changed = replace(
            learning,
            products=(*learning.products, always),
            decimate_exponent=decimate,
        )
        storage = storage_of(replace(connection, learning=changed), LOIHI2)
        return storage["weights"].packed

    assert packed(0) == 1
    assert packed(5) == 4
