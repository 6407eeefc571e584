"""The Lava fuzzer finds nothing, and finds what is there to be found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lava", reason="Lava runs on Python 3.10")

ROOT = Path(__file__).resolve().parents[2]

# A real mistake once made: rounding to the left where Lava rounds toward zero.
FLOORING_DECAY = """
from lahar.sim import interpreter_neurons
interpreter_neurons.OPERATIONS["decay"] = lambda a, f: (a * (4096 - f)) >> 12
"""
FIND_AND_SHRINK = """
from functools import partial
from benchmarks.lava_script import script_of
from benchmarks.lava_shrink import shrink
from benchmarks.lava_topology import draw_network
from benchmarks.lava_verdict import judge_networks
judge = partial(judge_networks, backends=("interpreter",))
networks = [draw_network(1, k) for k in range(10)]
found = [(n, v) for n, v in zip(networks, judge(networks)) if v.failure]
assert found and all(v.failure == "differs" for _, v in found)
small = shrink(*min(found, key=lambda item: len(item[0].processes)), judge)
print(len(small.network.processes), small.network.steps)
print(script_of(small.network, "Rounds to the left."))
"""
# A Monitor fails beyond the steps that it was made for, and Lava with it.
DIES = """
from dataclasses import replace
from benchmarks import lava_text
from benchmarks.lava_network import Network, Process
from benchmarks.lava_verdict import judge_networks
lava_text.MONITORED_STEPS = 5
lif = Process("lif", "LIF", {"shape": [2], "bias_mant": 100})
monitor = Process("monitor", "Monitor", {"probe": ["lif", "v"]})
alone = Network((lif,), (), 8, "lif")
watched = Network((lif, monitor), (), 8, "lif")
verdicts = judge_networks([alone, watched, alone, replace(watched, steps=3)])
print([v.failure for v in verdicts])
print("IndexError" in verdicts[1].said)
"""
HANGS = """
from benchmarks import lava_batch
from benchmarks.lava_topology import draw_network
lava_batch.START_SECONDS, lava_batch.SECONDS_PER_CASE = 0.0, 0.2
(run,) = lava_batch.run_networks([draw_network(1, 0)])
print(run.failure, "|", run.said[:9])
"""
RUN_SCRIPT = "import runpy; runpy.run_path({path!r}, run_name='__main__')"


def run_python(*arguments: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fuzz(*arguments: str) -> Any:
    """Run the fuzzer as a user does; give its report."""
    return json.loads(run_python("-m", "benchmarks.fuzz_lava", "--json", *arguments))


def test_random_networks_equal_lava() -> None:
    report = fuzz("--cases", "6", "--seed", "21")

    assert (report["cases"], report["equal"]) == (6, 6)
    assert report["values"] > 15_000


@pytest.mark.slow
def test_many_random_networks_equal_lava() -> None:
    report = fuzz("--cases", "40", "--seed", "22")

    assert report["failures"] == []
    assert (report["equal"], report["differing_values"]) == (40, 0)
    assert report["refused"] == {}


def test_a_network_is_drawn_alike_wherever_it_is_drawn() -> None:
    code = (
        "from benchmarks.lava_network import from_json, to_json;"
        "from benchmarks.lava_topology import draw_network;"
        "drawn = [draw_network(1, k) for k in range(30)];"
        "assert [from_json(to_json(n)) for n in drawn] == drawn;"
        "print([to_json(n) for n in drawn])"
    )
    assert run_python("-c", code) == run_python("-c", code)


def test_a_network_that_takes_too_long_is_reported() -> None:
    assert run_python("-c", HANGS).strip() == "lava failed | Lava hung"


@pytest.mark.slow
def test_a_network_that_kills_lava_is_found_and_the_others_are_judged() -> None:
    failures, said = run_python("-c", DIES).splitlines()

    assert failures == "['', 'lava failed', '', '']"
    assert said == "True"


@pytest.mark.slow
def test_a_wrong_operation_is_found_shrunk_and_shown_by_a_script(
    tmp_path: Path,
) -> None:
    said = run_python("-c", FLOORING_DECAY + FIND_AND_SHRINK)
    sizes, _, script = said.partition("\n")
    path = tmp_path / "case" / "script.py"
    path.parent.mkdir()
    path.write_text(script)
    run_script = RUN_SCRIPT.format(path=str(path))

    wrong = run_python("-c", FLOORING_DECAY + run_script, cwd=tmp_path)
    right = run_python("-c", run_script, cwd=tmp_path)

    processes, steps = (int(n) for n in sizes.split())
    assert processes <= 2
    assert steps <= 10
    assert "Lava and lahar differ" in wrong
    assert "all equal" in right
