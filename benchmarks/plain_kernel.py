"""Run the generated kernel of a Program as plain Python, without compiling it.

A compilation takes seconds and a small run milliseconds, so this is how thousands of
Programs are tried. numba has to be off for the whole process: `without_numba` says so
to processes that are started afterwards, and to this one if it has not imported numba.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from lahar.hardware.profile import Profile
from lahar.hardware.program import Program
from lahar.hardware.variables import state_variables
from lahar.sim.backend import Inputs, Trajectory, run_in_one, silent

NUMBA_SWITCH = "NUMBA_DISABLE_JIT"


def without_numba() -> None:
    """Let kernels be plain Python here and in processes started from here."""
    os.environ[NUMBA_SWITCH] = "1"


def with_numba() -> None:
    """Let processes that are started from here compile their kernels."""
    os.environ.pop(NUMBA_SWITCH, None)


def run_plain(
    program: Program, inputs: Inputs, steps: int, profile: Profile, seed: int
) -> Trajectory:
    """Run a Program for a number of steps and record everything."""
    import numba

    from lahar.sim import kernels
    from lahar.sim.kernel_layout import layout_of
    from lahar.sim.kernel_source import kernel_source

    config: Any = numba.config
    assert config.DISABLE_JIT, "without_numba comes before the first import"
    layout = layout_of(program, profile)
    source = kernel_source(program, profile, layout, kernels.kernel_header())
    namespace: dict[str, Any] = {}
    exec(compile(source.text, "kernel", "exec"), namespace)
    everything = frozenset(v.name for v in state_variables(program))
    advance = namespace["advance"]
    machine = kernels.KernelMachine(program, profile, seed, advance, source, layout)
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # 64-bit numbers do wrap
        return run_in_one(machine, program, inputs, steps, everything, silent)
