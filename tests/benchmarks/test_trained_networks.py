"""Networks trained in snnTorch and Norse keep their accuracy on the chip.

8-bit weights, 12-bit decays, 24-bit states; judged on 497 digits that neither training
nor calibration saw. The bars are those of BARS, in points.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.frontends
ROOT = Path(__file__).resolve().parents[2]


def judged(network: str, *arguments: str) -> dict[str, Any]:
    """Train and deploy a network; give what was measured, which is within the bars."""
    pytest.importorskip("torch")
    command = (sys.executable, "-m", "benchmarks.trained_networks", "--json")
    done = subprocess.run(
        (*command, "--networks", network, *arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = json.loads(done.stdout)
    assert found["accuracy_float"] > 0.93
    assert found["agrees"] > 0.95
    lost = 100 * (found["accuracy_float"] - found["accuracy_chip"])
    assert lost <= found["bar"] <= 1.5
    return dict(found)


@pytest.mark.parametrize("network", ["norse", "recurrent"])
def test_the_chip_loses_no_more_than_the_bar(network: str) -> None:
    assert judged(network)["lava"] == ""


@pytest.mark.slow
@pytest.mark.parametrize("network", ["norse", "recurrent", "convolutional"])
def test_the_chip_is_lavas_in_every_bit(network: str) -> None:
    pytest.importorskip("lava", reason="Lava runs on Python 3.10")

    found = judged(network, "--lava")

    assert found["lava"] == "identical"
    assert found["values"] > 0
