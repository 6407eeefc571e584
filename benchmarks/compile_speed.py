"""How long compiling takes: every rule of the library, and a deep network.

    uv run python -m benchmarks.compile_speed [--json]

The bars are 0.3 s for a rule and 5 s for a network of 100 layers and a million
synapses, of wall time in a process that has compiled something before.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

import lahar
from lahar import Group, LaharError, Network, Projection, ms
from lahar.rules.library import LIF, RULES, STDP

RULE_BAR = 0.3
NETWORK_BAR = 5.0
LAYERS, WIDTH = 100, 100


@dataclass(frozen=True)
class Timing:
    """The best of several compilations, in seconds; ``refused``: by a limit."""

    what: str
    chip: str
    seconds: float
    bar: float
    refused: bool = False

    @property
    def is_met(self) -> bool:
        """Tell whether it is fast enough."""
        return self.seconds <= self.bar


def deep_network(plastic: bool) -> Network:
    """Give 100 layers of 100 neurons, each all to all onto the next."""
    random = np.random.default_rng(0)
    names = ["input", *(f"layer{n}" for n in range(1, LAYERS + 1))]
    neuron = LIF(threshold=2.0)
    rule = STDP() if plastic else None
    return Network(
        "100 layers",
        (Group("input", WIDTH), *(Group(name, WIDTH, neuron) for name in names[1:])),
        tuple(
            Projection(
                f"to_{target}",
                source,
                target,
                random.uniform(0.02, 0.2, (WIDTH, WIDTH)),
                rule=rule,
            )
            for source, target in pairwise(names)
        ),
        dt_seconds=1 * ms,
    )


def timings(repeats: int) -> Iterator[Timing]:
    """Compile everything for both chips."""
    lahar.compile(RULES["stdp"])  # the first one also imports
    for name, rule in RULES.items():
        for chip in ("loihi1", "loihi2"):
            yield _time(
                lambda rule=rule, chip=chip: lahar.compile(rule, chip),
                *(name, chip, RULE_BAR, repeats),
            )
    for what, plastic in (("static", False), ("with stdp", True)):
        network = deep_network(plastic)
        for chip in ("loihi1", "loihi2"):
            yield _time(
                lambda network=network, chip=chip: lahar.compile(network, chip),
                f"{LAYERS} layers, {LAYERS * WIDTH**2} synapses, {what}",
                *(chip, NETWORK_BAR, repeats),
            )


def _time(
    work: Callable[[], object], what: str, chip: str, bar: float, repeats: int
) -> Timing:
    best, refused = float("inf"), False
    for _ in range(repeats):
        start = time.perf_counter()
        try:
            work()
        except LaharError:
            refused = True  # refusing a rule must not take long either
        best = min(best, time.perf_counter() - start)
    return Timing(what, chip, best, bar, refused)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the timings; 0 if every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = list(timings(options.repeats))
    if options.json:
        rows = [{**asdict(t), "is_met": t.is_met} for t in found]
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        print(json.dumps({**machine, "timings": rows}, indent=2))
    else:
        for t in found:
            note = " (refused)" if t.refused else "" if t.is_met else "  TOO SLOW"
            print(f"{t.seconds:8.3f} s of {t.bar:g}  {t.chip}  {t.what}{note}")
    return 0 if all(t.is_met for t in found) else 1


if __name__ == "__main__":
    sys.exit(main())
