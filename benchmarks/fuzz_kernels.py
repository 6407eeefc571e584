"""Compare the kernels with the interpreter on random Programs, every variable.

    uv run python -m benchmarks.fuzz_kernels --cases 300 --seed 1

The generated text of every kernel runs as plain Python; of every n-th Program it is
compiled too (`--compiled-every n`). Ends with 1 if anything differs or fails.
docs/validation.md says what is covered.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

from lahar.hardware.consistency import check_consistency
from lahar.hardware.program_text import print_program
from lahar.sim.backend import Trajectory

from .backends import RUNNERS, Difference, first_difference
from .fuzz_report import Failure, KernelReport, progress_bar
from .plain_kernel import with_numba, without_numba
from .program_draw import ProgramCase, draw_case
from .program_reduce import shrink_case

CHUNK = 50
SHRUNK_OF_A_CHUNK = 3


@dataclass(frozen=True)
class Comparison:
    """What came of one case: ``failure`` is empty if all was equal.

    ``case`` is a smaller one that fails alike, if one was looked for.
    """

    number: int
    failure: str = ""
    said: str = ""
    variables: int = 0
    values: int = 0
    differing: int = 0
    case: ProgramCase | None = None


def compare_case(number: int, case: ProgramCase, backend: str) -> Comparison:
    """Run a case in the interpreter and by a kernel, and compare everything."""
    if problems := check_consistency(case.program):
        said = "\n".join(p.message for p in problems)
        return Comparison(number, "drawn inconsistent", said)
    try:
        wanted = run_case(case, "interpreter")
        got = run_case(case, backend)
    except Exception as error:
        said = traceback.format_exc()
        return Comparison(number, f"failed {type(error).__name__}", said)
    found = tuple(_differences(wanted, got, backend))
    values = [*wanted.variables.values(), *wanted.final.values()]
    return Comparison(
        number,
        "differs" if found else "",
        "\n".join(str(d) for d in found),
        len(wanted.variables),
        sum(v.size for v in values),
        sum(d.values for d in found),
    )


def run_case(case: ProgramCase, backend: str) -> Trajectory:
    """Run a case and record everything."""
    run = RUNNERS[backend]
    return run(case.program, case.inputs, case.steps, case.profile, case.seed)


def _differences(
    wanted: Trajectory, got: Trajectory, backend: str
) -> Iterator[Difference]:
    parts = (
        ("", wanted.variables, got.variables),
        ("final ", wanted.final, got.final),
    )
    for prefix, ours, theirs in parts:
        for name in ours.keys() ^ theirs.keys():
            yield Difference(f"{prefix}{name} (not in both)", 0, (), 0, 0, backend)
        for name in ours.keys() & theirs.keys():
            rows = (ours[name][None], theirs[name][None]) if prefix else None
            pair = rows or (ours[name], theirs[name])
            difference = first_difference(f"{prefix}{name}", *pair, backend)
            if difference is not None:
                yield difference


def shrunk(number: int, case: ProgramCase, backend: str) -> Comparison:
    """Compare a case; of one that differs, tell of the smallest that does."""
    found = compare_case(number, case, backend)
    if found.failure != "differs" or backend == "compiled kernel":
        return found

    def fails(candidate: ProgramCase) -> bool:
        return compare_case(number, candidate, backend).failure == "differs"

    small = shrink_case(case, fails)
    return replace(found, case=small, said=compare_case(number, small, backend).said)


def compare_drawn(seed: int, numbers: Sequence[int], backend: str) -> list[Comparison]:
    """Draw and compare numbered cases; shrink the first few that differ."""
    found: list[Comparison] = []
    for number in numbers:
        explained = sum(c.case is not None for c in found)
        compare = shrunk if explained < SHRUNK_OF_A_CHUNK else compare_case
        found.append(compare(number, draw_case(seed, number), backend))
    return found


def compare_compiled(seed: int, numbers: Sequence[int]) -> list[Comparison]:
    """Draw and compare numbered cases with compiled kernels."""
    return compare_drawn(seed, numbers, "compiled kernel")


def compare_plain(seed: int, numbers: Sequence[int]) -> list[Comparison]:
    """Draw and compare numbered cases with kernels as plain Python."""
    return compare_drawn(seed, numbers, "kernel")


def run_campaign(
    seed: int, cases: Sequence[int], jobs: int, compiled_every: int
) -> KernelReport:
    """Compare all cases as plain Python, and some compiled."""
    began = time.monotonic()
    without_numba()
    plain = _in_processes("programs", seed, cases, jobs, compiled=False)
    with_numba()
    some = cases[::compiled_every] if compiled_every else []
    compiled = _in_processes("compiled", seed, some, jobs, compiled=True)
    seconds = time.monotonic() - began
    failures = [_explain(seed, c) for c in (*plain, *compiled) if c.failure]
    return KernelReport.of(seed, plain, compiled, failures, seconds)


def _in_processes(
    what: str, seed: int, cases: Sequence[int], jobs: int, *, compiled: bool
) -> list[Comparison]:
    size = 1 + len(cases) // (8 * jobs) if compiled else CHUNK
    chunks = [cases[k : k + size] for k in range(0, len(cases), size)]
    compare = compare_compiled if compiled else compare_plain
    context = multiprocessing.get_context("spawn")
    found: list[Comparison] = []
    with (
        ProcessPoolExecutor(jobs, mp_context=context) as pool,
        progress_bar(what, len(cases)) as advance,
    ):
        waiting = [pool.submit(compare, seed, chunk) for chunk in chunks]
        for done in as_completed(waiting):
            found += done.result()
            advance(len(done.result()))
    return sorted(found, key=lambda c: c.number)


def _explain(seed: int, comparison: Comparison) -> Failure:
    case = comparison.case or draw_case(seed, comparison.number)
    settings = f"profile {case.profile}\n{case.steps} steps, seed {case.seed}"
    text = f"{settings}\n{print_program(case.program)}"
    number, failure = comparison.number, comparison.failure
    return Failure(number, failure, comparison.said, text, text)


def _arguments() -> argparse.Namespace:
    name = "benchmarks.fuzz_kernels"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--cases", type=int, default=300, help="how many Programs")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument(
        "--compiled-every", type=int, default=0, help="compile every n-th (0: none)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser.parse_args()


def main() -> int:
    """Run from the command line; give the exit code."""
    asked = _arguments()
    cases = range(asked.first, asked.first + asked.cases)
    report = run_campaign(asked.seed, cases, asked.jobs, asked.compiled_every)
    print(report.as_json() if asked.json else report.as_text())
    return int(bool(report.failures))


if __name__ == "__main__":
    sys.exit(main())
