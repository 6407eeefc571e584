"""Time the statements of a step one by one: where the time of a workload goes.

    python -m benchmarks.speed_parts [W4] [--profile loihi2] [--neurons 131072]

On one thread; medians over steps. Statements are those of the generated kernel, called
from here instead of from ``advance`` with what it is called with, so that each costs a
call from Python besides (shown first). W5 is of a smaller size.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import time
from statistics import median
from typing import Any

import numpy as np

from lahar import Stimulus
from lahar import compile as compile_network
from lahar.hardware.profile import find_profile
from lahar.sim import kernels
from lahar.sim.backend import Inputs
from lahar.sim.kernel_loops import DECORATORS, NOT_FROM_PYTHON
from lahar.sim.stimulus import prepare

from .speed_many import AROUND, NEURONS, SYNAPSES, network
from .speed_workloads import WORKLOADS

WARM, MOST = 150, 400
LEAVE_OUT = ("record_", "step =", "step:")


def statements(source: str) -> list[str]:
    """List what the loop over steps does, recording and settling left out."""
    body = source[source.index("def advance(") :]
    lines = body[body.index("    for s in range(count):") :].splitlines()[2:]
    inside = [line for line in lines if line.startswith("        ")]
    whole = [""]
    for line in inside:
        if line.startswith("         "):  # what belongs to the line before it
            whole[-1] += "\n" + line[8:]
        else:
            whole.append(line.strip())
    kept = [f for f in whole if f and not f.startswith(LEAVE_OUT)]
    return [f for f in kept if "_settle(" not in f]


def callable_from_here(source: str) -> str:
    """Let Python call the functions that only ``advance`` calls."""
    for line in DECORATORS:
        source = source.replace(line, line.replace(NOT_FROM_PYTHON, ""))
    return source.replace("@njit(cache=True)\ndef advance", "def advance")


def names_of(machine: Any, source: str, inputs: Inputs, steps: int) -> dict[str, Any]:
    """Give what the statements name: functions, state, and arguments of the kernel."""
    names: dict[str, Any] = {}
    exec(callable_from_here(source), names)
    kept: dict[str, Any] = {}
    advance = machine._advance
    parameters = list(inspect.signature(advance.py_func).parameters)

    def note(*arguments: Any) -> None:
        kept.update(zip(parameters, arguments, strict=True))

    machine._advance = note
    machine._chunk(inputs, WARM, WARM + steps, machine._recorder(frozenset())[0])
    machine._advance = advance
    names |= kept
    body = source[source.index("def advance(") :]
    for line in body[: body.index("    for s in range")].splitlines()[1:]:
        if line.startswith("    ") and " = " in line:
            exec(line.strip(), names)
    return names


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*WORKLOADS, "W5"]
    parser.add_argument("workload", nargs="?", default="W5", choices=names)
    parser.add_argument("--profile", default="loihi2")
    parser.add_argument("--neurons", type=int, default=NEURONS // 8, help="of W5")
    parser.add_argument("--steps", type=int, default=100)
    options = parser.parse_args()
    os.environ["LAHAR_THREADS"] = "1"
    steps = WARM + options.steps
    if options.workload == "W5":
        count = options.neurons * SYNAPSES // NEURONS
        drawn = network("W5", options.neurons, count, AROUND)
        program, inputs = compile_network(drawn, "loihi2:hala-point"), Inputs({}, {})
    else:
        workload = WORKLOADS[options.workload]()
        program = workload.program()
        modulators = {m.name: workload.rewards(steps) for m in program.modulators}
        inputs = prepare(program, Stimulus(workload.spikes(steps), modulators), steps)
    machine: Any = kernels.start(program, find_profile(options.profile), 1)
    machine.run(inputs, WARM, frozenset())
    source = inspect.getsource(sys.modules[machine._advance.__module__])
    names = names_of(machine, source, inputs, options.steps)
    texts = statements(source)
    code = [compile(text, "<step>", "exec") for text in texts]
    took = np.zeros((options.steps, len(texts)))
    empty = compile("clear_cells(nothing)", "<step>", "exec")
    names["nothing"] = np.zeros(0, np.int32)
    calls = []
    for k in range(options.steps):
        names["step"], names["s"] = WARM + 1 + k, k
        for n, statement in enumerate(code):
            began = time.perf_counter()
            exec(statement, names)
            took[k, n] = time.perf_counter() - began
        began = time.perf_counter()
        exec(empty, names)
        calls.append(time.perf_counter() - began)
    print(f"{median(calls) * 1e6:9.1f} us  a call that does nothing")
    for text, seconds in zip(texts, np.median(took, axis=0), strict=True):
        print(f"{seconds * 1e6:9.1f} us  {text.splitlines()[0][:60]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
