"""What deployment costs networks that were trained in snnTorch and Norse.

    uv run --extra frontends python -m benchmarks.trained_networks
        [--networks norse,recurrent] [--seeds 1,2,3] [--lava] [--json]

Each network (benchmarks/trained_digits.py) is trained on 1,300 digits, read from its
torch module, deployed with 200 of them as samples, and judged on the other 497: in
float, and on the bit-accurate simulator with 8-bit weights. With --lava, simulator and
Lava run the same 300 steps of digits, one after the other, and every bit of every
variable is compared. Exit status 1 if the chip loses more points than the bar, or a bit
differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import lahar
from lahar import Deployment, Verdict

from .trained_digits import BARS, NETWORKS, Digits, digits, train

SAMPLES = 200
LAVA_STEPS = 300


@dataclass(frozen=True)
class Outcome:
    """One network: accuracies as shares, the bar in points, and what Lava said.

    agrees
        Share of answers that are those of float.
    lava
        Level of the verdict, ``values`` how many were compared; "" if not asked for.
    """

    network: str
    seed: int
    accuracy_float: float
    accuracy_chip: float
    agrees: float
    bar: float
    lava: str = ""
    values: int = 0

    @property
    def lost(self) -> float:
        """Points that the chip loses."""
        return 100 * (self.accuracy_float - self.accuracy_chip)

    @property
    def holds(self) -> bool:
        """Whether the bar is held, and no bit differs from Lava's."""
        return self.lost <= self.bar and self.lava in ("", "identical")


def deployed(name: str, seed: int) -> tuple[Deployment, Digits]:
    """Train a network and put it on the chip."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    data = digits(seed)
    made = NETWORKS[name]()
    train(made, data)
    return (
        lahar.deploy(
            made.read(made.module),
            data.spikes[:SAMPLES],
            data.labels[:SAMPLES],
            test=(data.held_out, data.held_out_labels),
        ),
        data,
    )


def against_lava(deployment: Deployment, data: Digits) -> Verdict:
    """Run simulator and Lava on the held-out digits, one after the other."""
    program = deployment.program
    rows = data.held_out.reshape(-1, data.held_out.shape[-1])[:LAVA_STEPS]
    name = next(p.name for p in program.populations if p.neuron is None)
    found = lahar.validate(
        program,
        ("sim", "lava"),
        stimulus=lahar.Stimulus({name: rows}),
        steps=LAVA_STEPS,
    )
    return found["sim~lava"]


def outcome(name: str, seed: int, *, lava: bool) -> Outcome:
    """Measure one network."""
    deployment, data = deployed(name, seed)
    as_float, chip = (deployment.report.stage(n) for n in ("float", "chip"))
    assert as_float.accuracy is not None
    assert chip.accuracy is not None
    verdict = against_lava(deployment, data) if lava else None
    return Outcome(
        name,
        seed,
        as_float.accuracy,
        chip.accuracy,
        chip.agrees,
        BARS[name],
        "" if verdict is None else verdict.level,
        0 if verdict is None else verdict.values_compared,
    )


def _line(one: Outcome) -> str:
    lava = f"{one.lava}, {one.values} values" if one.lava else "not asked"
    return (
        f"{one.network:14}{one.seed:5}{one.accuracy_float:9.2%}{one.accuracy_chip:9.2%}"
        f"{one.lost:+8.2f}{one.bar:6.1f}{one.agrees:10.2%}  {lava}"
    )


def _measured(
    names: Sequence[str], seeds: Sequence[int], lava: bool
) -> Iterator[Outcome]:
    for name in names:
        for seed in seeds:
            yield outcome(name, seed, lava=lava)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--lava", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    if not asked.json:
        print("network        seed    float     chip    lost   bar  as float  Lava")
    found = []
    for one in _measured(asked.networks.split(","), seeds, asked.lava):
        found.append(one)
        if not asked.json:
            print(_line(one), flush=True)
    if asked.json:
        print(json.dumps([asdict(one) for one in found]))
    return 0 if all(one.holds for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
