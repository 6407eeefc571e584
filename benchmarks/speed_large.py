"""Measure a large sparse network (W5, W5u, W5c), in a process of its own.

    python -m benchmarks.speed_large '{"workload": "W5", "threads": 2, "steps": 1000}'

Prints as JSON what building took, the time of a step, the lines that a step must move
beside what the memory moves, and digests that are the same for any number of threads.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import lahar
from lahar.hardware.profile import find_profile
from lahar.hardware.program import Program
from lahar.hardware.variables import VariableInfo
from lahar.rules.network import Network
from lahar.sim import kernels
from lahar.sim.backend import Inputs

from .speed_alone import Alone
from .speed_many import AROUND, NEURONS, SYNAPSES, bias_for, network
from .speed_memory import bandwidth, lines_of_step

PROFILE, SEED = "loihi2", 1
WATCHED_STEPS, FOLLOWED = 100, 1000
STATE_BYTES = 36
"""Of a neuron: current, membrane, what is shown, sent, arrives (twice: 32 bits and 16)
and is on the way, and two traces; 4 bytes each."""

LIKELY = 50_000
"""Neurons of W5c: the allocator is asked from here down, a thousand at a time."""

NETWORKS: dict[str, tuple[int, int, int, str]] = {
    "W5": (NEURONS, SYNAPSES, AROUND, "loihi2:hala-point"),
    "W5u": (NEURONS, SYNAPSES, NEURONS, "loihi2:hala-point"),
    "W5c": (LIKELY, LIKELY * SYNAPSES // NEURONS, AROUND, "loihi2"),
    "small": (NEURONS // 1000, SYNAPSES // 1000, AROUND // 8, "loihi2"),
}
"""Neurons, synapses, neurons around each from which targets are drawn, and the chip."""


def built(name: str) -> tuple[Network, str]:
    """Draw a network; give it with its chip."""
    neurons, synapses, around, chip = NETWORKS[name]
    drawn = network(name, neurons, synapses, around)
    while name == "W5c" and not _fits(drawn, chip):
        neurons -= 1000
        drawn = network(name, neurons, neurons * SYNAPSES // NEURONS, around)
    return drawn, chip


def _fits(drawn: Network, chip: str) -> bool:
    try:
        lahar.compile(drawn, chip)
    except lahar.LaharError:
        return False
    return True


def measure(workload: str, steps: int, alone: bool) -> dict[str, Any]:
    """Build, run, and count; seconds, microseconds of a step, bytes."""
    laps = [time.perf_counter()]

    def lap() -> float:
        laps.append(time.perf_counter())
        return laps[-1] - laps[-2]

    drawn, chip = built(workload)
    found: dict[str, Any] = {"draw_s": lap()}
    program = lahar.compile(drawn, chip)
    found |= {"compile_s": lap(), **_allocated(program)}
    machine = kernels.start(program, find_profile(PROFILE), SEED)
    found["start_s"] = lap()
    # the first step visits every synapse and compiles what is not compiled
    first = machine.run(Inputs({}, {}), 1, frozenset({"e.s_out"}))["e.s_out"]
    found["first_step_s"] = lap()
    cpu = time.process_time()
    machine.run(Inputs({}, {}), steps, frozenset())
    found["wall_us"] = lap() / steps * 1e6
    found["cpu_us"] = (time.process_time() - cpu) / steps * 1e6
    watched = machine.run(Inputs({}, {}), WATCHED_STEPS, frozenset({"e.s_out"}))
    spikes = np.asarray(watched["e.s_out"], np.uint8)
    found["rate_hz"] = float(spikes.mean() * 1000)
    info = VariableInfo(
        "ee.weights", "ee", "synapse", program.connections[0].weights.shape
    )
    final = machine.read(info)
    found["digest"] = _digest(spikes, final)
    pairs = program.connections[0].pairs
    assert pairs is not None
    lines = lines_of_step(pairs, spikes[:20], STATE_BYTES)
    found["lines"] = {k: round(v) for k, v in vars(lines).items()}
    found["bytes"] = lines.total_bytes
    found["bandwidth"] = bandwidth()
    found["reached"] = lines.total_bytes / (found["wall_us"] / 1e6) / found["bandwidth"]
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if alone:
        found["followed"] = follow(program, first)
    return found


def point(synapses: int, fan_out: int, rate: float, epoch: int = 1) -> dict[str, float]:
    """Measure the CPU time of a synaptic event: a synapse of a neuron that spiked."""
    neurons = max(synapses // fan_out, fan_out + 1)
    drawn = network("point", neurons, neurons * fan_out, AROUND, bias_for(rate))
    program = lahar.compile(drawn, "loihi2:hala-point", epoch=epoch)
    machine = kernels.start(program, find_profile(PROFILE), SEED)
    machine.run(Inputs({}, {}), 8, frozenset())
    steps = max(48, min(20_000, int(2e7 / (synapses * rate * 2e-3 + neurons))) // 8 * 8)
    cpu = time.process_time()
    machine.run(Inputs({}, {}), steps, frozenset())
    cpu = time.process_time() - cpu
    watched = machine.run(Inputs({}, {}), 100, frozenset({"e.s_out"}))["e.s_out"]
    spikes = float(np.asarray(watched).sum()) / 100
    return {
        "cpu_ns": cpu / steps / (2 * spikes * fan_out) * 1e9,
        "rate_hz": spikes / neurons * 1000,
        "neurons": neurons,
    }


def _allocated(program: Program) -> dict[str, int]:
    rows = {u.resource: u.used for u in program.report.usage}
    return {"cores": rows["cores"], "chips": rows.get("chips", 1)}


def _digest(*arrays: Any) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()[:16]


def follow(program: Program, first: Any) -> dict[str, int]:
    """Run anew, and compare synapses with what single ones come to by themselves."""
    machine = kernels.start(program, find_profile(PROFILE), SEED)
    run = machine.run(Inputs({}, {}), WATCHED_STEPS, frozenset({"e.s_out"}))
    spikes = np.asarray(run["e.s_out"], np.uint8)
    assert np.array_equal(spikes[0], np.asarray(first)[0])
    connection = program.connections[0]
    shape = connection.weights.shape
    final = machine.read(VariableInfo("ee.weights", "ee", "synapse", shape))
    pairs = connection.pairs
    assert pairs is not None
    alone = Alone(connection, SEED, find_profile(PROFILE).impulse_random_bits)
    sample = np.random.default_rng(0).choice(pairs.count, FOLLOWED, replace=False)
    equal = moved = 0
    for k in sample.tolist():
        j, i = pairs.ends(k)
        start = int(connection.weights[k])
        wanted = alone.weight(start, (i, spikes[:, i]), (j, spikes[:, j]))
        equal += wanted == int(final[k])
        moved += wanted != start
    return {"synapses": FOLLOWED, "equal": equal, "moved": moved}


def against_interpreter(steps: int = 200) -> dict[str, Any]:
    """Run a 1/1000 instance in both engines and compare all state in every step."""
    drawn, chip = built("small")
    program = lahar.compile(drawn, chip)
    runs = [
        lahar.run(program, lahar.Stimulus(), steps, backend=b, record="all")
        for b in ("sim", "interpreter")
    ]
    names = list(runs[0].variables)
    equal = [np.array_equal(runs[0][n], runs[1][n]) for n in names]
    return {"steps": steps, "variables": len(names), "equal": sum(equal)}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "measure": measure,
    "interpreter": against_interpreter,
    "point": point,
}


def main() -> int:
    task = json.loads(sys.argv[1])
    os.environ["LAHAR_THREADS"] = str(task.pop("threads", 1))
    print(json.dumps(TASKS[task.pop("task", "measure")](**task)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
