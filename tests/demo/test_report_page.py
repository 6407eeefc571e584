"""The page of any validation: what it shows, and how it is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.demo.page import Fact, Figure, Page, render_page, write_report
from lahar.demo.shown_numbers import change, count, error, number, place, share
from lahar.diagnostics import LaharError
from lahar.hardware.program import Program
from lahar.hardware.report import Finding, Usage
from lahar.rules.library import STDP
from lahar.sim.recording import Recording
from lahar.sim.validation import Validation, validate_recordings


@pytest.fixture(scope="module")
def program() -> Program:
    return lahar.compile(STDP(), chip="loihi2", dt=1 * lahar.ms, pre=6, post=3)


@pytest.fixture(scope="module")
def recording(program: Program) -> Recording:
    return lahar.run(program, steps=30, backend="interpreter", record="all")


@pytest.fixture(scope="module")
def agreeing(program: Program, recording: Recording) -> Validation:
    other = replace(recording.provenance, backend="a chip")
    return validate_recordings(
        [recording, replace(recording, provenance=other)], program
    )


def parted(program: Program, recording: Recording) -> Validation:
    weights = np.array(recording["synapse.weights"])
    weights[20, 2, 4] += 1
    changed = replace(
        recording,
        provenance=replace(recording.provenance, backend="a chip"),
        variables={**recording.variables, "synapse.weights": weights},
    )
    return validate_recordings([recording, changed], program)


def test_a_page_of_agreement_lists_every_variable(
    program: Program, agreeing: Validation, tmp_path: Path
) -> None:
    write_report(tmp_path / "page.html", program, agreeing)

    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "identical" in text
    for variable in agreeing.variables:
        assert f"<code>{variable.name}</code>" in text


def test_a_page_of_difference_names_the_first_value(
    program: Program, recording: Recording, tmp_path: Path
) -> None:
    write_report(tmp_path / "page.html", program, parted(program, recording))

    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "diverged" in text
    assert "step <b>21</b>" in text
    assert "synapse.weights[2,4]" in text


def test_a_budget_is_shown_with_its_bound(
    program: Program, recording: Recording, tmp_path: Path
) -> None:
    replay = lahar.run(program, steps=30, backend="reference", given=recording)
    validation = validate_recordings([recording, replay], program)

    write_report(tmp_path / "page.html", program, validation)

    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert validation.level in text
    assert "worst error / LSB" in text


def test_terms_have_the_colour_of_their_status(program: Program) -> None:
    text = render_page(Page("t", "i", program))

    for term in program.report.terms:
        assert f'<span class="status {term.status}">{term.status}</span>' in text
        assert term.how in text


def test_an_unpublished_limit_is_never_ok(program: Program) -> None:
    rows = (Usage("axons", 3, None), Usage("cores", 2, 4), Usage("neurons", 9, 8))
    shown = replace(program, report=replace(program.report, usage=rows))

    text = render_page(Page("t", "i", shown))

    statuses = [r.status for r in rows]
    assert statuses == ["unverified", "ok", "over"]
    assert [text.count(f'<td><span class="status {s}">') for s in statuses] == [1, 1, 1]


def test_findings_are_shown(program: Program) -> None:
    finding = Finding("L07", "warning", "the trace saturates", "/home/me/rule.py:12")
    shown = replace(program, report=replace(program.report, findings=(finding,)))

    text = render_page(Page("t", "i", shown))

    assert "L07" in text
    assert "the trace saturates" in text
    assert "rule.py:12" in text
    assert "/home/me" not in text


def test_sections_without_content_are_left_out(program: Program) -> None:
    text = render_page(Page("t", "i", program))

    for section in ('id="summary"', 'id="verdicts"', 'id="files"', 'class="plot"'):
        assert section not in text


def test_text_of_a_user_is_no_markup(program: Program) -> None:
    page = Page("<script>alert(1)</script>", "a < b", program, (Fact("<b>", "&"),))

    text = render_page(page)

    assert "<script>" not in text
    assert "a &lt; b" in text


def test_a_figure_is_drawn_as_it_is(program: Program) -> None:
    figure = Figure("A curve", "what it shows", "<svg><path/></svg>")

    assert "<svg><path/></svg>" in render_page(Page("t", "i", program, (), (figure,)))


def test_a_page_that_cannot_be_written_is_a_diagnostic(
    program: Program, agreeing: Validation, tmp_path: Path
) -> None:
    with pytest.raises(LaharError) as caught:
        write_report(tmp_path / "missing" / "page.html", program, agreeing)

    assert caught.value.diagnostics[0].code == "U952"
    assert list(tmp_path.iterdir()) == []


def test_numbers_read_well() -> None:
    assert count(6150400) == "6\u202f150\u202f400"
    assert share(0.9496) == "95.0\u202f%"
    assert change(-0.0312) == "\u22123.1\u202f%"
    assert change(-1.0) == "\u2212100\u202f%"
    assert change(float("inf")) == "from zero"
    assert error(-0.0074) == "0.74\u202f%"
    assert change(0.0) == "\u2013"
    assert number(-0.0038754921) == "\u22120.00387549"
    assert place("/a/b/rule.py:7") == "rule.py:7"
