"""Time the statements of a step one by one: where the time of a large network goes.

    python -m benchmarks.speed_parts [--neurons 131072] [--steps 20]

W5 in a smaller size, on one thread; the shortest of the steps counts. Statements are
those of the generated kernel, called from here instead of from ``advance``.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import time
from typing import Any

from lahar import compile as compile_network
from lahar.hardware.profile import find_profile
from lahar.sim import kernels
from lahar.sim.backend import Inputs

from .speed_many import AROUND, NEURONS, SYNAPSES, network

WARM = 150
LEAVE_OUT = ("record_", "if ", "step =", "step:")


def statements(source: str) -> list[str]:
    """List what the loop over steps does, recording and settling left out."""
    body = source[source.index("def advance(") :]
    lines = body[body.index("    for s in range(count):") :].splitlines()[2:]
    inside = [line for line in lines if line.startswith("        ")]
    found = [line.strip() for line in inside]
    return [f for f in found if not f.startswith(LEAVE_OUT) and "_settle(" not in f]


def names_of(machine: Any, source: str) -> dict[str, Any]:
    """Give what the statements name: functions, state, and arguments of the kernel."""
    names = dict(vars(sys.modules[machine._advance.__module__]))
    layout, text = machine._layout, machine._source
    for segment, (start, stop) in zip(layout.segments, layout.bounds, strict=True):
        names[segment.identifier] = machine._banks[segment.bank][start:stop]
    names |= {"constants": text.constants, "tables": text.tables, "s": 0}
    names |= {"factors": text.factors, "parts": 1, "active": machine._active}
    names |= {"starts": machine._starts, "lists": machine._lists, "sums": machine._sums}
    names["random"] = machine._numbers.next_chunk(machine.steps_done + 1, 0)
    body = source[source.index("def advance(") :]
    for line in body[: body.index("    for s in range")].splitlines()[1:]:
        if " = segment(" not in line:
            exec(line.strip(), names)
    return names


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, default=NEURONS // 8)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    os.environ["LAHAR_THREADS"] = "1"
    count = options.neurons * SYNAPSES // NEURONS
    drawn = network("W5", options.neurons, count, AROUND)
    program = compile_network(drawn, "loihi2:hala-point")
    machine: Any = kernels.start(program, find_profile("loihi2"), 1)
    machine.run(Inputs({}, {}), WARM, frozenset())
    source = inspect.getsource(sys.modules[machine._advance.__module__])
    names, texts = names_of(machine, source), statements(source)
    best = dict.fromkeys(texts, float("inf"))
    for k in range(options.steps):
        names["step"] = machine.steps_done + 1 + k
        for text in texts:
            began = time.perf_counter()
            exec(text, names)
            best[text] = min(best[text], time.perf_counter() - began)
    for text, seconds in best.items():
        print(f"{seconds * 1e6:9.0f} us  {text[:60]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
