"""The example that learns two digits on the chip reaches the bars that it claims."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.frontends
SCRIPT = Path(__file__).parents[2] / "examples" / "09_few_shot_learning.py"


def test_two_digits_are_learned_from_five_examples_and_eight_are_kept(tmp_path):
    pytest.importorskip("snntorch")

    done = subprocess.run(
        [sys.executable, str(SCRIPT), "100"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    shares = re.findall(r"([\d.]+)%", done.stdout.splitlines()[1])
    before, after, new = (float(share) for share in shares)
    assert before > 90
    assert after >= before - 3
    assert new >= 80
