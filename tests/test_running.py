"""Running a Program: what is recorded, and which backend can run what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.program import Connection, Population, Program
from lahar.hardware.wires import Tap, Wire
from lahar.running import run


def foreign(record: tuple[str, ...] = ()) -> Program:
    """Make a network as a converter would: no source, its own input, a sink."""
    cycle = np.array([[1, 0], [3, 2]], np.int32)
    return Program(
        name="foreign",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=(Population("a", 2, cycle=cycle, shape=(1, 2)),),
        connections=(Connection("c", "a", "", "", np.eye(2, dtype=np.int32)),),
        wires=(Wire("sink", (2,), (Tap("a.s_out"),), listens=True, buffer_steps=3),),
        record=record,
    )


def test_a_run_records_what_the_program_asks_for() -> None:
    program = foreign(record=("sink.*",))

    assert run(program, steps=2, backend="interpreter").names == ("sink.a_in",)
    chosen = run(program, steps=2, backend="interpreter", record="c.a_out")
    assert chosen.names == ("c.a_out",)
    assert run(program, steps=2, backend="interpreter", record=None).names == ()


def test_a_run_records_all_spikes_if_the_program_asks_for_nothing() -> None:
    assert run(foreign(), steps=2, backend="interpreter").names == ("a.s_out",)


def test_a_record_of_names_that_the_program_lacks_is_refused() -> None:
    with pytest.raises(LaharError, match="S420"):
        run(foreign(record=("b.v",)), steps=2, backend="interpreter")


def test_both_integer_backends_keep_the_buffers_of_sinks() -> None:
    first = run(foreign(), steps=4, backend="interpreter", record="all")
    second = run(foreign(), steps=4, backend="sim", record="all")

    assert first.final["sink.data"].tolist() == [[3, 3, 1], [2, 2, 0]]
    assert first.checksum == second.checksum


def test_the_reference_refuses_a_program_without_a_rule() -> None:
    with pytest.raises(LaharError) as error:
        run(foreign(), steps=2, backend="reference")

    assert [d.code for d in error.value.diagnostics] == ["S455"]


def test_the_reference_refuses_it_open_loop_too() -> None:
    recorded = run(foreign(), steps=2, backend="interpreter", record="all")

    with pytest.raises(LaharError, match="S455"):
        run(foreign(), steps=2, backend="reference", given=recorded)


def test_an_input_with_a_cycle_of_its_own_asks_for_no_stimulus() -> None:
    program = foreign()
    both = replace(program, populations=(*program.populations, Population("b", 1)))

    assert program.inputs == ()
    assert [p.name for p in both.inputs] == ["b"]
    drawn = run(both, "poisson:rate=1000Hz", steps=2, backend="interpreter")
    assert drawn["b.s_out"].tolist() == [[1], [1]]
