"""What from_lava reads can be lowered to Lava again, and computes the same there.

The networks of a file of lava_networks/ become one Program, for one start of Lava.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

import lahar
from lahar import Program
from lahar.hardware.program import Connection, Population
from lahar.hardware.wires import Wire

pytestmark = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)

STEPS = 32


def renamed(program: Program, prefix: str) -> Program:
    """Put a prefix before every name of a part."""

    def new(name: str) -> str:
        return f"{prefix}/{name}" if name else ""

    def of_population(p: Population) -> Population:
        wires = {port: new(wire) for port, wire in p.wires.items()}
        return replace(p, name=new(p.name), wires=wires)

    def of_connection(c: Connection) -> Connection:
        ends = {"source": new(c.source), "target": new(c.target)}
        feedback = {slot: new(wire) for slot, wire in c.feedback.items()}
        return replace(c, name=new(c.name), feedback=feedback, **ends)

    def of_wire(w: Wire) -> Wire:
        taps = tuple(replace(tap, signal=new(tap.signal)) for tap in w.taps)
        return replace(w, name=new(w.name), taps=taps)

    return replace(
        program,
        populations=tuple(map(of_population, program.populations)),
        connections=tuple(map(of_connection, program.connections)),
        wires=tuple(map(of_wire, program.wires)),
    )


def joined(programs: dict[str, Program]) -> Program:
    first, *others = (renamed(program, name) for name, program in programs.items())
    for other in others:
        first = replace(
            first,
            populations=first.populations + other.populations,
            connections=first.connections + other.connections,
            wires=first.wires + other.wires,
        )
    return replace(first, record=())


@pytest.mark.parametrize(
    "file",
    [
        "paths",
        pytest.param("neurons", marks=pytest.mark.slow),
        pytest.param("connections", marks=pytest.mark.slow),
        pytest.param("learning", marks=pytest.mark.slow),
    ],
)
def test_a_network_that_was_read_runs_in_lava_as_a_program_too(
    file: str, lava_script: Callable[..., Path]
) -> None:
    folder = lava_script("run", file, steps=1, only=[])
    paths = sorted(folder.glob("*.lahar"))
    program = joined({path.stem: lahar.load(path) for path in paths})

    verdict = lahar.validate(program, ("interpreter", "lava"), "silent", STEPS)

    assert len(paths) >= 9
    assert verdict.level == "identical", verdict.render()
    own = sum(v.count for v in verdict.variables if v.by == "lava")
    assert own > 0.5 * verdict.values_compared
