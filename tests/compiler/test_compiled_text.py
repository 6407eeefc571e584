"""Golden text: what the report says, and what else a compiled program promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lahar
from lahar.hardware.report import Report
from lahar.rules.library import RULES

Golden = Callable[[str, str], None]
ROOT = str(Path(lahar.__file__).resolve().parent)


@pytest.mark.parametrize("name", ["stdp", "stdp-reward"])
def test_the_report_is_the_golden_one(name: str, golden: Golden) -> None:
    report = lahar.compile(RULES[name], pre=3, post=2).report

    golden(f"report_{name}", "\n".join(lines_of(report)).replace(ROOT, "LAHAR") + "\n")


def lines_of(report: Report) -> Iterator[str]:
    for t in report.terms:
        yield f"{t.connection}.{t.target}: {t.term}  [{t.where}]"
        yield f"    {t.status}, {t.relative_error:.3%} off: {t.how}"
    for r in report.roundings:
        yield f"{r.parameter}: {r.wanted:.9g} -> {r.got:.9g} ({r.relative_error:+.3%})"
    for f in report.findings:
        yield f"{f.code} at {f.where}"
    for u in report.usage:
        yield f"{u.resource}: {u.used:g} of {u.limit} {u.unit}, {u.status}"


def test_compiling_twice_gives_the_same_program() -> None:
    first, second = (lahar.compile(RULES["stdp-reward"], pre=3, post=2) for _ in "ab")

    assert first == second
    assert first.report == second.report


def test_a_compiled_program_survives_its_file(tmp_path: Path) -> None:
    for name, rule in RULES.items():
        program = lahar.compile(rule, pre=3, post=2)
        program.save(tmp_path / "p.lahar")

        assert lahar.load(tmp_path / "p.lahar") == program, name
