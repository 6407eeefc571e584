"""A run in pieces is the run in one, bit for bit, wherever it is cut.

random_networks.py draws networks with learning, epochs, delays and cycles, and mixed
profiles. The kernels run as plain Python here; tests/test_live.py compiles them.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lahar.hardware.profile import LOIHI2, Profile
from lahar.hardware.program import Program
from lahar.hardware.variables import state_variables
from lahar.sim import interpreter
from lahar.sim.backend import Inputs, Machine, Trajectory, variables_at_the_end

StartMachine = Callable[[Program, Profile, int], Machine]
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
AssertSame = Callable[[Trajectory, Trajectory], None]
MakeInputs = Callable[..., Inputs]
CUTS = st.lists(st.integers(1, 9), min_size=2, max_size=5)


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


def rows_of(inputs: Inputs, start: int, stop: int) -> Inputs:
    return Inputs(
        {name: rows[start:stop] for name, rows in inputs.spikes.items()},
        {port: rows[start:stop] for port, rows in inputs.ports.items()},
    )


def run_in_pieces(
    machine: Machine, program: Program, inputs: Inputs, pieces: list[int]
) -> Trajectory:
    """Run piece by piece, recording everything, and join what came out."""
    record = frozenset(v.name for v in state_variables(program))
    parts, start = [], 0
    for steps in pieces:
        given = rows_of(inputs, start, start + steps)
        parts.append(machine.run(given, steps, record))
        start += steps
        assert machine.steps_done == start
    return Trajectory(
        {name: np.concatenate([part[name] for part in parts]) for name in record},
        {v.name: machine.read(v) for v in variables_at_the_end(program)},
    )


@pytest.mark.parametrize("backend", ["interpreter", "kernel"])
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    program=RANDOM.networks(),
    profile=RANDOM.profiles(),
    pieces=CUTS,
    seed=st.integers(0, 1000),
)
def test_any_split_of_a_run_equals_the_run_in_one_piece(
    interpret: RunAll,
    start_plain: StartMachine,
    make_inputs: MakeInputs,
    assert_same: AssertSame,
    backend: str,
    program: Program,
    profile: Profile,
    pieces: list[int],
    seed: int,
) -> None:
    inputs = make_inputs(program, sum(pieces), seed=seed)
    whole = interpret(program, inputs, sum(pieces), profile, seed)

    start = interpreter.start if backend == "interpreter" else start_plain
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # 64-bit numbers do wrap
        parts = run_in_pieces(start(program, profile, seed), program, inputs, pieces)

    assert_same(whole, parts)


def test_pieces_differ_from_runs_that_start_anew(
    stdp_program: Callable[..., Program], make_inputs: MakeInputs
) -> None:
    """The test above could not fail if state did not matter."""
    program = stdp_program()
    inputs = make_inputs(program, 40, seed=1)
    whole = run_in_pieces(
        interpreter.start(program, LOIHI2, 0), program, inputs, [20, 20]
    )
    second = run_in_pieces(
        interpreter.start(program, LOIHI2, 0), program, rows_of(inputs, 20, 40), [20]
    )

    assert (whole.final["synapse.weights"] != second.final["synapse.weights"]).any()
