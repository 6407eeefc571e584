"""The digests of benchmarks/determinism.py are those of every machine: tests/golden.

The check on every Python and numpy is `.ci/determinism`; here runs what is cheap.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "determinism.txt"


WHAT_DIFFERS = """
import sys
from pathlib import Path
from benchmarks.determinism import compare, read_digests
found, wanted = (read_digests(Path(p)) for p in sys.argv[1:])
print(compare(found, wanted, whole=True))
"""


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_tool(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "benchmarks.determinism", *arguments, **environment)


def test_the_interpreter_gives_the_bits_it_always_gave(
    golden: Callable[[str, str], None],
) -> None:
    done = run_tool("--backend", "interpreter")

    assert done.returncode == 0, done.stderr
    golden("determinism", done.stdout)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_kernels_give_the_same_bits_on_any_number_of_threads(threads: str) -> None:
    done = run_tool(
        *("--check", str(GOLDEN), "--backend", "sim", "--only", "stdp"),
        NUMBA_NUM_THREADS=threads,
    )

    assert done.returncode == 0, done.stderr
    assert "0 differ" in done.stdout


@pytest.mark.slow
def test_kernels_give_the_bits_of_every_program() -> None:
    check = ("--check", str(GOLDEN), "--backend", "sim")
    done = run_tool(*check, NUMBA_NUM_THREADS="2")

    assert done.returncode == 0, done.stderr
    count = len(GOLDEN.read_text(encoding="utf-8").splitlines())
    assert f"{count} digests, 0 differ" in done.stdout


def test_a_digest_that_differs_or_is_missing_fails_the_check(tmp_path: Path) -> None:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    name = "stdp loihi2 synapse.weights"
    changed = [f"{name} {'0' * 64}" if n.startswith(name) else n for n in lines]
    without = [n for n in lines if not n.startswith(name)]
    digests = tmp_path / "digests"
    check = ("--backend", "interpreter", "--check", str(digests), "--only", "stdp")

    for wrong in (changed, without):
        digests.write_text("\n".join(wrong), encoding="utf-8")
        said = run_python("-c", WHAT_DIFFERS, str(GOLDEN), str(digests)).stdout
        assert said == f"[{name!r}]\n"
    digests.write_text("\n".join(changed), encoding="utf-8")
    done = run_tool(*check)
    assert done.returncode == 1
    assert done.stderr == f"differs: {name}\n"
