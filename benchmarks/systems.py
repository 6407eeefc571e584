"""Run the experiments of systems and write their figures into docs/systems.md.

    uv run python -m benchmarks.systems [ID ...]

Without ids all systems that have an experiment. Each has a section of its own between
markers, so that one can be run again without the others. Exit code 1 if one of them
misses a criterion, or Lava computed other bits.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from lahar.demo.listener import ErrorStreamListener
from lahar.demo.systems.conduct import conduct
from lahar.demo.systems.frame import ARITHMETICS, DECIDING
from lahar.demo.systems.registry import find_experiment, modules
from lahar.demo.systems.result import SystemResult
from lahar.demo.systems.shown_figures import shown_figures

PAGE = Path(__file__).resolve().parents[1] / "docs" / "systems.md"
_SECTION = re.compile(
    r"<!-- begin: (?P<id>\w+) -->\n(?P<text>.*?)<!-- end: (?P=id) -->\n", re.DOTALL
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and write the page after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("systems", nargs="*", metavar="ID")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    missed = []
    for identity in options.systems or modules():
        with tempfile.TemporaryDirectory() as folder:
            experiment = find_experiment(identity)
            result = conduct(experiment, Path(folder), ErrorStreamListener())
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(with_section(page, result), encoding="utf-8")
        print(f"{experiment.id}: {verdict_of(result)} ({result.seconds:.0f} s)")
        missed += [] if result.works else [experiment.id]
    return 1 if missed else 0


def with_section(page: str, result: SystemResult) -> str:
    """Put the section of a system where it belongs, in place of an older one."""
    head = _SECTION.sub("", page).rstrip("\n")
    sections = {match["id"]: match["text"] for match in _SECTION.finditer(page)}
    sections[result.experiment.id] = section_of(result)
    order = [identity for identity in modules() if identity in sections]
    rest = [identity for identity in sections if identity not in order]
    marked = (
        f"<!-- begin: {i} -->\n{sections[i]}<!-- end: {i} -->\n" for i in order + rest
    )
    return "\n".join([head + "\n", *marked])


def section_of(result: SystemResult) -> str:
    """Write down what a system came to."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: SystemResult) -> Iterator[str]:
    experiment = result.experiment
    yield f"## {experiment.id}: {verdict_of(result)}"
    yield ""
    yield f"{experiment.claim}"
    yield f"After {experiment.paper}."
    yield f"By a host: {experiment.host or 'nothing'}."
    yield ""
    yield f"| criterion | bar | {' | '.join(ARITHMETICS)} | met |"
    yield "|---" * (len(ARITHMETICS) + 3) + "|"
    for criterion in experiment.criteria:
        outcomes = {a: result.outcome(criterion, a) for a in ARITHMETICS}
        met = "yes" if outcomes[DECIDING].passed else "no"
        figures = " | ".join(map(shown_figures, outcomes.values()))
        yield f"| {criterion.name} | {criterion.bar} | {figures} | {met} |"
    yield ""
    seeds = ", ".join(map(str, experiment.seeds))
    yield f"Seeds {seeds}; {_lava_line(result)}; {result.seconds:.0f} s."


def verdict_of(result: SystemResult) -> str:
    """Say in a word or two what became of it."""
    if result.works:
        return "works"
    return "open" if result.is_identical_on_lava else "open (Lava did not agree)"


def _lava_line(result: SystemResult) -> str:
    if result.check.skipped:
        return "Lava was absent"
    verdict = next(iter(result.check.verdicts.values()))
    return (
        f"Lava: {verdict.level} over {verdict.steps} steps, "
        f"{verdict.values_compared:,} values"
    )


if __name__ == "__main__":
    sys.exit(main())
