"""Run the large networks and the scaling series, and write what they came to.

Every measurement is a process of its own (speed_large.py); two threads and one in turn,
medians of the rounds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from .speed_answers import Answers
from .speed_tools import ToolFailedError

DOCS = Path(__file__).parents[1] / "docs"
SCALING_PLOT = DOCS / "benchmarks_scaling.svg"
LARGE = {
    "W5": "1,048,576 LIF neurons, 120 million plastic synapses, targets among the"
    " 8,192 neurons around the source, 10 Hz",
    "W5u": "the same with targets among all neurons",
    "W5c": "the largest network of this kind that the allocator puts on one chip",
}
STEPS = {"W5": 1000, "W5u": 500, "W5c": 2000}
SECONDS = 3000
MIB = 1 << 20

SYNAPSES = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
"""With 100 a neuron; the other series have 10 million."""
RATES = (2.0, 5.0, 10.0, 20.0, 50.0)
FAN_OUTS = (10, 30, 100, 300, 1000)
EPOCHS = (1, 2, 4, 8)
AXES = ("synapses", "rate", "fan_out", "epoch")
Row = dict[str, Any]


def ask(task: Row) -> Row:
    """Run one measurement in its own process."""
    command = [sys.executable, "-m", "benchmarks.speed_large", json.dumps(task)]
    done = subprocess.run(
        command,
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise ToolFailedError(done.stderr.strip()[-2000:])
    answer: Row = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{json.dumps(task)}: {answer.get('wall_us', '')}", file=sys.stderr)
    return answer


def large(names: Sequence[str], rounds: int, answers: Answers) -> list[Row]:
    """Measure large networks with one thread and two."""
    found = []
    for name in names:
        task = {"workload": name, "steps": STEPS[name]}
        runs = [
            [_run(task, t, answers, alone=k == 0 and t == 2) for t in (2, 1)]
            for k in range(rounds)
        ]
        digests = {run["digest"] for pair in runs for run in pair}
        if len(digests) > 1:
            raise ToolFailedError(f"{name}: threads changed the result: {digests}")
        for column, threads in enumerate((2, 1)):
            mine = [pair[column] for pair in runs]
            middle = {
                key: median(run[key] for run in mine)
                for key in ("wall_us", "cpu_us", "reached", "bandwidth")
            }
            found.append({**mine[0], **middle, "workload": name, "threads": threads})
    if "W5" in names:
        small = {"task": "interpreter"}
        answer = answers.of(small, lambda: ask(small))
        found.append({"workload": "1/1000 of W5", **answer})
    return found


def _run(task: Row, threads: int, answers: Answers, *, alone: bool) -> Row:
    task = {**task, "threads": threads, "alone": alone}
    answer: Row = answers.of(task, lambda: ask(task))
    return answer


def large_table(found: Sequence[Row]) -> str:
    """Write what was measured of large networks."""
    rows = [
        "| workload | threads | steps/s | wall ms/step | build s | peak MB | Hz |"
        " MB moved a step (rows, histories, lists, neurons) | of the bandwidth |"
        " cores, chips |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in (r for r in found if "wall_us" in r):
        parts = ", ".join(f"{v * 64 / MIB:.1f}" for v in r["lines"].values())
        build = sum(r[k] for k in ("draw_s", "compile_s", "start_s"))
        rows.append(
            f"| {r['workload']} | {r['threads']} | {1e6 / r['wall_us']:.1f}"
            f" | {r['wall_us'] / 1000:.1f} | {build:.0f} | {r['peak_mb']:.0f}"
            f" | {r['rate_hz']:.1f} | {r['bytes'] / MIB:.1f} ({parts})"
            f" | {r['reached']:.0%} of {r['bandwidth'] / 1e9:.1f} GB/s"
            f" | {r['cores']:,}, {r['chips']} |"
        )
    return "\n".join([*rows, "", *_checks(found)])


def _checks(found: Sequence[Row]) -> Iterator[str]:
    for r in found:
        if "followed" in r:
            f = r["followed"]
            yield (
                f"* {r['workload']}: of {f['synapses']} synapses that were computed"
                f" alone from the recorded spikes, {f['equal']} ended at the same"
                f" weight ({f['moved']} had moved)."
            )
        if "variables" in r:
            yield (
                f"* {r['workload']}: {r['equal']} of {r['variables']} variables are the"
                f" interpreter's in each of {r['steps']} steps."
            )
    for name in dict.fromkeys(r["workload"] for r in found if "wall_us" in r):
        both = {r["threads"]: r["wall_us"] for r in found if r["workload"] == name}
        if len(both) == 2:
            speedup = both[1] / both[2]
            yield f"* {name}: two threads are {speedup:.2f} times as fast; same bytes."


def scaling(axes: Sequence[str], answers: Answers) -> dict[str, list[Row]]:
    """Measure the cost of a synaptic event in one series or more."""
    usual = {"task": "point", "synapses": 10_000_000, "fan_out": 100, "rate": 10.0}
    series = {
        "synapses": [{**usual, "synapses": n} for n in SYNAPSES],
        "rate": [{**usual, "rate": r} for r in RATES],
        "fan_out": [{**usual, "fan_out": n} for n in FAN_OUTS],
        "epoch": [{**usual, "epoch": e} for e in EPOCHS],
    }
    return {
        axis: [
            {"at": t.get(axis, 1), **answers.of(t, lambda t=t: ask(t))} for t in tasks
        ]
        for axis, tasks in series.items()
        if axis in axes
    }


def scaling_table(found: dict[str, list[Row]]) -> str:
    """Write the cost of an event in nanoseconds, one series a line."""
    rows = ["| series | CPU ns for each synaptic event |", "|---|---|"]
    for axis, points in found.items():
        shown = ", ".join(f"{p['at']:,g}: {p['cpu_ns']:.3g}" for p in points)
        rows.append(f"| {axis} | {shown} |")
    return "\n".join(rows)


def plot_scaling(found: dict[str, list[Row]]) -> None:
    """Draw the cost of an event against each axis, both logarithmic."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lahar"
    from matplotlib import pyplot

    labels = {
        "synapses": "synapses",
        "rate": "mean rate, Hz",
        "fan_out": "synapses of a neuron",
        "epoch": "steps of an epoch",
    }
    size = 2.5 * len(found), 2.8
    figure, drawn = pyplot.subplots(
        1, len(found), figsize=size, layout="constrained", squeeze=False
    )
    axes = drawn[0]
    for axis, (name, points) in zip(axes, found.items(), strict=True):
        at = [p["rate_hz"] if name == "rate" else p["at"] for p in points]
        axis.plot(at, [p["cpu_ns"] for p in points], "o-", color="#b3502d")
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel(labels[name])
        axis.set_ylim(1, 1000)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("CPU time of an event, ns")
    figure.savefig(SCALING_PLOT, metadata={"Date": None})
    pyplot.close(figure)
