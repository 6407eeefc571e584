"""Measure lahar on one workload, in a process of its own.

    python -m benchmarks.speed_lahar '{"workload": "W1c", "short": 500, ...}'

Prints what it measured as JSON: CPU time and wall time of a step by the difference of
two run lengths.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numba
import numpy as np

from lahar.hardware.profile import find_profile
from lahar.sim.kernels import execute
from lahar.sim.stimulus import Stimulus, prepare

from .speed_memory import bandwidth, lines_of_dense_step
from .speed_tools import digest_of
from .speed_workloads import WORKLOADS, Workload

WATCHED = 200


def measure(
    workload: Workload, profile: str, short: int, long: int, digest_steps: int
) -> dict[str, Any]:
    """Run the workload short and long; times of a step are in microseconds."""
    program = workload.program()
    modulators = {m.name: workload.rewards(long) for m in program.modulators}
    stimulus = Stimulus(workload.spikes(long), modulators)
    inputs = prepare(program, stimulus, long)
    recorded = f"{workload.output}.s_out"

    def run(steps: int) -> tuple[float, float, Any]:
        cpu, wall = time.process_time(), time.perf_counter()
        done = execute(
            program,
            inputs,
            steps,
            profile=find_profile(profile),
            record=frozenset({recorded}),
            seed=1,
        )
        return time.process_time() - cpu, time.perf_counter() - wall, done

    _, first, _ = run(short)
    less, more = run(short), run(long)
    spikes = np.asarray(more[2].variables[recorded])
    return {
        "cpu_us": (more[0] - less[0]) / (long - short) * 1e6,
        "wall_us": (more[1] - less[1]) / (long - short) * 1e6,
        "rate_hz": float(np.mean(spikes[short:]) * 1000),
        "first_run_s": first,
        "digest": digest_of(spikes[:digest_steps]),
        **_moved(workload, inputs.spikes, spikes, more[1] - less[1], long - short),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _moved(
    workload: Workload, inputs: Any, spikes: Any, seconds: float, steps: int
) -> dict[str, float]:
    """Say what a step of two layers must move, and what share of the memory's it is."""
    projections = workload.network.projections
    if len(projections) != 1 or projections[0].pairs is not None:
        return {}
    watched = slice(-min(steps, WATCHED), None)
    pre = np.asarray(inputs[projections[0].source])[: len(spikes)][watched]
    lines = lines_of_dense_step(pre, np.asarray(spikes)[watched])
    moved = lines.total_bytes
    numba.set_num_threads(1)
    return {"bytes": moved, "reached": moved / (seconds / steps) / bandwidth()}


def main() -> int:
    task = json.loads(sys.argv[1])
    workload = WORKLOADS[task.pop("workload")]()
    print(json.dumps(measure(workload, **task)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
