"""Measure one workload with one tool: lahar, Lava or Brian2, each in its own processes.

A workload goes in, the times of a step come out. CPU time is that of all processes of
a tool; start-up (imports, compiling, building the network) is not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lahar.compiler.lava.lower import lower_to_lava
from lahar.sim.stimulus import Stimulus, prepare

from .speed_workloads import Workload

HERE = Path(__file__).parent
BRIAN2 = ("uv", "run", "--isolated", "--only-group", "speed", "python")
SECONDS = 3000


@dataclass(frozen=True)
class Measured:
    """Microseconds of a step, and what shows that the work was the same.

    digest
        Of the output spikes of the longest run that tools have in common.
    bytes, reached
        What a step must move in whole cache lines, and the share of the bandwidth of
        the memory that this is (0: not counted).
    """

    tool: str
    workload: str
    cpu_us: float
    wall_us: float
    rate_hz: float
    start_s: float
    peak_mb: float
    digest: str = ""
    bytes: float = 0.0
    reached: float = 0.0


class ToolFailedError(Exception):
    """A tool could not be run; the message says why."""


def run_lahar(
    workload: str, profile: str, lengths: tuple[int, int], digest_steps: int
) -> Measured:
    """Measure lahar by the difference of two run lengths."""
    task = {
        "workload": workload,
        "profile": profile,
        "short": lengths[0],
        "long": lengths[1],
        "digest_steps": digest_steps,
    }
    command = [sys.executable, "-m", "benchmarks.speed_lahar", json.dumps(task)]
    answer, _, _, peak = _run(command, HERE.parent)
    return Measured(
        f"lahar {profile}",
        workload,
        answer["cpu_us"],
        answer["wall_us"],
        answer["rate_hz"],
        answer["first_run_s"],
        peak,
        answer["digest"],
        answer.get("bytes", 0.0),
        answer.get("reached", 0.0),
    )


def write_lava(workload: Workload, folder: Path, steps: int) -> None:
    """Write the network for Lava's own models."""
    program = workload.program()
    bundle = lower_to_lava(program)
    for name, text in bundle.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "network.py").write_text(bundle.network, encoding="utf-8")
    arrays: dict[str, Any] = dict(bundle.arrays)
    inputs = prepare(program, Stimulus(workload.spikes(steps)), steps)
    for name, key in bundle.spikes.items():
        arrays[key] = np.ascontiguousarray(inputs.spikes[name].T, np.int32)
    np.savez(folder / "arrays.npz", **arrays)
    settings = {"seed": 1, "output": f"{workload.output}.s_out"}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def run_lava(workload: str, folder: Path, lengths: tuple[int, int]) -> Measured:
    """Measure Lava by the difference of two run lengths."""
    runs = []
    for steps in lengths:
        command = [sys.executable, str(HERE / "speed_lava.py"), str(folder), str(steps)]
        runs.append(_run(command, folder, OMP_NUM_THREADS="1", PYTHONWARNINGS="ignore"))
    (_, cpu0, wall0, _), (more, cpu1, wall1, peak) = runs
    count = lengths[1] - lengths[0]
    cpu, wall = (cpu1 - cpu0) / count * 1e6, (wall1 - wall0) / count * 1e6
    rate, start = more["rate_hz"], wall0 - lengths[0] * wall / 1e6
    return Measured("Lava", workload, cpu, wall, rate, start, peak, more["digest"])


def write_brian2(workload: Workload, folder: Path, steps: int) -> None:
    """Write the network in floats for Brian2."""
    arrays: dict[str, Any] = {
        f"spikes {n}": s for n, s in workload.spikes(steps).items()
    }
    projections = []
    for p in workload.network.projections:
        post, pre = np.indices(p.shape).reshape(2, -1)
        if p.pairs is not None:
            post, pre = p.pairs.posts, p.pairs.pres
        arrays[f"weights {p.name}"] = p.weights.ravel()
        arrays[f"pre {p.name}"], arrays[f"post {p.name}"] = pre, post
        kind = "static" if p.rule is None else workload.rule
        projections.append(
            {
                "name": p.name,
                "source": p.source,
                "target": p.target,
                "kind": kind,
                **(workload.rule_numbers if kind != "static" else {"w_max": 1.0}),
            }
        )
    groups = [
        {
            "name": g.name,
            "size": g.size,
            "threshold": workload.thresholds.get(g.name),
            "bias": workload.biases.get(g.name, 0.0),
            "membrane_ms": workload.membrane_ms,
        }
        for g in workload.network.groups
    ]
    arrays |= {
        f"first {g.name}": g.initial.get("v", 0) for g in workload.network.groups
    }
    task = {
        "groups": groups,
        "projections": projections,
        "output": workload.output,
        "steps": steps,
    }
    np.savez(folder / "arrays.npz", **arrays)
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")


def build_brian2(folder: Path) -> dict[str, Any]:
    """Compile the network, and run it once."""
    command = [*BRIAN2, str(HERE / "speed_brian2.py"), str(folder)]
    answer: dict[str, Any] = _run(command, HERE.parent)[0]
    return answer


def run_brian2(
    workload: str, folder: Path, steps: int, built: dict[str, Any]
) -> Measured:
    """Measure the loop of a compiled network."""
    project = folder / "project"
    _, _, _, peak = _run(["./main"], project, silent=True)
    cpu, wall = map(float, (project / "results" / "loop.txt").read_text().split())
    return Measured(
        "Brian2 C++",
        workload,
        cpu / steps * 1e6,
        wall / steps * 1e6,
        built["rate_hz"],
        built["build_s"],
        peak,
    )


def _run(
    command: Sequence[str], folder: Path, *, silent: bool = False, **environment: str
) -> tuple[Any, float, float, float]:
    """Run to the end; what it answered, CPU seconds, wall seconds, peak megabytes."""
    before = os.times()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except FileNotFoundError:
        raise ToolFailedError(f"there is no {command[0]}") from None
    after = os.times()
    if done.returncode:
        raise ToolFailedError(done.stderr.strip()[-2000:])
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    answer = None if silent else json.loads(done.stdout.strip().splitlines()[-1])
    peak = answer.get("peak_mb", 0.0) if answer else 0.0
    return answer, cpu, after.elapsed - before.elapsed, peak


def digest_of(spikes: Any) -> str:
    """Digest spikes (steps, n)."""
    rows = np.ascontiguousarray(np.asarray(spikes) != 0)
    return hashlib.sha256(rows.tobytes()).hexdigest()
