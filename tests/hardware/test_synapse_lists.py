"""How long the lists of a connection are, and how they are written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.chip import Value
from lahar.hardware.chips import get_chip
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.program import Connection, IntArray, Program
from lahar.hardware.synapse_lists import synapse_lists

Make = Callable[..., Program]

LOIHI1 = get_chip("loihi1")
PLASTIC = Learning(
    1, (Product("w", "x0", (Factor("y1"),), 1, 0),), {"y1": TraceProgram(40, 5120)}
)


@pytest.fixture
def connection(make_dense: Make) -> Callable[..., Connection]:
    def made(weights: IntArray, **settings: object) -> Connection:
        post, pre = weights.shape
        program = make_dense(post, pre, weights=weights.astype(np.int32), **settings)
        return program.connections[0]

    return made


def zeros(post: int, pre: int) -> IntArray:
    return np.zeros((post, pre), dtype=np.int32)


def test_a_full_connection_is_dense_and_counts_every_target(
    connection: Callable[..., Connection],
) -> None:
    lists = synapse_lists(connection(zeros(100, 3) + 1), 0, 100, LOIHI1)

    assert lists.lengths.tolist() == [100, 100, 100]
    assert (lists.index_bits, lists.count, lists.learns) == (0, 3, False)
    assert lists.bits == 3 * (576 + 320)


def test_few_synapses_take_an_index_that_reaches_the_last_target(
    connection: Callable[..., Connection],
) -> None:
    weights = zeros(1000, 2)
    weights[[3, 63], 0] = 1

    near = synapse_lists(connection(weights), 0, 1000, LOIHI1)
    weights[64, 0] = 1
    far = synapse_lists(connection(weights), 0, 1000, LOIHI1)

    assert (near.index_bits, near.lengths.tolist()) == (6, [2, 0])
    assert (far.index_bits, far.lengths.tolist()) == (7, [3, 0])
    assert near.bits == far.bits == 64


def test_an_index_counts_from_the_first_neuron_of_the_slice(
    connection: Callable[..., Connection],
) -> None:
    weights = zeros(1000, 1)
    weights[[640, 700]] = 1

    assert synapse_lists(connection(weights), 640, 900, LOIHI1).index_bits == 6


def test_beyond_the_widest_index_lists_are_dense(
    connection: Callable[..., Connection],
) -> None:
    weights = zeros(100, 1)
    weights[99] = 1
    narrow = replace(LOIHI1, axon_index_bits=Value((6,), "bit", "a test", "high"))

    assert synapse_lists(connection(weights), 0, 100, narrow).lengths.tolist() == [100]
    assert synapse_lists(connection(weights), 0, 100, LOIHI1).lengths.tolist() == [1]


def test_learning_lists_are_dense_unless_the_connection_says_which_exist(
    connection: Callable[..., Connection],
) -> None:
    exists = zeros(100, 3)
    exists[[5, 6], 1] = 1
    plastic = connection(zeros(100, 3), learning=PLASTIC)

    whole = synapse_lists(plastic, 0, 100, LOIHI1)
    some = synapse_lists(replace(plastic, exists={"w": exists}), 0, 100, LOIHI1)

    assert whole.lengths.tolist() == [100, 100, 100]
    assert some.lengths.tolist() == [0, 2, 0]
    assert (whole.cost(LOIHI1).axons, some.cost(LOIHI1).axons) == (6, 2)
