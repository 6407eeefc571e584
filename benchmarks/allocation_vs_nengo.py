"""Compare what lahar counts of a core with what nengo-loihi counts, network by network.

    uv run python -m benchmarks.allocation_vs_nengo [--json]

Random networks for Loihi 1 are split over cores as nengo-loihi splits them; lahar
counts the same cores. One correction: nengo-loihi's allocator gives a learning axon two
slots, its `utilization()` counts one. nengo-loihi runs in an environment of its own,
the dependency group `nengo`: its nengo breaks newer tools such as pytest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lahar.hardware.allocation import allocate
from lahar.hardware.chips import get_chip
from lahar.hardware.core_load import core_loads, taken
from lahar.hardware.program import CorePlacement, Program

from .nengo_networks import RandomNetwork, random_network

WORKER = Path(__file__).with_name("nengo_worker.py")
START = ("uv", "run", "--isolated", "--only-group", "nengo", "python", str(WORKER))
LOIHI1 = get_chip("loihi1")
COMPARED = ("neurons", "bits of synapse memory", "input axons", "output axons")


@dataclass(frozen=True)
class Compared:
    """One network: its cores, and every figure on which the two differ.

    placed_cores
        The cores it takes when lahar places it: several populations may share one.
    corrected
        Cores whose input axons would differ without the correction.
    index_bits
        What nengo-loihi's own sparse transforms would not count: they write lists down
        as if they were dense.
    """

    name: str
    cores: int
    placed_cores: int
    is_split: bool
    differences: tuple[str, ...]
    corrected: int
    index_bits: int


class NengoIsMissingError(Exception):
    """nengo-loihi could not be started; the message says why."""


def compare(seeds: Iterable[int]) -> tuple[str, list[Compared]]:
    """Compare random networks; nengo-loihi's version, and what came out."""
    networks = [random_network(seed) for seed in seeds]
    answer = _ask([network.plain for network in networks])
    pairs = zip(networks, answer["networks"], strict=True)
    return answer["version"], [_compare(n, blocks) for n, blocks in pairs]


def _ask(networks: list[dict[str, Any]]) -> Any:
    try:
        done = subprocess.run(
            START,
            cwd=WORKER.parents[1],
            input=json.dumps(networks),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NengoIsMissingError("there is no uv to start it with") from None
    if done.returncode:
        raise NengoIsMissingError(done.stderr.strip()[-2000:])
    return json.loads(done.stdout)


def _compare(network: RandomNetwork, blocks: Sequence[dict[str, Any]]) -> Compared:
    placement = tuple(
        CorePlacement(core, b["population"], b["start"], b["stop"])
        for core, b in enumerate(blocks)
    )
    mine = _count(network.program, placement)
    differences = []
    for core, block in enumerate(blocks):
        corrected = {
            **block,
            "input axons": block["input axons"] + block["learning axons"],
        }
        differences += [
            f"core {core}, {what}: {mine[core][what]}, nengo-loihi {corrected[what]}"
            for what in COMPARED
            if mine[core][what] != corrected[what]
        ]
    populations = {b["population"] for b in blocks}
    return Compared(
        name=network.program.name,
        cores=len(blocks),
        placed_cores=len({p.core for p in allocate(network.program, LOIHI1)}),
        is_split=len(populations) < len(blocks),
        differences=tuple(differences),
        corrected=sum(b["learning axons"] > 0 for b in blocks),
        index_bits=sum(
            b["bits of synapse memory"] - b["bits without any index"] for b in blocks
        ),
    )


def _count(
    program: Program, placement: tuple[CorePlacement, ...]
) -> dict[int, dict[str, int]]:
    loads = core_loads(replace(program, placement=placement), placement, LOIHI1)
    return {
        core: {t.resource: t.used for t in taken(load, LOIHI1)}
        for core, load in loads.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the comparison; 0 if all networks are equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        version, found = compare(range(options.networks))
    except NengoIsMissingError as error:
        print(f"nengo-loihi could not be run by `{' '.join(START[:-1])}`:\n{error}")
        return 3
    equal = sum(not c.differences for c in found)
    figures = {
        "nengo_loihi": version,
        "networks": len(found),
        "equal": equal,
        "cores": sum(c.cores for c in found),
        "cores as lahar places them": sum(c.placed_cores for c in found),
        "networks with a split population": sum(c.is_split for c in found),
        "cores corrected for learning axons": sum(c.corrected for c in found),
        "index bits its sparse transforms leave out": sum(c.index_bits for c in found),
        "differences": {c.name: c.differences for c in found if c.differences},
    }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
    return 0 if equal == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
