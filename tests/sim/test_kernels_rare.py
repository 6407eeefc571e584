"""Kernels equal the interpreter where random Programs rarely go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.learning import Factor, Learning, Product
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
)
from lahar.sim.backend import Inputs, Trajectory

MakeInputs = Callable[..., Inputs]
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
AssertSame = Callable[[Trajectory, Trajectory], None]


def one_rule(*products: Product, neuron: NeuronProgram | None = None) -> Program:
    """Make one rule without traces on 3 x 2 large weights."""
    third = {"y1": "o0"} if neuron is not None else {}
    learning = Learning(2, products, {}, third, decimate_exponent=0)
    weights = np.array([[250, 240, -250], [-230, 30, 0]], np.int32)
    connection = Connection("s", "pre", "post", "in", weights, learning=learning)
    return Program(
        name="rare",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("pre", 3), Population("post", 2, neuron)),
        connections=(connection,),
    )


def test_a_tag_that_lavas_accumulator_cannot_hold_moves_with_closed_gates(
    interpret: RunAll,
    run_plain: RunAll,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
) -> None:
    program = one_rule(Product("t", "x0", (), -8, 8))
    steps, seed = 1000, 1
    inputs = make_inputs(program, steps, seed=seed)
    for spikes in inputs.spikes.values():
        spikes[1::4] = 0
        spikes[::4] = 0  # every other epoch is silent

    wanted = interpret(program, inputs, steps, LAVA_0_10, seed)
    got = run_plain(program, inputs, steps, LAVA_0_10, seed)

    tags = wanted.variables["s.tag_1"][:, 0, 0]
    closed = np.arange(steps) % 4 == 1
    assert np.any((tags[:-1] == -257)[closed[1:]] & (tags[1:] != -257)[closed[1:]])
    assert_same(wanted, got)


def test_products_wrap_at_32_bit(
    interpret: RunAll,
    run_plain: RunAll,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
) -> None:
    power = tuple(Factor("w", 5) for _ in range(4))
    program = one_rule(Product("t", "u", power, 7, 1))
    inputs = make_inputs(program, 4)

    wanted = interpret(program, inputs, 4, LOIHI2, 0)
    got = run_plain(program, inputs, 4, LOIHI2, 0)

    weight = int(wanted.variables["s.weights"][0, 0, 0]) + 5
    assert 7 * weight**4 >= 2**31
    assert wanted.variables["s.tag_1"][-1, 0, 0] <= 0  # positive, had it not wrapped
    assert_same(wanted, got)


@pytest.mark.parametrize("profile", [LAVA_0_10, LOIHI2])
def test_an_event_clips_third_factors_where_the_profile_says_so(
    interpret: RunAll,
    run_plain: RunAll,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
    profile: Profile,
) -> None:
    neuron = NeuronProgram(
        ports=(NeuronPort("in", "synaptic"), NeuronPort("reward", "modulator")),
        registers=(),
        ops=(Op("sub", "signed", ("reward", 64)), Op("gt", "spike", ("signed", -20))),
        spike="spike",
        outputs=(NeuronOutput("o0", "signed"),),
    )
    products = [
        Product("w", gate, (Factor("y1"),), 1, -2)  # type: ignore[arg-type]
        for gate in ("x0", "y0", "u")
    ]
    program = one_rule(*products, neuron=neuron)
    inputs = make_inputs(program, 60)

    wanted = interpret(program, inputs, 60, profile, 3)
    got = run_plain(program, inputs, 60, profile, 3)

    clips = replace(profile, clip_third_factor_on_event=True)
    clipped = interpret(program, inputs, 60, clips, 3).variables["s.weights"]
    changes = not np.array_equal(clipped, wanted.variables["s.weights"])
    assert changes != profile.clip_third_factor_on_event
    assert_same(wanted, got)
