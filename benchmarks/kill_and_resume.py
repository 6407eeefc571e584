"""Kill runs at random instants, resume each from its last checkpoint, compare.

    uv run python -m benchmarks.kill_and_resume --kills 20

A run is killed (SIGKILL) somewhere between its first step and its end, and resumed to
the end; the recording and all final values must be those of a run that nobody stopped.
Ends with 1 if any is not. Profiles take turns, so that both kinds of random streams
are continued.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PROFILES = ("loihi2", "lava-0.10")
LONGEST_SECONDS = 600.0


@dataclass(frozen=True)
class Run:
    """A run of the command line; ``folder`` is where its files are."""

    folder: Path
    profile: str
    steps: int
    every: int

    def command(self, output: str, *, resume: bool = False) -> list[str]:
        """Write the command that starts or resumes it."""
        options = ["--steps", str(self.steps), "--seed", "3", "--profile", self.profile]
        options += ["--checkpoint", str(self.every), "-o", output, "--json"]
        if resume:
            options += ["--resume", f"{output}.checkpoint"]
        return [sys.executable, "-m", "lahar", "run", "program.lahar", *options]

    def finish(self, output: str, *, resume: bool = False) -> str:
        """Run to the end and give the checksum of all that was recorded."""
        done = subprocess.run(
            self.command(output, resume=resume),
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )
        checksum: str = json.loads(done.stdout)["checksum"]
        return checksum


@dataclass(frozen=True)
class Kill:
    """A run that was killed, and what became of it.

    after_seconds
        From the first step to the kill.
    resumed
        Whether there was a checkpoint; else it was started anew.
    """

    profile: str
    after_seconds: float
    resumed: bool
    identical: bool


def kill_once(run: Run, wanted: str, seconds: float, output: str) -> Kill:
    """Kill a run some seconds after its first step, and bring it to its end."""
    process = subprocess.Popen(
        run.command(output),
        cwd=run.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for_rows(run, process, output)
    began = time.perf_counter()
    time.sleep(seconds)
    process.kill()
    process.wait()
    after = time.perf_counter() - began
    resumed = (run.folder / f"{output}.checkpoint").exists()
    checksum = run.finish(output, resume=resumed)
    return Kill(run.profile, round(after, 3), resumed, checksum == wanted)


def wait_for_rows(run: Run, process: subprocess.Popen[bytes], output: str) -> None:
    """Wait until the run records."""
    rows = run.folder / f"{output}.rows"
    while not rows.exists() and process.poll() is None:
        time.sleep(0.002)


def duration(run: Run) -> tuple[str, float]:
    """Run without a kill: the checksum, and the seconds from its first step on."""
    run.finish("warm.h5")  # the kernel is compiled
    process = subprocess.Popen(
        run.command("whole.h5"), cwd=run.folder, stdout=subprocess.PIPE
    )
    wait_for_rows(run, process, "whole.h5")
    began = time.perf_counter()
    said, _ = process.communicate(timeout=LONGEST_SECONDS)
    return json.loads(said)["checksum"], time.perf_counter() - began


def compile_program(folder: Path) -> None:
    """Compile reward-modulated STDP: traces, tags, a modulator, rounding."""
    options = ["--pre", "60", "--post", "20", "-o", "program.lahar"]
    command = [sys.executable, "-m", "lahar", "compile", "stdp-reward", *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def measure(folder: Path, kills: int, steps: int, every: int, seed: int) -> list[Kill]:
    """Kill until as many runs were resumed as asked; profiles take turns.

    A kill before the first checkpoint or after the end counts beside them: the run is
    then started anew.
    """
    compile_program(folder)
    chance = random.Random(seed)
    runs = [Run(folder, profile, steps, every) for profile in PROFILES]
    whole = [duration(run) for run in runs]
    found: list[Kill] = []
    while sum(kill.resumed for kill in found) < kills:
        number = len(found)
        run, (checksum, seconds) = runs[number % 2], whole[number % 2]
        after = chance.uniform(0, seconds)
        found.append(kill_once(run, checksum, after, f"killed{number}.h5"))
        print(f"{number + 1:3d}  {found[-1]}", file=sys.stderr)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        kills = measure(Path(folder), asked.kills, asked.steps, asked.every, asked.seed)
    if asked.json:
        print(json.dumps([asdict(kill) for kill in kills], indent=2))
    same = sum(kill.identical for kill in kills)
    resumed = sum(kill.resumed for kill in kills)
    print(
        f"{len(kills)} kills, {resumed} resumed from a checkpoint, the others came"
        f" before the first or after the end and started anew: {same} identical"
    )
    return 0 if same == len(kills) else 1


if __name__ == "__main__":
    sys.exit(main())
