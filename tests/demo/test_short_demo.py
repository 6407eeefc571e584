"""The demo from end to end, with few digits and without Lava."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lahar.demo import result_json
from lahar.demo.result import DemoResult
from lahar.hardware.program_file import load
from lahar.sim.recording import load_recording


def test_training_beats_chance_by_far(short_demo: DemoResult) -> None:
    assert short_demo.accuracy_before < 0.25
    assert set(short_demo.accuracy) == {"sim", "sim_lava_profile", "reference"}
    assert min(short_demo.accuracy.values()) > 0.6


def test_answers_get_better_while_learning(short_demo: DemoResult) -> None:
    for trial in short_demo.trials.values():
        right = trial.right_in_training
        assert right[-50:].mean() > right[:50].mean() + 0.15


def test_learned_weights_keep_to_their_bounds(short_demo: DemoResult) -> None:
    for trial in short_demo.trials.values():
        assert trial.weights.shape == (10, 64)
        assert 0.2 < np.abs(trial.weights).max() <= 2.0 * 256 / 254


def test_the_profiles_round_differently(short_demo: DemoResult) -> None:
    ours, lava = (short_demo.trials[k].weights for k in ("sim", "sim_lava_profile"))

    assert not np.array_equal(ours, lava)


def test_without_lava_the_demo_says_so_and_goes_on(short_demo: DemoResult) -> None:
    assert short_demo.verdicts == {}
    assert "Lava is not installed" in short_demo.skipped
    assert "B501" in short_demo.skipped
    assert short_demo.passed


def test_the_json_result_keeps_its_contract(short_demo: DemoResult) -> None:
    tree = json.loads(json.dumps(result_json(short_demo)))

    assert tree["accuracy"] == short_demo.accuracy
    assert tree["verdicts"] == {}
    assert Path(tree["report"]).is_file()
    assert tree["skipped"] == short_demo.skipped


def test_every_file_that_is_named_can_be_read(short_demo: DemoResult) -> None:
    assert {p.suffix for p in short_demo.files} == {".lahar", ".h5"}
    for path in short_demo.files:
        if path.suffix == ".h5":
            assert "output.s_out" in load_recording(path)
    assert load(short_demo.report.with_name("demo.lahar")) == short_demo.program


def test_the_trained_program_holds_what_was_learned(short_demo: DemoResult) -> None:
    trained = load(short_demo.report.with_name("demo-trained.lahar"))

    connection = trained.connection("synapse")
    learned = short_demo.trials["sim"].training.final["synapse.weights"]
    assert connection.learning is None
    assert np.array_equal(connection.weights, learned)


def test_nothing_else_is_left_in_the_folder(short_demo: DemoResult) -> None:
    wanted = {short_demo.report, *short_demo.files}

    assert set(short_demo.report.parent.iterdir()) == wanted


def test_the_same_seed_gives_the_same_page_over_the_old_one(
    short_demo: DemoResult, repeat_short_demo: Callable[[Path], DemoResult]
) -> None:
    before = short_demo.report.read_bytes()

    again = repeat_short_demo(short_demo.report.parent)

    assert again.report.read_bytes() == before
    assert set(again.report.parent.iterdir()) == {again.report, *again.files}


SECTIONS = (
    'id="summary"',
    "Accuracy over training",
    "Receptive fields before and after",
    "Answers in spikes",
    "Stored integers of the 640 synapses",
    "What was compiled",
    "dw = eta * pre * post.error",
    "What each term became",
    "What was rounded",
    "Use of the chip",
    "Verdict",
    "Lava is not installed",
    "demo.lahar",
    "lahar demo --seed 7",
)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_its_sections(short_demo: DemoResult, section: str) -> None:
    assert section in short_demo.report.read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_elsewhere(short_demo: DemoResult) -> None:
    text = short_demo.report.read_text(encoding="utf-8")

    for reference in ('src="', 'href="http', 'href="/', "url(http", "<script", "<link"):
        assert reference not in text
    assert text.count("<svg") == 5


def test_ids_in_the_page_are_unique(short_demo: DemoResult) -> None:
    import re

    ids = re.findall(r' id="([^"]+)"', short_demo.report.read_text(encoding="utf-8"))

    assert len(ids) == len(set(ids))
