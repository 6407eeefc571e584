"""Networks trained in snnTorch and Norse keep their accuracy on the chip.

8-bit weights, 12-bit decays, 24-bit states; judged on 497 digits that neither training
nor calibration saw. The bars are those of BARS, in points.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.frontends
ROOT = Path(__file__).resolve().parents[2]


def measured(*arguments: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("torch")
    command = (sys.executable, "-m", "benchmarks.trained_networks", *arguments)
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("network", ["norse", "recurrent"])
def test_the_chip_loses_no_more_than_the_bar(network: str) -> None:
    done = measured("--networks", network, "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = json.loads(done.stdout)
    assert found["accuracy_float"] > 0.93
    assert found["agrees"] > 0.95
    lost = 100 * (found["accuracy_float"] - found["accuracy_chip"])
    assert lost <= found["bar"] <= 1.5


@pytest.mark.slow
@pytest.mark.parametrize("network", ["norse", "recurrent", "convolutional"])
def test_the_chip_is_lavas_in_every_bit(network: str) -> None:
    """Within the bar, too: else the command would not end with 0."""
    pytest.importorskip("lava", reason="Lava runs on Python 3.10")

    done = measured("--networks", network, "--lava")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  identical, " in done.stdout
