"""Golden text: every library rule after every pass, and what the report says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lahar
from lahar import Program
from lahar.compiler.compile import PIPELINE
from lahar.hardware.report import Report
from lahar.rules.library import RULES

Golden = Callable[[str, str], None]
ROOT = str(Path(lahar.__file__).resolve().parent)


@pytest.mark.parametrize("name", RULES)
def test_every_pass_leaves_the_golden_text(name: str, golden: Golden) -> None:
    stages = lahar.compile(RULES[name], pre=3, post=2).report.stages

    assert [s.name for s in stages] == [p.name for p in PIPELINE.passes]
    # Placing adds a few lines to the whole Program; these are enough.
    shown = {s.name: s.text.splitlines() for s in stages}
    shown["allocate"] = [n for n in shown["allocate"] if n not in shown["lower"]]
    parts = ["\n".join((f"=== after {n}", *shown[n], "")) for n in shown]
    golden(f"passes_{name}", "\n".join(parts))


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


def test_every_rule_of_the_library_compiles_for_every_chip_that_has_its_factors() -> (
    None
):
    compiled = {
        chip: [
            n
            for n, rule in RULES.items()
            if compiles(lambda r=rule, c=chip: lahar.compile(r, c, pre=3, post=2))
        ]
        for chip in ("loihi1", "loihi2")
    }

    assert compiled["loihi2"] == list(RULES)
    assert set(RULES) - set(compiled["loihi1"]) == {"stdp-reward", "delta"}


def compiles(make: Callable[[], Program]) -> bool:
    try:
        make()
    except lahar.LaharError:
        return False
    return True
