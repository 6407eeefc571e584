"""The comparison with nengo-loihi, on a few of its networks; all 50 are a benchmark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.allocation_vs_nengo", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_lahar_counts_what_nengo_loihi_counts() -> None:
    # Offline: a test downloads nothing. The benchmark itself fetches nengo-loihi.
    done = run("--networks", "8", "--json", UV_OFFLINE="1")
    worker_failed = "nengo_worker.py" in done.stdout
    if done.returncode == 3 and (not worker_failed or "No module named" in done.stdout):
        pytest.skip("nengo-loihi is not in uv's cache")

    figures = json.loads(done.stdout)
    assert done.returncode == 0
    assert (figures["networks"], figures["equal"]) == (8, 8)
    assert figures["differences"] == {}
    assert figures["cores corrected for learning axons"] > 0
    assert figures["networks with a split population"] > 0


def test_without_uv_it_says_what_it_would_have_run() -> None:
    done = run("--networks", "1", PATH="")

    assert done.returncode == 3
    assert "uv run --isolated --only-group nengo" in done.stdout
