"""Compare random neuron programs with Lava, every variable of every step.

    uv run python -m benchmarks.fuzz_neurons --cases 100 --seed 1

Straight lines of any operations that a neuron program may have (program_neurons.py),
each a population of its own; a batch of them is one Program, since starting Lava takes
longer than running it. Interpreter and kernel (as plain Python) are both compared.
Ends with 1 if anything differs. docs/validation.md says what is covered.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lahar.compiler.lava.lower import lower_to_lava
from lahar.hardware.consistency import check_consistency
from lahar.hardware.profile import LAVA_0_10
from lahar.hardware.program import Connection, Population, Program
from lahar.hardware.program_text import print_program
from lahar.hardware.variables import state_variables
from lahar.sim import lava_runner
from lahar.sim.backend import Trajectory

from .backends import RUNNERS, Difference, first_difference
from .chance import Chance
from .plain_kernel import without_numba
from .program_draw import draw_inputs
from .program_neurons import draw_neuron_program, draw_values

SIZE, INPUTS, STEPS = 3, 4, 40
TIME_LIMIT_S = 600.0


@dataclass(frozen=True)
class Found:
    """What came of one neuron program: what differed, and how much was compared."""

    number: int
    differences: tuple[Difference, ...]
    values: int


def draw_population(seed: int, number: int) -> Population:
    """Draw a numbered neuron program, and first values of some of its registers."""
    chance = Chance(seed, number)
    neuron = draw_neuron_program(chance)
    each = [r.name for r in neuron.registers if chance.happens(0.2)]
    initial = {register: draw_values(chance, (SIZE,)) for register in each}
    return Population(f"n{number}", SIZE, neuron, initial=initial)


def draw_program(seed: int, numbers: range) -> Program:
    """Put numbered neuron programs into one Program; an input drives all of them."""
    populations = [Population("in", INPUTS)]
    populations += [draw_population(seed, number) for number in numbers]
    return Program(
        name="random neurons",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=tuple(populations),
        connections=tuple(_connections(Chance(seed, numbers.start), populations[1:])),
    )


def _connections(chance: Chance, populations: list[Population]) -> Iterator[Connection]:
    for population in populations:
        assert population.neuron is not None
        for port in population.neuron.ports:
            if port.kind == "synaptic":
                values = chance.array((SIZE, INPUTS), lambda: chance.integer(-250, 250))
                weights = np.array(values, np.int32)
                exponent = chance.weighted({0: 60, 5: 25, 15: 15})
                name = f"{port.name} of {population.name}"
                ends = ("in", population.name, port.name)
                yield Connection(name, *ends, weights, weight_exponent=exponent)


def judge(seed: int, numbers: range) -> list[Found]:
    """Run a batch on Lava, in the interpreter and by the kernel; compare."""
    program = draw_program(seed, numbers)
    problems = check_consistency(program)
    assert not problems, "\n".join(p.message for p in problems)
    inputs = draw_inputs(Chance(seed, numbers.start), program, STEPS)
    wanted = lava_runner.run_bundle(
        lower_to_lava(program),
        program,
        inputs,
        STEPS,
        profile=LAVA_0_10,
        record=frozenset(v.name for v in state_variables(program)),
        seed=seed,
        time_limit_s=TIME_LIMIT_S,
    )
    runs = {
        backend: RUNNERS[backend](program, inputs, STEPS, LAVA_0_10, seed)
        for backend in ("interpreter", "kernel")
    }
    return [_compared(number, wanted, runs) for number in numbers]


def _compared(number: int, wanted: Trajectory, runs: dict[str, Trajectory]) -> Found:
    names = [n for n in wanted.variables if n.startswith(f"n{number}.")]
    found = [
        first_difference(name, wanted.variables[name], run.variables[name], backend)
        for backend, run in runs.items()
        for name in names
    ]
    values = sum(wanted.variables[name].size for name in names)
    return Found(number, tuple(d for d in found if d is not None), values)


def main() -> int:
    """Run from the command line; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.fuzz_neurons", description=__doc__
    )
    parser.add_argument("--cases", type=int, default=100, help="how many programs")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")
    parser.add_argument("--batch", type=int, default=20, help="programs in a runtime")
    asked = parser.parse_args()
    without_numba()
    began, found = time.monotonic(), list[Found]()
    for start in range(0, asked.cases, asked.batch):
        found += judge(asked.seed, range(start, min(start + asked.batch, asked.cases)))
    wrong = [f for f in found if f.differences]
    print(f"neuron programs   {len(found):,}   (seed {asked.seed})")
    print(f"equal to Lava     {len(found) - len(wrong):,}")
    print(f"values compared   {sum(f.values for f in found):,} by each backend")
    print(f"seconds           {time.monotonic() - began:.0f}")
    for failed in wrong[:3]:
        print(*(str(d) for d in failed.differences), sep="\n")
        number = range(failed.number, failed.number + 1)
        print(print_program(draw_program(asked.seed, number)))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
