"""The same bits everywhere: digests of all that fixed Programs compute.

``python -m benchmarks.determinism`` prints a line for each variable: Program, profile,
variable, SHA-256 of its values. ``--check FILE`` compares with lines that another
machine, Python, numpy or number of threads printed, and fails where one differs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import lahar
from lahar.hardware.profile import LAVA_0_10, LOIHI2
from lahar.hardware.program_file import checksum

from .determinism_programs import SAVED, Case, cases, program_to_save

PROFILES = (LAVA_0_10.name, LOIHI2.name)
BACKENDS = ("interpreter", "sim")

Digests = dict[str, str]


def digest(array: npt.NDArray[Any]) -> str:
    """SHA-256 of an array's type, shape and elements, little-endian."""
    little = array.astype(array.dtype.newbyteorder("<"), order="C")
    head = f"{array.dtype.name} {array.shape} "
    return hashlib.sha256(head.encode() + little.tobytes()).hexdigest()


def digests_of(case: Case, backend: str) -> Iterator[tuple[str, str]]:
    """Run a case under both profiles; name every variable and value that is left."""
    yield f"{case.name} program", checksum(case.program)
    for profile in PROFILES:
        recording = lahar.run(
            case.program,
            case.stimulus,
            case.steps,
            backend=backend,
            profile=profile,
            record="all",
            seed=case.seed,
        )
        stimulus = recording.provenance.stimulus_checksum
        yield f"{case.name} stimulus", str(stimulus)
        for name in sorted(recording.variables):
            yield f"{case.name} {profile} {name}", digest(recording.variables[name])
        left = recording.final.keys() - recording.variables.keys()
        for name in sorted(left):
            yield f"{case.name} {profile} final {name}", digest(recording.final[name])


def collect(backends: Sequence[str], only: Sequence[str]) -> tuple[Digests, list[str]]:
    """Run the cases; give the digests, and where two backends have different ones."""
    found: Digests = {}
    differing: list[str] = []
    for case in cases():
        if only and case.name not in only:
            continue
        for backend in backends:
            for name, value in digests_of(case, backend):
                if found.setdefault(name, value) != value:
                    differing.append(f"{name}: {backend} has {value}")
    return found, differing


def compare(found: Digests, wanted: Mapping[str, str], whole: bool) -> list[str]:
    """List what differs; with ``whole`` also what only one of both has."""
    shared = [name for name in found if name in wanted]
    differing = [name for name in shared if found[name] != wanted[name]]
    if whole or not shared:
        differing += sorted(found.keys() ^ wanted.keys())
    return differing


def read_digests(path: Path) -> Digests:
    """Read what this tool printed."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in lines}


def where() -> str:
    """Say what computed."""
    threads = os.environ.get("NUMBA_NUM_THREADS", "default")
    return (
        f"Python {platform.python_version()}, numpy {np.__version__}, "
        f"{platform.machine()}, threads {threads}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print digests, or compare them; 1 where one differs."""
    parser = argparse.ArgumentParser(prog="benchmarks.determinism", description=__doc__)
    parser.add_argument("--check", type=Path, help="digests to compare with")
    parser.add_argument("--only", nargs="+", default=[], help="names of programs")
    parser.add_argument("--backend", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument(
        "--save", action="store_true", help="compile the saved program anew"
    )
    chosen = parser.parse_args(arguments)
    if chosen.save:
        program_to_save().save(SAVED)
    found, differing = collect(chosen.backend, chosen.only)
    if chosen.check is None:
        for name, value in found.items():
            print(name, value)
    else:
        wanted = read_digests(chosen.check)
        differing += compare(found, wanted, whole=not chosen.only)
        print(f"{where()}: {len(found)} digests, {len(differing)} differ")
    for name in differing:
        print("differs:", name, file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
