"""`lahar deploy`: a network file and samples in, a Program and its report out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import lahar
from lahar.cli.deploy import command
from lahar.diagnostics import LaharError
from lahar.rules.library import LIF


def written(folder: Path) -> tuple[Path, Path]:
    random = np.random.default_rng(0)
    fc = lahar.Projection("fc", "in", "out", random.normal(0.2, 0.3, (4, 12)))
    groups = (lahar.Group("in", 12), lahar.Group("out", 4, LIF))
    net, samples = folder / "net.nir", folder / "x.npz"
    lahar.write_nir(lahar.Network("net", groups, (fc,), 1e-3), net)
    given = random.random((2, 10, 20, 12)) < 0.2
    labels = np.arange(10) % 4
    np.savez(samples, samples=given[0], labels=labels, test_samples=given[1])
    return net, samples


def test_a_program_and_a_report_come_out(tmp_path: Path) -> None:
    net, samples = written(tmp_path)
    out = tmp_path / "prog.lahar"
    args = [str(net), "--samples", str(samples), "-o", str(out), "--json"]

    done = CliRunner().invoke(command, args, standalone_mode=False)

    assert done.exception is None, done.output
    report = json.loads(done.output)
    assert report["held_out"]
    assert report["samples"] == 10
    assert [s["name"] for s in report["stages"]][-1] == "chip"
    assert lahar.load(out).name == "net"


def test_a_file_without_samples_is_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    net, samples = written(tmp_path)
    out = tmp_path / "prog.lahar"
    other = tmp_path / "other.npz"
    np.savez(other, images=np.zeros(3))
    samples.write_bytes(samples.read_bytes()[:100])
    for bad in (other, samples, tmp_path / "missing.npz"):
        args = [str(net), "--samples", str(bad), "-o", str(out)]
        done = CliRunner().invoke(command, args, standalone_mode=False)
        assert isinstance(done.exception, LaharError)
        assert "U973" in str(done.exception)
    with pytest.raises(LaharError, match="P3"):
        lahar.load(out)
