"""The page of a compilation: terms, lints, passes and the floor plan."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import lahar
from lahar.demo.compiled_part import STATUSES, compiled_part, largest_first
from lahar.demo.floor_plan_picture import draw_floor_plan, fullness, mesh_of
from lahar.demo.page import Page, render_page, write_compilation
from lahar.demo.pass_changes import changes_by_pass
from lahar.demo.shown_numbers import energy, time
from lahar.hardware.chips import get_chip
from lahar.hardware.core_use import Amount, CoreUse
from lahar.hardware.program import Program
from lahar.hardware.report import Rounding, Stage
from lahar.rules.library import RULES
from lahar.rules.library.neurons import LIF
from lahar.rules.network import Group, Network, Projection


@pytest.fixture(scope="module")
def program() -> Program:
    return lahar.compile(RULES["stdp-reward"], chip="loihi2", pre=6, post=3)


@pytest.fixture(scope="module")
def page(program: Program, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_compilation(path, program, get_chip("loihi2"), "lahar compile stdp-reward")
    return path.read_text(encoding="utf-8")


def wide(chip: str, neurons: int) -> Program:
    weights = np.ones((neurons, 4))
    groups = (Group("pre", 4), Group("post", neurons, LIF()))
    network = Network("wide", groups, (Projection("p", "pre", "post", weights),), 1e-3)
    return lahar.compile(network, chip=chip)


def test_the_page_needs_nothing_else_and_no_script(page: str) -> None:
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "prefers-color-scheme: dark" in page
    assert len(page) < 100_000
    assert "lahar compile stdp-reward" in page


def test_every_status_is_in_the_legend(page: str) -> None:
    for status, meaning in STATUSES.items():
        assert f'<span class="status {status}">{status}</span>' in page
        assert meaning in page


def test_a_lint_is_shown_with_what_its_code_means(program: Program, page: str) -> None:
    part = compiled_part(program)

    assert {f.code for f in part.findings} == {f.code for f in program.report.findings}
    for finding in part.findings:
        assert finding.title.replace("`", "") in page.replace("`", "")
        assert len(finding.explanation) >= 1
        assert "= help: " in finding.detail


def test_the_largest_rounding_comes_first() -> None:
    small, none = Rounding("a", 1.0, 1.01), Rounding("b", 1.0, 1.0 + 1e-13)
    large, made = Rounding("c", 1.0, 0.5), Rounding("d", 0.0, 1.0)

    assert largest_first([small, none, large, made]) == (made, large, small)


def test_every_pass_is_shown_with_what_it_changed(program: Program, page: str) -> None:
    changes = {c.name: c for c in changes_by_pass(program.report.stages)}

    assert list(changes) == [stage.name for stage in program.report.stages]
    assert changes["legalise"].anew
    assert changes["lower"].anew
    assert changes["quantise"].added == changes["quantise"].removed > 0
    for name in changes:
        assert re.search(rf"<summary>\d+\. {name}\n", page), name


def test_a_change_marks_the_words_that_differ() -> None:
    stages = [
        Stage("a", "one\ntau 20 steps\nend"),
        Stage("b", "one\ntau 21 steps\nend"),
    ]

    change = list(changes_by_pass(stages))[1]

    assert [line.kind for line in change.lines] == ["same", "removed", "added", "same"]
    marked = [p.text for line in change.lines for p in line.pieces if p.changed]
    assert marked == ["20", "21"]


def test_what_stayed_is_cut_short_where_it_is_long() -> None:
    same = "\n".join(f"line {k}" for k in range(50))
    stages = [Stage("a", same), Stage("b", f"{same}\nnew")]

    change = list(changes_by_pass(stages))[1]

    kinds = [line.kind for line in change.lines]
    assert kinds == ["elided", *["same"] * 4, "added"]
    assert change.lines[0].pieces[0].text == "46 lines as before"


def test_before_and_after_can_be_read_back_from_a_change() -> None:
    before, after = "a\nb 1\nc\nd", "a\nb 2\nnew\nc\ne"

    change = list(changes_by_pass([Stage("x", before), Stage("y", after)]))[1]

    def text(*kinds: str) -> str:
        lines = [line for line in change.lines if line.kind in kinds]
        return "\n".join("".join(p.text for p in line.pieces) for line in lines)

    assert text("same", "removed") == before
    assert text("same", "added") == after


@pytest.mark.parametrize("chip", ["loihi1", "loihi2"])
def test_every_core_of_a_chip_has_a_place_of_its_own(chip: str) -> None:
    mesh = mesh_of(get_chip(chip), ())

    places = Counter(mesh.place(core) for core in range(mesh.cores))
    assert mesh.cores == 128
    assert set(places.values()) == {1}
    assert mesh.size == (16, 8)


def test_a_core_is_drawn_with_who_is_there() -> None:
    program = wide("loihi1", 1500)

    plan = draw_floor_plan(program.report.cores, get_chip("loihi1"))

    (chip,) = plan.chips
    root = ElementTree.fromstring(chip.svg)
    titles = [node.text or "" for node in root.iter("title")]
    assert (chip.used, chip.cores) == (2, 128)
    assert [t.splitlines()[1] for t in titles] == [
        "neurons 0 to 1023 of post",
        "neurons 1024 to 1499 of post",
    ]
    empty = next(node for node in root.iter("path")).get("d") or ""
    assert empty.count("M") == 126


def test_a_board_is_drawn_chip_by_chip() -> None:
    program = wide("loihi1:kapoho-bay", 129 * 1024)

    plan = draw_floor_plan(program.report.cores, get_chip("loihi1:kapoho-bay"))

    assert [(c.chip, c.used) for c in plan.chips] == [(0, 128), (1, 1)]


def test_the_bar_of_axons_is_that_of_the_fuller_side() -> None:
    amounts = (
        Amount("neurons", 1, None),
        Amount("input axons", 10, 100),
        Amount("output axons", 30, 100),
    )
    core = CoreUse(0, 0, (), (), amounts)

    assert fullness(core, "axons") == 0.3
    assert fullness(core, "neurons") is None


def test_cores_of_an_unknown_chip_are_drawn_in_rows(program: Program) -> None:
    shown = replace(program, chip="mine")

    text = render_page(Page("t", "i", shown))

    assert "chip 0: 1 of 1 cores in use" in text


def test_static_energy_stands_apart(page: str) -> None:
    cost = page[page.index('id="cost"') :]

    assert cost.index("dynamic, without learning") < cost.index("<td>static</td>")
    assert "unpublished" in cost


def test_the_command_line_writes_the_page(tmp_path: Path) -> None:
    from lahar.cli import main

    path = tmp_path / "page.html"
    words = f"compile stdp --pre 3 --post 2 --report {path}"

    with pytest.raises(SystemExit) as left:
        main(words.split())

    assert left.value.code == 0
    assert f"lahar {words}" in path.read_text(encoding="utf-8")


def test_energies_and_times_have_the_unit_that_suits() -> None:
    assert energy(767_000) == "767\u202fnJ"
    assert time(8100) == "8.1\u202f\u00b5s"
    assert time(0) == "0\u202fns"
    assert time(2.57e-11) == "under 0.01\u202fns"
