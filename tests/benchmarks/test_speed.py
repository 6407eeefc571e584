"""The speed benchmark: what it compares is the same work, and its page is complete."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks import speed, speed_report
from benchmarks.speed_tools import Measured, ToolFailedError, digest_of
from benchmarks.speed_workloads import WORKLOADS, pair_stdp

OURS = Measured("lahar lava-0.10", "W1a", 2.0, 3.0, 22.0, 1.0, 200.0, "same")
LAVA = Measured("Lava", "W1a", 5000.0, 9000.0, 22.0, 8.0, 0.0, "same")


def test_the_table_says_how_many_times_more_each_tool_takes() -> None:
    ours, lava = speed_report.table([OURS, LAVA]).splitlines()[2:]

    assert ours.endswith("| 2 | 3 | 22.0 | 1.0 | 200 | 1 x |")
    assert lava.endswith("| 5e+03 | 9e+03 | 22.0 | 8.0 |  | 2.5e+03 x |")


def test_spikes_that_are_not_lavas_fail_the_benchmark() -> None:
    speed.require_same_spikes([OURS, LAVA])

    with pytest.raises(ToolFailedError, match="spike differently"):
        speed.require_same_spikes([OURS, replace(LAVA, digest="other")])


def test_spikes_are_digested_as_zero_or_not() -> None:
    rows = np.array([[0, 3], [0, 0]])

    assert digest_of(rows) == digest_of(rows != 0)
    assert digest_of(rows) != digest_of(rows.T)


def test_earlier_measurements_are_shown_again_and_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    saved = tmp_path / "measured.json"
    saved.write_text(json.dumps({"rows": [asdict(OURS), asdict(LAVA)]}))
    page, picture = tmp_path / "benchmarks.md", tmp_path / "benchmarks.svg"
    shutil.copy(speed_report.PAGE, page)
    monkeypatch.setattr(speed_report, "PAGE", page)
    monkeypatch.setattr(speed_report, "PLOT", picture)

    assert speed.main(["--show", str(saved), "--write"]) == 0

    table = speed_report.table([OURS, LAVA])
    assert table in capsys.readouterr().out
    assert table in page.read_text(encoding="utf-8")
    assert picture.read_text(encoding="utf-8").startswith("<?xml")


def test_workloads_have_the_synapses_that_they_say() -> None:
    small = pair_stdp("small", 20, 10, 4.0)

    assert small.synapses == 200
    assert WORKLOADS["W1a"]().synapses == 10_000
    assert small.program().connections[0].learning is not None
    assert small.spikes(50)["input"].shape == (50, 20)
    assert set(np.flatnonzero(small.rewards(250))) == {99, 199}
