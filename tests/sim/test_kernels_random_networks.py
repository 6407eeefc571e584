"""Kernels equal the interpreter on random networks of everything a Program can say.

random_networks.py draws them; test_kernels_random.py and test_kernels_learning.py do
the same for learning rules. Most cases run the generated text as plain Python, because
a compilation takes seconds.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lahar.hardware.consistency import check_consistency
from lahar.hardware.profile import Profile
from lahar.hardware.program import Program
from lahar.sim import kernels
from lahar.sim.backend import Inputs, Trajectory

RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
AssertSame = Callable[[Trajectory, Trajectory], None]
MakeInputs = Callable[..., Inputs]
Compare = Callable[[Program, Profile, int, int], None]


def neighbour(name: str) -> ModuleType:
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # its dataclasses look for it there
    spec.loader.exec_module(module)
    return module


RANDOM = neighbour("random_networks")
NETWORKS, PROFILES = RANDOM.networks(), RANDOM.profiles()
PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]
STEPS = st.integers(0, 13)
SEEDS = st.integers(0, 1000)


@pytest.fixture(scope="session")
def compare_plain(
    interpret: RunAll,
    run_plain: RunAll,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
) -> Compare:
    """Compare the interpreter with a kernel that runs as plain Python."""

    def check(program: Program, profile: Profile, steps: int, seed: int) -> None:
        assert check_consistency(program) == []
        inputs = make_inputs(program, steps, seed=seed)
        wanted = interpret(program, inputs, steps, profile, seed)
        assert_same(wanted, run_plain(program, inputs, steps, profile, seed))

    return check


@settings(max_examples=150, deadline=None, suppress_health_check=PATIENT)
@given(program=NETWORKS, profile=PROFILES, steps=STEPS, seed=SEEDS)
def test_generated_text_of_any_network_computes_what_the_interpreter_does(
    compare_plain: Compare, program: Program, profile: Profile, steps: int, seed: int
) -> None:
    compare_plain(program, profile, steps, seed)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=PATIENT)
@given(program=NETWORKS, profile=PROFILES, steps=STEPS, seed=SEEDS)
def test_much_text_of_any_network_computes_what_the_interpreter_does(
    compare_plain: Compare, program: Program, profile: Profile, steps: int, seed: int
) -> None:
    compare_plain(program, profile, steps, seed)


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=PATIENT)
@given(program=NETWORKS, profile=PROFILES, seed=SEEDS)
def test_compiled_networks_equal_the_interpreter(
    interpret: RunAll,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
    program: Program,
    profile: Profile,
    seed: int,
) -> None:
    steps = 60
    inputs = make_inputs(program, steps, seed=seed)

    wanted = interpret(program, inputs, steps, profile, seed)
    got = kernels.execute(
        program,
        inputs,
        steps,
        profile=profile,
        record=frozenset(wanted.variables),
        seed=seed,
    )

    assert_same(wanted, got)
