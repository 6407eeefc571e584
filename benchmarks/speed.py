"""How long a step takes: lahar, Lava and Brian2 on the same networks and spikes.

    uv run python -m benchmarks.speed [--workloads W1c,W5] [--rounds 3] [--json]

Every round runs every tool once, so that all of them see the same machine; medians of
the rounds are shown. CPU time is the figure to compare: other work on the machine
changes it little. Lava runs the workloads that its own models can (W1, W3); Brian2
comes in an environment of its own, the dependency group `speed`, and needs a C++
compiler. W5, W5u and W5c are lahar's alone: networks that nothing holds densely, with
two threads and with one. `--scaling` adds the cost of an event in four series.
`--write` puts tables and plots into docs/. With `--answers FILE` what was measured is
kept, and the command goes on where an earlier one was cut.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

from .speed_answers import Answers
from .speed_large_runs import (
    AXES,
    LARGE,
    Row,
    large,
    large_table,
    plot_scaling,
    scaling,
    scaling_table,
)
from .speed_report import plot, table, write_page
from .speed_tools import (
    Measured,
    ToolFailedError,
    build_brian2,
    run_brian2,
    run_lahar,
    run_lava,
    write_brian2,
    write_lava,
)
from .speed_workloads import WORKLOADS

PROFILES = ("lava-0.10", "loihi2")
LAVA_CAN = ("W1a", "W1b", "W1c", "W3")
LAVA_LENGTHS = {"W1c": (20, 100)}
LENGTHS = {"W1a": (2000, 42000), "W3": (2000, 22000), "W4": (1000, 11000)}
BRIAN2_STEPS = {"W1a": 20000, "W3": 10000}
USUAL, USUAL_OF_LAVA, USUAL_OF_BRIAN2 = (1000, 5000), (50, 300), 2000

Measure = Callable[[], Measured]


def measures(name: str, folder: Path, without: Sequence[str]) -> Iterator[Measure]:
    """Prepare all tools for a workload; each that can be run is given as a function."""
    lava = LAVA_LENGTHS.get(name, USUAL_OF_LAVA)
    lengths = LENGTHS.get(name, USUAL)
    for profile in PROFILES:
        yield lambda profile=profile: run_lahar(name, profile, lengths, lava[1])
    workload = WORKLOADS[name]()
    if name in LAVA_CAN and "lava" not in without:
        (folder / "lava").mkdir()
        write_lava(workload, folder / "lava", lava[1])
        yield lambda: run_lava(name, folder / "lava", lava)
    if "brian2" not in without:
        steps = BRIAN2_STEPS.get(name, USUAL_OF_BRIAN2)
        (folder / "brian2").mkdir()
        write_brian2(workload, folder / "brian2", steps)
        built = build_brian2(folder / "brian2")
        yield lambda: run_brian2(name, folder / "brian2", steps, built)


def measure_all(
    names: Sequence[str], rounds: int, without: Sequence[str], answers: Answers
) -> list[Measured]:
    """Measure workloads, tools in turn, and give the median of the rounds."""
    found: list[Measured] = []
    for name in names:
        task = {"workload": name, "rounds": rounds, "without": [*without]}
        rows = answers.of(task, lambda name=name: _measured(name, rounds, without))
        found += [Measured(**row) for row in rows]
        require_same_spikes([m for m in found if m.workload == name])
    return found


def _measured(name: str, rounds: int, without: Sequence[str]) -> list[dict[str, Any]]:
    folder = Path(tempfile.mkdtemp(prefix="lahar-speed-"))
    try:
        ready = list(measures(name, folder, without))
        return [asdict(m) for m in _rounds(ready, rounds)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rounds(ready: Sequence[Measure], rounds: int) -> list[Measured]:
    runs = [[measure() for measure in ready] for _ in range(rounds)]
    for row in runs[0]:
        print(f"{row.workload} {row.tool}: {row.cpu_us:.3g} us", file=sys.stderr)
    return [
        replace(
            of_tool[0],
            cpu_us=median(m.cpu_us for m in of_tool),
            wall_us=median(m.wall_us for m in of_tool),
        )
        for of_tool in zip(*runs, strict=True)
    ]


def require_same_spikes(found: Sequence[Measured]) -> None:
    """Fail if lahar's output spikes are not Lava's."""
    lava = {m.digest for m in found if m.tool == "Lava"}
    ours = {m.digest for m in found if m.tool == "lahar lava-0.10"}
    if lava and lava != ours:
        raise ToolFailedError(f"{found[0].workload}: lahar and Lava spike differently")


def read_measured(file: Path) -> list[Measured]:
    """Read what an earlier run printed as JSON."""
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    return [Measured(**row) for row in rows]


def read_part(file: Path, part: str) -> Any:
    """Read another part of it; what was written before there was one has none."""
    return json.loads(file.read_text(encoding="utf-8")).get(part, [])


def pieces(
    found: Sequence[Measured], lots: Sequence[Row], series: dict[str, list[Row]]
) -> list[str]:
    """Write the tables of what was measured."""
    tables = [table(found)] if found else []
    tables += [large_table(lots)] if lots else []
    return [*tables, scaling_table(series)] if series else tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0 if every tool ran."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", default=",".join([*WORKLOADS, *LARGE]))
    parser.add_argument(
        "--scaling",
        nargs="?",
        const=",".join(AXES),
        default="",
        metavar="SERIES",
        help=f"the cost of an event too: all of {','.join(AXES)}, or some",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", default="", help="lava, brian2, or both")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--show", nargs="+", metavar="FILE", help="what --json printed; measure nothing"
    )
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="keep what is measured; go on there",
    )
    options = parser.parse_args(arguments)
    answers = Answers(options.answers)
    names = [n for n in options.workloads.split(",") if n in WORKLOADS]
    many = [n for n in options.workloads.split(",") if n in LARGE]
    try:
        found = (
            [m for file in options.show for m in read_measured(Path(file))]
            if options.show
            else measure_all(names, options.rounds, options.without.split(","), answers)
        )
        lots = (
            [row for file in options.show for row in read_part(Path(file), "large")]
            if options.show
            else large(many, options.rounds, answers)
        )
        axes = [a for a in options.scaling.split(",") if a and not options.show]
        series = scaling(axes, answers)
        for file in options.show or ():
            series.update(read_part(Path(file), "scaling"))
    except ToolFailedError as error:
        print(f"a tool could not be run:\n{error}", file=sys.stderr)
        return 3
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        rows = [asdict(m) for m in found]
        measured = {"rows": rows, "large": lots, "scaling": series}
        about = {**machine, "rounds": options.rounds}
        print(json.dumps({**about, **measured}, indent=2))
    else:
        print("\n\n".join(pieces(found, lots, series)))
    if options.write:
        if found:
            plot(found)
        if series:
            plot_scaling(series)
        write_page(found, options.rounds, pieces([], lots, series))
    return 0


if __name__ == "__main__":
    sys.exit(main())
