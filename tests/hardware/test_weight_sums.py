"""A rule's weight that is the sum of several connections'."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.consistency import check_consistency
from lahar.hardware.program import Program, WeightSum
from lahar.hardware.program_content import (
    Content,
    ContentError,
    canonical_json,
    from_program,
    to_program,
)
from lahar.hardware.program_file import checksum, from_bytes, to_bytes
from lahar.hardware.program_text import print_program
from lahar.hardware.weight_sums import initial_sums, sums_of

Make = Callable[..., Program]


@pytest.fixture
def summed(make_dense: Make) -> Program:
    """Two connections of which the second counts four times."""
    program = make_dense()
    (first,) = program.connections
    parts = (
        replace(first, name="synapse.1", weight_exponent=-1),
        replace(first, name="synapse.2", weight_exponent=1, weights=-first.weights),
    )
    sums = (WeightSum("synapse", ("synapse.1", "synapse.2")),)
    return replace(program, connections=parts, sums=sums)


def codes(program: Program) -> list[str]:
    found = check_consistency(program)
    assert all(d.render() for d in found)
    return [d.code for d in found]


def test_a_sum_is_in_the_unit_of_its_finest_connection(summed: Program) -> None:
    assert codes(summed) == []
    first = summed.connections[0].weights

    np.testing.assert_array_equal(initial_sums(summed)["synapse.weights"], -3 * first)


def test_a_sum_needs_all_of_its_parts(summed: Program) -> None:
    weights = np.ones((5, 2, 3), np.int32)

    assert dict(sums_of(summed, {"synapse.1.weights": weights})) == {}
    found = dict(
        sums_of(
            summed, dict.fromkeys(("synapse.1.weights", "synapse.2.weights"), weights)
        )
    )
    assert found["synapse.weights"].shape == (5, 2, 3)
    assert (found["synapse.weights"] == 5).all()


@pytest.mark.parametrize(
    ("sums", "code"),
    [
        ([("synapse", ("synapse.1",))], "P313"),
        ([("synapse", ())], "P313"),
        ([("synapse", ("synapse.1", "synapse.2", "synapse.3"))], "P310"),
        ([("pre", ("synapse.1", "synapse.2"))], "P311"),
        ([("synapse.1", ("synapse.1", "synapse.2"))], "P311"),
        (
            [("a", ("synapse.1", "synapse.2")), ("b", ("synapse.1", "synapse.2"))],
            "P311",
        ),
    ],
)
def test_a_sum_of_anything_else_is_refused(
    summed: Program, sums: list[tuple[str, tuple[str, ...]]], code: str
) -> None:
    program = replace(summed, sums=tuple(WeightSum(*s) for s in sums))

    assert set(codes(program)) == {code}


def test_parts_join_the_same_neurons(summed: Program) -> None:
    first, second = summed.connections
    program = replace(summed, connections=(first, replace(second, port="", target="")))

    assert "P313" in codes(program)


def test_exponents_of_parts_are_close(summed: Program) -> None:
    first, second = summed.connections
    far = replace(second, weight_exponent=20)

    assert codes(replace(summed, connections=(first, far))) == ["P313"]


def test_sums_survive_the_file_and_are_written_only_where_there_are_any(
    summed: Program,
) -> None:
    loaded = from_bytes(to_bytes(summed), "memory")
    without = replace(summed, sums=())

    assert loaded == summed
    assert json.loads(from_program(summed).json)["sums"] == [
        {"connections": ["synapse.1", "synapse.2"], "name": "synapse"}
    ]
    assert "sums" not in json.loads(from_program(without).json)
    assert checksum(without) != checksum(summed)


@pytest.mark.parametrize(
    "sums", [[{"name": "synapse"}], [{"name": 1, "connections": []}], {"synapse": []}]
)
def test_sums_are_read_strictly(summed: Program, sums: object) -> None:
    content = from_program(summed)
    tree = {**json.loads(content.json), "sums": sums}

    with pytest.raises(ContentError):
        to_program(Content(canonical_json(tree), content.arrays))


def test_the_text_says_what_adds_up(summed: Program) -> None:
    text = print_program(summed)

    assert (
        "sums\n    synapse.weights = the sum of those of synapse.1, synapse.2" in text
    )
