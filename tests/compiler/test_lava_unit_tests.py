"""Every network of Lava's own unit tests that computes in fixed point: the same bits.

lava-nc installs its tests. lava_networks/unit_tests.py takes the networks out of those
for lif, dense, sparse, delay and learning (and conv, atrlif); tests/golden has the list
of what is in each test, and docs/validation.md sums it up.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parent / "lava_networks"
STEPS = 40
BATCH = 8

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava is not installed"
)

Verdicts = dict[str, list[str]]


@pytest.fixture(scope="module")
def verdicts(lava_script: Callable[..., Path]) -> Verdicts:
    folder = lava_script("unit_tests", "unit_tests")
    found: Verdicts = json.loads((folder / "verdicts.json").read_text("utf-8"))
    return found


def compared(verdicts: Verdicts) -> list[str]:
    return [
        f"{test}#{number + 1}"
        for test, found in verdicts.items()
        for number, verdict in enumerate(found)
        if verdict == "compared"
    ]


def comparison(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "compare.py"), str(folder), str(STEPS)],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "LAHAR_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_is_in_each_of_lavas_unit_tests(
    verdicts: Verdicts, golden: Callable[[str, str], None]
) -> None:
    lines = (f"{t}: {'; '.join(v) or 'no network'}" for t, v in verdicts.items())

    golden("lava_unit_tests", "\n".join(lines) + "\n")


@pytest.mark.slow
def test_every_fixed_point_network_of_lavas_unit_tests_is_identical(
    verdicts: Verdicts, lava_script: Callable[..., Path]
) -> None:
    names = compared(verdicts)
    found: dict[str, Any] = {}

    for start in range(0, len(names), BATCH):
        only = names[start : start + BATCH]
        found |= comparison(lava_script("run", "unit_tests", only=only, steps=STEPS))

    assert len(found) == 72
    assert {n: c["differing"] for n, c in found.items() if c["differing"]} == {}
    assert sum(c["values"] for c in found.values()) > 700_000
    # A register that holds the bias of each neuron is two Vars in Lava.
    missing = {m.rpartition(".")[2] for c in found.values() for m in c["missing"]}
    assert missing == {"bias"}
