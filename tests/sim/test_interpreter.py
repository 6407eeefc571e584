"""The interpreter: order of events, initial weights, and the contract of a backend."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.learning import Factor, Learning, Product
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.program import (
    Connection,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.initial_weights import initial_weights
from lahar.sim.interpreter import execute

MakeProgram = Callable[..., Program]
MakeNeuron = Callable[..., NeuronProgram]
MakeInputs = Callable[..., Inputs]
Everything = Callable[[Program], frozenset[str]]


def plastic(
    products: tuple[Product, ...],
    weight: int = 10,
    sign_mode: SignMode = SignMode.MIXED,
) -> Program:
    """Make one input neuron, one synapse and one input neuron as its target."""
    weights = np.array([[weight]], np.int32)
    learning = Learning(1, products)
    return Program(
        name="one synapse",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("pre", 1), Population("post", 1)),
        connections=(
            Connection(
                "s", "pre", "post", "", weights, sign_mode=sign_mode, learning=learning
            ),
        ),
    )


def column(trajectory: Trajectory, name: str) -> list[int]:
    return [int(v) for v in trajectory.variables[name].reshape(-1)]


# Section 5: initial weights.

TRIAL_WEIGHTS = [3, -3, 255, -255, 300, -300]


@pytest.mark.parametrize(
    ("mode", "bits", "profile", "learns", "stored"),
    [
        # facts: run in Lava
        (SignMode.MIXED, 8, LAVA_0_10, False, [2, -4, 254, -256, 254, -256]),
        (SignMode.MIXED, 8, LAVA_0_10, True, [2, -4, 254, -256, 300, -300]),
        (SignMode.MIXED, 8, LOIHI2, True, [2, -4, 254, -256, 254, -256]),
        (SignMode.MIXED, 6, LAVA_0_10, False, [0, -8, 248, -256, 248, -256]),
        (SignMode.EXCITATORY, 8, LAVA_0_10, False, [3, 0, 255, 0, 255, 0]),
        (SignMode.EXCITATORY, 7, LAVA_0_10, True, [2, -4, 254, -256, 300, -300]),
        (SignMode.INHIBITORY, 8, LAVA_0_10, False, [0, -3, 0, -255, 0, -255]),
        (SignMode.INHIBITORY, 7, LAVA_0_10, False, [0, -2, 0, -254, 0, -254]),
    ],
)
def test_initial_weights_lose_low_bits_and_are_clipped_where_the_profile_says(
    mode: SignMode, bits: int, profile: Profile, learns: bool, stored: list[int]
) -> None:
    learning = Learning(1, ()) if learns else None
    weights = np.array([TRIAL_WEIGHTS], np.int32)
    connection = Connection(
        "s", "a", "b", "", weights, weight_bits=bits, sign_mode=mode, learning=learning
    )

    assert initial_weights(connection, profile).tolist() == [stored]


# Section 3: the order of events.


def test_a_spike_arrives_one_step_later(run: Callable[..., Trajectory]) -> None:
    result = run(plastic(()), 4, {"pre": [[2]], "post": [[]]})

    assert column(result, "s.a_out") == [0, 0, 10, 0]


def test_new_weights_act_on_spikes_of_the_next_step(
    run: Callable[..., Trajectory],
) -> None:
    program = plastic((Product("w", "x0", (Factor("x0"),), 5, 1),))

    result = run(program, 5, {"pre": [[1, 2, 3, 4, 5]], "post": [[]]})

    # facts: dw = 10 * x0 in Lava; a_out is 0, 10, 20, 30, ...
    assert column(result, "s.weights") == [20, 30, 40, 50, 60]
    assert column(result, "s.a_out") == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(("exponent", "arrived"), [(3, -40), (0, -5), (-1, -3)])
def test_weight_exponent_shifts_the_sum_and_rounds_down(
    run: Callable[..., Trajectory], exponent: int, arrived: int
) -> None:
    program = plastic((), weight=-5, sign_mode=SignMode.INHIBITORY)
    connection = replace(program.connections[0], weight_exponent=exponent)
    program = replace(program, connections=(connection,))

    result = run(program, 2, {"pre": [[1]], "post": [[]]})

    assert column(result, "s.a_out") == [0, arrived]


def test_connections_into_one_port_are_summed(
    run: Callable[..., Trajectory], lif: MakeNeuron
) -> None:
    weights = np.array([[6, 20]], np.int32)
    connections = tuple(
        Connection(name, "pre", "post", "current", weights * sign)
        for name, sign in (("a", 1), ("b", -2))
    )
    program = Program(
        name="two",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("pre", 2), Population("post", 1, lif(du=4095))),
        connections=connections,
    )

    result = run(program, 3, {"pre": [[1], [2]]})

    assert column(result, "post.u") == [0, (6 - 12) << 6, (20 - 40) << 6]


@pytest.mark.parametrize(("weight", "spikes"), [(2, [1, 1, 1]), (0, [1, 0, 0])])
def test_recurrent_spikes_come_back_one_step_later(
    run: Callable[..., Trajectory], weight: int, spikes: list[int]
) -> None:
    neuron = NeuronProgram(
        ports=(NeuronPort("in", "synaptic"),),
        registers=(Register("kick", 1),),
        ops=(
            Op("add", "sum", ("in", "kick")),
            Op("gt", "spike", ("sum", 0)),
            Op("copy", "kick", (0,)),
        ),
        spike="spike",
    )
    loop = Connection("loop", "lif", "lif", "in", np.array([[weight]], np.int32))
    program = replace(
        plastic(()), populations=(Population("lif", 1, neuron),), connections=(loop,)
    )

    result = run(program, 3, {})

    assert column(result, "lif.s_out") == spikes
    assert column(result, "loop.a_out") == [0, *(weight * s for s in spikes[:2])]


# The contract of a backend.


def test_final_has_all_state_even_if_nothing_is_recorded(
    stdp_program: MakeProgram, make_inputs: MakeInputs, everything: Everything
) -> None:
    program = stdp_program()
    inputs = make_inputs(program, 30)
    nothing: frozenset[str] = frozenset()

    bare = execute(program, inputs, 30, profile=LOIHI2, record=nothing, seed=1)
    full = execute(
        program, inputs, 30, profile=LOIHI2, record=everything(program), seed=1
    )

    assert bare.variables == {}
    assert bare.final.keys() == everything(program)
    for name, rows in full.variables.items():
        np.testing.assert_array_equal(rows[-1], bare.final[name])


def test_progress_counts_every_step(
    stdp_program: MakeProgram, make_inputs: MakeInputs
) -> None:
    program = stdp_program()
    told: list[int] = []

    execute(
        program,
        make_inputs(program, 5),
        5,
        profile=LOIHI2,
        record=frozenset(),
        seed=1,
        progress=told.append,
    )

    assert sum(told) == 5


def test_backends_import_neither_numba_nor_lava() -> None:
    code = (
        "import sys, lahar.sim.interpreter, lahar.sim.kernels\n"
        "sys.exit('numba' in sys.modules or 'lava' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
