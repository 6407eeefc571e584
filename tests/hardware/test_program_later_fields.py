"""Fields that came after the first program files: written only where they are used."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from lahar.hardware.learning import GradedSpikes, Learning, TraceProgram
from lahar.hardware.program import Program
from lahar.hardware.program_content import (
    LATER_FIELDS,
    Content,
    ContentError,
    canonical_json,
    from_program,
    to_program,
)
from lahar.hardware.program_file import checksum, from_bytes, to_bytes


def test_a_program_of_lavas_fields_survives_the_file(wired: Program) -> None:
    loaded = from_bytes(to_bytes(wired), "memory")

    assert loaded == wired
    assert checksum(loaded) == checksum(wired)
    learning = loaded.connections[0].learning
    assert learning is not None
    assert learning.graded_spikes is GradedSpikes.ADD_WITH_SATURATION
    assert learning.traces["x1"].tau_256 == 7036874417766400
    assert loaded.connections[1].delays is not None
    assert loaded.connections[1].delays.dtype == np.int32


def test_a_field_of_its_default_is_not_written(
    make_dense: Callable[..., Program], wired: Program
) -> None:
    plain = make_dense(learning=Learning(1, (), {"x1": TraceProgram(1, 256)}))
    empty: MappingProxyType[str, Any] = MappingProxyType({})
    input_of_no_cycle = replace(plain.populations[0], initial=empty, wires=empty)
    explicit = replace(plain, populations=(input_of_no_cycle, plain.populations[1]))

    assert to_bytes(explicit) == to_bytes(plain)
    for program, is_written in ((plain, False), (wired, True)):
        tree = json.loads(from_program(program).json)
        connection = tree["connections"][0]
        assert ("wires" in tree) is is_written
        assert ("cycle" in tree["populations"][0]) is is_written
        assert ("graded" in tree["populations"][1]["neuron"]) is is_written
        assert ("message_bits" in connection) is is_written
        assert ("hears_post" in connection["learning"]) is is_written
        assert (
            "tau_extra_bits" in connection["learning"]["traces"]["x1"]
        ) is is_written


def test_every_later_field_is_a_field() -> None:
    for kind, later in LATER_FIELDS.items():
        assert later <= {field.name for field in fields(kind)}


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: t["populations"][0].update(shape=[2, 3.0]),
        lambda t: t["populations"][0].update(cycle=[[1]]),
        lambda t: t["populations"][0]["cycle"].update(dtype="float64"),
        lambda t: t["populations"][1].update(initial=[]),
        lambda t: t["populations"][1].update(wires={"current": 5}),
        lambda t: t["populations"][1]["neuron"].update(graded=1),
        lambda t: t["connections"][0].update(delays=3),
        lambda t: t["connections"][0].update(weight_format="packed"),
        lambda t: t["connections"][0].update(sum_bits=48),
        lambda t: t["connections"][0].update(sum_bits=32.0),
        lambda t: t["connections"][0]["exists"].update(y=None),
        lambda t: t["connections"][0]["learning"].update(graded_spikes=4),
        lambda t: t["connections"][0]["learning"].update(graded_spikes="REGULAR"),
        lambda t: t["connections"][0]["learning"].update(hears_post=1),
        lambda t: t["wires"][0].update(listens="no"),
        lambda t: t["wires"][0]["taps"][0].update(places=[0]),
        lambda t: t["wires"][0]["taps"][0].update(weight=1),
        lambda t: t.update(record="post.v"),
    ],
)
def test_later_fields_are_read_as_strictly(
    wired: Program, edit: Callable[[dict[str, Any]], object]
) -> None:
    content = from_program(wired)
    tree = json.loads(content.json)
    edit(tree)

    with pytest.raises(ContentError):
        to_program(Content(canonical_json(tree), content.arrays))
