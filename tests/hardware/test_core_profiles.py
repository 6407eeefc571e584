"""What neurons and lists of a core share: tables of configurations, and delay slots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.allocation import allocate
from lahar.hardware.chip import Chip, Value
from lahar.hardware.chips import get_chip
from lahar.hardware.core_load import core_loads, taken
from lahar.hardware.core_profiles import core_profiles, crowded_cores
from lahar.hardware.delay_slots import delay_slots
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.limits import usage
from lahar.hardware.program import Connection, NeuronProgram, Population, Program

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI1, LOIHI2 = get_chip("loihi1"), get_chip("loihi2")


def with_tables(**sizes: int) -> Chip:
    values = {k: Value(v, "profile", "a test", "low") for k, v in sizes.items()}
    return replace(LOIHI1, **values)


def neurons(make_dense: Make, *kinds: NeuronProgram) -> Program:
    """Populations of one neuron each, without synapses."""
    program = make_dense(1, 1)
    populations = [Population(f"p{k}", 1, kind) for k, kind in enumerate(kinds)]
    return replace(program, populations=tuple(populations), connections=())


def formats(make_dense: Make, bits: tuple[int, ...]) -> Program:
    """One neuron with a connection for each number of weight bits."""
    program = make_dense(1, 1)
    connections = [
        replace(program.connections[0], name=f"c{k}", weight_bits=b)
        for k, b in enumerate(bits)
    ]
    return replace(program, connections=tuple(connections))


def traced(make_dense: Make, *impulses: int) -> Program:
    """One neuron with a plastic connection for each pre trace."""
    program = make_dense(1, 1)
    connections = []
    for impulse in impulses:
        rule = Learning(
            1,
            (Product("w", "y0", (Factor("x1"),), 1, 0),),
            {"x1": TraceProgram(impulse, 5120)},
        )
        connections.append(
            replace(program.connections[0], name=f"c{impulse}", learning=rule)
        )
    return replace(program, connections=tuple(connections))


def test_equal_settings_are_one_profile(make_dense: Make, make_lif: MakeLif) -> None:
    program = neurons(make_dense, make_lif(), make_lif(), make_lif(dv=7))

    profiles = core_profiles(program, allocate(program, LOIHI1), LOIHI1)[0]

    assert {t.resource: t.used for t in profiles.taken(LOIHI1)} == {
        "decay profiles": 2,
        "thresholds": 1,
        "synapse formats": 0,
        "pre-trace profiles": 0,
    }


def test_neurons_that_differ_go_to_another_core_where_a_table_is_full(
    make_dense: Make, make_lif: MakeLif
) -> None:
    kinds = [make_lif(dv=dv) for dv in (1, 2, 1, 3)]
    program = neurons(make_dense, *kinds)

    roomy = allocate(program, with_tables(neuron_profiles_per_core=3))
    tight = allocate(program, with_tables(neuron_profiles_per_core=2))

    assert [p.core for p in roomy] == [0, 0, 0, 0]
    assert [p.core for p in tight] == [0, 0, 0, 1]


def test_thresholds_have_a_table_of_their_own(
    make_dense: Make, make_lif: MakeLif
) -> None:
    kinds = [make_lif(threshold=64 * k) for k in range(1, 18)]
    program = neurons(make_dense, *kinds)

    assert [p.core for p in allocate(program, LOIHI1)] == [0] * 16 + [1]


TABLES = [
    ("formats", lambda make, n: formats(make, tuple(range(1, n + 1)))),
    ("traces", lambda make, n: traced(make, *range(10, 10 + n))),
]


@pytest.mark.parametrize(("name", "build"), TABLES, ids=[t[0] for t in TABLES])
def test_one_neuron_that_needs_more_than_a_table_is_placed_with_a_lint(
    name: str,
    build: Callable[[Make, int], Program],
    make_dense: Make,
    golden: Callable[[str, str], None],
) -> None:
    chip = with_tables(synapse_formats_per_core=4, pre_trace_profiles=4)
    just_fits, one_more = build(make_dense, 4), build(make_dense, 5)

    for program in (just_fits, one_more):
        placed = replace(program, placement=allocate(program, chip))
        lints = list(crowded_cores(placed, chip))
        assert [lint.code for lint in lints] == (["L23"] if program is one_more else [])
    golden(f"L23_{name}", lints[0].render() + "\n")


def test_a_table_that_nobody_published_is_never_full(
    make_dense: Make, make_lif: MakeLif
) -> None:
    kinds = [make_lif(dv=dv) for dv in range(1, 100)]
    program = neurons(make_dense, *kinds)

    placement = allocate(program, LOIHI2)

    assert {p.core for p in placement} == {0}
    assert list(crowded_cores(replace(program, placement=placement), LOIHI2)) == []


# --- delay slots ------------------------------------------------------------------


def delayed(make_dense: Make, post: int, delay: int) -> Program:
    weights = np.ones((post, 1), dtype=np.int32)
    delays = np.full((post, 1), delay, dtype=np.int32)
    return make_dense(post, 1, weights=weights, delays=delays)


@pytest.mark.parametrize(
    ("delay", "slots"), [(0, 8), (6, 8), (7, 16), (14, 16), (15, 32), (62, 64)]
)
def test_slots_are_a_power_of_two_beyond_the_longest_delay(
    make_dense: Make, delay: int, slots: int
) -> None:
    assert delay_slots(delayed(make_dense, 2, delay).connections[0]) == slots


@pytest.mark.parametrize(("delay", "neurons"), [(6, 1024), (7, 512), (62, 128)])
def test_longer_delays_leave_fewer_neurons_to_a_core(
    make_dense: Make, delay: int, neurons: int
) -> None:
    program = delayed(make_dense, 2000, delay)

    placement = allocate(program, LOIHI1)

    assert max(p.stop - p.start for p in placement) == neurons
    for load in core_loads(program, placement, LOIHI1).values():
        assert not any(t.is_over for t in taken(load, LOIHI1))
    row = {u.resource: u for u in usage(program, LOIHI1)}
    assert row["delay slots of the fullest core"].used == 8192
    assert row["delay slots of the fullest core"].status == "ok"


def test_a_neuron_whose_delay_no_core_holds_is_told_the_longest(
    make_dense: Make,
) -> None:
    with pytest.raises(LaharError) as caught:
        allocate(delayed(make_dense, 1, 62), with_tables(delay_slots_per_core=40))

    text = str(caught.value)
    assert "needs 64 delay slots; a core has 40" in text
    assert "let the longest delay onto `post` be at most 30 steps" in text
    fine = allocate(delayed(make_dense, 1, 30), with_tables(delay_slots_per_core=40))
    assert len(fine) == 1


# --- advice that is true ----------------------------------------------------------


def test_the_number_of_sources_that_fit_does_fit_and_one_more_does_not(
    make_dense: Make,
) -> None:
    program = make_dense(1, 900, weights=np.ones((1, 900), dtype=np.int32))
    heavy = Connection(
        *("heavy", "pre", "post", "current"),
        np.ones((1, 900), dtype=np.int32),
        delays=np.full((1, 900), 60, dtype=np.int32),
    )
    program = replace(program, connections=(*program.connections, heavy))
    bits = Value(64 * 1000, "bit", "a test", "high")
    chip = replace(LOIHI1, synapse_bits_per_core=bits)

    with pytest.raises(LaharError, match="at most 1000 sources instead of 1800"):
        allocate(program, chip)

    for kept, is_placed in ((100, True), (101, False)):
        weights = np.ones((1, 900), dtype=np.int32)
        weights[0, kept:] = 0
        fewer = (program.connections[0], replace(heavy, weights=weights))
        smaller = replace(program, connections=fewer)
        if is_placed:
            assert allocate(smaller, chip)
        else:
            with pytest.raises(LaharError):
                allocate(smaller, chip)


def test_any_core_with_room_is_used_before_a_network_is_refused(
    make_dense: Make, make_lif: MakeLif
) -> None:
    # One threshold a core: `c` has that of `a`, whose core is no longer being filled.
    kinds = {"a": (6, 64), "b": (7, 128), "c": (4, 64)}
    populations = tuple(
        Population(name, size, make_lif(threshold=threshold))
        for name, (size, threshold) in kinds.items()
    )
    program = replace(make_dense(1, 1), populations=populations, connections=())
    small = with_tables(cores=2, neurons_per_core=10, threshold_profiles_per_core=1)

    placement = allocate(program, small)

    assert [(p.population, p.core) for p in placement] == [
        ("a", 0),
        ("b", 1),
        ("c", 0),
    ]
    assert list(crowded_cores(replace(program, placement=placement), small)) == []


def test_a_table_that_is_not_certain_refuses_no_network(
    make_dense: Make, make_lif: MakeLif
) -> None:
    kinds = [make_lif(threshold=64 * k) for k in range(1, 5)]
    program = neurons(make_dense, *kinds)
    small = with_tables(cores=1, threshold_profiles_per_core=2)

    placement = allocate(program, small)

    assert [p.core for p in placement] == [0, 0, 0, 0]
    placed = replace(program, placement=placement)
    assert [lint.code for lint in crowded_cores(placed, small)] == ["L23"]
