"""Random numbers: Lava's streams in Lava's order, and the hash of section 8."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.learning import Learning
from lahar.hardware.profile import LAVA_0_10, LOIHI2
from lahar.hardware.program import Connection, Population, Program
from lahar.sim.kernel_randomness import chunk_numbers
from lahar.sim.kernel_trace_source import (
    POPULATION_ROWS,
    REPEATED_IMPULSE_ROW,
    ROUNDING_ROW,
)
from lahar.sim.randomness import (
    DECAY_KIND,
    IMPULSE_KIND,
    ROUNDING_KIND,
    ElementNumbers,
    PopulationNumbers,
    numbers_of_connection,
)

STEPS = 60


def test_second_pre_spikes_use_the_number_zero_in_lava() -> None:
    assert PopulationNumbers(1, 7).repeated_impulse("x1", 4, 3, 7).tolist() == [0] * 3


def test_population_numbers_are_shared_by_all_elements() -> None:
    numbers = PopulationNumbers(3, 7)

    assert len(set(numbers.decay("x1", 4, 2, 50, 53))) == 1
    assert len(set(numbers.rounding("w", 4, 2, (5, 6), 7).ravel())) == 1
    assert numbers.decay("x1", 4, 2, 1, 16) == numbers.decay("x2", 4, 4, 1, 53) >> 37


def hash_of_section_8(seed: int, stream: int, step: int, index: int, bits: int) -> int:
    """The definition, in Python's own integers."""
    mask = (1 << 64) - 1

    def mix(z: int) -> int:
        z &= mask
        z ^= z >> 30
        z = z * 0xBF58476D1CE4E5B9 & mask
        z ^= z >> 27
        z = z * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    key = mix(seed * 0x9E3779B97F4A7C15 + stream + 1)
    place = step * 0xD1B54A32D192ED03 + index * 0x9E3779B97F4A7C15
    return mix(key + place) >> (64 - bits)


def test_element_numbers_follow_the_definition() -> None:
    seed, position = 123456789, 5
    numbers = ElementNumbers(seed, position)

    def wanted(kind: int, step: int, size: int, bits: int) -> list[int]:
        stream = 16 * position + kind
        return [hash_of_section_8(seed, stream, step, i, bits) for i in range(size)]

    for trace, kind in DECAY_KIND.items():
        assert numbers.decay(trace, 9, 7, 4, 16).tolist() == wanted(kind, 7, 4, 16)
    for trace, kind in IMPULSE_KIND.items():
        expected = wanted(kind, 7, 4, 8)
        assert numbers.impulse(trace, 9, 7, 4, 8).tolist() == expected
        assert numbers.repeated_impulse(trace, 7, 4, 8).tolist() == expected
    for target, kind in ROUNDING_KIND.items():
        drawn = numbers.rounding(target, 9, 3, (2, 3), 7)
        assert drawn.ravel().tolist() == wanted(kind, 9, 6, 7)  # index j * n_pre + i


def test_element_numbers_are_uniform_and_unrelated() -> None:
    numbers = ElementNumbers(0, 0)
    size = 40000

    first = numbers.decay("x1", 1, 1, size, 16)
    for other in (
        numbers.decay("x1", 2, 2, size, 16),
        numbers.decay("x2", 1, 1, size, 16),
        ElementNumbers(1, 0).decay("x1", 1, 1, size, 16),
        ElementNumbers(0, 1).decay("x1", 1, 1, size, 16),
    ):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.025  # 5 standard errors
    counts = np.bincount(first >> 12, minlength=16)
    assert ((counts - size / 16) ** 2 / (size / 16)).sum() < 45  # chi2, 15, p < 1e-4


def program_of(epochs: list[int]) -> Program:
    connections = tuple(
        Connection(
            f"c{k}",
            "a",
            "a",
            "",
            np.zeros((1, 1), np.int32),
            learning=Learning(epoch, (), seed_offset=k),
        )
        for k, epoch in enumerate(epochs)
    )
    return Program(
        name="numbers",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("a", 1),),
        connections=connections,
    )


@pytest.mark.parametrize("chunks", [[STEPS], [1] * STEPS, [7, 20, 1, 32]])
def test_kernels_get_the_same_numbers_however_a_run_is_cut(chunks: list[int]) -> None:
    epochs = [1, 3]
    numbers = chunk_numbers(program_of(epochs), LAVA_0_10, 40)
    first, planes = 1, []
    for count in chunks:
        planes.append(numbers.next_chunk(first, count))
        first += count
    drawn = np.concatenate(planes, axis=2).astype(np.int64)

    for c, epoch in enumerate(epochs):
        wanted = numbers_of_connection(LAVA_0_10, 40 + c, c)
        for t in range(epoch, STEPS + 1, epoch):
            row = drawn[c, :, t - 1]
            for side in "xy":
                decay = wanted.decay(f"{side}1", t, t, 1, 53)
                assert row[POPULATION_ROWS[f"{side} decay"]] == decay
                impulse = wanted.impulse(f"{side}1", t, t, 1, 7)
                assert row[POPULATION_ROWS[f"{side} impulse"]] == impulse
            again = wanted.repeated_impulse("y1", t, 1, 7)
            assert row[REPEATED_IMPULSE_ROW] == again
            rounding = wanted.rounding("w", t, t // epoch, (1, 1), 53)
            assert row[ROUNDING_ROW] == rounding


def test_the_profile_decides_the_kind_of_randomness_by_its_field() -> None:
    mixed = replace(LOIHI2, randomness="population")

    assert isinstance(numbers_of_connection(LAVA_0_10, 0, 0), PopulationNumbers)
    assert isinstance(numbers_of_connection(LOIHI2, 0, 0), ElementNumbers)
    assert isinstance(numbers_of_connection(mixed, 0, 0), PopulationNumbers)
