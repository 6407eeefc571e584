"""Run networks in Lava, many in one start-up, each judged on its own.

Networks in; for each a LavaRun out: what `from_lava` made of it and what Lava's own
processes computed. A batch in which one network makes Lava fail is split until that
one stands alone.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lahar.hardware.program import Program
from lahar.hardware.program_file import load
from lahar.sim.lava_process_group import ProcessGroup

from .lava_network import Network
from .lava_text import build_lines, import_lines

WORKER = Path(__file__).with_name("lava_worker.py")
START_SECONDS = 60.0
SECONDS_PER_CASE = 15.0
# The arrays of a step are too small for threads, and there are many processes.
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
POLL_SECONDS = 0.05
FAREWELL_SECONDS = 10.0
LAST_WORDS = 30

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LavaRun:
    """What came of a network.

    program
        What `from_lava` made of it; None where it said no.
    values
        ``<process>.<member>`` to what Lava computed, (steps, ...).
    failure
        Empty, or what went wrong: ``lava failed``, ``unbuilt``, ``refused N...`` or
        ``crashed <exception>``; ``said`` is the text of it.
    """

    program: Program | None = None
    values: Mapping[str, Integers] = field(default_factory=dict)
    failure: str = ""
    said: str = ""


def run_networks(networks: Sequence[Network]) -> list[LavaRun]:
    """Run networks together; split them where Lava fails."""
    with _folder() as folder:
        said = _run_worker(folder, networks)
        if not said:
            return [_read(folder, k, n) for k, n in enumerate(networks)]
    if len(networks) == 1:
        return [LavaRun(failure="lava failed", said=said)]
    middle = len(networks) // 2
    return [*run_networks(networks[:middle]), *run_networks(networks[middle:])]


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lahar-fuzz-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_worker(folder: Path, networks: Sequence[Network]) -> str:
    """Give the last words of a worker that failed."""
    steps = max(n.steps for n in networks)
    cases = [_case(k, network) for k, network in enumerate(networks)]
    imports = "\n".join(import_lines())
    batch = {"imports": imports, "cases": cases, "steps": steps}
    (folder / "batch.json").write_text(json.dumps(batch), encoding="utf-8")
    deadline = time.monotonic() + START_SECONDS + SECONDS_PER_CASE * len(networks)
    environment = {**THREADS, **_bytecode(), "TMPDIR": str(folder)}
    with ProcessGroup(WORKER, folder, environment) as child:
        while child.wait(POLL_SECONDS) is None:
            if (folder / "done").exists():
                child.wait(FAREWELL_SECONDS)
                break
            if time.monotonic() > deadline:
                return f"Lava hung; it said: {_last_words(folder)}"
    return "" if (folder / "done").exists() else _last_words(folder)


def _bytecode() -> dict[str, str]:
    """Let workers share compiled imports where Python is told to write none."""
    if not os.environ.get("PYTHONDONTWRITEBYTECODE"):
        return {}
    shared = Path(tempfile.gettempdir()) / "lahar-fuzz-bytecode"
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(shared)}


def _last_words(folder: Path) -> str:
    for name in ("failure.txt", "stderr.txt"):
        path = folder / name
        text = path.read_text(errors="replace") if path.exists() else ""
        if text.strip():
            return "\n".join(text.splitlines()[-LAST_WORDS:])
    return "nothing"


def _case(number: int, network: Network) -> dict[str, Any]:
    return {
        "name": f"case_{number}",
        "entry": network.entry,
        "text": "\n".join(build_lines(network)),
        "processes": {
            p.name: {"vars": p.vars, "port": p.out_port} for p in network.processes
        },
    }


def _read(folder: Path, number: int, network: Network) -> LavaRun:
    name = f"case_{number}"
    said = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if "unbuilt" in said:
        return LavaRun(failure="unbuilt", said=said["unbuilt"])
    if "refused" in said:
        codes = " ".join(said["refused"])
        return LavaRun(failure=f"refused {codes}", said=said["text"])
    if "crashed" in said:
        kind = said["crashed"].strip().splitlines()[-1].partition(":")[0]
        return LavaRun(failure=f"crashed {kind}", said=said["crashed"])
    program = load(folder / f"{name}.lahar")
    apart = [p.name for p in network.processes if not _kept(folder, name, p.name)]
    if apart:
        # Shrinking may take away what joined a process to the rest.
        return LavaRun(failure="unbuilt", said=f"nothing leads to {', '.join(apart)}")
    return LavaRun(program, dict(_values(folder, name, network)))


def _kept(folder: Path, name: str, process: str) -> bool:
    return (folder / f"{name}.{process}.npz").exists()


def _values(
    folder: Path, name: str, network: Network
) -> Iterator[tuple[str, Integers]]:
    for process in network.processes:
        members = process.members
        if not members:
            continue
        with np.load(folder / f"{name}.{process.name}.npz", allow_pickle=False) as own:
            for member in members:
                yield f"{process.name}.{member}", own[member][: network.steps]
