"""Show what the speed benchmark measured: a table, a plot, and the page in docs/."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import numba
import numpy as np

from .speed_tools import Measured
from .speed_workloads import WORKLOADS

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PLOT = DOCS / "benchmarks.md", DOCS / "benchmarks.svg"
BEGIN, END = "<!-- begin: benchmarks.speed -->", "<!-- end: benchmarks.speed -->"
LARGE_BEGIN, LARGE_END = BEGIN.replace("speed", "large"), END.replace("speed", "large")
LARGE_PLOT = "![CPU time of a synaptic event](benchmarks_scaling.svg)"
COLOURS = ("#b3502d", "#d99a5b", "#55748c", "#8c8c8c")
HEAD = (
    "| workload | tool | CPU us/step | wall us/step | output Hz | start s | peak MB"
    " | CPU of lahar (lava-0.10) |\n|---|---|---:|---:|---:|---:|---:|---:|"
)


def table(found: Sequence[Measured]) -> str:
    """Write the measurements as a table."""
    ours = {m.workload: m.cpu_us for m in found if m.tool == "lahar lava-0.10"}
    rows = [HEAD]
    for m in found:
        times = m.cpu_us / ours[m.workload] if m.workload in ours else float("nan")
        peak = f"{m.peak_mb:.0f}" if m.peak_mb else ""
        # on a busy machine a difference of wall times can be anything
        wall = f"{m.wall_us:.3g}" if m.wall_us > m.cpu_us / 2 else "?"
        rows.append(
            f"| {m.workload} | {m.tool} | {m.cpu_us:.3g} | {wall}"
            f" | {m.rate_hz:.1f} | {m.start_s:.1f} | {peak} | {times:,.3g} x |"
        )
    return "\n".join(rows)


def plot(found: Sequence[Measured]) -> None:
    """Draw CPU time of a step, a group of bars for each workload."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lahar"
    from matplotlib import pyplot

    names = list(dict.fromkeys(m.workload for m in found))
    tools = list(dict.fromkeys(m.tool for m in found))
    figure, axes = pyplot.subplots(figsize=(8, 3.6), layout="constrained")
    width = 0.8 / len(tools)
    for k, tool in enumerate(tools):
        mine = [m for m in found if m.tool == tool]
        places = np.array([names.index(m.workload) for m in mine]) + (k + 0.5) * width
        heights = [m.cpu_us for m in mine]
        axes.bar(places - 0.4, heights, width, label=tool, color=COLOURS[k])
    axes.set_yscale("log")
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("CPU time of a step, us")
    axes.legend(frameon=False, ncols=len(tools), fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PLOT, metadata={"Date": None})
    pyplot.close(figure)


def write_page(
    found: Sequence[Measured], rounds: int, more: Sequence[str] = ()
) -> None:
    """Replace the measured parts of the page: small networks, and ``more``."""
    if more:
        picture = [LARGE_PLOT] if (DOCS / "benchmarks_scaling.svg").exists() else []
        _replace(LARGE_BEGIN, LARGE_END, "\n\n".join([machine(), *more, *picture]))
    if not found:
        return
    what = "\n".join(
        f"* {name}: {WORKLOADS[name]().what}"
        for name in dict.fromkeys(m.workload for m in found)
    )
    command = f"uv run python -m benchmarks.speed --rounds {rounds} --write"
    of = "One round" if rounds == 1 else f"Medians of {rounds} rounds"
    measured = (
        f"    {command}\n\n{machine()} {of}.\n\n"
        f"{what}\n\n{table(found)}\n\n{roofline(found)}"
        "![CPU time of a step](benchmarks.svg)"
    )
    _replace(BEGIN, END, measured)


def roofline(found: Sequence[Measured]) -> str:
    """Say what share of the memory's bandwidth an event-driven update comes to."""
    lines = [
        f"* {m.workload}, {m.tool}: a step must move {m.bytes / 2**20:.2f} MB in whole"
        f" cache lines, {m.reached:.0%} of what one thread moves to and from memory."
        for m in found
        if m.reached and m.workload == "W1c"
    ]
    return "\n".join([*lines, "", ""]) if lines else ""


def _replace(begin: str, end: str, measured: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    start, stop = page.index(begin), page.index(end)
    page = f"{page[:start]}{begin}\n\n{measured}\n\n{page[stop:]}"
    PAGE.write_text(page, encoding="utf-8")


def machine() -> str:
    """Describe the machine in a sentence."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next(
            (x.split(":")[1].strip() for x in lines if "model name" in x), model
        )
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python"
        f" {platform.python_version()}, numpy {np.__version__}, numba"
        f" {numba.__version__}; the load of the machine was {load:.0f}."
    )
