"""Compare the simulator with Lava on random networks, every variable of every step.

    uv run python -m benchmarks.fuzz_lava --cases 150 --seed 1

A case is a seed and a number: the same ones draw the same network anywhere. What fails
is shrunk and printed as a script. Ends with 1 if anything differs or fails.
docs/validation.md says what is covered.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial

from .fuzz_report import Failure, LavaReport, progress_bar
from .lava_network import to_json
from .lava_script import script_of
from .lava_shrink import shrink
from .lava_topology import draw_network, steps_of
from .lava_verdict import Verdict, judge_networks
from .plain_kernel import with_numba, without_numba

WINDOW = 8
"""So many batches are sorted by length before they are cut: a batch runs as long as
its longest network."""


@dataclass(frozen=True)
class Campaign:
    """Which cases, and how they are run."""

    seed: int
    first: int
    cases: int
    batch: int
    backends: tuple[str, ...]

    def batches(self) -> Iterator[tuple[int, ...]]:
        """Cut the numbers of the cases into batches of about equal length."""
        last = self.first + self.cases
        window = WINDOW * self.batch
        for start in range(self.first, last, window):
            numbers = range(start, min(start + window, last))
            ordered = sorted(numbers, key=partial(steps_of, self.seed))
            for k in range(0, len(ordered), self.batch):
                yield tuple(ordered[k : k + self.batch])

    def judge(self, numbers: Sequence[int]) -> list[tuple[int, Verdict]]:
        """Run and compare the cases of a batch."""
        networks = [draw_network(self.seed, number) for number in numbers]
        verdicts = judge_networks(networks, self.backends)
        return list(zip(numbers, verdicts, strict=True))


def run_campaign(campaign: Campaign, jobs: int, shrunk: int) -> LavaReport:
    """Run all cases; shrink the first few that fail."""
    began = time.monotonic()
    judged: list[tuple[int, Verdict]] = []
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(jobs, mp_context=context) as pool,
        progress_bar("networks", campaign.cases) as advance,
    ):
        waiting = [pool.submit(campaign.judge, batch) for batch in campaign.batches()]
        for done in as_completed(waiting):
            judged += done.result()
            advance(len(done.result()))
    verdicts = dict(sorted(judged))
    failed = {number: v for number, v in verdicts.items() if v.failure}
    failures = [
        _explain(campaign, number, verdict, shrinks=shrunk > k)
        for k, (number, verdict) in enumerate(failed.items())
    ]
    seconds = time.monotonic() - began
    return LavaReport.of(campaign.seed, verdicts, failures, seconds)


def _explain(
    campaign: Campaign, number: int, verdict: Verdict, *, shrinks: bool
) -> Failure:
    """Tell of a failing case; as a small script if there is time for that."""
    network = draw_network(campaign.seed, number)
    if not shrinks or verdict.failure == "lava failed":
        return Failure(number, verdict.failure, verdict.said, to_json(network))
    judge = partial(judge_networks, backends=campaign.backends)
    small = shrink(network, verdict, judge)
    title = f"Case {number} of seed {campaign.seed}: {verdict.failure}."
    script = script_of(small.network, title)
    return Failure(
        number, verdict.failure, small.verdict.said, to_json(small.network), script
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz_lava", description=__doc__)
    parser.add_argument("--cases", type=int, default=150, help="how many networks")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=1, help="Lava runtimes at a time")
    parser.add_argument("--batch", type=int, default=12, help="networks in a runtime")
    parser.add_argument("--shrink", type=int, default=3, help="failing cases to shrink")
    parser.add_argument("--no-kernels", action="store_true", help="interpreter only")
    parser.add_argument("--compiled", action="store_true", help="compile the kernels")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser.parse_args()


def main() -> int:
    """Run from the command line; give the exit code."""
    asked = _arguments()
    kernels = () if asked.no_kernels else ("kernel",)
    if asked.compiled:
        kernels = ("compiled kernel",)
        with_numba()
    else:
        without_numba()
    backends = ("interpreter", *kernels)
    campaign = Campaign(asked.seed, asked.first, asked.cases, asked.batch, backends)
    report = run_campaign(campaign, asked.jobs, asked.shrink)
    print(report.as_json() if asked.json else report.as_text())
    return int(bool(report.failures))


if __name__ == "__main__":
    sys.exit(main())
