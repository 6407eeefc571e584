"""Phases in which most tags only decay give the interpreter's bits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lahar
from lahar import Stimulus
from lahar.hardware.profile import Profile, find_profile
from lahar.hardware.program import Program
from lahar.rules.library import RULES
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.kernel_layout import layout_of
from lahar.sim.kernel_quiet import change_all, line_through, steps_of
from lahar.sim.kernel_quiet_source import MOST_STEPS
from lahar.sim.kernel_source import kernel_source
from lahar.sim.kernel_steps import Cells
from lahar.sim.stimulus import poisson, prepare

STEPS = 60
LAVA = find_profile("lava-0.10")
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
Same = Callable[[Trajectory, Trajectory], None]


def inputs_of(program: Program, rate: float) -> Inputs:
    """Give spikes, and a reward in one step of ten."""
    stimulus = poisson(program, rate, STEPS, 0.001, 1)
    rewards = np.random.default_rng(0).random(STEPS) * (np.arange(STEPS) % 10 == 0)
    given = {m.name: rewards for m in program.modulators}
    return prepare(program, Stimulus(stimulus.spikes, given), STEPS)


@pytest.mark.parametrize("rate", [20.0, 150.0])
@pytest.mark.parametrize("rule", ["stdp-reward", "eligibility-two-taus"])
def test_they_are_the_interpreters_bits(
    rule: str, rate: float, run_plain: RunAll, interpret: RunAll, assert_same: Same
) -> None:
    program = lahar.compile(RULES[rule], pre=24, post=7)
    inputs = inputs_of(program, rate)
    text = kernel_source(program, LAVA, layout_of(program, LAVA), "").text
    assert "change_all(" in text

    wanted = interpret(program, inputs, STEPS, LAVA, 3)

    assert wanted.variables[f"{program.populations[-1].name}.s_out"].any()
    assert_same(wanted, run_plain(program, inputs, STEPS, LAVA, 3))


def test_numbers_of_their_own_are_not_shared() -> None:
    program = lahar.compile(RULES["stdp-reward"], pre=4, post=3)
    profile = find_profile("loihi2")

    text = kernel_source(program, profile, layout_of(program, profile), "").text

    assert "change_all(" not in text.partition("def advance")[0]


LOW, HIGH = -257, 255
VALUES = np.arange(LOW, HIGH + 1)


def changed(changes: Cells) -> tuple[int, Cells]:
    """Give how many jumps there are, and the values with what is added to them."""
    at, by = np.empty(MOST_STEPS, np.int32), np.empty(MOST_STEPS, np.int32)
    cells = VALUES.astype(np.int16)
    found = steps_of(changes, LOW, at, by)
    if found <= MOST_STEPS:
        change_all(cells, changes, LOW, at, by)
    return found, cells


@pytest.mark.parametrize("jumps", [0, 1, MOST_STEPS, MOST_STEPS + 1])
def test_changes_are_added_in_steps(jumps: int) -> None:
    random = np.random.default_rng(jumps)
    changes = np.full(HIGH - LOW + 1, 2, np.int32)
    for place in random.choice(np.arange(1, 512), jumps, replace=False):
        changes[place:] += random.choice([-2, -1, 1, 3])

    found, cells = changed(changes)

    assert found == jumps
    if jumps <= MOST_STEPS:
        np.testing.assert_array_equal(cells, VALUES + changes)


@pytest.mark.parametrize("factor", [0, 1, 15, 16, 21, 24, 31])
@pytest.mark.parametrize("slack", [0, 5, 63, 127])
def test_a_decay_is_added_as_a_line(factor: int, slack: int) -> None:
    changes = (((-factor * VALUES) >> 5) + slack >> 7).astype(np.int32)
    at, by = np.empty(MOST_STEPS, np.int32), np.empty(MOST_STEPS, np.int32)
    assert steps_of(changes, LOW, at, by) <= MOST_STEPS

    _, _, exact = line_through(changes, LOW, at)
    _, cells = changed(changes)

    assert exact
    np.testing.assert_array_equal(cells, VALUES + changes)


@pytest.mark.parametrize("change", [-9, -8, -7, 7, 8, 200])
def test_a_line_does_not_leave_its_16_bits(change: int) -> None:
    changes = np.full(HIGH - LOW + 1, change, np.int32)

    _, cells = changed(changes)

    np.testing.assert_array_equal(cells, VALUES + changes)
