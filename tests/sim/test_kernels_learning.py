"""Kernels equal the interpreter on random learning engines under all switches.

learning_cases.py makes the cases: graded spikes, engines that hear no post spikes,
missing synapses, first values, any mixture of what switches can be.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile, find_profile
from lahar.hardware.profile_switches import SWITCHES
from lahar.hardware.program import Program
from lahar.hardware.switch import value_text
from lahar.sim import kernels
from lahar.sim.backend import Inputs, Trajectory

RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
AssertSame = Callable[[Trajectory, Trajectory], None]
Check = Callable[[int, Profile], None]


@pytest.fixture(scope="module")
def cases() -> ModuleType:
    path = Path(__file__).with_name("learning_cases.py")
    spec = importlib.util.spec_from_file_location("learning_cases", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for it there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def check(
    cases: ModuleType, interpret: RunAll, run_plain: RunAll, assert_same: AssertSame
) -> Check:
    def compare(number: int, profile: Profile) -> None:
        case = cases.masked_case(number)
        wanted = interpret(case.program, case.inputs, case.steps, profile, case.seed)
        got = run_plain(case.program, case.inputs, case.steps, profile, case.seed)
        assert_same(wanted, got)

    return compare


def test_random_engines_under_any_profile(check: Check, cases: ModuleType) -> None:
    for number in range(150):
        check(number, cases.any_profile(number))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(2))
def test_many_random_engines_under_any_profile(
    check: Check, cases: ModuleType, block: int
) -> None:
    for number in range(1000 + 200 * block, 1200 + 200 * block):
        check(number, cases.any_profile(number))


@pytest.mark.parametrize(
    ("base", "name", "value"),
    [
        (base, name, value_text(meaning.value))
        for base in (LAVA_0_10.name, LOIHI2.name)
        for name, switch in SWITCHES.items()
        for meaning in switch.meanings
    ],
)
def test_every_value_of_every_switch_alone(
    check: Check, base: str, name: str, value: str
) -> None:
    profile = find_profile(f"{base}:{name}={value}")
    for number in range(3):
        check(number, profile)


@pytest.mark.parametrize(
    "number", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 7))]
)
def test_compiled_random_engines(
    cases: ModuleType, interpret: RunAll, assert_same: AssertSame, number: int
) -> None:
    case, profile = cases.masked_case(number), cases.any_profile(number)

    wanted = interpret(case.program, case.inputs, case.steps, profile, case.seed)
    got = kernels.execute(
        case.program,
        case.inputs,
        case.steps,
        profile=profile,
        record=frozenset(wanted.variables),
        seed=case.seed,
    )

    assert_same(wanted, got)
    assert any(np.any(values) for values in wanted.variables.values())
