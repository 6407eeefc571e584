"""Bounds of registers: by hand, at the report, and against what a network computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import ms
from lahar.hardware.chips import get_chip
from lahar.hardware.interval import INT32, Interval, operation, point
from lahar.hardware.neuron_ranges import neuron_ranges, register_report
from lahar.hardware.program import NeuronPort, NeuronProgram, Op, Program, Register
from lahar.hardware.register_ranges import register_ranges
from lahar.rules.library import RULES

MakeLif = Callable[..., NeuronProgram]

BINARY = ("add", "sub", "mul", "gt", "ge")
VALUES = st.integers(-(2**26), 2**26)


def test_a_leaky_state_ends_where_its_leak_takes_what_is_added(
    make_lif: MakeLif,
) -> None:
    lif = make_lif(du=1024, dv=4096, threshold=2**23)

    found = register_ranges(lif, {"current": (-10, 1000)}, {})

    # A leak takes a whole number, rounded up: 4 * 64 * 1000, and 4 * 64 * -10.
    assert found.values["u"] == (-2560, 256000)
    assert found.values["v"] == (-2560, 256000)
    assert found.unknown == frozenset()


def test_a_reset_keeps_a_membrane_below_its_threshold(make_lif: MakeLif) -> None:
    found = register_ranges(make_lif(threshold=6400), {"current": (0, 1000)}, {})

    assert found.values["v"] == (0, 6400)
    assert found.saturated["v"][0][1] > 6400


def test_a_state_without_a_leak_may_reach_the_ends(make_lif: MakeLif) -> None:
    found = register_ranges(make_lif(dv=0, threshold=6400), {"current": (-1, 1)}, {})

    assert found.values["v"] == (-8388607, 6400)


def test_a_state_that_feeds_itself_is_unknown() -> None:
    neuron = NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("a", 1), Register("calm")),
        ops=(
            Op("mul", "a", ("a", 3)),
            Op("decay", "calm", ("calm", 100)),
            Op("add", "calm", ("calm", "current")),
            Op("gt", "spike", ("a", 5)),
        ),
        spike="spike",
    )

    found = register_ranges(neuron, {"current": (0, 10)}, {})

    assert found.unknown == {"a", "spike"}
    assert found.values["a"] == INT32
    assert found.values["calm"] == (0, 409)


@given(
    code=st.sampled_from((*BINARY, "decay", "wrap", "saturate", "select", "mulshift")),
    ends=st.lists(VALUES, min_size=6, max_size=6),
    at=st.lists(st.floats(0, 1), min_size=3, max_size=3),
)
def test_an_operation_lies_within_its_interval(
    code: str, ends: list[int], at: list[float]
) -> None:
    low, high = sorted(ends[:2]), sorted(ends[2:4])
    intervals: list[Interval] = [(low[0], low[1]), (high[0], high[1])]
    if code == "decay":
        intervals[1] = (0, 4096)
    elif code == "mulshift":
        intervals.append((9, 9))
    elif code == "saturate":
        intervals[1:] = [(-5000, -5000), (7000, 7000)]
    elif code == "select":
        intervals.append((min(ends[4:]), max(ends[4:])))
    args = [
        a + int(share * (b - a)) for (a, b), share in zip(intervals, at, strict=False)
    ]

    found = operation(code, intervals)

    assert found[0] <= point(code, args) <= found[1]


@pytest.mark.parametrize("name", RULES)
def test_what_a_library_network_computes_lies_within_its_bounds(name: str) -> None:
    program = lahar.compile(RULES[name], pre=12, post=3, dt=1 * ms)

    recording = lahar.run(
        program, "poisson:rate=200Hz", 150, "interpreter", record="all"
    )

    rows = {f"{r.population}.{r.register}": r for r in program.report.registers}
    seen = [variable for variable in rows if variable in recording]
    assert seen
    for variable in seen:
        row, values = rows[variable], np.asarray(recording[variable])
        # v reads 128 in the step of a spike, whatever it is.
        assert row.worst_low <= values.min(), variable
        assert values.max() <= max(row.worst_high, 128), variable


def test_the_report_has_ports_registers_and_outputs() -> None:
    program = lahar.compile(RULES["stdp-reward"], pre=3, post=2, dt=1 * ms)
    chip = get_chip("loihi2")

    rows = list(register_report(neuron_ranges(program, 0.02, chip), chip))

    assert tuple(rows) == program.report.registers
    assert [r.register for r in rows if r.kind == "arrivals"] == ["current"]
    assert {r.register for r in rows if r.kind == "state"} == {
        *("u", "v", "synapse_y_trace"),
    }
    assert "synapse_reward" in [r.register for r in rows if r.kind == "output"]
    assert {r.status for r in rows} == {"fits"}


@settings(max_examples=40, deadline=None)
@given(
    factors=st.lists(st.integers(0, 4096), min_size=2, max_size=2),
    bias=st.integers(-4000, 4000),
    threshold=st.integers(1, 2**20),
    ends=st.lists(st.integers(-30000, 30000), min_size=2, max_size=2),
    seed=st.integers(0, 1000),
)
def test_no_lif_neuron_leaves_its_bounds(
    factors: list[int],
    bias: int,
    threshold: int,
    ends: list[int],
    seed: int,
    make_lif: MakeLif,
) -> None:
    neuron = make_lif(*factors, bias, threshold)
    low, high = sorted(ends)
    found = register_ranges(neuron, {"current": (low, high)}, {})
    random = np.random.default_rng(seed)
    values = {"u": 0, "v": 0}

    for _ in range(300):
        values["current"] = int(random.choice([low, high]))
        for op in neuron.ops:
            args = [a if isinstance(a, int) else values[a] for a in op.args]
            values[op.target] = point(op.code, args)
        for register in ("u", "v"):
            bounds = found.values[register]
            assert bounds[0] <= values[register] <= bounds[1]


def test_a_program_from_elsewhere_is_analysed_as_well(
    everything: Program, wired: Program
) -> None:
    chip = get_chip("loihi2")

    assert [r.population.name for r in neuron_ranges(everything, 0.02, chip)] == [
        "post"
    ]
    assert neuron_ranges(wired, 0.02, chip) == []  # wires and values have no bounds
