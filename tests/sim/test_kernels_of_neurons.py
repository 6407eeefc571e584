"""Kernels of every neuron of the library compute what the interpreter does.

The network is that of tests/test_neurons_on_lava.py, its input as extreme. The text
runs as plain Python: compiled, so many neurons take minutes.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import lahar
from lahar.hardware.profile import Profile, find_profile
from lahar.hardware.program import Program
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.stimulus import prepare

RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
AssertSame = Callable[[Trajectory, Trajectory], None]
STEPS = 120


def networks() -> ModuleType:
    path = Path(__file__).parents[1] / "test_neurons_on_lava.py"
    spec = importlib.util.spec_from_file_location("neurons_on_lava", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lava-0.10", "loihi2"])
def test_kernels_of_library_neurons_equal_the_interpreter(
    interpret: RunAll, run_plain: RunAll, assert_same: AssertSame, name: str
) -> None:
    neurons = networks()
    network = neurons.all_neurons()
    program, profile = lahar.compile(network), find_profile(name)
    inputs = prepare(program, neurons.extreme_input(network, STEPS), STEPS)

    wanted = interpret(program, inputs, STEPS, profile, 11)

    assert_same(wanted, run_plain(program, inputs, STEPS, profile, 11))
