"""A decay in whole numbers is that in floats, or is seen not to be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lahar
from lahar import ms
from lahar.hardware.profile import Profile, find_profile
from lahar.hardware.program import Program
from lahar.rules.library import STDP
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.kernel_decay import MANY, decay_whole, is_whole_decay, whole_decay
from lahar.sim.kernel_operations import decay_float
from lahar.sim.stimulus import poisson, prepare
from lahar.sim.trace_decay import TABLE_SIZE, decay_factor

RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
Same = Callable[[Trajectory, Trajectory], None]
TAUS = (0.7, 1.0, 5.3, 20.0, 333.0, 65535.0)


def decayed(factor: float, number: int) -> tuple[list[int], list[int]]:
    """Decay every trace: in whole numbers, and in floats."""
    multiplier, offset = whole_decay(factor, number)
    by, more = np.int32(multiplier), np.int32(offset)
    values = range(TABLE_SIZE)
    whole = [int(decay_whole(np.int32(v), by, more)) for v in values]
    return whole, [int(decay_float(v, factor, number)) for v in values]


@pytest.mark.parametrize("tau", TAUS)
def test_nearly_every_number_can_be_had_so(tau: float) -> None:
    numbers = np.random.default_rng(0).integers(0, 1 << 53, 300)
    factor, found = decay_factor(tau), 0

    for number in (0, (1 << 53) - 1, *numbers.tolist()):
        whole, wanted = decayed(factor, number)
        same = is_whole_decay(*whole_decay(factor, number), factor, number)

        assert same == (whole == wanted)
        found += same

    assert found > 280


def test_a_number_at_the_edge_of_a_trace_is_not_trusted() -> None:
    factor, trusted = decay_factor(20.0), 0

    for v in range(1, 128):
        exact = factor * v
        edge = int((exact - np.floor(exact)) * (1 << 53))
        for number in (edge - 1, edge, edge + 1):
            whole, wanted = decayed(factor, number)
            same = is_whole_decay(*whole_decay(factor, number), factor, number)
            assert same == (whole == wanted)
            trusted += same

    assert trusted < 3 * 127


@pytest.mark.filterwarnings("ignore:overflow")
def test_many_neurons_decay_alike(
    run_plain: RunAll, interpret: RunAll, assert_same: Same
) -> None:
    program = lahar.compile(STDP(tau_plus=30 * ms), pre=MANY + 3, post=2)
    profile, steps = find_profile("lava-0.10"), 12
    inputs = prepare(program, poisson(program, 60.0, steps, 0.001, 1), steps)

    wanted = interpret(program, inputs, steps, profile, 3)

    assert wanted.final["synapses.x1"].any() if "synapses.x1" in wanted.final else True
    assert_same(wanted, run_plain(program, inputs, steps, profile, 3))
