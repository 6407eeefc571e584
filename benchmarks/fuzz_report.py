"""What a fuzzer reports: counts, and each case that failed.

For people as text, for scripts as JSON with the same figures.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .fuzz_kernels import Comparison
    from .lava_verdict import Verdict


@dataclass(frozen=True)
class Failure:
    """A case that was not equal: what happened, the case as data, and as a text."""

    number: int
    failure: str
    said: str
    case: str
    script: str = ""


@dataclass(frozen=True)
class LavaReport:
    """What came of comparing networks with Lava."""

    seed: int
    cases: int
    equal: int
    variables: int
    values: int
    differing_values: int
    refused: Mapping[str, int]
    failed: Mapping[str, int]
    seconds: float
    failures: tuple[Failure, ...]

    @staticmethod
    def of(
        seed: int,
        verdicts: Mapping[int, Verdict],
        failures: Sequence[Failure],
        seconds: float,
    ) -> LavaReport:
        """Count verdicts."""
        kinds = Counter(v.failure for v in verdicts.values())
        refused = {k: n for k, n in kinds.items() if k.startswith("refused")}
        failed = {k: n for k, n in kinds.items() if k and k not in refused}
        return LavaReport(
            seed=seed,
            cases=len(verdicts),
            equal=kinds[""],
            variables=sum(v.variables for v in verdicts.values()),
            values=sum(v.values for v in verdicts.values()),
            differing_values=sum(
                d.values for v in verdicts.values() for d in v.differences
            ),
            refused=refused,
            failed=failed,
            seconds=round(seconds, 1),
            failures=tuple(failures),
        )

    def as_json(self) -> str:
        """Write everything as JSON."""
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        """Write everything for people."""
        lines = [
            f"networks          {self.cases:,}   (seed {self.seed})",
            f"equal to Lava     {self.equal:,}",
            f"variables         {self.variables:,}",
            f"values compared   {self.values:,}",
            f"values differing  {self.differing_values:,}",
            f"refused           {_counts(self.refused)}",
            f"failed            {_counts(self.failed)}",
            f"seconds           {self.seconds:,}",
        ]
        return "\n".join([*lines, *_explained(self.failures)])


@dataclass(frozen=True)
class KernelReport:
    """What came of comparing kernels with the interpreter."""

    seed: int
    cases: int
    compiled: int
    equal: int
    variables: int
    values: int
    differing_values: int
    failed: Mapping[str, int]
    seconds: float
    failures: tuple[Failure, ...]

    @staticmethod
    def of(
        seed: int,
        plain: Sequence[Comparison],
        compiled: Sequence[Comparison],
        failures: Sequence[Failure],
        seconds: float,
    ) -> KernelReport:
        """Count comparisons."""
        everything = (*plain, *compiled)
        kinds = Counter(c.failure for c in everything)
        return KernelReport(
            seed=seed,
            cases=len(plain),
            compiled=len(compiled),
            equal=kinds.pop("", 0),
            variables=sum(c.variables for c in everything),
            values=sum(c.values for c in everything),
            differing_values=sum(c.differing for c in everything),
            failed=dict(kinds),
            seconds=round(seconds, 1),
            failures=tuple(failures),
        )

    def as_json(self) -> str:
        """Write everything as JSON."""
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        """Write everything for people."""
        lines = [
            f"programs          {self.cases:,}   (seed {self.seed})",
            f"compiled too      {self.compiled:,}",
            f"equal             {self.equal:,} of {self.cases + self.compiled:,}",
            f"variables         {self.variables:,}",
            f"values compared   {self.values:,}",
            f"values differing  {self.differing_values:,}",
            f"failed            {_counts(self.failed)}",
            f"seconds           {self.seconds:,}",
        ]
        return "\n".join([*lines, *_explained(self.failures)])


def _explained(failures: Sequence[Failure]) -> Iterator[str]:
    for failure in failures:
        yield ""
        yield f"--- case {failure.number}: {failure.failure}"
        yield failure.said
        yield failure.script or f"alone: --first {failure.number} --cases 1"


def _counts(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in kinds.items()) or "0"


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show progress on a terminal; give what is called with the number done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (what, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not sys.stderr.isatty()
    with Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
