"""What a step costs: counted by hand, and compared with published figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.activity import Activity, assumed_activity
from lahar.hardware.chip import Value
from lahar.hardware.chips import get_chip
from lahar.hardware.cost_tables import barrier_ns
from lahar.hardware.costs import step_cost
from lahar.hardware.energy_claims import energy_claims
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.program import (
    Connection,
    CorePlacement,
    IntArray,
    NeuronProgram,
    Population,
    Program,
)
from lahar.hardware.step_cost import Cost, Figure, StepCost
from lahar.hardware.visited_synapses import is_pairwise_stdp

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI1, LOIHI2 = get_chip("loihi1"), get_chip("loihi2")
PAIR = Learning(
    1,
    (
        Product("w", "y0", (Factor("x1"),), 1, 0),
        Product("w", "x0", (Factor("y1"),), -1, 0),
    ),
    {"x1": TraceProgram(40, 5120), "y1": TraceProgram(40, 5120)},
)


def ones(post: int, pre: int) -> IntArray:
    return np.ones((post, pre), dtype=np.int32)


def figure(cost: Cost, table: str) -> Figure:
    return next(f for f in cost.figures if f.table == table)


def part(cost: StepCost, name: str) -> Cost:
    return next(p for p in cost.parts if p.part == name)


def counts(cost: StepCost) -> dict[str, float]:
    return {p.part: p.count for p in cost.parts}


def rates(program: Program, **by_name: float) -> Activity:
    spikes = {p.name: np.full(p.size, by_name[p.name]) for p in program.populations}
    return Activity(spikes, "given by a test")


def chain(make_dense: Make, make_lif: MakeLif) -> Program:
    """`pre` (3) -> `post` (2) on core 0 -> `last` (4) on core 9, tile 2."""
    program = make_dense(2, 3, weights=ones(2, 3))
    onward = Connection(*("onward", "post", "last", "current"), ones(4, 2))
    return replace(
        program,
        populations=(*program.populations, Population("last", 4, make_lif())),
        connections=(*program.connections, onward),
        placement=(CorePlacement(0, "post", 0, 2), CorePlacement(9, "last", 0, 4)),
    )


# --- the published sanity figure --------------------------------------------------


def test_an_idle_loihi_1_takes_6_8_microjoules_and_static_power_takes_most(
    make_dense: Make,
) -> None:
    idle = make_dense(128 * 1024, 1, weights=ones(128 * 1024, 1) * 0)

    cost = step_cost(idle, LOIHI1, rates(idle, pre=0.0, post=0.0))

    assert counts(cost)["inactive neuron update"] == 131072
    dynamic = figure(cost.dynamic, "A").energy_pj
    assert dynamic == pytest.approx(131072 * 52.0)
    assert dynamic == pytest.approx(6.8e6, rel=0.01)  # 6.8 uJ
    static = cost.static.energy_range
    assert static == (29e6, 104e6)  # 29 to 104 mW for 1 ms
    assert dynamic < static[0]


def test_everything_together_is_never_the_dynamic_energy_alone(
    make_dense: Make,
) -> None:
    program = make_dense(learning=PAIR)

    cost = step_cost(program, LOIHI1, assumed_activity(program, 0.02, "assumed"))

    parts = [c.energy_range for c in cost.sums]
    assert len(parts) == 3
    assert None not in parts
    low, high = cost.energy_range or (0.0, 0.0)
    assert low == pytest.approx(sum(p[0] for p in parts if p))
    assert high == pytest.approx(sum(p[1] for p in parts if p))
    assert low > 29e6


# --- counts -----------------------------------------------------------------------


def test_a_step_is_counted_by_hand(make_dense: Make, make_lif: MakeLif) -> None:
    program = chain(make_dense, make_lif)

    cost = step_cost(program, LOIHI1, rates(program, pre=0.5, post=0.25, last=0.1))

    reached = 1 - 0.5**3  # of `post`, by any of three inputs
    onward = 1 - 0.75**2  # of `last`, by any of two neurons
    assert counts(cost) == pytest.approx(
        {
            "synaptic operation, dense list": 3 * 0.5 * 2 + 2 * 0.25 * 4,
            "active neuron update": 2 * reached + 4 * onward,
            "inactive neuron update": 6 - 2 * reached - 4 * onward,
            "spike": 2 * 0.25 + 4 * 0.1,
            "message sent": 2 * 0.25,
            "message received": 3 * 0.5 + 2 * 0.25,
            "tile hop east-west": 2 * 0.25 * 2,  # tile 0 to tile 2
            "barrier": 1,
        }
    )
    assert (cost.chips, cost.cores, cost.learning) == (1, 2, None)


def test_energy_and_time_are_the_tables_numbers(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = chain(make_dense, make_lif)

    cost = step_cost(program, LOIHI1, rates(program, pre=0.0, post=1.0, last=0.0))

    # `post` is active in no step, `last` in every one; post -> last: two messages
    a, b = (figure(cost.dynamic, table) for table in "AB")
    assert a.energy_pj == pytest.approx(
        8 * 23.6 + 4 * 81 + 2 * 52 + 2 * 1.7 + 2 * 2 * 3.0
    )
    assert b.energy_pj == pytest.approx(
        8 * 35.5 + 4 * 72.8 + 2 * 51.2 + 2 * 69.3 + 2 * 111 + 2 * 2 * 3.0
    )
    # core 9 is the busiest; two tiles are synchronised; the longest way is two hops
    assert a.time_ns == pytest.approx(
        8 * 3.5 + 4 * 8.4 + 2 * 4.1 + (113 + (465 - 113) / 31)
    )
    assert b.time_ns == pytest.approx(8 * 3.8 + 4 * 9.7 + 2 * 16 + 2 * 4.1 + 1000)
    assert (a.basis, b.basis) == ("simulated", "fitted")
    assert cost.dynamic.energy_range == (a.energy_pj, b.energy_pj)


def test_zeros_of_a_dense_list_cost_and_sparse_lists_cost_what_they_hold(
    make_dense: Make,
) -> None:
    some = ones(100, 1)
    some[::4] = 0
    few = ones(100, 1) * 0
    few[[3, 50]] = 1
    counted = []
    for weights in (some, few):
        program = make_dense(100, 1, weights=weights)
        cost = step_cost(program, LOIHI1, rates(program, pre=1.0, post=0.0))
        counted.append(counts(cost))

    assert counted[0]["synaptic operation, dense list"] == 100
    assert counted[1]["synaptic operation, sparse list"] == 2
    assert counted[1]["active neuron update"] == 2
    assert "synaptic operation, dense list" not in counted[1]


def test_a_neuron_with_a_bias_is_always_active(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = make_dense(2, 1)
    driven = Population("post", 2, make_lif(bias=3))
    program = replace(program, populations=(program.populations[0], driven))

    cost = step_cost(program, LOIHI1, rates(program, pre=0.0, post=0.0))

    assert counts(cost)["active neuron update"] == 2


def test_neurons_may_spike_at_rates_of_their_own(
    make_dense: Make,
) -> None:
    weights = ones(2, 3)
    weights[1] = 0
    program = make_dense(2, 3, weights=weights)
    activity = Activity(
        {"pre": np.array([0.5, 0.0, 0.25]), "post": np.zeros(2)}, "given"
    )

    cost = step_cost(program, LOIHI1, activity)

    assert counts(cost)["message received"] == 0.75
    assert counts(cost)["active neuron update"] == pytest.approx(1 - 0.5 * 0.75)


# --- learning ---------------------------------------------------------------------


def test_learning_is_published_for_pairwise_stdp_only(make_dense: Make) -> None:
    longer = replace(PAIR, products=(*PAIR.products, *PAIR.products))
    found = []
    for rule in (PAIR, longer):
        program = make_dense(10, 5, learning=rule)
        cost = step_cost(program, LOIHI1, rates(program, pre=1.0, post=0.0))
        assert cost.learning is not None
        found.append(cost.learning)

    assert [f.basis for f in found[0].figures] == ["simulated", "unpublished"]
    assert [f.basis for f in found[1].figures] == ["extrapolated", "unpublished"]
    assert found[0].count == found[1].count == 50
    assert figure(found[0], "A").energy_pj == pytest.approx(50 * 120.0)
    assert figure(found[1], "A").energy_pj == pytest.approx(50 * 120.0 * 2)
    assert "products / 2" in figure(found[1], "A").energy_source
    assert "no coefficient for learning" in figure(found[0], "B").energy_source


def test_only_lists_with_a_spike_or_a_trace_are_visited(make_dense: Make) -> None:
    always = replace(PAIR, products=(Product("w", "u", (), 1, 0),), decimate_exponent=0)
    quick = replace(PAIR, products=(PAIR.products[1],), traces=PAIR.traces)
    visited = []
    for rule in (PAIR, quick, always, replace(PAIR, epoch_steps=4)):
        program = make_dense(10, 5, learning=rule)
        cost = step_cost(program, LOIHI1, rates(program, pre=0.01, post=0.0))
        assert cost.learning is not None
        visited.append(cost.learning.count)

    memory = 20 * (np.log(40) + 0.5)  # steps until a trace of 40 has gone
    assert visited[0] == pytest.approx(50 * (1 - 0.99 ** (1 + memory)))
    assert visited[1] == pytest.approx(50 * 0.01)  # an x0 term alone reads no trace
    assert visited[2] == 50
    assert visited[3] == pytest.approx(50 * (1 - 0.99 ** (4 + memory)) / 4)


def test_what_pairwise_stdp_is() -> None:
    first, second = PAIR.products

    assert is_pairwise_stdp(PAIR)
    for products in (
        (first, second, second),
        (first, Product("t", "x0", (Factor("y1"),), -1, 0)),
        (first, Product("w", "x0", (Factor("y1"), Factor("w")), -1, 0)),
        (first, Product("w", "x0", (Factor("y1", -64),), -1, 0)),
        (first, Product("w", "u", (Factor("y1"),), -1, 0)),
    ):
        assert not is_pairwise_stdp(replace(PAIR, products=products))
    assert not is_pairwise_stdp(replace(PAIR, third_factors={"y2": "error"}))


# --- what nobody has published ----------------------------------------------------


def test_loihi_2_has_times_by_ratio_and_no_energies(make_dense: Make) -> None:
    program = make_dense(2, 3, learning=PAIR)

    cost = step_cost(program, LOIHI2, rates(program, pre=1.0, post=0.0))

    (dynamic,) = cost.dynamic.figures
    assert (dynamic.basis, dynamic.energy_pj) == ("vendor-stated", None)
    assert dynamic.time_ns == pytest.approx(6 * 3.5 / 5 + 2 * 8.4 / 2 + 200)
    assert "no energy is published" in dynamic.energy_source
    assert cost.static.energy_range is None
    assert cost.energy_range is None
    for p in cost.parts:
        assert p.energy_range is None


def test_a_loihi_2_energy_that_is_asked_for_is_a_lint_and_loihi_1s_is_not(
    make_dense: Make, golden: Callable[[str, str], None]
) -> None:
    program = make_dense()
    activity = assumed_activity(program, 0.02, "assumed")

    for_loihi_2 = list(energy_claims(step_cost(program, LOIHI2, activity), "loihi2"))
    for_loihi_1 = list(energy_claims(step_cost(program, LOIHI1, activity), "loihi1"))

    assert for_loihi_1 == []
    assert [lint.code for lint in for_loihi_2] == ["L26"]
    golden("L26_loihi2", for_loihi_2[0].render() + "\n")


def test_a_dynamic_energy_without_static_power_is_a_lint(
    make_dense: Make, golden: Callable[[str, str], None]
) -> None:
    program = make_dense()
    nothing = Value(None, "mW", "nobody measured it", "unverified")
    cost = step_cost(
        program,
        replace(LOIHI1, idle_power=nothing),
        assumed_activity(program, 0.02, "assumed"),
    )

    (lint,) = energy_claims(cost, "mine")

    assert lint.code == "L26"
    assert cost.energy_range is None
    golden("L26_dynamic_only", lint.render() + "\n")


def test_a_chip_without_any_table_has_counts_and_no_figures(make_dense: Make) -> None:
    nothing = Value(None, "mW", "it is no silicon", "unverified")
    chip = replace(LOIHI2, name="mine", cost_tables=(), idle_power=nothing)
    program = make_dense(2, 3, learning=PAIR)

    cost = step_cost(program, chip, rates(program, pre=1.0, post=0.0))

    assert counts(cost)["active neuron update"] == 2
    assert cost.energy_range is None
    (lint,) = energy_claims(cost, chip.name)
    assert "no table of energies" in lint.render()


# --- boards -----------------------------------------------------------------------


def test_several_chips_pay_static_power_each_and_wait_for_each_other(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = chain(make_dense, make_lif)
    apart = (CorePlacement(0, "post", 0, 2), CorePlacement(128, "last", 0, 4))
    program = replace(program, placement=apart)

    board = get_chip("loihi1:kapoho-bay")
    cost = step_cost(program, board, rates(program, pre=0.0, post=1.0, last=0.0))

    assert cost.chips == 2
    assert cost.static.energy_range == (2 * 29e6, 2 * 104e6)
    assert part(cost, "barrier").time_range == (14300.0, 16200.0)
    between = part(cost, "message to another chip")
    assert (between.count, between.energy_range) == (2, None)
    assert "tile hop east-west" not in counts(cost)


def test_a_barrier_lies_between_the_published_ones() -> None:
    a, b = LOIHI1.cost_tables

    assert [barrier_ns(a, n) for n in (1, 32, 40)] == [113, 465, 465]
    assert [barrier_ns(b, n) for n in (1, 3, 4, 29)] == [600, 1200, 1400, 1800]


def test_an_empty_network_costs_static_power_only(make_dense: Make) -> None:
    program = make_dense()
    inputs = replace(program, populations=program.inputs, connections=())

    cost = step_cost(inputs, LOIHI1, rates(inputs, pre=1.0))

    assert (cost.parts, cost.cores, cost.chips) == ((), 0, 1)
    assert cost.dynamic.energy_range is None
    assert cost.static.energy_range == (29e6, 104e6)
