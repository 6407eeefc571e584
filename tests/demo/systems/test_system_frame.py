"""The frame of the systems: runs in all arithmetics, bars, Lava, a picture, a page."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lahar.cli import main
from lahar.demo.lava_check import LavaCheck
from lahar.demo.listener import NobodyListens
from lahar.demo.systems import conduct as conducting
from lahar.demo.systems import registry
from lahar.demo.systems.conduct import conduct
from lahar.demo.systems.frame import (
    ARITHMETICS,
    FRESH_SEEDS,
    SECOND_SEEDS,
    THIRD_SEEDS,
    Criterion,
)
from lahar.demo.systems.registry import find_experiment, modules
from lahar.demo.systems.result import SystemResult, system_json
from lahar.demo.systems.runs import every_run, judged_runs
from lahar.diagnostics import LaharError
from lahar.rules.systems import SYSTEMS

needs_lava = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="needs Lava"
)


@pytest.fixture
def without_lava(monkeypatch: pytest.MonkeyPatch) -> None:
    check = LavaCheck(skipped="Lava is not asked.")
    monkeypatch.setattr(conducting, "compare_with_lava", lambda *_: check)


@pytest.fixture
def result(fake_system: str, without_lava: None, tmp_path: Path) -> SystemResult:
    return conduct(find_experiment(fake_system), tmp_path / "out", NobodyListens())


def test_every_seed_is_measured_in_every_arithmetic(result: SystemResult) -> None:
    runs = [(m.arithmetic, m.seed) for m in result.measured]

    assert runs == [(a, s) for a in ARITHMETICS for s in FRESH_SEEDS]


def test_references_go_between_the_first_runs_of_the_two_profiles() -> None:
    for runs in (every_run([1, 2, 3]), judged_runs([1, 2, 3])):
        order = [arithmetic for arithmetic, _ in runs]
        assert len(set(runs)) == len(runs)
        assert order[:2] == ["loihi2", "reference"]
        assert order.index("lava-0.10") > 1


def test_the_command_line_takes_all_seeds_where_that_decides(
    fake_system: str,
    without_lava: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ("--out", str(tmp_path / "out"), "--json")
    fewer = json.loads(_call(capsys, "demo", "s23", *out).out)["measured"]
    every = json.loads(_call(capsys, "demo", "s23", *out, "--all-seeds").out)[
        "measured"
    ]

    assert fewer == {
        "reference": [1001],
        "loihi2": [1001, 1002, 1003],
        "lava-0.10": [1001],
    }
    assert {len(seeds) for seeds in every.values()} == {3}


def test_the_figures_are_those_of_the_chip_and_of_the_rule(
    result: SystemResult,
) -> None:
    grows, stays = result.experiment.criteria
    reference = result.outcome(grows, "reference")
    chip = result.outcome(grows, "loihi2")

    assert len(set(reference.figures)) == 1  # float64 draws nothing
    assert len(set(chip.figures)) > 1  # stochastic rounding does
    assert chip.figures == pytest.approx(reference.figures, rel=0.2)
    assert len(result.outcome(stays, "loihi2").deciding) == 1


def test_a_system_passes_without_lava_but_does_not_count(result: SystemResult) -> None:
    assert result.passed
    assert not result.works


def test_the_picture_is_written(result: SystemResult) -> None:
    assert result.picture.name == "S23.png"
    assert result.picture.read_bytes().startswith(b"\x89PNG")


def test_one_seed_below_its_bar_fails_the_system(result: SystemResult) -> None:
    _, highest = sorted(
        result.outcome(result.experiment.criteria[0], "loihi2").figures
    )[-2:]
    strict = Criterion("all but one", "gain", "", lambda gain: gain < highest)
    lenient = replace(strict, over_seeds=min)

    def judged(criterion: Criterion) -> bool:
        experiment = replace(result.experiment, criteria=(criterion,))
        return replace(result, experiment=experiment).passed

    assert (judged(strict), judged(lenient)) == (False, True)


def test_json_has_every_figure(result: SystemResult) -> None:
    tree = json.loads(json.dumps(system_json(result)))

    assert (tree["id"], tree["passed"]) == ("S23", True)
    assert tree["lava"] == {"skipped": "Lava is not asked."}
    assert [len(c["figures"]["loihi2"]) for c in tree["criteria"]] == [3, 3]
    assert all(c["met"]["loihi2"] for c in tree["criteria"])


@needs_lava
def test_the_command_line_runs_a_system_and_lava_repeats_it(
    fake_system: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _call(capsys, "demo", fake_system, "--out", str(tmp_path / "out"))

    assert shown.status == 0
    assert "An input that makes a neuron fire gains weight." in shown.out
    assert "identical" in shown.out
    assert "S23 passes" in shown.out


def test_the_command_line_takes_one_seed_and_gives_json(
    fake_system: str,
    without_lava: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = str(tmp_path / "out")
    shown = _call(capsys, "demo", "s23", "--seed", "4", "--out", out, "--json")

    assert shown.status == 0
    assert json.loads(shown.out)["seeds"] == [4]


def test_systems_that_cannot_be_run_are_refused(
    monkeypatch: pytest.MonkeyPatch, golden: Any
) -> None:
    monkeypatch.setattr(registry, "modules", lambda: {"S7": "", "B03": ""})
    messages = [_refusal(identity) for identity in ("S99", "Sx7", "", "B41")]

    golden("systems_refused", "\n\n".join(messages) + "\n")


def test_a_system_of_several_parts_asks_for_one_of_them(
    fake_system: str, monkeypatch: pytest.MonkeyPatch, golden: Any
) -> None:
    monkeypatch.setattr(registry, "modules", lambda: {"S3a": "", "S3b": ""})

    golden("systems_of_parts", _refusal("S3") + "\n")


def _refusal(identity: str) -> str:
    with pytest.raises(LaharError) as raised:
        find_experiment(identity)
    return str(raised.value)


def test_every_system_that_works_has_its_experiments() -> None:
    known = modules()
    parts = {i: (f"{i}a", f"{i}b") for i in ("S3", "S4", "S13", "B03", "B17")}

    missing = [
        identity
        for system in SYSTEMS
        if system.status == "works"
        for identity in parts.get(system.id, (system.id,))
        if identity not in known
    ]
    assert missing == []


@pytest.mark.parametrize("identity", list(modules()))
def test_an_experiment_is_complete(identity: str) -> None:
    experiment = find_experiment(identity)

    assert experiment.id == identity
    assert experiment.seeds in (FRESH_SEEDS, SECOND_SEEDS, THIRD_SEEDS)
    assert experiment.criteria
    assert all(c.bar and c.name for c in experiment.criteria)
    assert experiment.claim.endswith(".")
    assert not experiment.paper.endswith(".")


class Shown:
    """What a call left."""

    def __init__(self, status: object, out: str) -> None:
        self.status = status
        self.out = out


def _call(capsys: pytest.CaptureFixture[str], *words: str) -> Shown:
    with pytest.raises(SystemExit) as left:
        main(words)
    return Shown(left.value.code, capsys.readouterr().out)
