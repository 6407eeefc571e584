"""What from_lava refuses and what it warns of; each case was tried in Lava itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import lahar
from lahar import LaharError
from lahar.compiler.lava import from_lava as reading
from lahar.diagnostics import EXIT_MISSING_BACKEND, EXIT_USER

needs_lava = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)
FOLDER = Path(__file__).parent / "lava_networks"

ERRORS = {
    "no_process": ["B531"],
    "a_users_own_process": ["B532"],
    "a_subclass_of_a_known_one": ["B532"],
    "a_neuron_of_lava_without_a_fixed_point_model": ["B532"],
    "somebody_who_reads_a_var": ["B532"],
    "a_hierarchical_process": ["B533"],
    "a_network_that_is_compiled": ["B534"],
    "du_that_is_a_float": ["B535"],
    "vth_that_is_a_float": ["B535"],
    "du_of_another_number_of_neurons": ["B535"],
    "du_beyond_12_bits_for_some": ["B536"],
    "bias_that_is_a_word": ["B535"],
    "reset_every_two_and_a_half_steps": ["B536"],
    "ternary_thresholds_for_each_neuron": ["B535"],
    "atrlif_decay_for_each_neuron": ["B536"],
    "atrlif_decay_that_is_not_finite": ["B535"],
    "weights_of_nine_bits": ["B536"],
    "a_weight_exponent_that_is_a_float": ["B535"],
    "a_delay_of_64": ["B535"],
    "a_convolution_too_large_for_a_matrix": ["B536"],
    "an_epoch_of_one_and_a_half": ["B535"],
    "a_time_constant_without_end": ["B535"],
    "a_half_in_a_factor": ["B536"],
    "learned_weights_without_a_sign": ["B535"],
    "a_trace_of_a_deaf_rule": ["B536"],
    "sparse_learning_with_a_synaptic_factor": ["B535"],
    "sparse_learning_of_one_sign": ["B535"],
    "sparse_learning_of_float_tags": ["B535"],
    "sparse_learning_of_nothing": ["B535"],
    "ports_put_together": ["B535"],
    "a_port_that_is_never_sent": ["B537"],
    "ports_that_are_never_read": ["B537", "B537", "B537"],
    "a_monitor_of_a_port_that_is_never_sent": ["B537"],
    "neurons_in_a_loop": ["B538"],
    "everything_at_once": ["B532", "B535", "B535", "B536"],
}
WARNINGS = {
    "a_factor_that_is_always_clipped": ["B549", "B549"],
    "a_third_factor_that_may_be_anything": [],
    "a_deaf_rule_with_post_spikes": ["B546"],
    "whole_numbers_only": [],
    "numbers_that_change": ["B542", "B542", "B542", "B542"],
    "delays_beyond_the_longest": ["B543"],
    "settings_without_effect": ["B546", "B546", "B546", "B547"],
    "equal_names": ["B544"],
    "one_port_twice": ["B548"],
    "monitors_of_everything": ["B545", "B545", "B545", "B545"],
    "a_monitor_alone_is_asked": [],
    "ports_that_neither_side_uses": [],
}


@pytest.fixture(scope="module")
def refused(lava_script: Callable[..., Path]) -> dict[str, Any]:
    folder = lava_script("say", "refused")
    return dict(json.loads((folder / "said.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def told(lava_script: Callable[..., Path]) -> dict[str, Any]:
    folder = lava_script("say", "told")
    return dict(json.loads((folder / "said.json").read_text("utf-8")))


def without_numbers(text: str) -> str:
    """Hide Lava's own counting of processes."""
    return re.sub(r"Process_\d+", "Process_N", text)


def of_lava(findings: list[str]) -> list[str]:
    """Leave out lints, which any Program has."""
    return [f for f in findings if "[B" in f.partition(":")[0]]


@needs_lava
def test_what_lava_cannot_run_is_refused(refused: dict[str, Any]) -> None:
    assert {name: said["errors"] for name, said in refused.items()} == ERRORS
    assert {said["exit"] for said in refused.values()} == {EXIT_USER}


@needs_lava
def test_refusals_say_what_and_why(
    refused: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    texts = [f"# {name}\n{said['text']}\n" for name, said in refused.items()]

    golden("from_lava_refusals", without_numbers("\n".join(texts)))


@needs_lava
def test_all_that_is_assumed_is_said_once_for_each_network(
    told: dict[str, Any],
) -> None:
    assert {said["warnings"][0] for said in told.values()} == {"B540"}
    assert all(said["warnings"].count("B540") == 1 for said in told.values())


@needs_lava
def test_what_lava_does_silently_is_said(told: dict[str, Any]) -> None:
    found = {name: sorted(told[name]["warnings"])[1:] for name in WARNINGS}

    assert {n: [c for c in codes if c[0] == "B"] for n, codes in found.items()} == (
        WARNINGS
    )


@needs_lava
def test_lints_of_a_program_are_told_of_a_lava_network_too(
    told: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    lints = {
        name: [f for f in said["findings"] if "[L" in f.partition(":")[0]]
        for name, said in told.items()
        if not name.startswith("rule ")
    }
    texts = ["\n".join([f"# {n}", *found, ""]) for n, found in lints.items() if found]
    golden("from_lava_lints", without_numbers("\n".join(texts)))


@needs_lava
def test_warnings_say_what_and_why(
    told: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    texts = [
        "\n".join([f"# {name}", *of_lava(told[name]["findings"][1:]), ""])
        for name in WARNINGS
    ]
    golden("from_lava_warnings", without_numbers("\n".join(texts)))


@needs_lava
def test_rules_that_lava_misreads_are_shown_as_it_reads_them(
    told: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    rules = {n: s for n, s in told.items() if n.startswith("rule ")}
    misread = [n for n, said in rules.items() if "B541" in said["warnings"]]
    written = re.search(r"MISREAD = \[(.*?)\]", (FOLDER / "told.py").read_text(), re.S)
    assert written is not None

    assert [f'"{n.removeprefix("rule ")}"' for n in misread] == [
        line.strip().rstrip(",") for line in written[1].strip().splitlines()
    ]
    golden("from_lava_misread", "\n".join(told[n]["findings"][1] for n in misread))


@needs_lava
def test_monitors_say_what_to_record(told: dict[str, Any]) -> None:
    assert told["monitors_of_everything"]["record"] == [
        "lif.v",
        "lif.s_out",
        "plastic.weights",
        "plastic.x1",
        "extra.a_out",
        "pre.u",
        "sink.a_in",
    ]
    assert told["a_monitor_alone_is_asked"]["record"] == ["lif.u"]
    assert "Monitor" not in told["monitors_of_everything"]["text"]


@needs_lava
def test_equal_names_are_told_apart_in_the_order_of_making(
    told: dict[str, Any],
) -> None:
    text = told["equal_names"]["text"]

    assert "connection dense: lif -> lif#2.a_in" in text


def test_without_lava_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "find_spec", lambda _: None)

    with pytest.raises(LaharError, match="B530") as error:
        lahar.from_lava(object())

    assert error.value.exit_code == EXIT_MISSING_BACKEND
