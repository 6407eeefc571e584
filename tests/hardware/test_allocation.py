from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar.diagnostics import LaharError
from lahar.hardware.allocation import allocate
from lahar.hardware.axon_lists import ListCost, list_bits, synapse_bits
from lahar.hardware.chip import Chip, Value
from lahar.hardware.chips import get_chip
from lahar.hardware.core_load import CoreLoad, core_loads, fits, taken
from lahar.hardware.learning import Factor, Learning, Product
from lahar.hardware.out_axons import out_axons
from lahar.hardware.program import (
    Connection,
    CorePlacement,
    NeuronProgram,
    Population,
    Program,
    SignMode,
)
from lahar.hardware.program_graph import ProgramGraph
from lahar.hardware.synapse_lists import synapse_lists
from lahar.hardware.wires import Tap, Wire

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI1, LOIHI2 = get_chip("loihi1"), get_chip("loihi2")
PLASTIC = Learning(1, (Product("w", "x0", (Factor("y1"),), 1, 0),))


def ones(post: int, pre: int) -> np.ndarray:
    return np.ones((post, pre), dtype=np.int32)


def small_chip(**limits: int | None) -> Chip:
    """loihi1 with other sizes."""
    values = {k: Value(v, "unit", "a test", "high") for k, v in limits.items()}
    return replace(LOIHI1, **values)


def connection_cost(c: Connection, start: int, stop: int, chip: Chip) -> ListCost:
    return synapse_lists(c, start, stop, chip).cost(chip)


def the_error(program: Program, chip: Chip) -> str:
    with pytest.raises(LaharError) as caught:
        allocate(program, chip)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.render()


@pytest.mark.parametrize(
    ("bits_per_synapse", "bits_per_list", "lists_per_core"),
    [(8, 9216, 113), (11, 12288, 85), (16, 17408, 60), (18, 19456, 53), (1, 2048, 512)],
)
def test_a_list_to_1024_targets_costs_what_nengo_loihi_counts(
    bits_per_synapse: int, bits_per_list: int, lists_per_core: int
) -> None:
    bits = int(list_bits(np.array([1024]), bits_per_synapse, LOIHI1)[0])

    assert bits == bits_per_list
    assert LOIHI1.synapse_bits_per_core.value // bits == lists_per_core


def test_an_empty_list_costs_nothing() -> None:
    assert list_bits(np.array([0, 1, 64, 65]), 8, LOIHI1).tolist() == [0, 64, 576, 640]


def test_static_synapses_are_dense_or_sparse_whichever_is_smaller(
    make_dense: Make,
) -> None:
    full = make_dense(weights=ones(1024, 4), post=1024, pre=4).connections[0]
    one_each = np.zeros((1024, 4), dtype=np.int32)
    one_each[5] = [1, 0, 1, 1]
    sparse = replace(full, weights=one_each)

    assert connection_cost(full, 0, 1024, LOIHI1).bits == 4 * 9216
    assert connection_cost(full, 0, 1024, LOIHI1).axons == 4
    assert connection_cost(sparse, 0, 1024, LOIHI1).bits == 3 * 64
    assert connection_cost(sparse, 0, 1024, LOIHI1).axons == 3
    assert connection_cost(sparse, 6, 1024, LOIHI1).axons == 0


def test_learning_synapses_are_dense_and_take_two_axons(make_dense: Make) -> None:
    zeros = np.zeros((64, 4), dtype=np.int32)
    plastic = make_dense(64, 4, weights=zeros, learning=PLASTIC).connections[0]
    tagged = Learning(1, (Product("t", "x0", (), 1, 0),))

    cost = connection_cost(plastic, 0, 64, LOIHI1)
    with_tag = connection_cost(replace(plastic, learning=tagged), 0, 64, LOIHI1)

    assert (cost.bits, cost.axons) == (4 * 576, 8)
    assert with_tag.bits == 4 * 1088


def test_a_delay_costs_the_bits_that_hold_the_longest(make_dense: Make) -> None:
    plain = make_dense(1024, 1, weights=ones(1024, 1)).connections[0]
    three_bits = replace(plain, delays=ones(1024, 1) * np.array([[7]], dtype=np.int32))
    six_bits = replace(plain, delays=three_bits.weights * np.int32(63))

    # facts: nengo-loihi's layout holds 12 288 bits for 8 bits of weight, 3 of delay
    assert connection_cost(plain, 0, 1024, LOIHI1).bits == 9216
    assert connection_cost(three_bits, 0, 1024, LOIHI1).bits == 12288
    assert synapse_bits(six_bits, LOIHI1) == 14
    assert synapse_bits(replace(plain, delays=ones(1024, 1) * 0), LOIHI1) == 8


def test_a_wire_makes_its_populations_reach_the_targets_cores(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = make_dense(2, 1)
    wire = Wire("both", (2,), (Tap("post.s_out"), Tap("synapse.a_out")))
    ways = Connection(*("onward", "both", "last", "current"), ones(5, 2))
    program = replace(
        program,
        populations=(*program.populations, Population("last", 5, make_lif())),
        connections=(*program.connections, ways),
        wires=(wire,),
    )

    placement = allocate(program, LOIHI1)

    assert out_axons(ProgramGraph(program), placement, LOIHI1)["post"].tolist() == [
        1,
        1,
    ]
    load = core_loads(program, placement, LOIHI1)[0]
    assert load.out_axons == 2
    assert load.lists.axons == 1 + 2


def test_a_wire_into_a_port_reaches_the_neurons_core(make_dense: Make) -> None:
    program = make_dense(2, 2)
    pre, post = program.populations
    program = replace(
        program,
        populations=(pre, replace(post, wires={"current": "direct"})),
        connections=(),
        wires=(Wire("direct", (2,), (Tap("pre.s_out"),)),),
    )

    placement = allocate(program, LOIHI1)

    axons = out_axons(ProgramGraph(program), placement, LOIHI1)
    assert {name: counts.tolist() for name, counts in axons.items()} == {
        "pre": [1, 1],
        "post": [0, 0],
    }


def test_what_only_wires_hear_takes_no_core(wired: Program) -> None:
    placement = allocate(wired, LOIHI2)

    assert placement == (CorePlacement(0, "post", 0, 2),)
    # Of the six sources of `learned` two have a synapse that exists: two axons each.
    # `filter` has no target.
    assert core_loads(wired, placement, LOIHI2)[0].lists.axons == 4


def test_a_small_network_takes_one_core(make_dense: Make) -> None:
    assert allocate(make_dense(), LOIHI1) == (CorePlacement(0, "post", 0, 2),)


def test_neurons_fill_cores_in_order(make_dense: Make) -> None:
    program = make_dense(2500, 1)

    assert allocate(program, LOIHI1) == (
        CorePlacement(0, "post", 0, 1024),
        CorePlacement(1, "post", 1024, 2048),
        CorePlacement(2, "post", 2048, 2500),
    )
    assert len(allocate(program, LOIHI2)) == 1


def test_synapse_memory_splits_a_population(make_dense: Make) -> None:
    program = make_dense(weights=ones(300, 1024), post=300, pre=1024)

    placement = allocate(program, LOIHI1)

    loads = core_loads(program, placement, LOIHI1)
    assert [p.stop - p.start for p in placement] == [118, 118, 64]
    assert all(load.lists.bits <= 2**20 for load in loads.values())


def test_small_populations_share_a_core(make_dense: Make, make_lif: MakeLif) -> None:
    program = make_dense()
    more = (*program.populations, Population("other", 5, make_lif()))

    assert allocate(replace(program, populations=more), LOIHI1) == (
        CorePlacement(0, "post", 0, 2),
        CorePlacement(0, "other", 0, 5),
    )


def test_rules_of_different_epochs_take_different_cores(
    make_dense: Make, make_lif: MakeLif
) -> None:
    program = make_dense(learning=PLASTIC)
    slow = replace(PLASTIC, epoch_steps=4)
    program = replace(
        program,
        populations=(*program.populations, Population("other", 2, make_lif())),
        connections=(
            *program.connections,
            replace(program.connections[0], name="slow", target="other", learning=slow),
        ),
    )

    assert [p.core for p in allocate(program, LOIHI1)] == [0, 1]
    assert [p.core for p in allocate(program, LOIHI2)] == [0, 0]


def test_two_epochs_onto_one_population_are_refused(make_dense: Make) -> None:
    program = make_dense(learning=PLASTIC)
    slow = replace(PLASTIC, epoch_steps=4)
    second = replace(program.connections[0], name="slow", learning=slow)
    program = replace(program, connections=(*program.connections, second))

    assert "P362" in the_error(program, LOIHI1)
    assert "epochs of 1 and 4 steps" in the_error(program, LOIHI1)
    assert allocate(program, LOIHI2)


def test_output_axons_spread_a_population_over_cores(
    make_dense: Make, make_lif: MakeLif
) -> None:
    # 1000 neurons, each to all 10 cores of `targets`: 10 000 output axons
    program = make_dense(1000, 1)
    weights = np.zeros((10 * 1024, 1000), dtype=np.int32)
    weights[::100, :] = 1
    names = ("spread", "post", "targets", "current")
    spread = Connection(*names, weights, sign_mode=SignMode.EXCITATORY)
    program = replace(
        program,
        populations=(*program.populations, Population("targets", 10240, make_lif())),
        connections=(*program.connections, spread),
    )

    placement = allocate(program, LOIHI1)

    loads = core_loads(program, placement, LOIHI1)
    assert max(load.out_axons for load in loads.values()) <= 4096
    assert sum(p.population == "post" for p in placement) > 1
    assert sum(p.stop - p.start for p in placement if p.population == "post") == 1000


def test_a_neuron_with_too_many_sources_is_refused_with_the_number_that_fits(
    make_dense: Make,
) -> None:
    program = make_dense(weights=ones(2, 3000), post=2, pre=3000, learning=PLASTIC)

    text = the_error(program, LOIHI1)

    assert "a neuron of `post` needs 6000 input axons; a core has 4096" in text
    assert "1904 too many" in text
    assert "at most 2048 sources instead of 3000" in text
    fitting = make_dense(weights=ones(2, 2048), post=2, pre=2048, learning=PLASTIC)
    assert allocate(fitting, LOIHI1)


def test_a_neuron_that_reaches_too_many_cores_is_refused(
    make_dense: Make, make_lif: MakeLif
) -> None:
    chip = small_chip(out_axons_per_core=2, neurons_per_core=1)
    program = make_dense(1, 1)
    spread = Connection(*("spread", "post", "targets", "current"), ones(3, 1))
    program = replace(
        program,
        populations=(*program.populations, Population("targets", 3, make_lif())),
        connections=(*program.connections, spread),
    )

    text = the_error(program, chip)

    assert "a neuron of `post` needs 3 output axons; a core has 2" in text
    assert "reach at most 2 cores" in text


def test_too_many_neurons_are_refused_with_the_number_that_fits(
    make_dense: Make, make_lif: MakeLif
) -> None:
    chip = small_chip(cores=2, neurons_per_core=10)
    program = make_dense(25, 1)
    program = replace(
        program, populations=(*program.populations, Population("last", 7, make_lif()))
    )

    text = the_error(program, chip)

    assert "`small` needs 4 cores; loihi1 has 2 (2 too many)" in text
    assert "most taken: neurons" in text
    assert "keep 20 of the 25 neurons of `post` and leave out `last`" in text
    assert len(allocate(make_dense(20, 1), chip)) == 2


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    pre=st.integers(1, 20),
    neurons=st.integers(1, 15),
    bits=st.integers(20 * 64, 5000),
    axons=st.integers(40, 80),
    density=st.floats(0, 1),
    seed=st.integers(0, 2**16),
)
def test_every_neuron_is_placed_once_and_no_core_is_over_full(
    make_lif: MakeLif,
    sizes: list[int],
    pre: int,
    neurons: int,
    bits: int,
    axons: int,
    density: float,
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    chip = small_chip(
        cores=10000,
        neurons_per_core=neurons,
        synapse_bits_per_core=bits,
        in_axons_per_core=axons,
        out_axons_per_core=None,
    )
    populations = [Population(f"p{n}", m, make_lif()) for n, m in enumerate(sizes)]
    connections = [
        Connection(
            *(f"c{n}", "in", p.name, "current"),
            (random.random((p.size, pre)) < density).astype(np.int32),
            learning=PLASTIC if n % 2 else None,
        )
        for n, p in enumerate(populations)
    ]
    program = Program(
        *("random", "loihi1", "loihi2", 0.001),
        (Population("in", pre), *populations),
        tuple(connections),
    )

    placement = allocate(program, chip)

    placed = [(p.population, n) for p in placement for n in range(p.start, p.stop)]
    wanted = [(p.name, n) for p in populations for n in range(p.size)]
    assert placed == wanted
    loads = core_loads(program, placement, chip)
    assert sorted(loads) == list(range(len(loads)))
    assert all(fits(load, chip) for load in loads.values())


def test_an_unpublished_limit_is_never_over() -> None:
    rows = taken(CoreLoad(), LOIHI2)
    unpublished = [t for t in rows if t.limit.value is None]

    assert [t.resource for t in unpublished] == [
        "input axons",
        "output axons",
        "delay slots",
    ]
    assert not any(replace(t, used=10**9).is_over for t in unpublished)
