"""One self-contained HTML page: what was compiled, what was lost, what was compared.

A Program and, where there are any, verdicts and figures go in; a page goes out that
needs nothing else to be read. The demo and `lahar validate --report` write it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..atomic_file import replacing
from ..diagnostics import Diagnostic, LaharError
from ..hardware.budget import Budget
from ..hardware.chip import Chip
from ..hardware.profile import find_profile
from ..hardware.program import Program
from ..hardware.program_text import print_program
from ..sim.validation import Validation
from ..sim.verdict import Level, Verdict
from . import shown_numbers
from .compiled_part import CompiledPart, compiled_part

TEMPLATES = Path(__file__).parent / "templates"
Tone = Literal["plain", "good", "bad", "absent"]

TONES: Mapping[Level, Tone] = {
    "identical": "good",
    "within tolerance": "good",
    "within budget": "good",
    "metrics": "plain",
    "diverged": "bad",
}


@dataclass(frozen=True)
class CannotWriteReport(Diagnostic):
    """The HTML page could not be written: no such folder, no permission, a full disk.

    A page that was there before is still whole.
    """

    code = "U952"
    title = "cannot write `{path}`: {reason}"
    note = "nothing was written"
    help = "choose another path"

    path: str
    reason: str


@dataclass(frozen=True)
class Fact:
    """A number of the summary, with what it is and a remark."""

    label: str
    value: str
    remark: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Figure:
    """A picture as SVG, with what it shows."""

    title: str
    caption: str
    svg: str


@dataclass(frozen=True)
class WrittenFile:
    """A file beside the page, and what it holds."""

    name: str
    content: str


@dataclass(frozen=True)
class Page:
    """All that a page shows; sections without content are left out.

    skipped
        Why a comparison was not made; empty if none was left out.
    command
        What to type to get this page again.
    chip
        The chip it was compiled for, where that is a user's own.
    """

    title: str
    introduction: str
    program: Program
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    skipped: str = ""
    files: tuple[WrittenFile, ...] = ()
    command: str = ""
    chip: Chip | None = None


def write_compilation(path: Path, program: Program, chip: Chip, command: str) -> None:
    """Write the page of a compilation, before anything has run.

    Raises
    ------
    LaharError
        U952 if the file cannot be written.

    """
    page = Page(
        title=f"{program.name} on {chip.name}",
        introduction="What the compiler made of it, what was lost on the way, and why.",
        program=program,
        facts=tuple(facts_of_compilation(compiled_part(program, chip))),
        command=command,
        chip=chip,
    )
    write_page(path, page)


def facts_of_compilation(part: CompiledPart) -> Iterator[Fact]:
    """Sum a compilation up for the head of a page."""
    terms = sum(part.counts.values())
    if terms:
        said = ", ".join(f"{count} {status}" for status, count in part.counts.items())
        yield Fact("terms of the rule", str(terms), said)
    if part.roundings:
        worst = part.roundings[0]
        largest = shown_numbers.error(worst.relative_error)
        yield Fact("largest rounding", largest, worst.parameter)
    codes = ", ".join(dict.fromkeys(f.code for f in part.findings))
    tone: Tone = "plain" if part.findings else "good"
    yield Fact(
        "to look at", str(len(part.findings)), codes or "no lint was raised", tone
    )
    cores = len(part.floor.cores)
    chips = len(part.floor.chips) + part.floor.left_out
    yield Fact("cores in use", str(cores), f"on {chips} chip{'s' * (chips != 1)}")


def write_report(path: Path, program: Program, validation: Validation) -> None:
    """Write the page of a validation.

    Raises
    ------
    LaharError
        U952 if the file cannot be written.

    """
    verdicts = validation.verdicts
    page = Page(
        title=f"Validation of {program.name}",
        introduction=f"What was compiled for {program.chip}, and how backends agree.",
        program=program,
        facts=tuple(fact_of_verdict(pair, v) for pair, v in verdicts.items()),
        verdicts=verdicts,
    )
    write_page(path, page)


def fact_of_verdict(pair: str, verdict: Verdict) -> Fact:
    """Sum a verdict up for the head of a page."""
    count = shown_numbers.count(verdict.values_compared)
    remark = f"{count} values, {shown_numbers.count(verdict.steps)} steps"
    return Fact(pair.replace("~", " and "), verdict.level, remark, TONES[verdict.level])


def write_page(path: Path, page: Page) -> None:
    """Write a page, whole or not at all.

    Raises
    ------
    LaharError
        U952 if the file cannot be written.

    """
    text = render_page(page)
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotWriteReport(str(path), reason)) from None


def render_page(page: Page) -> str:
    """Give a page as HTML."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(shown_numbers.FILTERS)
    template = environment.get_template("page.html.j2")
    return template.render(
        page=page,
        part=compiled_part(page.program, page.chip),
        budget_legend=_legend(Budget),
        program_text=print_program(page.program),
        profile_summary=find_profile(page.program.profile).summary,
        tones=TONES,
    )


def _legend(described: type) -> str:
    """Say what the fields mean: the class's own text after its first line."""
    text = (inspect.getdoc(described) or "").partition("\n")[2]
    return " ".join(text.replace("``", "").split())
