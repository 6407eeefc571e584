"""A step of the interpreter's neurons: docs/semantics.md section 4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.program import (
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.sim.backend import Inputs, Trajectory

MakeProgram = Callable[..., Program]
MakeNeuron = Callable[..., NeuronProgram]
MakeInputs = Callable[..., Inputs]
Everything = Callable[[Program], frozenset[str]]


def lone(program: NeuronProgram, size: int = 1) -> Program:
    """Make a network of one population and nothing else."""
    return Program(
        name="lone",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("lif", size, program),),
        connections=(),
    )


def column(trajectory: Trajectory, name: str) -> list[int]:
    return [int(v) for v in trajectory.variables[name].reshape(-1)]


def test_lif_without_decay_spikes_every_fifth_step(
    run: Callable[..., Trajectory], lif: MakeNeuron
) -> None:
    program = lone(lif(du=0, dv=0, vth=8, bias=2 << 6))

    result = run(program, 10, {})

    # lava: tests/lava/proc/lif/test_models.py test_bitacc_pm_no_decay
    assert column(result, "lif.s_out") == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def kicked(lif: NeuronProgram, first: int) -> Program:
    """Drive an LIF core through a modulator port instead of synapses."""
    return lone(replace(lif, ports=(NeuronPort("current", "modulator"),)))


@pytest.mark.parametrize(
    ("du", "dv", "register", "expected"),
    [
        # lava: test_bitacc_pm_impulse_du and test_bitacc_pm_impulse_dv
        (2047, 0, "u", [8192, 4096, 2048, 1024, 512, 256, 128, 64]),
        (0, 2048, "v", [8192, 12286, 14331, 15351, 15859, 16111, 16235, 16295]),
    ],
)
def test_lif_impulse_response_is_lavas(
    run: Callable[..., Trajectory],
    lif: MakeNeuron,
    du: int,
    dv: int,
    register: str,
    expected: list[int],
) -> None:
    program = kicked(lif(du=du, dv=dv, vth=256), 128)
    pulse = [[128], *[[0]] * 7]

    result = run(program, 8, {}, ports={("lif", "current"): pulse})

    assert column(result, f"lif.{register}") == expected


@pytest.mark.parametrize(
    ("profile", "current", "u"),
    [
        # facts: Lava adds or subtracts 2**24 once, a large input stays out of range
        (LAVA_0_10, 400000, 8822784),
        (LAVA_0_10, -131072, 2**23),
        (LOIHI2, -131072, -(2**23)),
        (LOIHI2, 131072, -(2**23)),
        (LAVA_0_10, 131072, 2**23),
        (LOIHI2, 400000, 8822784 - 2**24),
    ],
)
def test_u_wraps_as_the_profile_says(
    run: Callable[..., Trajectory],
    lif: MakeNeuron,
    profile: Profile,
    current: int,
    u: int,
) -> None:
    program = kicked(lif(du=4095, vth=131071), current)

    result = run(program, 1, {}, profile, {("lif", "current"): [[current]]})

    assert column(result, "lif.u") == [u]


def test_u_decays_by_one_4096th_even_at_du_0(
    run: Callable[..., Trajectory], lif: MakeNeuron
) -> None:
    neuron = replace(lif(du=0), registers=(Register("u", 1000000), Register("v")))

    result = run(kicked(neuron, 0), 1, {}, ports={("lif", "current"): [[0]]})

    assert column(result, "lif.u") == [999755]  # facts: run in Lava


@pytest.mark.parametrize(("profile", "shown"), [(LAVA_0_10, 0), (LOIHI2, 128)])
def test_membrane_reads_differently_after_a_spike_but_goes_on_from_zero(
    run: Callable[..., Trajectory], lif: MakeNeuron, profile: Profile, shown: int
) -> None:
    program = lone(lif(du=0, dv=0, vth=1, bias=65))

    result = run(program, 2, {}, profile)

    assert column(result, "lif.s_out") == [1, 1]
    assert column(result, "lif.v") == [shown, shown]
    assert column(run(program, 1, {}, profile), "lif.v") == [shown]


def neuron_of(ops: tuple[Op, ...], initial: int = 0) -> NeuronProgram:
    spike = Op("copy", "spike", (0,))
    return NeuronProgram(
        ports=(),
        registers=(Register("r", initial),),
        ops=(*ops, spike),
        spike="spike",
    )


@pytest.mark.parametrize(
    ("op", "initial", "value"),
    [
        (Op("copy", "r", (7,)), 0, 7),
        (Op("add", "r", ("r", 5)), -2, 3),
        (Op("sub", "r", ("r", 5)), -2, -7),
        (Op("mul", "r", ("r", -5)), 7, -35),
        (Op("shl", "r", ("r", 3)), -3, -24),
        (Op("shr", "r", ("r", 1)), -3, -2),
        (Op("mulshift", "r", ("r", 3, 2)), -3, -3),
        (Op("decay", "r", ("r", 2048)), -3, -1),
        (Op("decay", "r", ("r", 4096)), 99, 0),
        (Op("decay", "r", (1000, "r")), 1024, 750),  # the factor is a register
        (Op("fscale", "r", ("r", 3, 2)), 7, 5),
        (Op("fscale", "r", ("r", 3, 2)), -7, -5),  # toward zero
        (Op("fscale", "r", ("r", 2**53, 1074)), 2**31 - 1, 0),
        (Op("fscale", "r", (2**62, 2**10, 0)), 1, 0),  # -2**63 in 32 bit
        (Op("int32", "r", (2**31,)), 0, -(2**31)),
        (Op("saturate", "r", ("r", -4, 4)), 9, 4),
        (Op("saturate", "r", ("r", -4, 4)), -9, -4),
        (Op("gt", "r", ("r", 3)), 3, 0),
        (Op("ge", "r", ("r", 3)), 3, 1),
        (Op("select", "r", ("r", 8, 9)), -1, 8),
        (Op("select", "r", ("r", 8, 9)), 0, 9),
        (Op("shl", "r", ("r", 31)), 1, -(2**31)),
    ],
)
def test_operation_computes_its_definition(
    run: Callable[..., Trajectory], op: Op, initial: int, value: int
) -> None:
    result = run(lone(neuron_of((op,), initial)), 1, {})

    assert column(result, "lif.r") == [value]


def test_fscale_rounds_as_a_float64_product_does(
    run: Callable[..., Trajectory],
) -> None:
    # 0.1 as a float64 is 3602879701896397 * 2**-55, and 3 times that a bit over 0.3
    ops = (Op("shl", "n", ("r", 10)), Op("fscale", "r", ("n", 3602879701896397, 55)))

    result = run(lone(neuron_of(ops, initial=10**6)), 1, {})

    assert column(result, "lif.r") == [int(float(10**6 * 1024) * 0.1)]


def test_every_n_k_is_one_in_steps_whose_remainder_is_k(
    run: Callable[..., Trajectory],
) -> None:
    for k, value in ((0, [0, 0, 1, 0, 0, 1, 0]), (1, [1, 0, 0, 1, 0, 0, 1])):
        result = run(lone(neuron_of((Op("every", "r", (3, k)),))), 7, {})

        assert column(result, "lif.r") == value


def test_u_may_stay_unwrapped(run: Callable[..., Trajectory]) -> None:
    neuron = neuron_of((Op("wrap", "r", (2**24 + 5,)),))

    result = run(lone(neuron), 1, {}, replace(LAVA_0_10, u_wrap="none"))

    assert column(result, "lif.r") == [2**24 + 5]


@pytest.mark.parametrize(
    ("membrane", "lowest", "value"),
    [("r", None, -900), ("r", -500, -500), ("r", -1000, -900), (None, -500, -900)],
)
def test_the_membrane_saturates_no_lower_than_the_profile_says(
    run: Callable[..., Trajectory], membrane: str, lowest: int, value: int
) -> None:
    neuron = neuron_of((Op("saturate", "r", ("r", -900, 900)),), initial=-5000)
    profile = replace(LAVA_0_10, membrane_low=lowest)

    result = run(lone(replace(neuron, membrane=membrane)), 1, {}, profile)

    assert column(result, "lif.r") == [value]


def test_graded_spikes_hold_32_bit(run: Callable[..., Trajectory]) -> None:
    ops = (Op("shl", "wide", ("r", 30)), Op("copy", "sent", ("wide",)))
    neuron = replace(neuron_of(ops, initial=5), spike="sent", graded=True)

    result = run(lone(neuron), 1, {})

    assert column(result, "lif.s_out") == [2**30]


def test_temporaries_have_64_bit_and_registers_32(
    run: Callable[..., Trajectory],
) -> None:
    ops = (
        Op("shl", "wide", ("r", 20)),
        Op("shr", "r", ("wide", 20)),
        Op("add", "s", ("r", 0)),
        Op("shl", "s", ("s", 20)),
        Op("shr", "s", ("s", 20)),
    )
    neuron = replace(neuron_of(ops), registers=(Register("r", 1 << 20), Register("s")))

    result = run(lone(neuron), 1, {})

    assert column(result, "lif.r") == [1 << 20]
    assert column(result, "lif.s") == [0]
