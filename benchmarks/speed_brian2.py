"""Run a workload in Brian2's C++ standalone mode; a script that does not know lahar.

    python speed_brian2.py FOLDER

FOLDER holds ``task.json`` and ``arrays.npz`` (speed.py writes them). The project is
built in FOLDER/project and run once; its binary may be run again. The time of the loop
alone, without building the synapses, is in project/results/loop.txt after each run.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np

PAIR = """
w : 1
dapre/dt = -apre/(20*ms) : 1 (event-driven)
dapost/dt = -apost/(20*ms) : 1 (event-driven)
"""
REWARD = PAIR + "dc/dt = -c/(200*ms) : 1 (clock-driven)\n"

BEFORE = """
struct timespec loop_cpu_0, loop_wall_0, loop_cpu_1, loop_wall_1;
clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &loop_cpu_0);
clock_gettime(CLOCK_MONOTONIC, &loop_wall_0);
"""
AFTER = """
clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &loop_cpu_1);
clock_gettime(CLOCK_MONOTONIC, &loop_wall_1);
{
    FILE *file = fopen("results/loop.txt", "w");
    fprintf(file, "%.9f %.9f",
        loop_cpu_1.tv_sec - loop_cpu_0.tv_sec
        + 1e-9 * (loop_cpu_1.tv_nsec - loop_cpu_0.tv_nsec),
        loop_wall_1.tv_sec - loop_wall_0.tv_sec
        + 1e-9 * (loop_wall_1.tv_nsec - loop_wall_0.tv_nsec));
    fclose(file);
}
"""


def neurons(group: dict[str, Any], first: Any) -> Any:
    """Make a population of LIF neurons."""
    tau = group["membrane_ms"]
    made = b2.NeuronGroup(
        group["size"],
        f"dv/dt = (-v + drive)/({tau!r}*ms) : 1\ndrive : 1 (shared)",
        threshold=f"v > {group['threshold']!r}",
        reset="v = 0",
        method="euler",
    )
    # a bias of lahar is added in every step, a drive over the time constant
    made.drive = group["bias"] * tau
    made.v = first
    return made


def synapses(projection: dict[str, Any], ends: tuple[Any, Any], arrays: Any) -> Any:
    """Make a projection; what it learns is additive pair STDP, the textbook's form."""
    (source, target), name = ends, projection["name"]
    kind, w_max = projection["kind"], projection["w_max"]
    if kind == "static":
        made = b2.Synapses(source, target, "w : 1", on_pre="v_post += w")
    elif kind == "pair":
        made = b2.Synapses(
            source,
            target,
            PAIR,
            on_pre=f"""
                v_post += w
                apre += 1
                w = clip(w - {projection["a_minus"]!r}*apost, 0, {w_max!r})""",
            on_post=f"""
                apost += 1
                w = clip(w + {projection["a_plus"]!r}*apre, 0, {w_max!r})""",
        )
    else:
        made = b2.Synapses(
            source,
            target,
            REWARD,
            on_pre=f"v_post += w\napre += 1\nc -= {projection['a_minus']!r}*apost",
            on_post=f"apost += 1\nc += {projection['a_plus']!r}*apre",
            method="exact",
        )
        made.run_regularly(
            f"w = clip(w + {projection['rate']!r}*c, 0, {w_max!r})", dt=100 * b2.ms
        )
    made.connect(i=arrays[f"pre {name}"], j=arrays[f"post {name}"])
    made.w = arrays[f"weights {name}"]
    return made


def main() -> int:
    folder = Path(sys.argv[1])
    task = json.loads((folder / "task.json").read_text())
    arrays = np.load(folder / "arrays.npz")
    b2.set_device("cpp_standalone", build_on_run=False)
    # its own default compiles all files at once, however many cores there are
    b2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
    b2.defaultclock.dt = 1 * b2.ms
    b2.seed(1)
    groups: dict[str, Any] = {}
    for group in task["groups"]:
        name = group["name"]
        if group["threshold"] is None:
            steps, indices = np.nonzero(arrays[f"spikes {name}"])
            size = group["size"]
            made = b2.SpikeGeneratorGroup(size, indices, steps * b2.ms)
        else:
            made = neurons(group, arrays[f"first {name}"])
        groups[name] = made
    joined = [
        synapses(p, (groups[p["source"]], groups[p["target"]]), arrays)
        for p in task["projections"]
    ]
    monitor = b2.SpikeMonitor(groups[task["output"]], record=False)
    network = b2.Network(*groups.values(), *joined, monitor)
    b2.device.insert_code("before_network_run", BEFORE)
    b2.device.insert_code("after_network_run", AFTER)
    network.run(task["steps"] * b2.ms)
    began = time.perf_counter()
    project = str(folder / "project")
    b2.device.build(directory=project, compile=True, run=True, with_output=False)
    built = time.perf_counter() - began
    size = len(groups[task["output"]])
    rate = float(monitor.num_spikes) / size / task["steps"] * 1000
    print(json.dumps({"version": b2.__version__, "rate_hz": rate, "build_s": built}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
